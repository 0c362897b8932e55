"""One look at the whole city: every building as it stands at one moment, worst first.

A look is taken every few seconds while somebody reads, so what has not changed since the last one
is taken over from it, and whole columns are compared instead of single buildings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from operator import itemgetter
from pathlib import Path

import numpy as np

from heatward_collector.outdoor.temperatures import SENSORS, OutdoorStore

from ...core import Celsius, Mask
from ...core.standard import Standard
from .facts import Building, Rule, Standing, Survey
from .facts_of_verdicts import rule_of
from .judged_days import JudgedDays, NewestDays
from .newest_readings import Latest, WindowReader
from .places import Places, StateNow
from .standing import STALE_AFTER_SECONDS, Rank, rank_of, standing_of


@dataclass(frozen=True, slots=True)
class Look:
    """The whole city at one moment."""

    taken_s: float
    survey: Survey
    buildings: Mapping[str, Building]
    places: Places
    latest: Latest
    celsius: Celsius
    """Of every point now, NaN where it is not known. [degC]"""


_Row = tuple[Rank, Building, Standing]


@dataclass(frozen=True, slots=True)
class _Told:
    """What the last look rested on, and what it said of every building of the directory."""

    places: Places
    judged: NewestDays
    rule: Rule
    state: StateNow
    stale: Mask
    """Buildings whose newest reading says nothing about now."""
    rows: list[_Row | None]
    """In the order of the directory, None where no home is measured."""
    ranked: list[_Row]
    """Worst first."""


class Looks:
    """Takes one look after the other; by one thread at a time."""

    def __init__(
        self, window: Path, standard: Standard, judged: JudgedDays, outdoor: OutdoorStore
    ) -> None:
        self._window = WindowReader(window)
        self._standard = standard
        self._judged = judged
        self._outdoor = outdoor
        self._told: _Told | None = None

    def take(self, places: Places, now_s: float, today: date) -> Look:
        """Return how everything stands now, ``today`` being the local day."""
        latest = self._window.latest(places.point_ids, now_s)
        celsius = places.celsius(latest, now_s)
        state = places.state_now(latest, celsius, now_s, today)
        homes = state.homes.tolist()
        measured = {
            building_id: homes[index]
            for index, building_id in enumerate(places.directory.buildings)
            if homes[index]
        }
        judged, rule = self._judged.newest(today, measured), rule_of(self._standard, today)
        outdoor = finite(state.outdoor)
        survey = Survey(
            (),
            rule,
            known(int(state.heard_at[state.homes > 0].max(initial=-1))),
            *((outdoor, SENSORS) if outdoor is not None else self._imported(places, int(now_s))),
        )
        told = self._told = self._tell(places, judged, state, survey, now_s)
        buildings = {row[1].id: row[1] for row in told.rows if row is not None}
        survey = replace(
            survey,
            buildings=tuple(buildings.values()),
            ranked=tuple((building, standing) for _, building, standing in told.ranked),
        )
        return Look(now_s, survey, buildings, places, latest, celsius)

    def _tell(
        self, places: Places, judged: NewestDays, state: StateNow, survey: Survey, now_s: float
    ) -> _Told:
        """Return what is so of every building, by what was so a look ago."""
        told, count = self._told, len(places.directory.buildings)
        stale: Mask = now_s - state.heard_at > STALE_AFTER_SECONDS
        rows: list[_Row | None] = [None] * count
        changed = np.ones(count, bool)
        if (
            told is not None
            and told.places is places
            and told.judged is judged
            and told.rule == survey.rule
        ):
            # That all are silent follows from each: nothing else is so of a building for others.
            changed, rows = _changed(told.state, state) | (stale != told.stale), told.rows[:]
        for index in np.flatnonzero(changed).tolist():
            rows[index] = self._row(places, judged, state, index, survey, now_s)
        if changed.any() or told is None:
            ranked = sorted((row for row in rows if row is not None), key=itemgetter(0))
        else:
            ranked = told.ranked
        return _Told(places, judged, survey.rule, state, stale, rows, ranked)

    def _row(
        self,
        places: Places,
        judged: NewestDays,
        state: StateNow,
        index: int,
        survey: Survey,
        now_s: float,
    ) -> _Row | None:
        """Return a building of the directory with how it stands, None where no home is measured."""
        homes, building_id = int(state.homes[index]), places.directory.buildings[index]
        if not homes:
            return None
        last_day, so_far = judged.get(building_id, (None, None))
        building = Building(
            building_id,
            *places.building_names[index],
            homes=homes,
            heard_at=known(int(state.heard_at[index])),
            median_now=finite(float(state.median[index])),
            last_day=last_day,
            today=so_far,
        )
        standing = standing_of(building, survey, now_s)
        return rank_of(building, standing), building, standing

    def _imported(self, places: Places, now_s: int) -> tuple[float | None, str]:
        """Return the imported outdoor temperature nearest to now, and its source."""
        for district in places.directory.tables["district"]:
            series = self._outdoor.series(district, now_s, now_s)
            (celsius,), (source,) = series.at(np.array([now_s]))
            if source:
                return float(celsius), source
        return None, ""


def known(time_s: int) -> int | None:
    """Return a time, None where there is none."""
    return time_s if time_s >= 0 else None


def finite(value: float) -> float | None:
    """Return a value, None where it is not known."""
    return value if math.isfinite(value) else None


def _changed(old: StateNow, new: StateNow) -> Mask:
    """Say of which buildings something is different now."""
    same_median = (old.median == new.median) | (np.isnan(old.median) & np.isnan(new.median))
    same: Mask = (old.homes == new.homes) & (old.heard_at == new.heard_at) & same_median
    return ~same
