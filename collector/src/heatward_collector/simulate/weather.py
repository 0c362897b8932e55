"""Winter outdoors as in Harbin: climate, cold waves, daily swing, sun on facades, and wind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Mask, Seconds

from .calendar import DAY_S, HOUR_S

LATITUDE = np.deg2rad(45.75)
LONGITUDE_HOURS = 8.44
"""Solar time minus UTC at 126.6 degrees east. [h]"""
FACADES = (180.0, 0.0, 90.0, 270.0)
"""South, north, east and west: where rooms look, clockwise from north. [deg]"""
COLDEST_DAY = 15.0
"""Day of the year of the lowest mean. [d]"""
ANNUAL_MEAN = 8.0
ANNUAL_SWING = 24.0
"""Before cold waves, which take about 2.5 K off the mean: Harbin's January is about -18. [degC]"""
WANDER_KELVIN = 2.5
WANDER_H = 60.0
"""Weather between cold waves: days differ by a few kelvin and forget each other in 2.5 days."""
COLD_WAVES_PER_DAY = 1 / 12
COLD_WAVE_KELVIN = (6.0, 15.0)
COLD_WAVE_FALL_H = (10.0, 24.0)
COLD_WAVE_RECOVERY_H = 60.0
"""A cold wave by the meteorological rule falls 8 K or more in 24 h; the hardest 15 K in 12 h."""
CLEAR_SWING = 5.5
CLOUDY_SWING = 2.0
"""Half the daily range under a clear and under a closed sky. [K]"""
FULL_SUN_W_M2 = 650.0
"""A south wall at noon of a clear December day: what 1 of ``sun`` means."""
AIR_EXTINCTION = 0.15
"""Optical depth of clear winter air for one thickness of the atmosphere."""
DIFFUSE = 0.12
"""What any wall has of the sky's light, relative to the direct beam."""
CLOUD_SHADE = 0.85
PREVAILING_WIND_DEG = 240.0
WIND_TURN_DEG = 60.0
"""Winter wind in Harbin comes from west-south-west, mostly within a third of the compass."""


