"""What a resident sees and decides: own rooms, a text for 12345, an export, stopping for good."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse

from ...accounts import Role, Viewer
from ...accounts.roles import NOBODY
from ...registry import Directory
from ..buildings.building_pages import EARLY_HOURS, SPANS_DAYS, Days
from ..city.facts import Name, RoomFile, Rule
from ..city.reading_room import ReadingRoom
from ..city.standing import is_stale
from ..drawings.temperature_charts import chart_or_none, room_chart
from ..frame.page_frame import PageFrame
from ..frame.rendering import see_other
from ..rights.access import may
from ..rights.audited import say_more
from ..rights.door import SESSION_COOKIE, door_of
from ..words.formats import Formats
from ..words.room_words import sentences_of, standing_of_room
from .complaint_text import complaint
from .refund_estimate import RefundEstimates

DAYS_TOLD = 7
EXPORT_DAYS = 62
"""How many days of readings one export holds; a season is several exports. [d]"""
DAY_S = 86_400

Sure = Annotated[str, Form(max_length=8)]
Own = Annotated[Viewer, Depends(may(Role.RESIDENT))]
Exporting = Annotated[Viewer, Depends(may(Role.RESIDENT, exports=True))]


def routes(frame: PageFrame) -> APIRouter:
    """Return the routes of a resident."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    estimates = RefundEstimates(frame.config, frame.now)

    @router.get("/home")
    def own(request: Request, viewer: Own, days: Days = 2) -> HTMLResponse:
        survey, now_s = frame.room.survey(), frame.now()
        write, rule = frame.write(request), survey.rule
        files = _files(frame.room, door_of(request).directory(), viewer.scope, max(days, DAYS_TOLD))
        local = datetime.fromtimestamp(now_s, rule.zone)
        return frame.page(
            request,
            "resident/home.html",
            refresh_seconds=300,
            here="home",
            rule=rule,
            rooms=[_shown(frame.room, file, rule, write, days, now_s) for file in files],
            spans=SPANS_DAYS,
            days=days,
            today=local.date(),
            is_early=local.hour < EARLY_HOURS,
            refund=estimates.sentences(door_of(request).registry, viewer.scope, write),
        )

    @router.get("/home/cold")
    def cold(request: Request, viewer: Exporting) -> HTMLResponse:
        survey, now_s = frame.room.survey(), frame.now()
        write, directory = frame.write(request), door_of(request).directory()
        files = _files(frame.room, directory, viewer.scope, DAYS_TOLD)
        curves = [
            frame.room.room_curve(file.room.id, int(now_s) - DAY_S, int(now_s)) for file in files
        ]
        supplier = _supplier(directory, viewer.scope)
        return frame.page(
            request,
            "resident/home_cold.html",
            here="home",
            rule=survey.rule,
            text=complaint(files, curves, survey.rule, supplier, write, now_s),
            rooms=[_shown(frame.room, file, survey.rule, write, 2, now_s) for file in files],
        )

    @router.get("/home/readings.csv")
    def export(request: Request, viewer: Exporting) -> Response:
        now_s = int(frame.now())
        files = _files(frame.room, door_of(request).directory(), viewer.scope, 1)
        text = _table(frame.room, files, now_s - EXPORT_DAYS * DAY_S, now_s)
        headers = {"Content-Disposition": 'attachment; filename="heatward-readings.csv"'}
        return Response(text, media_type="text/csv; charset=utf-8", headers=headers)

    @router.get("/home/stop")
    def ask_to_stop(request: Request, viewer: Own) -> HTMLResponse:
        return frame.page(request, "resident/home_stop.html", here="home", problem="")

    @router.post("/home/stop")
    def stop(request: Request, viewer: Own, sure: Sure = "") -> Response:
        if sure != "yes":
            return see_other("/home/stop")
        door, now_s = door_of(request), int(frame.now())
        directory = door.directory()
        rows = [
            {**row, "to_s": now_s}
            for row in directory.assignments()
            if row["target"] in _rooms_of(directory, viewer.scope)
            and row["from_s"] < now_s
            and (row["to_s"] is None or row["to_s"] > now_s)
        ]
        door.registry.put({"assignment": rows}, based_on=directory.version)
        door.accounts.people.disable(viewer.account)
        say_more(request, f"home={viewer.scope} sensors={len(rows)}")
        request.state.viewer = NOBODY
        answer = frame.page(request, "resident/home_stopped.html", here="home")
        answer.delete_cookie(SESSION_COOKIE)
        return answer

    return router


def _rooms_of(directory: Directory, home: str) -> list[str]:
    return sorted(key for key, row in directory.tables["room"].items() if row["home"] == home)


def _files(room: ReadingRoom, directory: Directory, home: str, days: int) -> list[RoomFile]:
    files = [room.room(one, days) for one in _rooms_of(directory, home)]
    return [file for file in files if file is not None]


def _supplier(directory: Directory, home: str) -> Name | None:
    tables = directory.tables
    if home not in tables["home"]:
        return None
    substation = tables["zone"][tables["home"][home]["zone"]]["substation"]
    supplier = str(tables["source"][tables["substation"][substation]["source"]]["supplier"])
    return Name(
        directory.name("supplier", supplier), directory.name("supplier", supplier, english=True)
    )


def _shown(
    room: ReadingRoom, file: RoomFile, rule: Rule, write: Formats, days: int, now_s: float
) -> dict[str, object]:
    heard_at = file.room.heard_at
    return {
        "file": file,
        "standing": standing_of_room(file.room, rule, now_s),
        "sentences": sentences_of(file.room, rule, write),
        "celsius": None if is_stale(heard_at, now_s) else file.room.celsius_now,
        "heard_ago": write.say("never") if heard_at is None else write.ago(now_s - heard_at),
        "chart": chart_or_none(lambda: room_chart(room, file, rule, write, days, now_s)),
    }


def _table(room: ReadingRoom, files: list[RoomFile], start_s: int, end_s: int) -> str:
    """Return every reading as CSV that a spreadsheet opens: UTF-8 with a mark, times in UTC."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["time_utc", "room", "use", "celsius"])
    for file in files:
        curve = room.room_curve(file.room.id, start_s, end_s)
        for time_s, celsius in zip(curve.time_s.tolist(), curve.celsius.tolist(), strict=True):
            if np.isfinite(celsius):
                when = datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                writer.writerow([when, file.room.id, file.room.use, f"{celsius:.4f}"])
    return "\N{ZERO WIDTH NO-BREAK SPACE}" + text.getvalue()
