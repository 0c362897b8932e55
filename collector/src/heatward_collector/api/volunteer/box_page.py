"""The page of a box, for whoever stands before it with a phone: is it heard, and what to mend.

The code on the label leads here, for volunteers of the estate and the home's own people. It says
nothing about temperatures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse

from heatward_collector.conclusions.placements import PlacementStore
from heatward_node.reading import Quality
from heatward_node.wiring_words import Finding, finding_of, finding_of_bus

from ...accounts import Role, Viewer
from ...config import Config
from ...core.placement import DoubtKind
from ...enrolment.belonging import Misplaced, misplaced, registered
from ...enrolment.boxes import Boxes, Heard
from ...ledger import LedgerReader
from ...locale import message
from ...registry import open_registry
from ..frame.page_frame import PageFrame
from ..rights.access import may

REFRESH_SECONDS = 30
SILENT_AFTER_S = 3_600
"""A node speaks at least every 15 minutes; after an hour something is in the way. [s]"""

RECENT_S = 1_800
"""A sensor that was silent this long while others spoke is no part of the box any more. [s]"""

DOUBTED_S = 7 * 86_400
"""How long a doubt about a placement is passed on after it was last seen. [s]"""
ADVICE = {
    DoubtKind.RADIATOR: message(
        "A sensor seems to hang at a radiator. Move it at least 1.5 m away from it."
    ),
    DoubtKind.REFRIGERATOR: message(
        "A sensor seems to hang near a refrigerator. Move it to a free wall of the room."
    ),
    DoubtKind.SILL: message(
        "A sensor seems to lie on a window sill. Hang it 1.5 m away from the window."
    ),
    DoubtKind.LAMP: message(
        "A sensor seems to hang near a lamp or a screen. Move it to a free wall of the room."
    ),
    DoubtKind.INNER_WALL: message(
        "A sensor seems to hang behind something heavy. Let it hang free in the air."
    ),
    DoubtKind.MOVED: message(
        "A sensor seems to have been moved. Hang it where it was, or tell the office where it is."
    ),
    DoubtKind.EXCHANGED: message(
        "Two sensors seem to have been exchanged. Compare the number on each with the office's "
        "list, and put them back."
    ),
}
"""What somebody with the box in front of them can do; a warm hand is not theirs to mend."""

PROBES = {
    Misplaced.OF_ANOTHER_BOX: message(
        "Sensor %(sensor)s belongs to box %(other)s. Plug it in there again, or tell the office "
        "that it stays here. Until then its readings count for nobody."
    ),
    Misplaced.AT_ANOTHER_BOX: message(
        "Sensor %(sensor)s of this box is plugged in at box %(other)s. Bring it back, or tell the "
        "office that it stays there."
    ),
    Misplaced.SILENT: message(
        "Sensor %(sensor)s of this box does not answer. See whether its plug sits firmly."
    ),
    Misplaced.UNLISTED: message(
        "Sensor %(sensor)s is not on the office's list yet. Tell the office in which room it hangs."
    ),
    Misplaced.TWIN: message(
        "Box %(other)s has a sensor %(sensor)s too: copied parts may bear one number. Tell the "
        "office, and exchange this one."
    ),
}
"""What is the matter with a sensor, for whoever holds it."""

Installer = Annotated[
    Viewer,
    Depends(may(Role.OPERATOR, Role.DEMO, Role.VOLUNTEER, Role.RESIDENT, node_id="node")),
]


@dataclass(frozen=True, slots=True)
class Box:
    """What is known of a box."""

    node: str
    heard_s: int | None
    sensors: tuple[str, ...]
    """Sensors whose last word was good."""
    faults: tuple[Finding, ...]


def box_of(node: str, words: list[Heard]) -> Box:
    """Return what the last words of a box's sensors come to.

    A fault of the bus counts while nothing newer came from a sensor.
    """
    newest = max((one.received_s for one in words), default=None)
    if newest is None:
        return Box(node, None, (), ())
    sensors, faults = [], []
    for one in words:
        if not one.sensor:
            if one.received_s == newest:
                faults.append(finding_of_bus(one.quality))
        elif one.received_s < newest - RECENT_S:
            continue
        elif one.quality is Quality.GOOD:
            sensors.append(one.sensor)
        else:
            faults.append(finding_of(one.quality, one.sensor))
    return Box(node, newest, tuple(sensors), tuple(faults))


def last_words(frame: PageFrame, node: str) -> list[Heard] | None:
    """Return the last word of every sensor of a node, None where there is no such node."""
    config = frame.config
    registry = open_registry(config)
    districts = {name: district for district, name in registry.nodes()}
    if node not in districts:
        return None
    if not config.enrolment.book.exists():
        return _words_of_rooms(frame, registry.rows("assignment"), node)
    boxes = Boxes(config.enrolment.book, LedgerReader(config.state.ledger))
    try:
        return boxes.heard(districts[node], node)
    finally:
        boxes.close()


def _words_of_rooms(
    frame: PageFrame, assignments: Sequence[Mapping[str, Any]], node: str
) -> list[Heard]:
    """Return what the newest readings of a node's rooms tell: no book of boxes is kept here."""
    now_s, found = frame.now(), []
    for row in assignments:
        runs = row["from_s"] <= now_s and (row["to_s"] is None or row["to_s"] > now_s)
        if row["node"] != node or row["target_kind"] != "room" or not runs:
            continue
        file = frame.room.room(row["target"], 1)
        if file is not None and file.room.heard_at is not None:
            found.append(Heard(row["sensor"], Quality.GOOD, file.room.heard_at))
    return found


