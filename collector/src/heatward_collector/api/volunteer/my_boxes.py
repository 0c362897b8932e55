"""What a volunteer looks after with a phone: my boxes, and which of them are silent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from ...accounts import Role, Viewer
from ...registry import Directory
from ..city.reading_room import ReadingRoom
from ..city.standing import is_stale
from ..frame.page_frame import PageFrame
from ..rights.access import may
from ..rights.door import door_of
from ..words.formats import Formats

Installer = Annotated[Viewer, Depends(may(Role.VOLUNTEER, Role.OPERATOR))]


@dataclass(frozen=True, slots=True)
class BoxRow:
    """One box of an estate, and when its rooms were heard."""

    node: str
    home: str
    place: str
    heard_at: int | None
    heard_ago: str
    is_silent: bool
    way: tuple[str, int]
    """Building and floor, in whose order boxes are looked after."""


def routes(frame: PageFrame) -> APIRouter:
    """Return the routes of volunteers."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/my")
    def my(request: Request, viewer: Installer) -> HTMLResponse:
        write = frame.write(request)
        rows = _boxes(request, viewer, frame.room, write, frame.now())
        silent = sum(row.is_silent for row in rows)
        return frame.page(
            request,
            "volunteer/my.html",
            here="my",
            rows=rows,
            silent=silent,
            refresh_seconds=300,
        )

    return router


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
                place_of(directory, one.home, write),
                heard_at if heard_at >= 0 else None,
                write.ago(now_s - heard_at) if heard_at >= 0 else write.say("never"),
                is_stale(heard_at if heard_at >= 0 else None, now_s),
                (building, int(directory.tables["home"][one.home]["floor"])),
            )
    return sorted(rows.values(), key=lambda row: (not row.is_silent, row.way, row.node))


def place_of(directory: Directory, home: str, write: Formats) -> str:
    """Return where a home is, as a volunteer finds it: building and floor; no number of a door."""
    row = directory.tables["home"][home]
    building = str(directory.tables["stairwell"][row["stairwell"]]["building"])
    name = write.say.pick(
        directory.name("building", building), directory.name("building", building, english=True)
    )
    return write.say("%(building)s, floor %(floor)d", building=name, floor=row["floor"])
