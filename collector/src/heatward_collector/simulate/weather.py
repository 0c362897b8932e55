"""Winter outdoors as in Harbin: climate, cold waves, daily swing, sun and wind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Seconds

from .calendar import DAY_S, HOUR_S

LONGITUDE_HOURS = 8.44
"""Solar time minus UTC at 126.6 degrees east. [h]"""
COLDEST_DAY = 15.0
"""Day of the year of the lowest mean. [d]"""
ANNUAL_MEAN = 7.0
ANNUAL_SWING = 23.0
"""Before cold waves, which take about 2.5 K off the mean: Harbin's January is about -18. [degC]"""
COLD_WAVES_PER_DAY = 1 / 12
COLD_WAVE_KELVIN = (6.0, 15.0)
COLD_WAVE_FALL_H = (10.0, 24.0)
COLD_WAVE_RECOVERY_H = 60.0


@dataclass(frozen=True, slots=True)
class Weather:
    """Outdoor conditions on the steps of a season, each (times,)."""

    time_s: Seconds
    celsius: Celsius
    sun: Celsius
    """Sunshine on a south wall, 0 to 1; clouds counted."""
    wind: Celsius
    """Wind, 0 for calm and 1 for a storm."""


def weather(time_s: Seconds, random: np.random.Generator) -> Weather:
    """Return the weather of a season; the same generator state gives the same weather."""
    days = (time_s - time_s[0]) / DAY_S
    hour = solar_hour(time_s)
    cloud = np.clip(0.5 + 0.5 * wander(time_s, 36.0, random), 0.0, 1.0)
    sun = np.clip(np.sin((hour - 8.0) / 8.0 * np.pi), 0.0, 1.0) * (hour > 8.0) * (hour < 16.0)
    wind = np.clip(np.abs(wander(time_s, 12.0, random)) / 3.0, 0.0, 1.0)
    swing = (5.5 - 3.5 * cloud) * np.cos((hour - 14.5) / 24 * 2 * np.pi)
    celsius = climate(time_s) + 2.5 * wander(time_s, 60.0, random) + swing
    for began in np.flatnonzero(random.random(int(days[-1]) + 1) < COLD_WAVES_PER_DAY):
        depth, fall = random.uniform(*COLD_WAVE_KELVIN), random.uniform(*COLD_WAVE_FALL_H)
        since = (days - began) * 24
        front = np.clip(since / fall, 0.0, 1.0)
        celsius -= depth * front * np.exp(-np.maximum(since - fall, 0.0) / COLD_WAVE_RECOVERY_H)
    return Weather(time_s, celsius, sun * (1.0 - 0.8 * cloud), wind)


def climate(time_s: Seconds) -> Celsius:
    """Return the usual temperature of the day of the year. [degC]"""
    day = (time_s / DAY_S) % 365.2425
    return np.asarray(
        ANNUAL_MEAN - ANNUAL_SWING * np.cos((day - COLDEST_DAY) / 365.2425 * 2 * np.pi)
    )


def solar_hour(time_s: Seconds) -> Celsius:
    """Return the mean solar hour of the day, 0 to 24."""
    return np.asarray((time_s / HOUR_S + LONGITUDE_HOURS) % 24)


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
