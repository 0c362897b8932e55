"""What a whole local day says of every home and of the weather: a few numbers each."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, fields, replace

import numpy as np

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.suppression.homes.home_grid import HomeTemperatures
from heatward_collector.core.suppression.homes.medians import down

NIGHT_H = 6.0
"""A day's night is its first hours: no sun, and nearly no windows open. [h]"""
LEVEL_H = 2.0
"""Hours over which the level at either end of a day is taken. [h]"""
LEAST_COVERAGE = 0.5
"""With less of a day its median may be that of a day or of a night. (project rule)"""
FILTER_H = (6.0, 12.0, 48.0, 120.0)
"""Memories of outdoor temperature. [h] Rooms follow it over 45 to 157 h, their supply over 6."""
RANGE_DAYS = 2.5
"""Memory of the daily range, which stands for clear skies. [d]"""
AFTERNOON_H = (13.0, 18.0)
"""Local hours in which rooms are warm from the sun. [h]"""
SUNNY_SHARE = 0.75
"""Of all homes ordered by how far they warm by day, this one stands for those in the sun. [1]"""
SUN_DAYS = (2.5, 6.0)
"""Memories of the sun: walls store it. [d]"""
STIR_H = 1.5
"""What somebody in a room does shows within so many hours on either side. [h]"""
HOMES_AT_ONCE = 8_192
"""About so many homes are looked at together: a day of one takes some 5 KB on the way."""


@dataclass(frozen=True, slots=True)
class Day:
    """One local day as it was measured."""

    start_s: int
    end_s: int
    """Local midnights. [s UTC]"""
    celsius: HomeTemperatures
    """(slots, homes)"""
    outdoor: Celsius
    """(slots,), NaN unknown. [degC]"""
    is_touched: Mask
    """(homes,) whether what is a stop, or may be one yet, touched the home on this day."""
    has_no_vote: Mask
    """(homes,) suspended service, unsuitable placement."""
    has_hours: Mask
    """(homes,) whether their supplier has declared hours of the day in which he promises heat."""
    has_new_hours: Mask
    """(homes,) whether these hours became others on this day: what was before is no measure for
    what comes."""
    was_stopped: tuple[Mask, Mask]
    """(homes,) each: whether a stop that is over touched the home, on this day and on the day
    before: only later some falls are known to have been one."""

    @property
    def slot_h(self) -> float:
        """Width of a slot. [h]"""
        return (self.end_s - self.start_s) / 3600 / max(len(self.celsius), 1)


@dataclass(frozen=True, slots=True)
class HomeDay:
    """What one day says of each home, (homes,); NaN where too little was measured."""

    median: Celsius
    """[degC]"""
    night: Celsius
    """Median of the first hours. [degC]"""
    start: Celsius
    end: Celsius
    """Levels at either end. [degC]"""
    by_day: Celsius
    """How far it is warmer in the afternoon than at night: by the sun. [K]"""
    coverage: Celsius
    """Share of the slots with a value."""
    stir: Celsius
    """Root mean square of what slots are off the mean of the hours around them. [K]"""

    @property
    def sun(self) -> float:
        """How far homes in the sun warmed, 0 where nothing is known. [K]"""
        known = self.by_day[~np.isnan(self.by_day)]
        return float(np.quantile(known, SUNNY_SHARE)) if len(known) else 0.0


@dataclass(frozen=True, slots=True)
class WeatherMemory:
    """State of the filters of the weather at the end of a day."""

    followed: Celsius
    """(filters,) for ``FILTER_H``, NaN before anything was known. [degC]"""
    range_kelvin: float
    sun: Celsius
    """(memories,) for ``SUN_DAYS``. [K]"""

    @classmethod
    def unknown(cls) -> WeatherMemory:
        """Return the memory before the first day."""
        return cls(np.full(len(FILTER_H), np.nan), np.nan, np.full(len(SUN_DAYS), np.nan))


@dataclass(frozen=True, slots=True)
class WeatherDay:
    """What one day says of the weather; of the outdoors NaN where too little of it is known."""

    followed: Celsius
    """(filters,) daily means of the filtered outdoor temperature. [degC]"""
    range_kelvin: float
    usual_range_kelvin: float
    sun: Celsius
    """(memories,) how far the sun has warmed homes on this and earlier days. [K]"""

    @classmethod
    def unknown(cls) -> WeatherDay:
        """Return a day without an outdoor temperature."""
        return cls(np.full(len(FILTER_H), np.nan), np.nan, np.nan, np.zeros(len(SUN_DAYS)))

    @property
    def is_known(self) -> bool:
        """Whether there was an outdoor temperature."""
        return not np.isnan(self.followed).any()

    @property
    def slow(self) -> float:
        """The daily mean of the 48 h filter. [degC]"""
        return float(self.followed[2])


