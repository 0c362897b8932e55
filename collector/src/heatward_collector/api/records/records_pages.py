"""Where an office finds everything that it puts down: one page of the menu instead of five."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from ...accounts import Role, Viewer
from ...locale import message
from ..frame.office_frame import READERS, OfficeFrame
from ..rights.access import may

RECORD_READERS = (*READERS, Role.SUPPLIER)
Looker = Annotated[Viewer, Depends(may(*RECORD_READERS))]


@dataclass(frozen=True, slots=True)
class Record:
    """One kind of record."""

    address: str
    name: str
    what: str
    roles: frozenset[Role] = frozenset(READERS)


RECORDS = (
    Record(
        "/complaints",
        message("Complaints"),
        message("What residents told the hotline, beside the readings; import a file."),
    ),
    Record(
        "/spot-checks",
        message("Measurements on site"),
        message("Three names, a certified thermometer, a photo; beside the sensor."),
    ),
    Record(
        "/resident-notices",
        message("Residents' notices"),
        message("Who told the supplier, and when: refunds count from then on."),
    ),
    Record(
        "/roster",
        message("Who is on duty"),
        message("Tonight and the next fourteen days, for each heat source."),
    ),
    Record(
        "/declarations",
        message("Stops and hours of heating"),
        message("What suppliers report beforehand, and whether they did it in time."),
        frozenset(RECORD_READERS),
    ),
    Record(
        "/assessment",
        message("Assessment of heat suppliers"),
        message("By month and season: pass rate, findings, answers, red cards."),
        frozenset(RECORD_READERS),
    ),
)


def routes(frame: OfficeFrame) -> APIRouter:
    """Return the route of the records."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/records")
    def records(request: Request, viewer: Looker) -> HTMLResponse:
        shown = [one for one in RECORDS if viewer.role in one.roles]
        return frame.page(request, "records/records.html", records=shown)

    return router
