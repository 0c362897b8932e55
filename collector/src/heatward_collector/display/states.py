"""How buildings and areas stand now, one whole row a place.

A row about now says all of it at one instant; two hours later Grafana no longer shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..api.city.facts import Building, Survey
from ..api.city.newest_readings import Latest
from ..api.city.standing import (
    STALE_AFTER_SECONDS,
    Standing,
    decisive_day,
    shows_figures,
    standing_of,
)
from ..core import Mask
from .areas import GEOGRAPHY, Areas
from .lines import Value, line

STATES = tuple(reversed(Standing))
"""The number of a state in Grafana is its place here: 0 met ... 6 below."""
ATTENTION = {standing: float(number) for number, standing in enumerate(STATES)}
_COUNTED = {
    "buildings_below": (Standing.BELOW,),
    "buildings_marginal": (Standing.MARGINAL_MINUS, Standing.COLD_NOW, Standing.MARGINAL_PLUS),
    "buildings_silent": (Standing.INTERRUPTED, Standing.NOT_JUDGEABLE),
    "buildings_met": (Standing.MET,),
}


@dataclass(frozen=True, slots=True)
class Sensors:
    """The sensors of every building: how many are in rooms, and how many say nothing."""

    count: Mapping[str, int]
    silent: Mapping[str, int]


def sensors_of(areas: Areas, latest: Latest, assigned: Mask, now_s: float) -> Sensors:
    """Count the assigned sensors of every building, and those not heard for two hours."""
    silent = assigned & (latest.heard_at < now_s - STALE_AFTER_SECONDS)
    points = areas.directory.points
    return Sensors(
        Counter(points[index].building for index in np.flatnonzero(assigned)),
        Counter(points[index].building for index in np.flatnonzero(silent)),
    )


def state_lines(areas: Areas, survey: Survey, sensors: Sensors, now_s: int) -> Iterator[str]:
    """Yield the state of every building and of every area."""
    standings = {one.id: standing_of(one, survey, now_s) for one in survey.buildings}
    for building in survey.buildings:
        standing = standings[building.id]
        fields = _building(building, standing, survey, sensors)
        yield from line("building_state", areas.above(building.id), fields, now_s)
    for level in (*GEOGRAPHY, "supplier", "source"):
        inside = _buildings_of(areas, level, survey)
        for area, buildings in inside.items():
            fields = _area(buildings, standings, sensors)
            yield from line("area_state", areas.tags(level, area), fields, now_s)


def _building(
    building: Building, standing: Standing, survey: Survey, sensors: Sensors
) -> dict[str, Value]:
    day, count = decisive_day(building), sensors.count.get(building.id, 0)
    share = day.homes_below / day.homes_judged if day and day.homes_judged else None
    figures = shows_figures(building)
    fields: dict[str, Value] = {
        "state": ATTENTION[standing],
        "attention": ATTENTION[standing] + (0.9 * (share or 0.0) if figures else 0.0),
        "homes": building.homes,
        "sensors": count,
        "sensors_silent": sensors.silent.get(building.id, 0),
        "minimum": survey.rule.minimum_celsius if survey.rule.in_season else None,
        **{name.removeprefix("buildings_"): standing in of for name, of in _COUNTED.items()},
        "judged": standing not in _COUNTED["buildings_silent"],
    }
    if figures and day is not None:
        fields |= {
            "homes_judged": day.homes_judged,
            "homes_below": day.homes_below,
            "share_below": share,
            "coverage": day.coverage,
        }
    if figures and standing is not Standing.INTERRUPTED:
        fields["median"] = building.median_now
    return fields


def _area(
    buildings: Sequence[Building], standings: Mapping[str, Standing], sensors: Sensors
) -> dict[str, Value]:
    kinds = Counter(standings[one.id] for one in buildings)
    counts = {name: sum(kinds[kind] for kind in of) for name, of in _COUNTED.items()}
    told = len(buildings) - counts["buildings_silent"]
    installed = sum(sensors.count.get(one.id, 0) for one in buildings)
    silent = sum(sensors.silent.get(one.id, 0) for one in buildings)
    worst = max(ATTENTION[kind] for kind in kinds)
    return {
        "state": worst,
        "attention": worst + 0.9 * counts["buildings_below"] / len(buildings),
        "buildings": len(buildings),
        **counts,
        "buildings_judged": told,
        "share_below": counts["buildings_below"] / told if told else None,
        "homes": sum(one.homes for one in buildings),
        "sensors": installed,
        "sensors_silent": silent,
        "coverage": 1 - silent / installed if installed else None,
    }


def _buildings_of(areas: Areas, level: str, survey: Survey) -> dict[str, list[Building]]:
    """Return the surveyed buildings of every area; one with two sources stands in both."""
    held, index = areas.levels[level], areas.directory.building_index
    pairs = np.unique(
        np.stack([held.of_home, areas.directory.home_building], axis=1)[areas.measured], axis=0
    )
    by_number = {index[one.id]: one for one in survey.buildings}
    found: dict[str, list[Building]] = {}
    for area, number in pairs.tolist():
        if number in by_number:
            found.setdefault(held.ids[area], []).append(by_number[number])
    return found
