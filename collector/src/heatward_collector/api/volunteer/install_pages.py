"""Hanging a sensor, step by step on a phone: the box, its sensor, the home and room, the place.

What was answered travels in the address from step to step, so that a page can be loaded again and
a step be taken back; nothing is written before the last one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from heatward_node.reading import Quality

from ...accounts import Role, Viewer
from ...errors import ImportRefused, RegistryError
from ...registry.choices import ROOM_USES
from ...registry.spreadsheets import Content, check
from ..city.facts import RoomFile
from ..city.standing import is_stale
from ..frame.page_frame import PageFrame
from ..frame.rendering import see_other
from ..rights.access import may
from ..rights.audited import say_more
from ..rights.door import Door, door_of
from ..words.formats import Formats
from .box_page import last_words
from .installation import (
    ANOTHER_ROOM,
    GOOD_PLACE,
    LAST_STEP,
    REFERENCE_KELVIN,
    STEP_OF,
    Alike,
    Answers,
    NotInstalled,
    is_unclear,
    rooms_alike,
    rows_of,
    sensor_of,
)
from .my_boxes import place_of

FRESH_S = 3600
"""So long after hanging the installer sees a temperature; then it is the resident's alone. [s]"""
NOTHING = Answers("", "", "", "", "", frozenset())
Installer = Annotated[Viewer, Depends(may(Role.VOLUNTEER, Role.OPERATOR))]
RoomInstaller = Annotated[Viewer, Depends(may(Role.VOLUNTEER, Role.OPERATOR, room_id="room"))]
Word = Annotated[str, Form(max_length=64)]


@dataclass(frozen=True, slots=True)
class Answering:
    """A sensor that answers at the box, to be chosen instead of typed."""

    sensor: str
    hangs_in: str
    """Where it hangs already, in words; empty where it is new."""