def probes_of(config: Config, node: str, now_s: float) -> list[tuple[str, dict[str, str]]]:
    """Return what is the matter with the sensors of a node, as messages with their values."""
    if not config.enrolment.book.exists():
        return []
    boxes = Boxes(config.enrolment.book, LedgerReader(config.state.ledger))
    try:
        said = boxes.said()
    finally:
        boxes.close()
    owner_of = registered(open_registry(config).rows("assignment"), now_s)
    return [
        (PROBES[one.what], {"sensor": one.sensor, "other": one.other})
        for one in misplaced(node, owner_of, said)
    ]


def placement_advice(config: Config, node: str, now_s: float) -> list[str]:
    """Return what to do about probes of a node that seem to hang badly, as messages.

    Numbers stay away: they would tell when somebody is at home.
    """
    if not config.state.placements.exists():
        return []
    rows = open_registry(config).rows("assignment")
    rooms = {row["target"] for row in rows if row["node"] == node and row["target_kind"] == "room"}
    store = PlacementStore(config.state.placements)
    try:
        doubts = [one for one in store.since(int(now_s) - DOUBTED_S) if one.point in rooms]
    finally:
        store.close()
    kinds = sorted({one.kind for one in doubts if one.kind in ADVICE})
    return [ADVICE[kind] for kind in kinds]


def routes(by_wall: PageFrame, by_readings: PageFrame) -> APIRouter:
    """Return the route of the page.

    A book of boxes says when something was received, so by the real time; readings say when they
    were measured, which at a demo is ahead of it.
    """
    router = APIRouter()
    frame = by_wall if by_wall.config.enrolment.name else by_readings

    @router.get("/node/{node_id}", include_in_schema=False)
    def box(request: Request, node_id: str, viewer: Installer) -> HTMLResponse:
        words = last_words(frame, node_id)
        if words is None:
            raise HTTPException(404)
        found = box_of(node_id, words)
        now_s = frame.now()
        return frame.page(
            request,
            "volunteer/box.html",
            refresh_seconds=REFRESH_SECONDS,
            here="box",
            hangs=viewer.role in (Role.VOLUNTEER, Role.OPERATOR),
            box=found,
            probes=probes_of(frame.config, node_id, now_s),
            advice=placement_advice(frame.config, node_id, now_s),
            silent=found.heard_s is not None and now_s - found.heard_s > SILENT_AFTER_S,
        )

    return router
