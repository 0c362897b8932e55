"""What people do: airing, absence, closed valves, thermostats, heaters and plain living."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Mask, Seconds
from heatward_collector.core.suppression.network import Level

from .calendar import DAY_S, HOUR_S, LOCAL_ZONE_S, SPRING_FESTIVALS
from .tree import Tree

AIRING_PER_DAY = 0.7
AIRING_MINUTES = (10.0, 60.0)
SHARED_AIRING_MORNINGS = 0.10
SHARED_AIRING_MINUTES = (20.0, 50.0)
SHARED_AIRING_JOIN = 0.8
"""Share of a building's homes that open their windows on such a morning."""
HEATER_SHARE = 0.15
HEATER_KELVIN = 5.0
HEATER_BELOW_CELSIUS = 18.5
THERMOSTAT_SHARE = 0.25
NIGHT_PROGRAM_BUILDINGS = 0.05
NIGHT_PROGRAM_HOURS = (22.5, 5.5)
NIGHT_PROGRAM_KELVIN = 3.0
VALVE_CLOSINGS_PER_SEASON = 0.10
VALVE_DAYS = (2.0, 8.0)
FESTIVAL_DAYS = 8
FESTIVAL_AWAY = 0.35
"""Share of homes that leave for the Spring Festival, from some day of it to another."""
LIVING_KELVIN = 1.0
"""Heat of cooking, lamps and people while somebody is at home and awake. [K]"""


@dataclass(frozen=True, slots=True)
class Households:
    """Schedules of homes, (homes, times), and their fixed habits, (homes,)."""

    airing: Mask
    valve_closed: Mask
    living: npt.NDArray[np.float32]
    thermostat: Celsius
    """Setpoint of thermostatic valves, NaN where there are none. [degC]"""
    night_program: Mask
    heater: Mask


def households(tree: Tree, time_s: Seconds, random: np.random.Generator) -> Households:
    """Return a season of households."""
    count = len(tree.homes)
    _, building = tree.index_of(Level.BUILDING)
    thermostat = np.where(
        random.random(count) < THERMOSTAT_SHARE, random.uniform(20.5, 24.0, count), np.nan
    )
    programmed = (random.random(building.max() + 1) < NIGHT_PROGRAM_BUILDINGS)[building]
    thermostat = np.where(programmed, random.uniform(21.0, 22.5, count), thermostat)
    away, closed = _away(time_s, count, random), _valves(time_s, count, random)
    airing = _airing(time_s, building, random) & ~away
    return Households(
        airing=airing,
        valve_closed=closed,
        living=_living(time_s, count, random) * ~away,
        thermostat=thermostat,
        night_program=programmed,
        heater=random.random(count) < HEATER_SHARE,
    )


def is_programmed_night(time_s: Seconds) -> Mask:
    """Say when night-programmed thermostats ask for less, (times,)."""
    hour = (time_s + LOCAL_ZONE_S) % DAY_S / HOUR_S
    first, last = NIGHT_PROGRAM_HOURS
    return np.asarray((hour - first) % 24 < (last - first) % 24)


def _spans(time_s: Seconds, begin_s: Celsius, length_s: Celsius) -> list[slice]:
    first = np.searchsorted(time_s, begin_s)
    last = np.searchsorted(time_s, begin_s + length_s)
    return [slice(int(a), int(b)) for a, b in zip(first, last, strict=True)]


def _airing(time_s: Seconds, building: npt.NDArray[np.int32], random: np.random.Generator) -> Mask:
    days = int((time_s[-1] - time_s[0]) / DAY_S) + 1
    open_windows = np.zeros((len(building), len(time_s)), dtype=bool)
    midnight = (time_s[0] + LOCAL_ZONE_S) // DAY_S * DAY_S - LOCAL_ZONE_S
    mornings = random.random(days) < SHARED_AIRING_MORNINGS
    for home in range(len(building)):
        own_hour = random.uniform(6.0, 22.5)
        aired = np.flatnonzero(random.random(days) < AIRING_PER_DAY)
        hour = own_hour + random.normal(0.0, 1.0, len(aired))
        length = random.uniform(*AIRING_MINUTES, len(aired)) * 60.0
        for span in _spans(time_s, midnight + aired * DAY_S + hour * HOUR_S, length):
            open_windows[home, span] = True
    for day in np.flatnonzero(mornings):
        begin = np.full(len(building), midnight + day * DAY_S + 7.0 * HOUR_S)
        begin += random.uniform(-300.0, 300.0, len(building))
        length = random.uniform(*SHARED_AIRING_MINUTES, len(building)) * 60.0
        joins = random.random(len(building)) < SHARED_AIRING_JOIN
        for home, span in enumerate(_spans(time_s, begin, length)):
            open_windows[home, span] |= joins[home]
    return open_windows


def _valves(time_s: Seconds, count: int, random: np.random.Generator) -> Mask:
    closed = np.zeros((count, len(time_s)), dtype=bool)
    span_s = float(time_s[-1] - time_s[0])
    for home in np.flatnonzero(random.random(count) < VALVE_CLOSINGS_PER_SEASON):
        begin = time_s[0] + random.random(1) * span_s
        closed[home, _spans(time_s, begin, random.uniform(*VALVE_DAYS, 1) * DAY_S)[0]] = True
    return closed


def _away(time_s: Seconds, count: int, random: np.random.Generator) -> Mask:
    away = np.zeros((count, len(time_s)), dtype=bool)
    for first in SPRING_FESTIVALS:
        eve = np.datetime64(first, "s").astype(np.int64) - LOCAL_ZONE_S - DAY_S
        leaves = random.random(count) < FESTIVAL_AWAY
        begin = eve + random.uniform(-2.0, 2.0, count) * DAY_S
        length = random.uniform(0.5, 1.0, count) * FESTIVAL_DAYS * DAY_S
        for home, span in enumerate(_spans(time_s, begin, length)):
            away[home, span] |= leaves[home]
    return away


def _living(time_s: Seconds, count: int, random: np.random.Generator) -> npt.NDArray[np.float32]:
    step_h = (time_s[1] - time_s[0]) / HOUR_S
    hour = (time_s + LOCAL_ZONE_S) % DAY_S / HOUR_S
    daily = 0.5 + 0.5 * np.cos((hour - 19.0) / 24 * 2 * np.pi)
    hours = int(len(time_s) * step_h) + 2
    hourly = random.uniform(0.2, 1.8, (count, hours)).astype(np.float32)
    index = np.minimum((np.arange(len(time_s)) * step_h).astype(np.int64), hours - 1)
    return np.asarray(hourly[:, index] * (LIVING_KELVIN * daily).astype(np.float32))
