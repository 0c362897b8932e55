"""``/demo``: six things to try on the invented district, and what the system said to each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from heatward_collector.conclusions.placements import PlacementStore, SaidDoubt
from heatward_collector.running.event_clock import DemoClock

from ...accounts import Role, Viewer
from ...demo_desk import Deed, DemoDesk, Done
from ...registry import Directory
from ..city.facts import RoomFile
from ..city.reading_room import ReadingRoom
from ..findings.finding_room import FindingRoom
from ..frame.kept_open import KeptOpen
from ..frame.page_frame import PageFrame
from ..rights.access import may
from ..rights.door import door_of
from ..words.formats import Formats
from .demo_words import HAPPENS, NAMES, Answer, answer_of

BUSY_REFRESH_SECONDS = 2
IDLE_REFRESH_SECONDS = 60
DAYS = 30
"""So far back a deed may lie that is still shown: some are played for days."""

Visitor = Annotated[Viewer, Depends(may(Role.DEMO, signs_in=True))]


@dataclass(frozen=True, slots=True)
class Button:
    """One thing to try."""

    deed: Deed
    name: str
    happens: str


def routes(frame: PageFrame, findings: FindingRoom) -> APIRouter:
    """Return the routes of the demo; outside one nobody has the role that they ask for."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    desk, clock = DemoDesk(frame.config), DemoClock(frame.config.state.clock)
    placements = KeptOpen(lambda: PlacementStore(frame.config.state.placements))

    @router.get("/demo")
    def page(request: Request, viewer: Visitor) -> HTMLResponse:
        write = frame.write(request)
        is_busy = desk.is_busy
        return frame.page(
            request,
            "trying/demo.html",
            refresh_seconds=BUSY_REFRESH_SECONDS if is_busy else IDLE_REFRESH_SECONDS,
            here="demo",
            buttons=[Button(one, write.say(NAMES[one]), write.say(HAPPENS[one])) for one in Deed],
            answers=_answers(
                placements, desk, frame.room, findings, write, door_of(request).directory()
            ),
            is_busy=is_busy,
            is_staffed=desk.is_staffed,
            ahead_s=clock.ahead_s(),
        )

    @router.post("/demo")
    def ask(viewer: Visitor, deed: Annotated[str, Form(max_length=40)] = "") -> Response:
        if deed not in list(Deed):
            raise HTTPException(404)
        desk.ask(Deed(deed))
        return RedirectResponse("/demo", 303)

    return router


def _answers(
    placements: KeptOpen[PlacementStore],
    desk: DemoDesk,
    room: ReadingRoom,
    findings: FindingRoom,
    write: Formats,
    directory: Directory,
) -> list[Answer]:
    board, answers = findings.board(), []
    for done in desk.done():
        file = _room_of(done, room, directory)
        doubts = [] if file is None else _doubts(placements, file.room.id, done)
        answers.append(answer_of(done, board.findings, board.names, write, file, doubts))
    return answers


def _room_of(done: Done, room: ReadingRoom, directory: Directory) -> RoomFile | None:
    """Return the room that a probe or a node belongs to."""
    if done.deed is Deed.PROBE_AT_RADIATOR:
        return room.room(done.place, DAYS)
    if done.deed is Deed.UNPLUG_NODE:
        targets = [row["target"] for row in directory.assignments() if row["node"] == done.place]
        return room.room(targets[0], DAYS) if targets else None
    return None


def _doubts(placements: KeptOpen[PlacementStore], room: str, done: Done) -> list[SaidDoubt]:
    """Return what is doubted of a sensor since something was done to it."""
    with placements.used() as store:
        found = store.of_point(room)
    return [one for one in found if one.end_s > done.from_s and one.withdrawn_s is None]
