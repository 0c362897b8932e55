"""What a volunteer does with a phone: my boxes, what is silent, hanging a sensor step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from ..accounts import Role, Viewer
from ..config import Config
from ..errors import ImportRefused, RegistryError
from ..registry import Directory
from ..registry.choices import ROOM_USES
from ..registry.spreadsheets import Content, check
from .access import may
from .audited import say_more
from .door import Door, door_of
from .formats import Formats
from .installing import GOOD_PLACE, REFERENCE_KELVIN, Answers, NotInstalled, rows_of
from .reading_room import ReadingRoom
from .rendering import formats_of, render
from .signing import see_other
from .standing import is_stale

Installer = Annotated[Viewer, Depends(may(Role.VOLUNTEER, Role.OPERATOR))]
RoomInstaller = Annotated[Viewer, Depends(may(Role.VOLUNTEER, Role.OPERATOR, room_id="room"))]
Word = Annotated[str, Form(max_length=64)]
FRESH_S = 3600
"""So long after hanging the installer sees a temperature; then it is the resident's alone. [s]"""


@dataclass(frozen=True, slots=True)
class BoxRow:
    """One box of an estate, and when its rooms were heard."""

    node: str
    home: str
    place: str
    heard_at: int | None
    heard_ago: str
    is_silent: bool


def routes(config: Config, room: ReadingRoom, now: Callable[[], float]) -> APIRouter:
    """Return the routes of volunteers."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    def page(request: Request, template: str, **values: Any) -> HTMLResponse:
        write = formats_of(request, room.survey().rule.zone)
        return render(request, template, write, demo=config.demo, now_s=now(), **values)

    @router.get("/my")
    def my(request: Request, viewer: Installer) -> HTMLResponse:
        write = formats_of(request, room.survey().rule.zone)
        rows = _boxes(request, viewer, room, write, now())
        silent = sum(row.is_silent for row in rows)
        return page(request, "my.html", here="my", rows=rows, silent=silent, refresh_seconds=300)

    @router.get("/install")
    def form(request: Request, viewer: Installer) -> HTMLResponse:
        return page(request, "install.html", **_form(request, viewer, room, None, ""))

    @router.post("/install")
    def install(
        request: Request,
        viewer: Installer,
        sensor: Word = "",
        node: Word = "",
        home: Word = "",
        use: Word = "",
        height: Word = "",
        agreed: Word = "",
        good: Annotated[list[str], Form(max_length=8)] = [],  # noqa: B006 FastAPI copies it
    ) -> Response:
        door = door_of(request)
        answers = Answers(sensor, node.strip(), home.strip(), use, height, frozenset(good))
        try:
            if use not in ROOM_USES or not agreed:
                raise NotInstalled("use" if agreed else "agreed")
            door.insist(viewer, "home", answers.home)
            room_id, content = rows_of(answers, door.directory(), int(now()))
            _insist_on_own(door, viewer, answers.node, content)
            door.registry.put(content, based_on=check(content, door.registry))
        except (NotInstalled, ImportRefused, RegistryError) as error:
            problem = str(error) if isinstance(error, NotInstalled) else "registry"
            return page(request, "install.html", **_form(request, viewer, room, answers, problem))
        say_more(request, f"room={room_id} sensor={content['assignment'][-1]['sensor']}")
        return see_other(f"/install/{room_id}")

    @router.get("/install/{room_id}")
    def seen(
        request: Request, room_id: str, viewer: RoomInstaller, reference: str = ""
    ) -> HTMLResponse:
        file, since_s = room.room(room_id, 1), _hung_at(door_of(request).directory(), room_id)
        if file is None or since_s is None:
            raise HTTPException(404)
        heard_at, now_s = file.room.heard_at, now()
        is_seen = heard_at is not None and heard_at >= since_s and not is_stale(heard_at, now_s)
        celsius = file.room.celsius_now if is_seen and now_s - since_s < FRESH_S else None
        return page(
            request,
            "installed.html",
            here="install",
            refresh_seconds=0 if reference else 15,
            file=file,
            is_seen=is_seen,
            celsius=celsius,
            reference=reference,
            differs=_difference(reference, celsius),
            most=REFERENCE_KELVIN,
        )

    return router


def _form(
    request: Request, viewer: Viewer, room: ReadingRoom, answers: Answers | None, problem: str
) -> dict[str, Any]:
    write, door = formats_of(request, room.survey().rule.zone), door_of(request)
    directory, sees = door.directory(), door.reach().chooser(viewer, "home")
    homes = [(home, _place_of(directory, home, write)) for home in directory.homes if sees(home)]
    return {
        "here": "install",
        "homes": sorted(homes, key=lambda one: (one[1], one[0])),
        "uses": tuple(ROOM_USES),
        "good_place": GOOD_PLACE,
        "answers": answers,
        "problem": problem,
    }


def _boxes(
    request: Request, viewer: Viewer, room: ReadingRoom, write: Formats, now_s: float
) -> list[BoxRow]:
    """Return the boxes of a viewer's scope, the silent ones first."""
    door = door_of(request)
    directory, sees = door.directory(), door.reach().chooser(viewer, "home")
    points = directory.sensors_at(int(now_s))
    assigned = {directory.points[point].id for point in points}
    nodes = {
        row["target"]: row["node"] for row in directory.assignments() if row["target"] in assigned
    }
    sees_building = door.reach().chooser(viewer, "building")
    buildings = {directory.points[point].building for point in points} - {""}
    rows: dict[str, BoxRow] = {}
    for building in sorted(filter(sees_building, buildings)):
        file = room.building(building, 1)
        for one in file.rooms if file is not None else ():
            node = nodes.get(one.id)
            if node is None or not sees(one.home):
                continue
            held = rows.get(node)
            heard_at = max(one.heard_at or -1, held.heard_at or -1 if held else -1)
            rows[node] = BoxRow(
                node,
                one.home,
                _place_of(directory, one.home, write),
                heard_at if heard_at >= 0 else None,
                write.ago(now_s - heard_at) if heard_at >= 0 else write.say("never"),
                is_stale(heard_at if heard_at >= 0 else None, now_s),
            )
    return sorted(rows.values(), key=lambda row: (not row.is_silent, row.place, row.node))


def _insist_on_own(door: Door, viewer: Viewer, node: str, content: Content) -> None:
    """Let nobody end what hangs in homes beyond their reach, or use a box from there."""
    for row in content["assignment"][:-1]:
        if row["target_kind"] == "room" and not door.sees(viewer, "room", row["target"]):
            raise NotInstalled("sensor")
    is_used = any(row["node"] == node for row in door.directory().assignments())
    if is_used and not door.sees(viewer, "node", node):
        raise NotInstalled("node")


def _place_of(directory: Directory, home: str, write: Formats) -> str:
    """Return where a home is, as a volunteer finds it: building and floor; no number of a door."""
    row = directory.tables["home"][home]
    building = str(directory.tables["stairwell"][row["stairwell"]]["building"])
    name = write.say.pick(
        directory.name("building", building), directory.name("building", building, english=True)
    )
    return write.say("%(building)s, floor %(floor)d", building=name, floor=row["floor"])


def _hung_at(directory: Directory, room: str) -> int | None:
    starts = [int(row["from_s"]) for row in directory.assignments() if row["target"] == room]
    return max(starts, default=None)


def _difference(reference: str, celsius: float | None) -> float | None:
    try:
        return None if celsius is None else abs(float(reference.replace(",", ".")) - celsius)
    except ValueError:
        return None
