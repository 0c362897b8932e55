"""From the hours of a building's rooms to its hourly median: homes vote, rooms do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .facts import Celsius, Curve, Times
from .standing import HOMES_FOR_FIGURES

HOUR_S = 3600
QUARTILES = (0.25, 0.5, 0.75)

Readings = tuple[Times, Celsius]


def hours_between(start_s: int, end_s: int) -> Times:
    """Return the whole hours that begin in [start, end). [s, UTC]"""
    return np.arange(-(-start_s // HOUR_S) * HOUR_S, end_s, HOUR_S, dtype=np.int64)


def building_curve(homes: Sequence[Celsius], start_s: int, end_s: int) -> Curve:
    """Return median and quartiles of the homes for each hour that begins in [start, end).

    ``homes`` holds the hourly means of each home's rooms, (rooms, hours), NaN where there is no
    reading. A home is the median of its rooms. An hour in which fewer than five homes report is
    missing: it would show a home.
    """
    hours = hours_between(start_s, end_s)
    values = np.array([quantiles(rooms, (0.5,))[0] for rooms in homes])
    values = values.reshape(len(homes), hours.size)
    few = np.isfinite(values).sum(axis=0) < HOMES_FOR_FIGURES
    low, median, high = (np.where(few, np.nan, one) for one in quantiles(values, QUARTILES))
    middle = np.minimum(hours + HOUR_S // 2, end_s)  # of the hour that still runs: now
    return Curve(middle, median, low, high)


def quantiles(values: Celsius, shares: Sequence[float]) -> list[Celsius]:
    """Return quantiles of the finite values of each column, NaN where it has none.

    Between two values it is linear. numpy's own do the same more slowly by far where the columns
    are many and short: a page waits for it.
    """
    rows, columns = values.shape
    if not rows:
        return [np.full(columns, np.nan) for _ in shares]
    ordered = np.sort(values, axis=0)  # what is missing comes last
    last = np.maximum(np.isfinite(values).sum(axis=0) - 1, 0)
    column = np.arange(columns)
    found = []
    for share in shares:
        place = last * share
        below = place.astype(np.int64)
        low = ordered[below, column]
        high = ordered[np.minimum(below + 1, last), column]
        found.append(low + (high - low) * (place - below))
    return found


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
