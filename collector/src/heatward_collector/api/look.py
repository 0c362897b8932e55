"""One look at the whole city: every building as it stands at one moment, worst first.

A look is taken every few seconds while somebody reads, so what has not changed since the last one
is taken over from it, and whole columns are compared instead of single buildings.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from ..core import Celsius, Mask
from ..core.standard import Standard
from ..outdoor import SENSORS, OutdoorStore
from .facts import Building, Survey
from .judged_days import JudgedDays, NewestDays
from .now import Latest, latest_readings
from .overview import ranked
from .places import Places, StateNow
from .recorded import rule_of


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


@dataclass(frozen=True, slots=True)
class _Told:
    """What the last look rested on, and what it said of every building of the directory."""

    places: Places
    state: StateNow
    judged: NewestDays
    buildings: Sequence[Building | None]


class Looks:
    """Takes one look after the other; by one thread at a time."""

    def __init__(
        self, window: Path, standard: Standard, judged: JudgedDays, outdoor: OutdoorStore
    ) -> None:
        self._window = window
        self._standard = standard
        self._judged = judged
        self._outdoor = outdoor
        self._told: _Told | None = None

    def take(self, places: Places, now_s: float, today: date) -> Look:
        """Return how everything stands now, ``today`` being the local day."""
        latest = latest_readings(self._window, places.point_ids, now_s)
        celsius = places.celsius(latest, now_s)
        state = places.state_now(latest, celsius, now_s, today)
        homes = state.homes.tolist()
        measured = {
            building_id: homes[index]
            for index, building_id in enumerate(places.directory.buildings)
            if homes[index]
        }
        judged = self._judged.newest(today, measured)
        self._told = _Told(places, state, judged, self._buildings(places, state, judged))
        buildings = tuple(one for one in self._told.buildings if one is not None)
        outdoor = finite(state.outdoor)
        survey = Survey(
            buildings,
            rule_of(self._standard, today),
            known(int(state.heard_at[state.homes > 0].max(initial=-1))),
            *((outdoor, SENSORS) if outdoor is not None else self._imported(places, int(now_s))),
        )
        survey = replace(survey, ranked=tuple(ranked(survey, now_s)))
        return Look(now_s, survey, {one.id: one for one in buildings}, places, latest, celsius)

    def _buildings(
        self, places: Places, state: StateNow, judged: NewestDays
    ) -> list[Building | None]:
        """Return every building of the directory, None where no home is measured."""
        told, count = self._told, len(places.directory.buildings)
        if told is None or told.places is not places or told.judged is not judged:
            buildings: list[Building | None] = [None] * count
            changed = np.ones(count, bool)
        else:
            buildings = list(told.buildings)
            changed = _changed(told.state, state)
        names, ids = places.building_names, places.directory.buildings
        for index in np.flatnonzero(changed).tolist():
            homes = int(state.homes[index])
            last_day, so_far = judged.get(ids[index], (None, None))
            buildings[index] = (
                Building(
                    ids[index],
                    *names[index],
                    homes=homes,
                    heard_at=known(int(state.heard_at[index])),
                    median_now=finite(float(state.median[index])),
                    last_day=last_day,
                    today=so_far,
                )
                if homes
                else None
            )
        return buildings

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
