"""The pages about suppressed heating: what is found now and lately, one finding, its picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from heatward_collector.conclusions.findings import SaidFinding

from ...accounts import Viewer
from ...accounts.roles import LOOKERS
from ...config import Config
from ...core.standard import Standard
from ...core.suppression import Finding
from ...explain.plot import PHONE, WIDE, Plot, draw
from ...explain.sentence import sentence, title, when
from ...local_days import day_of
from ...rules import load_standard
from ..frame.grafana_viewer import in_grafana, moment, own_area
from ..frame.page_frame import PageFrame
from ..rights.access import may
from ..rights.door import Place, Places
from ..rights.need_to_know import shows_plot, told, visible
from ..rights.scope import findings_within, survey_within
from ..words.formats import Formats
from .finding_curves import for_everybody
from .finding_room import FindingRoom
from .finding_words import lookout_of, row_of, steps_of

REFRESH_SECONDS = 300
DAY_S = 86_400
MOST_SHOWN = 100
"""A list of more would be read by nobody."""
SHEETS = {"phone": PHONE, "wide": WIDE}
Looker = Annotated[Viewer, Depends(may(*LOOKERS))]
FindingLooker = Annotated[Viewer, Depends(may(*LOOKERS, key="finding"))]
PICTURE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Vary": "Cookie",
}
"""A picture carries its own colours, and nothing else may be loaded by it."""


def routes(frame: PageFrame, findings: FindingRoom) -> APIRouter:
    """Return the routes of the pages about findings."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    standard = load_standard(frame.config.rules.city, frame.config.rules.file)

    @router.get("/findings")
    def board(request: Request, viewer: Looker) -> HTMLResponse:
        write = frame.write(request)
        return frame.page(
            request,
            "findings/findings.html",
            refresh_seconds=REFRESH_SECONDS,
            here="findings",
            **_board(request, viewer, findings, write, frame.now()),
        )

    @router.get("/finding/{key}")
    def one_finding(request: Request, key: str, viewer: FindingLooker) -> HTMLResponse:
        private = viewer.sees_homes
        history = visible(findings.history(key), private)
        if not history:
            raise HTTPException(404)
        survey, newest = frame.room.survey(), history[-1]
        write = frame.write(request)
        return frame.page(
            request,
            "findings/finding.html",
            refresh_seconds=REFRESH_SECONDS,
            here="finding",
            row=row_of(newest, findings.names(), write, private),
            steps=steps_of(history, write.say),
            in_grafana=_in_grafana(frame.config, viewer, newest.finding, write.say.language),
            buildings=[
                one
                for one in survey_within(request, viewer, survey).buildings
                if one.id in newest.finding.buildings
            ],
        )

    @router.get("/finding/{key}/{size}.svg")
    def picture(request: Request, key: str, size: str, viewer: FindingLooker) -> Response:
        private = viewer.sees_homes
        history = visible(findings.history(key), private)
        if not history or size not in SHEETS or not shows_plot(history[-1].finding, private):
            raise HTTPException(404)
        write = frame.write(request)
        plot = _plot(findings, history[-1], standard, write, private)
        if plot is None:
            raise HTTPException(404)
        svg = draw(plot, write.say, SHEETS[size])
        return Response(svg, media_type="image/svg+xml", headers=PICTURE_HEADERS)

    return router


def places_of(findings: FindingRoom) -> Places:
    """Return how the door learns where a finding lies."""

    def places(key: str) -> Sequence[Place] | None:
        history = findings.history(key)
        if not history:
            return None
        finding = history[-1].finding
        touched = [("building", building) for building in finding.buildings]
        return [(finding.level.value, finding.place), *touched]

    return places


def _in_grafana(config: Config, viewer: Viewer, finding: Finding, code: str) -> str | None:
    """Return the building, or the street where several are touched, around the finding's time."""
    since = moment(finding.start_s - DAY_S)
    until = "now" if finding.end_s is None else moment(finding.end_s + DAY_S)
    if len(finding.buildings) == 1:
        (building,) = finding.buildings
        return in_grafana(config, viewer, code, "building", since, until, building=building)
    return in_grafana(config, viewer, code, "street", since, until, **own_area(viewer))


def _board(
    request: Request, viewer: Viewer, findings: FindingRoom, write: Formats, now_s: float
) -> dict[str, Any]:
    board, private = findings.board(), viewer.sees_homes
    shown = findings_within(request, viewer, board.findings)
    rows = [row_of(one, board.names, write, private) for one in shown[:MOST_SHOWN]]
    return {
        "lookout": lookout_of(board, shown, write, now_s),
        "open_rows": [row for row in rows if row.said.is_open],
        "past_rows": [row for row in rows if not row.said.is_open and not row.said.is_withdrawn],
        "withdrawn_rows": [row for row in rows if row.said.is_withdrawn],
    }


def _plot(
    findings: FindingRoom,
    said: SaidFinding,
    standard: Standard,
    write: Formats,
    private: bool,
) -> Plot | None:
    finding, names, say = told(said.finding, private), findings.names(), write.say
    curves = findings.curves(finding)
    shown = curves if private else for_everybody(curves, len(finding.affected))
    rule = standard.rule_on(day_of(finding.start_s, write.zone))
    if shown is None:
        return None
    return Plot(
        finding,
        shown,
        title(finding, names, say),
        when(finding, write.zone, say),
        sentence(finding, names, write.zone, say),
        None if rule is None else rule.minimum_celsius,
        write.zone,
        shows_homes=private,
    )
