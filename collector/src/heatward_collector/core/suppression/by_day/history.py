"""What the slow detector remembers of a season: one row a day of places, weather and homes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices, Mask, Seconds
from heatward_collector.core.groups import medians
from heatward_collector.core.suppression.by_day.heat_input import heat_input
from heatward_collector.core.suppression.by_day.home_levels import Counts
from heatward_collector.core.suppression.by_day.place_days import LEVELS, Hierarchy, PlaceDay
from heatward_collector.core.suppression.by_day.weather_response import weather_terms
from heatward_collector.core.suppression.homes.days import HomeDay, WeatherDay
from heatward_collector.core.suppression.homes.network import Level

RECENT_DAYS = 48
"""Single homes are remembered so long: a slow fall of five weeks and the week before it. [d]"""


@dataclass(frozen=True, slots=True)
class Series:
    """Days of all places of one level, each (days, places)."""

    value: Celsius
    rest: Celsius
    cold: Celsius
    cold_share: Celsius
    homes: Celsius
    recovering: Celsius
    """As in :class:`PlaceDay`."""
    coldest: Celsius
    """Median of its homes as they are, of the day or of the night; what is masked for comparison
    counts here. [degC]"""
    heat: Celsius
    """Median heat input of the same homes. [K]"""

    @classmethod
    def none(cls, places: int) -> Series:
        """Return a series before the first day."""
        return cls(*(np.zeros((0, places)) for _ in fields(cls)))

    def with_day(self, *row: Celsius) -> Series:
        """Return the series with one more row, in the order of the fields."""
        return Series(
            *(
                np.vstack([getattr(self, one.name), new])
                for one, new in zip(fields(self), row, strict=True)
            )
        )

    def without_past(self, which: Mask) -> Series:
        """Return the series as if nobody had voted yet in some places, (places,)."""
        return replace(
            self,
            value=np.where(which, np.nan, self.value),
            rest=np.where(which, np.nan, self.rest),
            homes=np.where(which, 0.0, self.homes),
        )

    def last(self, days: int) -> Series:
        """Return the last days."""
        first = max(len(self.value) - days, 0)
        return Series(*(getattr(self, one.name)[first:] for one in fields(self)))


@dataclass(frozen=True, slots=True)
class History:
    """A season so far."""

    start_s: Seconds
    """(days,) local midnight that begins each day. [s UTC]"""
    weather: Celsius
    """(days, terms) NaN where unknown."""
    outdoor: Celsius
    """(days,) slowly followed outdoor temperature. [degC]"""
    series: Mapping[Level, Series]
    homes: Celsius
    """(recent days, homes) medians at the level of their places, NaN without a vote. [degC]"""
    heat: Celsius
    """(recent days, homes) heat input, NaN unknown. [K]"""
    stir: npt.NDArray[np.float32]
    """(recent days, homes) how far they move within hours, NaN unknown. [K]"""
    level_at_end: Celsius
    """(homes,) at the end of the last day, NaN unknown. [degC]"""
    has_hours: Mask
    """(homes,) whether heat is promised only for some hours of the day, on the last one."""

    @classmethod
    def none(cls, places: Hierarchy) -> History:
        """Return the history before the first day."""
        homes = len(places.place[Level.SOURCE])
        return cls(
            np.zeros(0, np.int64),
            np.zeros((0, len(weather_terms(WeatherDay.unknown())))),
            np.zeros(0),
            {level: Series.none(places.count(level)) for level in LEVELS},
            np.zeros((0, homes)),
            np.zeros((0, homes)),
            np.zeros((0, homes), np.float32),
            np.full(homes, np.nan),
            np.zeros(homes, bool),
        )

    def keeps_hours(self, group: Indices, count: int) -> Mask:
        """Say in which places heat is promised to half of the homes for some hours, (places,).

        Parameters
        ----------
        group : int (homes,)
            The place of each home, -1 for none.
        count : int
            How many places there are.
        """
        everyone, mine = _counted(group, count), _counted(group, count, self.has_hours)
        return np.asarray(2 * mine >= np.maximum(everyone, 1))

    def heat_of(self, homes: HomeDay, weather: WeatherDay) -> Celsius:
        """Return the heat input of homes on a day that follows, (homes,); NaN unknown. [K]"""
        change = (homes.end - self.level_at_end) / 24.0
        within = (homes.end - homes.start) / 22.0
        change = np.where(np.isnan(change), within, change)
        return heat_input(homes.median, change, np.full(len(change), weather.slow))

    def without_past(self, homes: Mask, places: Hierarchy) -> History:
        """Return the history in which some homes have not been compared yet, (homes,).

        Nor have places of which they are half. How warm they were, and how heated, is kept.
        """
        series = {}
        for level, one in self.series.items():
            group, count = places.place[level], places.count(level)
            everyone, mine = _counted(group, count), _counted(group, count, homes)
            series[level] = one.without_past(2 * mine >= np.maximum(everyone, 1))
        return replace(self, series=series, homes=np.where(homes, np.nan, self.homes))

    def after(
        self,
        start_s: int,
        homes: HomeDay,
        weather: WeatherDay,
        value: Celsius,
        days: Mapping[Level, PlaceDay],
        speaks: Mask,
        has_hours: Mask,
        places: Hierarchy,
    ) -> History:
        """Return the history with one more day.

        Parameters
        ----------
        start_s : int
            Its local midnight. [s UTC]
        homes, weather : HomeDay, WeatherDay
            What the day says of homes and weather.
        value : float64 (homes,)
            Medians at the level of their places, NaN without a vote. [degC]
        days : mapping of PlaceDay
            What it says of places.
        speaks : bool (homes,)
            Homes that count for heat and standard.
        has_hours : bool (homes,)
            Homes to which heat is promised only for some hours of the day.
        places : Hierarchy
            Which home belongs where.
        """
        heat = np.where(speaks, self.heat_of(homes, weather), np.nan)
        coldest = np.where(speaks, np.fmin(homes.median, homes.night), np.nan)
        series = {}
        for level, day in days.items():
            group, count = places.place[level], places.count(level)
            series[level] = self.series[level].with_day(
                day.value,
                day.rest,
                day.cold,
                day.cold_share,
                day.homes.astype(np.float64),
                day.recovering,
                medians(coldest, group, count),
                medians(heat, group, count),
            )
        return replace(
            self,
            start_s=np.append(self.start_s, np.int64(start_s)),
            weather=np.vstack([self.weather, weather_terms(weather)]),
            outdoor=np.append(self.outdoor, weather.slow),
            series=series,
            homes=np.vstack([self.homes, value])[-RECENT_DAYS:],
            heat=np.vstack([self.heat, heat])[-RECENT_DAYS:],
            stir=np.vstack([self.stir, homes.stir.astype(np.float32)])[-RECENT_DAYS:],
            level_at_end=homes.end,
            has_hours=has_hours,
        )


def _counted(group: Indices, count: int, which: Mask | bool = True) -> Counts:
    """Return how many of some homes are in each place, (places,)."""
    return np.bincount(group[(group >= 0) & which], minlength=count)