@dataclass(frozen=True, slots=True)
class Front:
    """A change of weather on top of the rest: cold where ``kelvin`` is positive, a thaw below."""

    start_s: int
    kelvin: float
    fall_h: float = 12.0
    hold_h: float = 0.0
    recovery_h: float = COLD_WAVE_RECOVERY_H


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is asked of the weather; by default nothing, and it takes its course."""

    level_celsius: float | None = None
    """A steady mean instead of climate, wander and random cold waves."""
    fronts: tuple[Front, ...] = ()
    clear: tuple[tuple[int, int], ...] = ()
    """Spans without a cloud, [from, to). [s UTC]"""
    storms: tuple[tuple[int, int], ...] = ()
    """Spans of full wind."""


@dataclass(frozen=True, slots=True)
class Weather:
    """Outdoor conditions on the steps of a season."""

    time_s: Seconds
    celsius: Celsius
    """(times,)"""
    sun: Celsius
    """(facades, times): sunshine on a wall, 1 for full sun; clouds counted."""
    wind: Celsius
    """(facades, times): wind against a wall, 0 for calm or lee, 1 for a storm."""


def weather(
    time_s: Seconds, random: np.random.Generator, conditions: Conditions | None = None
) -> Weather:
    """Return the weather of a season; the same generator state gives the same weather."""
    asked = conditions or Conditions()
    cloud = np.clip(0.4 + 0.55 * wander(time_s, 36.0, random), 0.0, 1.0)
    cloud[_within(time_s, asked.clear)] = 0.0
    swing = CLEAR_SWING - (CLEAR_SWING - CLOUDY_SWING) * cloud
    celsius = swing * np.cos((solar_hour(time_s) - 14.5) / 24 * 2 * np.pi)
    slow = climate(time_s) + WANDER_KELVIN * wander(time_s, WANDER_H, random)
    waves = _cold_waves(time_s, random)
    if asked.level_celsius is None:
        # A new cold wave brings other air; it does not add to the last one.
        fallen = np.array([np.zeros(len(time_s)), *(_fallen(time_s, wave) for wave in waves)])
        celsius += slow - fallen.max(axis=0)
    else:
        celsius += asked.level_celsius
    for front in asked.fronts:
        celsius -= _fallen(time_s, front)
    strength = np.clip((np.abs(wander(time_s, 12.0, random)) - 0.3) / 2.5, 0.0, 1.0)
    strength[_within(time_s, asked.storms)] = 1.0
    angle = PREVAILING_WIND_DEG + WIND_TURN_DEG * wander(time_s, 30.0, random)
    facing = np.cos(np.deg2rad(angle - np.array(FACADES)[:, None]))
    return Weather(
        time_s,
        celsius,
        sun_on_facades(time_s) * (1.0 - CLOUD_SHADE * cloud),
        strength * np.maximum(facing, 0.0),
    )


def climate(time_s: Seconds) -> Celsius:
    """Return the usual temperature of the day of the year. [degC]"""
    day = (time_s / DAY_S) % 365.2425
    return np.asarray(
        ANNUAL_MEAN - ANNUAL_SWING * np.cos((day - COLDEST_DAY) / 365.2425 * 2 * np.pi)
    )


def solar_hour(time_s: Seconds) -> Celsius:
    """Return the mean solar hour of the day, 0 to 24."""
    return np.asarray((time_s / HOUR_S + LONGITUDE_HOURS) % 24)


def sun_on_facades(time_s: Seconds) -> Celsius:
    """Return clear-sky sunshine on the four walls, (facades, times); 1 is full sun.

    Beam through air that thickens towards the horizon, by the usual geometry of declination and
    hour angle, and a little light from the sky.
    """
    day = (time_s / DAY_S) % 365.2425
    declination = np.deg2rad(-23.44) * np.cos((day + 10.0) / 365.2425 * 2 * np.pi)
    hour_angle = (solar_hour(time_s) - 12.0) / 24.0 * 2 * np.pi
    up = np.sin(LATITUDE) * np.sin(declination) + np.cos(LATITUDE) * np.cos(declination) * np.cos(
        hour_angle
    )
    north = np.cos(LATITUDE) * np.sin(declination) - np.sin(LATITUDE) * np.cos(
        declination
    ) * np.cos(hour_angle)
    east = -np.cos(declination) * np.sin(hour_angle)
    beam = np.where(up > 0.02, 1000.0 * np.exp(-AIR_EXTINCTION / np.maximum(up, 0.02)), 0.0)
    facing = np.deg2rad(np.array(FACADES))[:, None]
    onto = np.maximum(north * np.cos(facing) + east * np.sin(facing), 0.0)
    return np.asarray(beam * (onto + DIFFUSE) / FULL_SUN_W_M2)


def wander(time_s: Seconds, hours: float, random: np.random.Generator) -> Celsius:
    """Return smooth noise of standard deviation 1 that forgets itself over some hours."""
    step_h = (time_s[1] - time_s[0]) / HOUR_S
    span = (time_s[-1] - time_s[0]) / HOUR_S
    coarse = min(hours / 8, max(span, step_h))
    count = int(span / coarse) + 2
    keep = np.exp(-coarse / hours)
    shock = random.normal(0.0, np.sqrt(1 - keep**2), count)
    shock[0] = random.normal()
    value = np.empty(count)
    value[0] = shock[0]
    for index in range(1, count):
        value[index] = keep * value[index - 1] + shock[index]
    return np.asarray(np.interp((time_s - time_s[0]) / HOUR_S, coarse * np.arange(count), value))


def _cold_waves(time_s: Seconds, random: np.random.Generator) -> list[Front]:
    days = int((time_s[-1] - time_s[0]) // DAY_S) + 1
    return [
        Front(
            int(time_s[0]) + int(day) * DAY_S,
            random.uniform(*COLD_WAVE_KELVIN),
            random.uniform(*COLD_WAVE_FALL_H),
        )
        for day in np.flatnonzero(random.random(days) < COLD_WAVES_PER_DAY)
    ]


def _fallen(time_s: Seconds, front: Front) -> Celsius:
    since = (time_s - front.start_s) / HOUR_S
    gone = np.maximum(since - front.fall_h - front.hold_h, 0.0)
    came = np.clip(since / front.fall_h, 0.0, 1.0)
    return np.asarray(front.kelvin * came * np.exp(-gone / front.recovery_h))


def _within(time_s: Seconds, spans: Iterable[tuple[int, int]]) -> Mask:
    inside = np.zeros(len(time_s), dtype=bool)
    for begin, end in spans:
        inside |= (time_s >= begin) & (time_s < end)
    return inside
