"""What the buttons of ``/demo`` do to the rooms, the nodes and the machine, and for how long."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.demo.rooms import STEP_S, WEAK_SOURCE, Effects, Rooms, source_of
from heatward_collector.demo_desk import Deed, Done
from heatward_collector.registry import Directory

CAP_KELVIN = 3.0
"""How much colder a capped supply makes rooms in the end. [K]"""
WIDE_OPEN = 0.3
"""How far air comes to that outdoors through windows that stand wide open."""


@dataclass(frozen=True, slots=True)
class Span:
    """When a deed is done, and how long one has to look on."""

    hours: float
    """How long it lasts. [h]"""
    after_hours: float
    """How long the demo plays on behind it. [h]"""
    local_hour: float | None = None
    """The next time of day at which it begins; None for at once. [h]"""


SPANS = {
    Deed.STOP_AT_NIGHT: Span(5.5, 3.0, 23.0),
    Deed.CAP_SUPPLY: Span(6 * 24.0, 0.0),
    Deed.OPEN_WINDOWS: Span(0.5, 4.0, 8.0),
    Deed.PROBE_AT_RADIATOR: Span(12.0, 0.5),
    Deed.UNPLUG_NODE: Span(8.0, 0.0),
    Deed.STOP_SERIES: Span(3.0, 0.0),
}


def planned(deed: Deed, number: int, now_s: int, directory: Directory, zone: ZoneInfo) -> Done:
    """Return when and where a deed is done that is asked for now. [s UTC]"""
    span = SPANS[deed]
    first = now_s + STEP_S
    if span.local_hour is not None:
        first = _next(first, span.local_hour, zone)
    last = first + round(span.hours * 3600)
    seen = last + round(span.after_hours * 3600)
    return Done(number, deed, first, last, seen, place_of(deed, directory))


def place_of(deed: Deed, directory: Directory) -> str:
    """Return the id of the place that a deed is done to; the largest good source, or a home there.

    The weak source is left alone: what happens there has causes enough already.
    """
    sources = Counter(
        source_of(directory, point.zone) for point in directory.points if not point.is_outdoor
    )
    sources.pop(WEAK_SOURCE, None)
    largest = max(sorted(sources), key=lambda one: sources[one])
    if deed in (Deed.STOP_AT_NIGHT, Deed.CAP_SUPPLY):
        return largest
    inside = [
        point
        for point in directory.points
        if not point.is_outdoor and source_of(directory, point.zone) == largest
    ]
    rooms_of = Counter(point.home for point in inside)
    alone = next(point for point in inside if rooms_of[point.home] == 1)
    if deed is Deed.PROBE_AT_RADIATOR:
        return alone.id
    if deed is Deed.UNPLUG_NODE:
        return str(
            next(row["node"] for row in directory.assignments() if row["target"] == alone.id)
        )
    return ""


def effects_of(done: Done, rooms: Rooms, time_s: int) -> Effects:
    """Return what a deed does to the rooms in the step that ends at a time."""
    points = rooms.directory.points
    nothing = Effects.nothing(len(points))
    if not done.from_s < time_s <= done.to_s:
        return nothing
    inside = np.array([not point.is_outdoor for point in points])
    match done.deed:
        case Deed.STOP_AT_NIGHT:
            return replace(nothing, stopped=rooms.fed_by(done.place))
        case Deed.CAP_SUPPLY:
            return replace(nothing, lack_kelvin=np.where(rooms.fed_by(done.place), CAP_KELVIN, 0.0))
        case Deed.OPEN_WINDOWS:
            return replace(nothing, window_loss=np.where(inside, WIDE_OPEN, 0.0))
        case Deed.PROBE_AT_RADIATOR:
            return replace(nothing, at_radiator=np.array([one.id == done.place for one in points]))
        case _:
            return nothing


def is_unplugged(done: Done, node: str, time_s: int) -> bool:
    """Say whether a deed keeps a node from measuring at a time."""
    mine = done.deed is Deed.UNPLUG_NODE and done.place == node
    return mine and done.from_s <= time_s <= done.to_s


def _next(time_s: int, hour: float, zone: ZoneInfo) -> int:
    now = datetime.fromtimestamp(time_s, zone)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = midnight + timedelta(hours=hour)
    if moment < now:
        moment += timedelta(days=1)
    return int(moment.timestamp())
