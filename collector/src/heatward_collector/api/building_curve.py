"""From the readings of a building's rooms to its hourly median: homes vote, rooms do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .facts import Celsius, Curve, Times
from .standing import HOMES_FOR_FIGURES

HOUR_S = 3600

Readings = tuple[Times, Celsius]


def building_curve(homes: Sequence[Sequence[Readings]], start_s: int, end_s: int) -> Curve:
    """Return median and quartiles of the homes for each hour that begins in [start, end).

    ``homes`` holds the readings of each home's rooms. A home is the median of the hourly means of
    its rooms. An hour in which fewer than five homes report is missing: it would show a home.
    """
    first = -(-start_s // HOUR_S) * HOUR_S
    hours = np.arange(first, end_s, HOUR_S, dtype=np.int64)
    values = np.array([_home(rooms, hours) for rooms in homes]).reshape(len(homes), hours.size)
    enough = np.isfinite(values).sum(axis=0) >= HOMES_FOR_FIGURES
    low, median, high = (np.full(hours.size, np.nan) for _ in range(3))
    if enough.any():
        low[enough], median[enough], high[enough] = np.nanquantile(
            values[:, enough], (0.25, 0.5, 0.75), axis=0
        )
    middle = np.minimum(hours + HOUR_S // 2, end_s)  # of the hour that still runs: now
    return Curve(middle, median, low, high)


def hourly_mean(readings: Readings, hours: Times) -> Celsius:
    """Return the mean of the readings within each hour, NaN where there is none."""
    time_s, celsius = readings
    if hours.size == 0:
        return np.empty(0)
    place = (time_s - hours[0]) // HOUR_S
    inside = (place >= 0) & (place < hours.size) & np.isfinite(celsius)
    count = np.bincount(place[inside], minlength=hours.size)
    total = np.bincount(place[inside], weights=celsius[inside], minlength=hours.size)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _home(rooms: Sequence[Readings], hours: Times) -> Celsius:
    means = np.array([hourly_mean(readings, hours) for readings in rooms])
    means = means.reshape(len(rooms), hours.size)
    home = np.full(hours.size, np.nan)
    some = np.isfinite(means).any(axis=0)
    if some.any():
        home[some] = np.nanmedian(means[:, some], axis=0)
    return home