def routes(frame: PageFrame) -> APIRouter:
    """Return the routes of hanging a sensor."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    def step_page(
        request: Request, viewer: Viewer, answers: Answers, step: int, problem: str
    ) -> HTMLResponse:
        write = frame.write(request)
        values: dict[str, Any] = {"homes": [], "answering": [], "rooms": []}
        if step == STEP_OF["sensor"]:
            words = last_words(frame, answers.node) or []
            names = [one.sensor for one in words if one.sensor and one.quality is Quality.GOOD]
            values["answering"] = _answering(request, viewer, names, write, int(frame.now()))
        elif step > STEP_OF["sensor"]:
            values["homes"] = _homes(request, viewer, write)
            values["rooms"] = _rooms_to_choose(door_of(request), answers, int(frame.now()))
        return frame.page(
            request,
            "volunteer/install.html",
            here="install",
            step=step,
            last_step=LAST_STEP,
            uses=tuple(ROOM_USES),
            another_room=ANOTHER_ROOM,
            good_place=GOOD_PLACE,
            answers=answers,
            problem=problem,
            **values,
        )

    @router.get("/install")
    def form(
        request: Request,
        viewer: Installer,
        node: str = "",
        sensor: str = "",
        typed: str = "",
        home: str = "",
        use: str = "",
    ) -> HTMLResponse:
        given = Answers(typed.strip() or sensor, node.strip(), home.strip(), use, "", frozenset())
        answers, step, problem = _so_far(door_of(request), viewer, given)
        return step_page(request, viewer, answers, step, problem)

    @router.post("/install")
    def install(
        request: Request,
        viewer: Installer,
        sensor: Word = "",
        node: Word = "",
        home: Word = "",
        use: Word = "",
        room: Word = "",
        height: Word = "",
        agreed: Word = "",
        good: Annotated[list[str], Form(max_length=8)] = [],  # noqa: B006 FastAPI copies it
    ) -> Response:
        door = door_of(request)
        answers = Answers(sensor, node.strip(), home.strip(), use, height, frozenset(good), room)
        try:
            if use not in ROOM_USES or not agreed:
                raise NotInstalled("use" if agreed else "agreed")
            door.insist(viewer, "home", answers.home)
            room_id, content = rows_of(answers, door.directory(), int(frame.now()))
            _insist_on_own(door, viewer, answers.node, content)
            door.registry.put(content, based_on=check(content, door.registry))
        except (NotInstalled, ImportRefused, RegistryError) as error:
            problem = str(error) if isinstance(error, NotInstalled) else "registry"
            return step_page(request, viewer, answers, STEP_OF[problem], problem)
        say_more(request, f"room={room_id} sensor={content['assignment'][-1]['sensor']}")
        return see_other(f"/install/{room_id}")

    _add_last_step(router, frame)
    return router


def _add_last_step(router: APIRouter, frame: PageFrame) -> None:
    @router.get("/install/{room_id}")
    def seen(
        request: Request, room_id: str, viewer: RoomInstaller, reference: str = ""
    ) -> HTMLResponse:
        door = door_of(request)
        row, hung = door.directory().tables["room"].get(room_id), _hung(door, room_id)
        if row is None or hung is None:
            raise HTTPException(404)
        # A look at the city that is some seconds old does not know a new room yet.
        file = frame.room.room(room_id, 1)
        heard_at, celsius = (None, None) if file is None else _heard(file)
        (node, since_s), now_s = hung, frame.now()
        is_seen = heard_at is not None and heard_at >= since_s and not is_stale(heard_at, now_s)
        if not is_seen or now_s - since_s >= FRESH_S:
            celsius = None
        return frame.page(
            request,
            "volunteer/installed.html",
            here="install",
            refresh_seconds=0 if is_seen else 15,
            use=str(row["use"]),
            home=str(row["home"]),
            node=node,
            is_seen=is_seen,
            celsius=celsius,
            reference=reference,
            differs=_difference(reference, celsius),
            most=REFERENCE_KELVIN,
            last_step=LAST_STEP,
        )


def _so_far(door: Door, viewer: Viewer, given: Answers) -> tuple[Answers, int, str]:
    """Return what can be taken of the answers, the step that is next, and what is wrong there."""
    taken = replace(NOTHING, node=given.node)
    if not given.node:
        return taken, STEP_OF["node"], ""
    if not _may_use(door, viewer, given.node):
        return taken, STEP_OF["node"], "node"
    if not given.sensor:
        return taken, STEP_OF["sensor"], ""
    try:
        taken = replace(taken, sensor=sensor_of(given.sensor))
    except NotInstalled as error:
        return replace(taken, sensor=given.sensor), STEP_OF["sensor"], str(error)
    taken = replace(taken, home=given.home, use=given.use)
    if not given.home and not given.use:
        return taken, STEP_OF["home"], ""
    if not door.sees(viewer, "home", given.home):
        return taken, STEP_OF["home"], "home"
    if given.use not in ROOM_USES:
        return taken, STEP_OF["use"], "use"
    return taken, STEP_OF["height"], ""


def _may_use(door: Door, viewer: Viewer, node: str) -> bool:
    """Say whether a box is one of the registry, and hangs in no home beyond reach."""
    directory = door.directory()
    if node not in directory.tables["node"]:
        return False
    is_used = any(row["node"] == node for row in directory.assignments())
    return not is_used or door.sees(viewer, "node", node)


def _insist_on_own(door: Door, viewer: Viewer, node: str, content: Content) -> None:
    """Let nobody end what hangs in homes beyond their reach, or use a box from there."""
    for row in content["assignment"][:-1]:
        if row["target_kind"] == "room" and not door.sees(viewer, "room", row["target"]):
            raise NotInstalled("sensor")
    if not _may_use(door, viewer, node):
        raise NotInstalled("node")


def _answering(
    request: Request, viewer: Viewer, names: list[str], write: Formats, now_s: int
) -> list[Answering]:
    """Return the sensors that answer at a box, new ones first; none that hangs beyond reach."""
    door = door_of(request)
    directory = door.directory()
    rooms = {
        row["sensor"]: str(row["target"])
        for row in directory.assignments()
        if row["target_kind"] == "room"
        and row["from_s"] <= now_s
        and (row["to_s"] is None or row["to_s"] > now_s)
    }
    found = []
    for name in names:
        room = directory.tables["room"].get(rooms.get(name, ""))
        if room is None:
            found.append(Answering(name, ""))
        elif door.sees(viewer, "home", str(room["home"])):
            place = place_of(directory, str(room["home"]), write)
            found.append(Answering(name, f"{place} · {write.use(str(room['use']))}"))
    return sorted(found, key=lambda one: (bool(one.hangs_in), one.sensor))


def _rooms_to_choose(door: Door, answers: Answers, now_s: int) -> list[Alike]:
    """Return the rooms that could be meant, none where that is clear."""
    rooms = rooms_alike(door.directory(), answers.home, answers.use, now_s)
    return rooms if is_unclear(rooms, answers.sensor) else []


def _homes(request: Request, viewer: Viewer, write: Formats) -> list[tuple[str, str]]:
    """Return the homes within reach and where they are, in the order of their places."""
    door = door_of(request)
    directory, sees = door.directory(), door.reach().chooser(viewer, "home")
    homes = [(home, place_of(directory, home, write)) for home in directory.homes if sees(home)]
    return sorted(homes, key=lambda one: (one[1], one[0]))


def _heard(file: RoomFile) -> tuple[int | None, float | None]:
    """Return when a room was heard last, and what it is there now."""
    return file.room.heard_at, file.room.celsius_now


def _hung(door: Door, room: str) -> tuple[str, int] | None:
    """Return the box of a room and since when its newest sensor hangs, None where none does."""
    rows = [row for row in door.directory().assignments() if row["target"] == room]
    newest = max(rows, key=lambda row: int(row["from_s"]), default=None)
    return None if newest is None else (str(newest["node"]), int(newest["from_s"]))


def _difference(reference: str, celsius: float | None) -> float | None:
    try:
        return None if celsius is None else abs(float(reference.replace(",", ".")) - celsius)
    except ValueError:
        return None
