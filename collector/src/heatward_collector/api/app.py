"""Puts the web application together: pages, JSON API, health and metrics."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from .. import __version__
from ..accounts import Accounts
from ..config import Config
from ..registry import open_registry
from .buildings import board_pages, building_pages
from .casework import case_pages, paper_pages
from .casework.case_room import CaseRoom
from .city.reading_room import ReadingRoom
from .findings import finding_pages
from .findings.finding_room import FindingRoom
from .frame import grafana_viewer
from .frame.body_limit import BodyLimit
from .frame.office_frame import OfficeFrame
from .frame.page_frame import PageFrame
from .frame.refusals import refuse
from .frame.security_headers import SecurityHeaders
from .frame.trouble import tell_of_trouble, too_large
from .json_api import building_json, finding_json
from .people import people_pages, signing
from .records import (
    complaint_import,
    complaint_pages,
    records_pages,
    resident_notice_pages,
    roster_pages,
    spot_check_pages,
)
from .registry_forms import edit_pages, import_pages
from .resident import consent_pages, home_pages
from .rights.access import insist_on_rules
from .rights.audited import Audited
from .rights.door import Door
from .supplier import assessment_pages, declaration_pages
from .system import status_page
from .today import today_pages
from .trying import demo_pages, trying_roles
from .volunteer import box_page, install_pages, my_boxes


def create_app(
    config: Config,
    room: ReadingRoom | None = None,
    now: Callable[[], float] = time.time,
    findings: FindingRoom | None = None,
    wall: Callable[[], float] | None = None,
    looks_ahead: bool = False,
) -> FastAPI:
    """Return the application; without rooms of its own it opens the stores of the configuration.

    ``now`` is the time of rooms and verdicts, ``wall`` the real one where a demo is ahead of it.
    With ``looks_ahead`` nobody waits for the next look at the city, unless the last one is old.
    """
    registry = open_registry(config)
    door = Door(config, registry, Accounts(registry, wall or now), wall or now)
    if room is None:
        from .city.stored_reading_room import StoredReadingRoom

        room = StoredReadingRoom(config, now, registry, looks_ahead)
    if findings is None:
        from .findings.stored_finding_room import StoredFindingRoom

        findings = StoredFindingRoom(config, now, registry)
    app = FastAPI(
        title="Heatward", version=__version__, openapi_url=None, docs_url=None, redoc_url=None
    )
    app.state.door = door
    door.knows("finding", finding_pages.places_of(findings))
    cases = CaseRoom(config, registry, now)
    door.knows("case", cases.places())
    frame, by_wall = PageFrame(config, room, now), PageFrame(config, room, wall or now)
    offices = OfficeFrame(config, room, now)
    door.knows("complaint", complaint_pages.places_of(offices))
    door.knows("spot_check", spot_check_pages.places_of(offices))
    app.add_middleware(Audited, note=door.note)
    app.add_middleware(BodyLimit, refusal=too_large)
    app.add_middleware(SecurityHeaders)
    for router in (
        signing.routes(frame),
        today_pages.routes(frame, findings),
        home_pages.routes(frame),
        my_boxes.routes(frame),
        install_pages.routes(frame),
        board_pages.routes(frame),
        people_pages.routes(by_wall),
        import_pages.routes(frame),
        edit_pages.routes(frame),
        building_pages.routes(frame, findings),
        finding_pages.routes(frame, findings),
        case_pages.routes(frame, cases),
        paper_pages.routes(frame),
        records_pages.routes(offices),
        complaint_import.routes(offices),
        complaint_pages.routes(offices),
        spot_check_pages.routes(offices),
        resident_notice_pages.routes(offices),
        consent_pages.routes(offices, cases),
        roster_pages.routes(offices),
        declaration_pages.routes(offices),
        assessment_pages.routes(offices),
        trying_roles.routes(frame),
        demo_pages.routes(frame, findings),
        status_page.routes(by_wall),
        box_page.routes(by_wall, frame),
        grafana_viewer.routes(),
        building_json.routes(config, room, now),
        finding_json.routes(config, room, findings),
    ):
        app.include_router(router)
    insist_on_rules(app.routes)
    static = Path(__file__).parent / "static"
    app.mount("/static", StaticFiles(directory=static), name="static")
    refuse(app, frame)
    tell_of_trouble(app)
    return app
