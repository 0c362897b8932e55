"""The registry as a detector of suppressed heating sees it: places above homes, declarations."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from heatward_collector.core import Indices
from heatward_collector.core.suppression import Declaration, Level, Network
from heatward_collector.registry import Directory
from heatward_collector.registry.chain import lies_in
from heatward_collector.registry.dated import FOR_EVER

EXPLAINING_NOTICES = frozenset({"reported_stop", "reported_repair", "pollution_staggering"})
"""Of the kinds of notices, those that say that less heat comes."""

STAGGERING = "pollution_staggering"


def network_of(directory: Directory) -> Network:
    """Return all homes, in the order of ``directory.homes``, with the places above them."""
    above = above_homes(directory)
    places, of_home = {}, {}
    for level, place in above.items():
        # Only places that have a home, in the order of their ids.
        used, number = np.unique(place, return_inverse=True)
        ids = directory.rows(level.value).ids
        places[level] = tuple(ids[one] for one in used.tolist())
        of_home[level] = number.astype(np.int32)
    is_floor = directory.rows("zone").column("emitter").mapped("floor".__eq__, bool)
    return Network(tuple(directory.homes), places, of_home, is_floor[above[Level.ZONE]])


def above_homes(directory: Directory) -> dict[Level, Indices]:
    """Return each home's place of every level from STAIRWELL up, as a place in its table, (homes,).

    Raises KeyError where a home hangs on what is not there.
    """
    rows = {name: directory.rows(name) for name in ("home", "zone", "substation", "source")}
    rows |= {name: directory.rows(name) for name in ("stairwell", "building")}
    zone = lies_in(rows, "home", "zone")
    station = lies_in(rows, "zone", "substation")[zone]
    stairwell = directory.points.home_stairwell
    return {
        Level.STAIRWELL: stairwell,
        Level.BUILDING: lies_in(rows, "stairwell", "building")[stairwell],
        Level.ZONE: zone,
        Level.SUBSTATION: station,
        Level.SOURCE: lies_in(rows, "substation", "source")[station],
    }


def declarations_of(directory: Directory) -> tuple[Declaration, ...]:
    """Return the operating regimes and the notices that may explain missing heat."""
    found = [_regime(row) for row in directory.regimes()]
    for row in directory.tables["notice"].values():
        if row["kind"] in EXPLAINING_NOTICES and (row["source"] or row["zone"]):
            notice = _notice(row)
            is_staggering = row["kind"] == STAGGERING
            found += _within_alerts(notice, directory) if is_staggering else [notice]
    return tuple(sorted(found, key=lambda one: (one.from_s, one.level, one.place, one.kind)))


def _regime(row: Any) -> Declaration:
    return Declaration(
        "regime",
        Level.SOURCE,
        row["source"],
        row["from_s"],
        FOR_EVER if row["to_s"] is None else row["to_s"],
        row["from_s"],
        tuple(_span(text) for text in row["hours"].split(",")),
    )


def _notice(row: Any) -> Declaration:
    level, place = (Level.ZONE, row["zone"]) if row["zone"] else (Level.SOURCE, row["source"])
    return Declaration(
        row["kind"],
        level,
        place,
        row["from_s"],
        FOR_EVER if row["to_s"] is None else row["to_s"],
        row["recorded_s"],
    )


def _within_alerts(notice: Declaration, directory: Directory) -> list[Declaration]:
    """Return a notice of staggered firing for as long as the authority's own alert lasts.

    A supplier cannot declare pollution: without an alert that was recorded before it began, and of
    a district in which the place lies, its notice explains nothing.
    """
    found = []
    for alert in directory.tables["pollution_alert"].values():
        begin = max(notice.from_s, alert["from_s"])
        end = min(notice.to_s, alert["to_s"])
        is_known = alert["recorded_s"] <= begin
        if begin < end and is_known and alert["district"] in _districts(notice, directory):
            found.append(replace(notice, from_s=begin, to_s=end))
    return found


def _districts(notice: Declaration, directory: Directory) -> set[str]:
    tables = directory.tables
    found = set()
    for home in tables["home"].values():
        substation = tables["zone"][home["zone"]]["substation"]
        source = tables["substation"][substation]["source"]
        if notice.place == (home["zone"] if notice.level is Level.ZONE else source):
            building = tables["stairwell"][home["stairwell"]]["building"]
            estate = tables["building"][building]["estate"]
            found.add(str(tables["street"][tables["estate"][estate]["street"]]["district"]))
    return found


def _span(text: str) -> tuple[float, float]:
    """Return 05:30-09:00 as hours."""
    first, last = (
        int(hour) + int(minute) / 60 for hour, minute in (one.split(":") for one in text.split("-"))
    )
    return first, last
