"""The JSON API: the same facts as the pages, under the same need to know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BaseModel

from ...accounts import Role, Viewer
from ...accounts.roles import LOOKERS
from ...config import Config
from ..city.facts import Building, BuildingDay, Survey
from ..city.reading_room import ReadingRoom
from ..city.standing import Standing, is_stale, shows_figures, standing_of, worst_first
from ..frame.refusals import REFUSALS
from ..rights.access import may
from ..rights.scope import survey_within

LONGEST_SERIES_S = 62 * 86400
"""One question may not ask for more than two months of readings."""

Looker = Annotated[Viewer, Depends(may(*LOOKERS))]
BuildingLooker = Annotated[Viewer, Depends(may(*LOOKERS, building_id="building"))]
RoomLooker = Annotated[
    Viewer, Depends(may(Role.OPERATOR, Role.RESIDENT, Role.DEMO, exports=True, room_id="room"))
]


class NameAnswer(BaseModel):
    """A name in both languages."""

    zh: str
    en: str


class DayAnswer(BaseModel):
    """One local day of a building; figures are null below five homes."""

    day: date
    judgement: str
    median_celsius: float | None
    homes_below: int | None
    homes_judged: int | None
    coverage: float | None
    revision: int
    outdoor_celsius: float | None
    outdoor_source: str


class BuildingAnswer(BaseModel):
    """One building; figures are null below five homes and when its data are too old."""

    id: str
    name: NameAnswer
    estate: NameAnswer
    street: NameAnswer
    standing: Standing
    homes: int
    heard_at: int | None
    median_now_celsius: float | None
    last_day: DayAnswer | None
    today: DayAnswer | None


class BuildingsAnswer(BaseModel):
    """Every building, worst first."""

    demo: bool
    stale: bool
    heard_at: int | None
    rule_version: str
    minimum_celsius: float
    zone: str
    outdoor_celsius: float | None
    outdoor_source: str
    buildings: list[BuildingAnswer]


class BuildingFileAnswer(BaseModel):
    """One building with its days."""

    demo: bool
    building: BuildingAnswer
    days: list[DayAnswer]


class SeriesAnswer(BaseModel):
    """The readings of a room, oldest first; a missing value is null."""

    demo: bool
    room: str
    time_s: list[int]
    celsius: list[float | None]


def routes(config: Config, room: ReadingRoom, now: Callable[[], float]) -> APIRouter:
    """Return the routes of the JSON API."""
    router = APIRouter(prefix="/api/v1", responses=REFUSALS)

    @router.get("/buildings")
    def buildings(request: Request, viewer: Looker) -> BuildingsAnswer:
        survey, now_s = survey_within(request, viewer, room.survey()), now()
        ordered = worst_first([(b, standing_of(b, survey, now_s)) for b in survey.buildings])
        return BuildingsAnswer(
            demo=config.demo,
            stale=is_stale(survey.heard_at, now_s),
            heard_at=survey.heard_at,
            rule_version=survey.rule.version,
            minimum_celsius=survey.rule.minimum_celsius,
            zone=survey.rule.zone.key,
            outdoor_celsius=survey.outdoor_celsius,
            outdoor_source=survey.outdoor_source,
            buildings=[_building(b, survey, now_s) for b, _ in ordered],
        )

    @router.get("/buildings/{building_id}")
    def building(
        building_id: str, viewer: BuildingLooker, days: Annotated[int, Query(ge=1, le=60)] = 7
    ) -> BuildingFileAnswer:
        file, survey = room.building(building_id, days), room.survey()
        if file is None:
            raise HTTPException(404)
        figures = shows_figures(file.building)
        return BuildingFileAnswer(
            demo=config.demo,
            building=_building(file.building, survey, now()),
            days=[_day(day, figures) for day in file.days],
        )

    @router.get("/rooms/{room_id}/series")
    def series(
        room_id: str, viewer: RoomLooker, start_s: int | None = None, end_s: int | None = None
    ) -> SeriesAnswer:
        if room.room(room_id, 1) is None:
            raise HTTPException(404)
        end = int(now()) if end_s is None else end_s
        start = end - 2 * 86400 if start_s is None else start_s
        if not 0 < end - start <= LONGEST_SERIES_S:
            raise HTTPException(422, "start_s must lie before end_s, by at most 62 days")
        curve = room.room_curve(room_id, start, end)
        return SeriesAnswer(
            demo=config.demo,
            room=room_id,
            time_s=curve.time_s.tolist(),
            celsius=[float(v) if np.isfinite(v) else None for v in curve.celsius],
        )

    return router


def _building(building: Building, survey: Survey, now_s: float) -> BuildingAnswer:
    figures = shows_figures(building)
    fresh = not is_stale(building.heard_at, now_s)
    return BuildingAnswer(
        id=building.id,
        name=NameAnswer(zh=building.name.zh, en=building.name.en),
        estate=NameAnswer(zh=building.estate.zh, en=building.estate.en),
        street=NameAnswer(zh=building.street.zh, en=building.street.en),
        standing=standing_of(building, survey, now_s),
        homes=building.homes,
        heard_at=building.heard_at,
        median_now_celsius=building.median_now if figures and fresh else None,
        last_day=None if building.last_day is None else _day(building.last_day, figures),
        today=None if building.today is None else _day(building.today, figures),
    )


def _day(day: BuildingDay, figures: bool) -> DayAnswer:
    return DayAnswer(
        day=day.day,
        judgement=day.judgement.value,
        median_celsius=day.median_celsius if figures else None,
        homes_below=day.homes_below if figures else None,
        homes_judged=day.homes_judged if figures else None,
        coverage=day.coverage,
        revision=day.revision,
        outdoor_celsius=day.outdoor_celsius,
        outdoor_source=day.outdoor_source,
    )
