"""Whether every probe is at the box it is registered with, by what boxes said last.

A probe that is heard from another box judges nobody (``projection.Fate.ELSEWHERE``); here it is
found for whoever can put it back. A box that is not heard says nothing about its probes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from heatward_node.reading import Quality

from ..registry.table_edit import Row
from .boxes import Said

RECENT_S = 1_800
"""A sensor that was silent this long while its box spoke is no part of the box any more. [s]"""
TWIN_S = 900
"""Two boxes that both hear one number within so long have two parts with it. [s] (a probe that was
carried over is said to be gone by the box it left, at its next round)"""


class Misplaced(Enum):
    """What is the matter with one probe, from the point of view of one box."""

    OF_ANOTHER_BOX = "of_another_box"
    AT_ANOTHER_BOX = "at_another_box"
    SILENT = "silent"
    UNLISTED = "unlisted"
    TWIN = "twin"
    """Copied parts may bear one number."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A probe that is not where the registry has it; ``other`` is the other box, or empty."""

    sensor: str
    what: Misplaced
    other: str = ""


def registered(rows: Iterable[Row], now_s: float) -> dict[str, str]:
    """Return the node of every sensor that is assigned now.

    An empty name where none is given, and for sensors on the bench, which no box must have.
    """
    return {
        row["sensor"]: "" if row["target_kind"] == "bench" else row["node"] or ""
        for row in rows
        if row["from_s"] <= now_s and (row["to_s"] is None or now_s < row["to_s"])
    }


def misplaced(node: str, owner_of: Mapping[str, str], said: Iterable[Said]) -> list[Probe]:
    """Return the probes that one box has too many, too few, or twice; by sensor."""
    here: dict[str, Said] = {}
    elsewhere: dict[str, Said] = {}
    for one in said:
        if one.node == node:
            here[one.sensor] = one
        elif one.sensor and one.quality is Quality.GOOD:
            known = elsewhere.get(one.sensor)
            if known is None or known.received_s < one.received_s:
                elsewhere[one.sensor] = one
    if not here:
        return []
    newest = max(one.received_s for one in here.values())
    recent = {name: one for name, one in here.items() if one.received_s >= newest - RECENT_S}
    own = {sensor for sensor, owner in owner_of.items() if owner == node}
    found = []
    for sensor in sorted((recent.keys() | own) - {""}):
        other = elsewhere.get(sensor)
        if other is not None and other.received_s < newest - RECENT_S:
            other = None  # where it was once
        probe = _probe(sensor, node, owner_of.get(sensor), recent.get(sensor), other)
        if probe is not None:
            found.append(probe)
    return found


def _probe(
    sensor: str, node: str, owner: str | None, here: Said | None, other: Said | None
) -> Probe | None:
    """Return what is the matter with one probe of a box, None where nothing is."""
    if here is None or here.quality is not Quality.GOOD:
        if owner != node:
            return None
        if other is not None:
            return Probe(sensor, Misplaced.AT_ANOTHER_BOX, other.node)
        return Probe(sensor, Misplaced.SILENT) if here is None else None  # else a fault names it
    if other is not None and abs(other.received_s - here.received_s) <= TWIN_S:
        return Probe(sensor, Misplaced.TWIN, other.node)
    if owner is None:
        return Probe(sensor, Misplaced.UNLISTED)
    if owner not in ("", node):
        return Probe(sensor, Misplaced.OF_ANOTHER_BOX, owner)
    return None
