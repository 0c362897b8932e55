"""The page of a box, for whoever stands before it with a phone: is it heard, and what to mend.

The code on the label leads here, for volunteers of the estate and the home's own people. It says
nothing about temperatures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse

from heatward_node.reading import Quality
from heatward_node.wiring_words import Finding, finding_of, finding_of_bus

from ..accounts import Role, Viewer
from ..config import Config
from ..enrolment.boxes import Boxes, Heard
from ..ledger import LedgerReader
from ..registry import open_registry
from .access import may
from .reading_room import ReadingRoom
from .rendering import formats_of, render

REFRESH_SECONDS = 30
SILENT_AFTER_S = 3_600
"""A node speaks at least every 15 minutes; after an hour something is in the way. [s]"""

RECENT_S = 1_800
"""A sensor that was silent this long while others spoke is no part of the box any more. [s]"""

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


def last_words(config: Config, node: str) -> list[Heard] | None:
    """Return the last word of every sensor of a node, None where there is no such node."""
    districts = {name: district for district, name in open_registry(config).nodes()}
    if node not in districts:
        return None
    if not config.enrolment.book.exists():
        return []
    boxes = Boxes(config.enrolment.book, LedgerReader(config.state.ledger))
    try:
        return boxes.heard(districts[node], node)
    finally:
        boxes.close()


def routes(config: Config, room: ReadingRoom, now: Callable[[], float]) -> APIRouter:
    """Return the route of the page."""
    router = APIRouter()

    @router.get("/node/{node_id}", include_in_schema=False)
    def box(request: Request, node_id: str, viewer: Installer) -> HTMLResponse:
        words = last_words(config, node_id)
        if words is None:
            raise HTTPException(404)
        found = box_of(node_id, words)
        now_s = now()
        return render(
            request,
            "box.html",
            formats_of(request, room.survey().rule.zone),
            demo=config.demo,
            now_s=now_s,
            refresh_seconds=REFRESH_SECONDS,
            here="box",
            box=found,
            silent=found.heard_s is not None and now_s - found.heard_s > SILENT_AFTER_S,
        )

    return router
