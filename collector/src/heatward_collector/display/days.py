"""Days of buildings and areas from the verdicts: how many homes met the standard, and by how much.

Figures rest on at least five homes; below that a building shows its verdict and its homes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.conclusions.verdicts import DayVerdict, VerdictStore

from ..core import Celsius, Indices
from ..core.compliance import Verdict
from ..core.standard import Standard
from ..local_days import bounds
from .areas import BUILDING, GEOGRAPHY, HOMES_FOR_FIGURES, Areas
from .lines import Value, line

AREA_LEVELS = (*GEOGRAPHY, "supplier", "source")
DAY_STATES = {
    Verdict.MET: 0.0,
    Verdict.MARGINAL_PLUS: 1.0,
    Verdict.NOT_JUDGEABLE: 2.0,
    Verdict.MARGINAL_MINUS: 5.0,
    Verdict.BELOW: 6.0,
}
"""The same numbers as those of the states about now."""


def day_lines(areas: Areas, verdicts: VerdictStore, standard: Standard, day: date) -> Iterator[str]:
    """Yield the day of every building and area of which a home was heard."""
    rule = standard.rule_on(day)
    time_s, _ = bounds(day, ZoneInfo(standard.timezone))
    more: dict[str, Value] = {"minimum": rule.minimum_celsius if rule else None}
    more["day"] = f"{day:%m-%d}"
    homes = verdicts.of_day("home", day)
    word, lacking = _homes(areas, homes), _degree_hours(areas, verdicts, day)
    for building, verdict in verdicts.of_day("building", day).items():
        if building in areas.directory.building_index:
            fields = {**_building(verdict), **more, **areas.names(BUILDING, building)}
            yield from line("area_day", areas.tags(BUILDING, building), fields, time_s)
    for name in AREA_LEVELS:
        level = areas.levels[name]
        for index, area in enumerate(level.ids):
            inside = (level.of_home == index) & (word >= 0)
            if inside.any():
                figures = _area(word[inside], lacking[inside])
                fields = {**figures, **more, **areas.names(name, area)}
                yield from line("area_day", areas.tags(name, area), fields, time_s)


def _building(verdict: DayVerdict) -> dict[str, Value]:
    facts = verdict.facts
    homes = int(facts.get("homes", 0))
    fields: dict[str, Value] = {
        "state": DAY_STATES[Verdict[verdict.verdict.upper()]],
        "homes": homes,
    }
    if homes >= HOMES_FOR_FIGURES:
        keys = ("homes_judged", "homes_below", "homes_met", "median", "coverage", "outdoor")
        fields |= {key: facts.get(key) for key in keys}
    return fields


def _area(word: Indices, degree_hours: Celsius) -> dict[str, Value]:
    """Return the figures of the homes of an area that were heard."""
    judged = word[word != Verdict.NOT_JUDGEABLE]
    fields: dict[str, Value] = {"homes": len(word)}
    if len(judged) < HOMES_FOR_FIGURES:
        return fields
    below = int((judged == Verdict.BELOW).sum())
    reached = int((judged <= Verdict.MARGINAL_PLUS).sum())
    known = degree_hours[np.isfinite(degree_hours)]
    return fields | {
        "homes_judged": len(judged),
        "homes_below": below,
        "homes_reached": reached,
        "share_below": below / len(judged),
        "pass_rate": reached / len(judged),
        "coverage": len(judged) / len(word),
        "degree_hours": float(known.mean()) if len(known) >= HOMES_FOR_FIGURES else None,
    }


def _homes(areas: Areas, verdicts: Mapping[str, DayVerdict]) -> Indices:
    """Return the verdict of every home, -1 for one that was not heard."""
    word = np.full(len(areas.directory.homes), -1, np.int32)
    for home, verdict in verdicts.items():
        if home in areas.directory.home_index:
            word[areas.directory.home_index[home]] = Verdict[verdict.verdict.upper()]
    return word


def _degree_hours(areas: Areas, verdicts: VerdictStore, day: date) -> Celsius:
    """Return what every home lacked, by its worst judged room; NaN where unknown. [K h]"""
    directory = areas.directory
    lacking = np.full(len(directory.homes), np.nan)
    for room, verdict in verdicts.of_day("room", day).items():
        index = directory.point_index.get(room)
        lacks = verdict.facts.get("degree_hours")
        if index is None or lacks is None or verdict.verdict == "not_judgeable":
            continue
        home = directory.point_home[index]
        if home >= 0:
            lacking[home] = np.fmax(lacking[home], float(lacks))
    return lacking
