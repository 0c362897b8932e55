"""Judging rooms that were heard in every slot that counts: most rooms, and all of it in integers.

The answer is that of :func:`heatward_collector.core.compliance.judge_rooms` on the hourly means of
the same sums; a hundred times as many rooms fit the cache.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices, Mask, Raw
from heatward_collector.core.compliance import BELOW_HOURS, RoomDays, verdicts_of
from heatward_collector.core.hour_sums import HOUR_SLOTS, some_columns

SCALE = 16 * HOUR_SLOTS
"""So many of an hour's sum make a degree."""
_Hours = npt.NDArray[np.uint8]
_Rooms = slice | npt.NDArray[np.intp]
_NEVER = 30_000
"""No sum of what sensors show is as far from zero as this."""
MANY_COLD = 1 / 3
"""Where more rooms than this were cold in an hour, hours are counted for all at once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest sums of an hour that are below; int16 (rooms,). [1/16 degC]"""

    low: Raw
    """Certainly below the minimum."""
    high: Raw
    """Possibly below it."""
    under: Raw
    """Below it by the mean alone."""
    largest: Raw
    """Of the three: who was never so cold was not even possibly below."""

    @classmethod
    def of(cls, offset: Celsius, minimum: float, guard: Celsius) -> Limits:
        """Return the limits of rooms; parameters as for :func:`judge_whole_rooms`."""
        low = _largest_sum(np.less_equal, minimum - guard, offset)
        high = _largest_sum(np.less, minimum + guard, offset)
        under = _largest_sum(np.less, np.full(len(offset), minimum), offset)
        return cls(low, high, under, np.maximum(np.maximum(low, high), under))

    def at(self, rooms: slice | Indices) -> Limits:
        """Return the limits of some of the rooms."""
        return Limits(self.low[rooms], self.high[rooms], self.under[rooms], self.largest[rooms])


def judge_whole_rooms(
    total: Raw,
    limits: Limits,
    offset: Celsius,
    minimum: float,
    guard: Celsius,
    is_judged: Mask,
    below_hours: float = BELOW_HOURS,
    days: RoomDays | None = None,
) -> RoomDays:
    """Judge one day of many rooms that have a value in every slot of the hours that count.

    Parameters
    ----------
    total : int16 (hours, rooms)
        Sums of the hours that count. [1/16 degC]
    limits : Limits
        Those of these rooms by the same minimum, guard and offset.
    offset : float64 (rooms,)
        Calibration, the same all day. [K]
    minimum, guard, is_judged, below_hours
        As for :func:`heatward_collector.core.compliance.judge_rooms`.
    days : RoomDays
        Where to put the answer, if it is known.

    Returns
    -------
    RoomDays
        Full coverage.
    """
    hours, rooms = total.shape
    days = RoomDays.nothing(rooms) if days is None else days
    coldest = np.minimum.reduce(total, axis=0, initial=_NEVER)
    is_cold = coldest <= limits.largest
    is_many = np.count_nonzero(is_cold) > MANY_COLD * rooms
    cold = slice(None) if is_many else np.flatnonzero(is_cold)
    some = some_columns(total, cold)
    certain, possible, lacking = (
        _hours_below(some, limit[cold], cold, rooms)
        for limit in (limits.low, limits.high, limits.under)
    )
    counted = max(1, hours)
    days.coverage[:] = hours / counted
    days.verdict[:] = verdicts_of(
        hours, days.coverage, certain, possible, lacking, is_judged, below_hours
    )
    of_all_hours = np.add.reduce(total, axis=0, dtype=np.int32)
    for values, raw, scale in (
        (days.mean, of_all_hours, SCALE * counted),
        (days.minimum, coldest, SCALE),
    ):
        np.divide(raw, scale, out=values)
        np.add(values, offset if hours else np.nan, out=values)
    days.hours_below[:] = certain
    days.hours_possibly_below[:] = possible
    days.degree_hours[:] = 0.0
    days.degree_hours[cold] = _degree_hours(some, lacking[cold], (minimum - offset)[cold])
    days.guard[:] = guard
    return days


def _hours_below(some: Raw, limit: Raw, cold: _Rooms, rooms: int) -> _Hours:
    """Return the hours in which rooms were at a limit or below it, (rooms,). [h]

    Only of the ``cold`` ones are the sums given, in ``some``; of the others it is none.
    """
    hours = np.zeros(rooms, np.uint8)
    hours[cold] = np.add.reduce((some <= limit).view(np.uint8), axis=0, dtype=np.uint8)
    return hours


def _degree_hours(some: Raw, lacking: _Hours, wanted: Celsius) -> Celsius:
    """Return what hours lack; ``wanted`` is the minimum before calibration. [K h]"""
    degree_hours = np.zeros(some.shape[1])
    few = np.flatnonzero(lacking)
    if len(few):
        # Hour after hour: columns side by side would be added in pairs, and round otherwise.
        means = some_columns(some, few) / SCALE
        degree_hours[few] = np.maximum(wanted[few] - means, 0.0).sum(axis=0)
    return degree_hours


def _largest_sum(holds: Callable[[Celsius, Celsius], Mask], limit: Celsius, offset: Celsius) -> Raw:
    """Return the largest sum of an hour whose mean still ``holds`` against a limit. [1/16 degC]

    Found by the very comparison that means are held to, so that no rounding can tell them apart.
    """
    near = np.floor((limit - offset) * SCALE).clip(-_NEVER, _NEVER)
    largest = near - 1.0
    for step in (0.0, 1.0):
        largest = np.where(holds((near + step) / SCALE + offset, limit), near + step, largest)
    return largest.astype(np.int16)