def home_day(
    day: Day, least: float = LEAST_COVERAGE, homes_at_once: int = HOMES_AT_ONCE
) -> HomeDay:
    """Reduce a day to what the slow detector needs of it.

    Parameters
    ----------
    day : Day
        The day; it may have 23 or 25 hours.
    least : float
        Coverage below which a home has no day. [1]
    homes_at_once : int
        About so many are looked at together; what is said does not depend on it.
    """
    count = day.celsius.shape[1]
    # Blocks of about the same width: sums of a lone column would be rounded otherwise.
    edges = np.linspace(0, count, max(count // homes_at_once, 1) + 1).astype(np.int64)
    parts = [
        _home_day(day.celsius[:, first:last], day.slot_h, least)
        for first, last in itertools.pairwise(edges.tolist())
    ]
    every = [np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(HomeDay)]
    return HomeDay(*every)


def _home_day(celsius: HomeTemperatures, slot_h: float, least: float) -> HomeDay:
    night, level, noon, evening = (
        round(hours / slot_h) for hours in (NIGHT_H, LEVEL_H, *AFTERNOON_H)
    )
    coverage = (~np.isnan(celsius)).sum(axis=0) / max(len(celsius), 1)
    at_night, median = down(celsius[:night]), down(celsius)
    return HomeDay(
        np.where(coverage >= least, median, np.nan),
        at_night,
        down(celsius[:level]),
        down(celsius[-level:]),
        down(celsius[noon:evening]) - at_night,
        coverage,
        np.where(coverage >= least, _stir(celsius - median, round(STIR_H / slot_h)), np.nan),
    )


def weather_day(memory: WeatherMemory, day: Day, sun: float) -> tuple[WeatherMemory, WeatherDay]:
    """Let the filters of the weather follow one day.

    A slot without a value leaves them as they are; a day with less than half of them is unknown.

    Parameters
    ----------
    memory : WeatherMemory
        As the day before left it.
    day : Day
        For its outdoor temperature.
    sun : float
        How far homes in the sun warmed, by :attr:`HomeDay.sun`. [K]
    """
    warmed = _followed(memory.sun, np.full(len(SUN_DAYS), sun), np.array(SUN_DAYS))
    known = day.outdoor[~np.isnan(day.outdoor)]
    course = _course(memory.followed, known, np.array(FILTER_H) / day.slot_h)
    state = course[-1] if len(known) else memory.followed
    if len(known) < max(LEAST_COVERAGE * len(day.outdoor), 1):
        unknown = replace(WeatherDay.unknown(), sun=warmed)
        return WeatherMemory(state, memory.range_kelvin, warmed), unknown
    spread = float(known.max() - known.min())
    usual = float(_followed(np.array(memory.range_kelvin), spread, np.array(RANGE_DAYS)))
    today = WeatherDay(course.mean(axis=0), spread, usual, warmed)
    return WeatherMemory(state, usual, warmed), today


def _stir(off_median: Celsius, reach: int) -> Celsius:
    """Return how far homes move about their mean over ``reach`` slots on either side, (homes,)."""
    width = 2 * reach + 1
    known = ~np.isnan(off_median)
    value = np.where(known, off_median, 0.0)
    sums, counts = (
        np.vstack([np.zeros((1, of.shape[1])), np.cumsum(of, axis=0, dtype=np.float64)])
        for of in (value, known)
    )
    mean = (sums[width:] - sums[:-width]) / np.maximum(counts[width:] - counts[:-width], 1.0)
    middle = slice(reach, len(value) - reach)
    off = np.where(known[middle], value[middle] - mean, 0.0)
    heard = known[middle].sum(axis=0)
    return np.where(heard > 0, np.sqrt((off**2).sum(axis=0) / np.maximum(heard, 1)), np.nan)


def _followed(state: Celsius, value: Celsius | float, memory: Celsius) -> Celsius:
    gain = 1.0 - np.exp(-1.0 / memory)
    return np.asarray(np.where(np.isnan(state), value, state + gain * (value - state)))


def _course(state: Celsius, values: Celsius, memory: Celsius) -> Celsius:
    """Return the filters after each value, (values, filters), in closed form."""
    if not len(values):
        return np.zeros((0, len(memory)))
    keep = np.exp(-1.0 / memory)
    kept = keep ** np.arange(1, len(values) + 1)[:, None]
    start = np.where(np.isnan(state), values[0], state)
    return np.asarray(kept * (start + (1.0 - keep) * np.cumsum(values[:, None] / kept, axis=0)))
