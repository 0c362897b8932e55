"""Invented but plausible temperatures for the sample district: winter outdoors, heated rooms.

One supplier heats well; the other's boiler house is too weak for its estate and stops on one
night, so that a demo shows every verdict. This is for looking at, not for judging a detector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Mask, Raw, Seconds
from heatward_collector.registry import Directory
from heatward_collector.replay.recordings import nearest_sixteenth

STEP_S = 300
WEAK_SOURCE = "so-beichen"
WEAK_KELVIN = -3.4
"""What the weak source's rooms lack. [K]"""
LUKEWARM_BUILDING = "b002"
LUKEWARM_KELVIN = -1.3
TAU_H = (35.0, 80.0)
"""Range of the rooms' time constants. [h] (real stops gave 45 to 157 h for whole flats)"""
SPREAD_KELVIN = 0.5
MEAN_CELSIUS = 21.8
OUTDOOR_MEAN = -19.0
"""A January day in Harbin. [degC]"""
OUTDOOR_SWING = 5.0
STOP_HOURS = (15.0, 20.5)
"""The one stop, in hours UTC of the second day: 23:00 to 04:30 local time."""
NOISE_KELVIN = 0.03


@dataclass(frozen=True, slots=True)
class Weather:
    """Outdoor temperature on the steps of a demo."""

    time_s: Seconds
    celsius: Celsius


def weather(start_s: int, steps: int, seed: int) -> Weather:
    """Return steps of winter weather: a daily swing and a slow wander."""
    random = np.random.default_rng(seed)
    time_s = start_s + STEP_S * np.arange(steps, dtype=np.int64)
    hour = (time_s % 86_400) / 3600
    swing = OUTDOOR_SWING * np.cos((hour - 6.0) / 24 * 2 * np.pi)
    wander = np.cumsum(random.normal(0, 0.05, steps))
    return Weather(time_s, OUTDOOR_MEAN + swing + np.clip(wander, -6, 6))


def temperatures(
    directory: Directory, outdoor: Weather, points: Sequence[int], seed: int
) -> Celsius:
    """Return (steps, points) room temperatures; an outdoor point shows the weather itself.

    First-order rooms: ``tau dT/dt = (outdoor + heat) - T``, heat compensated for the weather of the
    last hours, less what a weak source lacks, and nothing during the stop.
    """
    random = np.random.default_rng([seed, 1])
    chosen = [directory.points[index] for index in points]
    count, steps = len(chosen), len(outdoor.time_s)
    weak = np.array([source_of(directory, point.zone) == WEAK_SOURCE for point in chosen])
    lukewarm = np.array([point.building == LUKEWARM_BUILDING for point in chosen])
    target = MEAN_CELSIUS + random.normal(0, SPREAD_KELVIN, count)
    target += np.where(weak, WEAK_KELVIN, 0) + np.where(lukewarm, LUKEWARM_KELVIN, 0)
    gain = STEP_S / (3600 * random.uniform(*TAU_H, count))
    airing = random.uniform(22.5, 23.5, count) % 24
    stopped = _stopped(outdoor.time_s)
    filtered, room = outdoor.celsius[0], target.copy()
    result = np.empty((steps, count))
    for step in range(steps):
        filtered += (outdoor.celsius[step] - filtered) * STEP_S / (6 * 3600)
        heat = target - filtered
        heat = np.where(weak & stopped[step], 0.05 * heat, heat)
        room = room + gain * (outdoor.celsius[step] + heat - room)
        hour = outdoor.time_s[step] % 86_400 / 3600
        dip = np.where(np.abs(hour - airing) < 0.2, -1.2, 0.0)
        result[step] = room + dip
    result += random.normal(0, NOISE_KELVIN, result.shape)
    for column, point in enumerate(chosen):
        if point.is_outdoor:
            result[:, column] = outdoor.celsius
    return result


def raw_temperatures(celsius: Celsius) -> Raw:
    """Return what DS18B20 sensors would count. [1/16 degC]"""
    return nearest_sixteenth(celsius)


def source_of(directory: Directory, zone: str) -> str:
    """Return the heat source of a zone; an empty text outdoors."""
    if not zone:
        return ""
    substation = directory.tables["zone"][zone]["substation"]
    return str(directory.tables["substation"][substation]["source"])


def _stopped(time_s: Seconds) -> Mask:
    """Say in which steps the weak source is off: the second night of every demo."""
    second_day = time_s[0] // 86_400 + 1
    hour = (time_s - second_day * 86_400) / 3600
    return np.asarray((hour >= STOP_HOURS[0]) & (hour < STOP_HOURS[1]))
