"""What DS18B20 sensors make of true temperatures: bias, sixteenths, and faults."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Seconds

from .calendar import DAY_S

BIAS_KELVIN = 0.15
"""Standard deviation; the data sheet's +-0.5 as limits of about three of it. [K]"""
NOISE_KELVIN = 0.03
DRIFTING_SHARE = 0.02
DRIFT_KELVIN_PER_DAY = 0.07
POWER_ON_CELSIUS = 85.0
POWER_ON_SHARE = 2e-5
MISSING_SHARE = 0.005
GAPS_PER_DAY = 0.01
GAP_DAYS = (0.02, 2.0)
STUCK_PER_DAY = 0.002
STUCK_DAYS = (0.25, 1.0)


def measured(
    rooms: npt.NDArray[np.float32], time_s: Seconds, random: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Return what one sensor a room would say, float32 (rooms, times); NaN where it says nothing.

    Faults: constant bias, slow drift of some sensors, power-on values, single losses, gaps, and
    hours of an unmoving value.
    """
    count = len(rooms)
    days = (time_s - time_s[0]) / DAY_S
    drifts = np.where(random.random(count) < DRIFTING_SHARE, DRIFT_KELVIN_PER_DAY, 0.0)
    offset = random.normal(0.0, BIAS_KELVIN, count)
    noise = random.normal(0.0, NOISE_KELVIN, rooms.shape)
    said = rooms + offset[:, None] + drifts[:, None] * days + noise
    said = np.round(said * 16.0) / 16.0
    said[random.random(rooms.shape) < POWER_ON_SHARE] = POWER_ON_CELSIUS
    for room, span in _spans(days, count, STUCK_PER_DAY, STUCK_DAYS, random):
        said[room, span] = said[room, span.start]
    said[random.random(rooms.shape) < MISSING_SHARE] = np.nan
    for room, span in _spans(days, count, GAPS_PER_DAY, GAP_DAYS, random):
        said[room, span] = np.nan
    return np.asarray(said, dtype=np.float32)


def _spans(
    days: npt.NDArray[np.float64],
    count: int,
    per_day: float,
    lengths: tuple[float, float],
    random: np.random.Generator,
) -> list[tuple[int, slice]]:
    number = random.poisson(per_day * count * days[-1])
    room = random.integers(0, count, number)
    begin = random.uniform(0.0, days[-1], number)
    first = np.searchsorted(days, begin)
    last = np.searchsorted(days, begin + random.uniform(*lengths, number))
    return [(int(one), slice(int(a), int(b))) for one, a, b in zip(room, first, last, strict=True)]
