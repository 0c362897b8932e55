"""The pages for people: list of buildings, one building, one room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse

from ...accounts import Role, Viewer
from ...accounts.roles import LOOKERS
from ..city.facts import Room, RoomFile, Rule, Survey
from ..city.standing import HOMES_FOR_FIGURES, Standing, is_stale
from ..city.whom_to_call import WhomToCall
from ..drawings.temperature_charts import building_chart, chart_or_none, room_chart
from ..findings.finding_room import FindingRoom
from ..findings.finding_words import lookout_of, rows_of_building
from ..frame.grafana_viewer import days_since, in_grafana
from ..frame.page_frame import PageFrame
from ..frame.rendering import see_other
from ..rights.access import may
from ..rights.door import door_of
from ..rights.scope import findings_within, survey_within
from ..words.formats import Formats
from ..words.overview import overview_of, ranked, row_of
from ..words.room_words import sentences_of, standing_of_room

REFRESH_SECONDS = 300
"""A page left open must not go on showing yesterday's calm."""
BUILDINGS_A_PAGE = 100
"""An old office PC draws this many rows at once without waiting."""
SPANS_DAYS = (2, 7, 30)
EARLY_HOURS = 5
"""Until then a day cannot have the four counted hours and the coverage that a verdict needs."""
Days = Annotated[int, Query(ge=1, le=60)]
Since = Annotated[str, Query(alias="from", max_length=40)]
"""Where the range of time begins that somebody looked at in Grafana."""
Front = Annotated[Viewer, Depends(may(*LOOKERS, Role.RESIDENT))]
BuildingLooker = Annotated[Viewer, Depends(may(*LOOKERS, building_id="building"))]
RoomLooker = Annotated[Viewer, Depends(may(Role.OPERATOR, Role.DEMO, exports=True, room_id="room"))]
"""A single home is personal, so that a look at its curve is written down as an export is."""


@dataclass(frozen=True, slots=True)
class Home:
    """The rooms of one home, under its opaque number."""

    id: str
    rooms: tuple[tuple[Room, Standing], ...]


def routes(frame: PageFrame, findings: FindingRoom) -> APIRouter:
    """Return the routes of the pages."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/")
    def buildings(
        request: Request, viewer: Front, page: Annotated[int, Query(ge=1)] = 1
    ) -> Response:
        if viewer.role is Role.RESIDENT:
            return see_other("/home")
        survey, now_s = survey_within(request, viewer, frame.room.survey()), frame.now()
        write = frame.write(request)
        all_of_them, board = ranked(survey, now_s), findings.board()
        shown_findings = findings_within(request, viewer, board.findings)
        shown = all_of_them[(page - 1) * BUILDINGS_A_PAGE : page * BUILDINGS_A_PAGE]
        if page > 1 and not shown:
            raise HTTPException(404)
        return frame.page(
            request,
            "buildings/buildings.html",
            refresh_seconds=REFRESH_SECONDS,
            here="buildings",
            survey=survey,
            rows=[row_of(building, survey, write, now_s) for building, _ in shown],
            overview=overview_of(survey, (standing for _, standing in all_of_them), write, now_s),
            lookout=lookout_of(board, shown_findings, write, now_s),
            few=HOMES_FOR_FIGURES,
            page=page,
            pages=-(-len(all_of_them) // BUILDINGS_A_PAGE),
        )

    @router.get("/building/{building_id}")
    def building(
        request: Request,
        building_id: str,
        viewer: BuildingLooker,
        days: Days = 2,
        since: Since = "",
    ) -> HTMLResponse:
        now_s = frame.now()
        days = days_since(since, SPANS_DAYS, now_s) or days
        file, survey = frame.room.building(building_id, max(days, 7)), frame.room.survey()
        if file is None:
            raise HTTPException(404)
        write = frame.write(request)
        private = viewer.sees_homes
        return frame.page(
            request,
            "buildings/building.html",
            refresh_seconds=REFRESH_SECONDS,
            here="building",
            file=file,
            row=row_of(file.building, survey, write, now_s),
            rule=survey.rule,
            chart=chart_or_none(
                lambda: building_chart(frame.room, file.building, survey.rule, write, days, now_s)
            ),
            homes=_homes(file.rooms, survey.rule, now_s) if private else [],
            sees_rooms=private,
            findings=rows_of_building(findings.board(), building_id, write, private),
            in_grafana=in_grafana(
                frame.config,
                viewer,
                write.say.language,
                "building",
                f"now-{days}d",
                building=building_id,
            ),
            few=HOMES_FOR_FIGURES,
            spans=SPANS_DAYS,
            days=days,
            contacts=door_of(request)
            .derived(WhomToCall)
            .of_buildings((building_id,), datetime.fromtimestamp(now_s, survey.rule.zone).date()),
            **_today(survey, now_s),
        )

    @router.get("/room/{room_id}")
    def one_room(
        request: Request, room_id: str, viewer: RoomLooker, days: Days = 2
    ) -> HTMLResponse:
        file = frame.room.room(room_id, max(days, 7))
        if file is None:
            raise HTTPException(404)
        survey, now_s = frame.room.survey(), frame.now()
        write = frame.write(request)
        return frame.page(
            request,
            "buildings/room.html",
            refresh_seconds=REFRESH_SECONDS,
            here="room",
            rule=survey.rule,
            chart=chart_or_none(
                lambda: room_chart(frame.room, file, survey.rule, write, days, now_s)
            ),
            spans=SPANS_DAYS,
            days=days,
            **_room_values(file, survey, write, now_s),
        )

    return router


def _room_values(file: RoomFile, survey: Survey, write: Formats, now_s: float) -> dict[str, Any]:
    heard_at = file.room.heard_at
    stale = is_stale(heard_at, now_s)
    return {
        "file": file,
        "standing": standing_of_room(file.room, survey.rule, now_s),
        "sentences": sentences_of(file.room, survey.rule, write),
        "celsius_now": None if stale else file.room.celsius_now,
        "heard_ago": write.say("never") if heard_at is None else write.ago(now_s - heard_at),
        **_today(survey, now_s),
    }


def _today(survey: Survey, now_s: float) -> dict[str, Any]:
    local = datetime.fromtimestamp(now_s, survey.rule.zone)
    return {"today": local.date(), "is_early": local.hour < EARLY_HOURS}


def _homes(rooms: tuple[Room, ...], rule: Rule, now_s: float) -> list[Home]:
    ordered = sorted(rooms, key=lambda room: (room.home, room.id))
    return [
        Home(home, tuple((room, standing_of_room(room, rule, now_s)) for room in of))
        for home, of in groupby(ordered, key=lambda room: room.home)
    ]
