"""The public board of an estate, and the league of estates: for everybody, and for the wall."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse

from ...accounts import Role, Viewer
from ...locale import Texts
from ...registry import Directory
from ..city.facts import Building, Name, Survey
from ..city.standing import HOMES_FOR_FIGURES, is_stale
from ..city.whom_to_call import Contact, WhomToCall
from ..drawings.qr_code import qr_code
from ..frame.page_frame import PageFrame
from ..rights.access import may
from ..rights.door import door_of
from ..words.formats import Formats

Anybody = Annotated[Viewer, Depends(may(Role.ANYBODY))]
EN_DASH = "\N{EN DASH}"
DEPARTMENT = "district_department"
STREET_OFFICE = "street_office"


@dataclass(frozen=True, slots=True)
class Share:
    """How many homes were too cold on the last full day; None where too few were judged."""

    name: str
    address: str
    homes: int
    judged: int | None
    cold: int | None
    share: float | None


def share_of(name: str, address: str, buildings: Iterable[Building]) -> Share:
    """Sum up buildings: figures only where at least five homes were judged together."""
    days = [(one.homes, one.last_day) for one in buildings]
    homes = sum(count for count, _ in days)
    judged = sum(day.homes_judged for _, day in days if day is not None)
    below = sum(day.homes_below for _, day in days if day is not None)
    if judged < HOMES_FOR_FIGURES:
        return Share(name, address, homes, None, None, None)
    return Share(name, address, homes, judged, below, below / judged)


def whole_of(name: str, address: str, buildings: Iterable[Building]) -> Share:
    """Sum up an estate so that no building without figures can be told by subtraction.

    Where the buildings without figures have together fewer than five judged homes, those homes are
    left out of the sum.
    """
    known: list[Building] = []
    few: list[Building] = []
    for one in buildings:
        judged = 0 if one.last_day is None else one.last_day.homes_judged
        (known if judged >= HOMES_FOR_FIGURES else few).append(one)
    hidden = sum(one.last_day.homes_judged for one in few if one.last_day is not None)
    if known and hidden < HOMES_FOR_FIGURES:
        counted = share_of(name, address, known)
        return replace(counted, homes=counted.homes + sum(one.homes for one in few))
    return share_of(name, address, [*known, *few])


def routes(frame: PageFrame) -> APIRouter:
    """Return the public routes."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/board")
    def league(request: Request, viewer: Anybody) -> HTMLResponse:
        survey = frame.room.survey()
        write, directory = frame.write(request), door_of(request).directory()
        estates: dict[str, list[Building]] = {}
        for one in survey.buildings:
            row = directory.tables["building"].get(one.id)
            if row is not None:
                estates.setdefault(str(row["estate"]), []).append(one)
        rows = [
            whole_of(write.name(of[0].estate), f"/board/{estate}", of)
            for estate, of in estates.items()
        ]
        ordered = sorted(rows, key=lambda row: (row.share is None, -(row.share or 0.0), row.name))
        return frame.page(
            request,
            "buildings/league.html",
            here="board",
            survey=survey,
            rows=ordered,
            day=_day(survey.buildings, write),
        )

    @router.get("/board/{estate_id}")
    def board(request: Request, estate_id: str, viewer: Anybody) -> HTMLResponse:
        directory, survey, now_s = door_of(request).directory(), frame.room.survey(), frame.now()
        if estate_id not in directory.tables["estate"]:
            raise HTTPException(404)
        write = frame.write(request)
        return frame.page(
            request,
            "buildings/board.html",
            here="board",
            survey=survey,
            qr=qr_code(f"{frame.config.web.address}/board/{estate_id}"),
            **_board(
                directory,
                door_of(request).derived(WhomToCall),
                survey,
                estate_id,
                write,
                now_s,
            ),
        )

    return router


def _board(
    directory: Directory,
    call: WhomToCall,
    survey: Survey,
    estate: str,
    write: Formats,
    now_s: float,
) -> dict[str, Any]:
    ids = {key for key, row in directory.tables["building"].items() if row["estate"] == estate}
    buildings = [one for one in survey.buildings if one.id in ids]
    today = datetime.fromtimestamp(now_s, write.zone).date()
    contacts = call.of_buildings(sorted(ids), today)
    street = str(directory.tables["estate"][estate]["street"])
    district = str(directory.tables["street"][street]["district"])
    name = Name(directory.name("estate", estate), directory.name("estate", estate, english=True))
    return {
        "name": write.name(name),
        "whole": whole_of(write.name(name), "", buildings),
        "rows": [share_of(write.name(one.name), "", [one]) for one in buildings],
        "contacts": contacts,
        "offices": _offices(directory, {street: STREET_OFFICE, district: DEPARTMENT}),
        "day": _day(buildings, write),
        "stale": not buildings or is_stale(max(one.heard_at or -1 for one in buildings), now_s),
        "few": HOMES_FOR_FIGURES,
        "hours": _hours(directory, call, sorted(ids), now_s, write.say),
    }


def _offices(directory: Directory, roles: dict[str, str]) -> list[Contact]:
    return [
        Contact(str(row["role"]), Name(row["name"], row["name"]), row["phone"] or "")
        for row in directory.tables["person"].values()
        if roles.get(row["subject"]) == row["role"]
    ]


def _hours(
    directory: Directory, call: WhomToCall, buildings: list[str], now_s: float, say: Texts
) -> str | None:
    """Return the declared hours of heating, None where heat is owed around the clock."""
    sources = {source for building in buildings for source in call.sources_of(building)}
    declared = {
        str(row["hours"])
        for row in directory.regimes()
        if row["source"] in sources
        and row["from_s"] <= now_s
        and (row["to_s"] is None or now_s < row["to_s"])
    }
    parts = [span.replace("-", EN_DASH) for one in sorted(declared) for span in one.split(",")]
    return say("list separator").join(dict.fromkeys(parts)) or None


def _day(buildings: Iterable[Building], write: Formats) -> str | None:
    days = [one.last_day.day for one in buildings if one.last_day is not None]
    return write.day(max(days)) if days else None
