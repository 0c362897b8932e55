"""Judging rooms that were heard in every slot that counts: most rooms, and all of it in integers.

The answer is that of :func:`heatward_collector.core.compliance.judge_rooms` on the hourly means of
the same sums; a hundred times as many rooms fit the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices, Mask, Raw
from heatward_collector.core.compliance import BELOW_HOURS, RoomDays, verdicts_of
from heatward_collector.core.hour_sums import HOUR_SLOTS

SCALE = 16 * HOUR_SLOTS
"""So many of an hour's sum make a degree."""
_NEVER = 30_000
"""No sum of what sensors show is as far from zero as this."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest sums of an hour that are below; int16 (rooms,). [1/16 degC]"""

    low: Raw
    """Certainly below the minimum."""
    high: Raw
    """Possibly below it."""
    under: Raw
    """Below it by the mean alone."""

    @classmethod
    def of(cls, offset: Celsius, minimum: float, guard: Celsius) -> Limits:
        """Return the limits of rooms; parameters as for :func:`judge_whole_rooms`."""
        return cls(
            _largest_sum(np.less_equal, minimum - guard, offset),
            _largest_sum(np.less, minimum + guard, offset),
            _largest_sum(np.less, np.full(len(offset), minimum), offset),
        )

    def at(self, rooms: slice | Indices) -> Limits:
        """Return the limits of some of the rooms."""
        return Limits(self.low[rooms], self.high[rooms], self.under[rooms])


def judge_whole_rooms(
    total: Sequence[Raw],
    limits: Limits,
    offset: Celsius,
    minimum: float,
    guard: Celsius,
    is_judged: Mask,
    below_hours: float = BELOW_HOURS,
) -> RoomDays:
    """Judge one day of many rooms that have a value in every slot of the hours that count.

    Parameters
    ----------
    total : of int16 (rooms,)
        Sums of the hours that count. [1/16 degC]
    limits : Limits
        Those of these rooms by the same minimum, guard and offset.
    offset : float64 (rooms,)
        Calibration, the same all day. [K]
    minimum, guard, is_judged, below_hours
        As for :func:`heatward_collector.core.compliance.judge_rooms`.

    Returns
    -------
    RoomDays
        Full coverage.
    """
    hours, rooms = len(total), len(offset)
    certain, possible, lacking = (np.zeros(rooms, np.uint8) for _ in range(3))
    all_hours, wide = np.zeros(rooms, np.int32), np.empty(rooms, np.int32)
    coldest, is_so = np.full(rooms, _NEVER, np.int16), np.empty(rooms, bool)
    for hour in total:
        wide[:] = hour
        all_hours += wide
        np.minimum(coldest, hour, out=coldest)
        for limit, count in (
            (limits.high, possible),
            (limits.under, lacking),
            (limits.low, certain),
        ):
            np.less_equal(hour, limit, out=is_so)
            count += is_so.view(np.uint8)
    counted = max(1, hours)
    coverage = np.full(rooms, hours / counted)
    unknown = np.nan if hours == 0 else 0.0
    return RoomDays(
        verdicts_of(hours, coverage, certain, possible, lacking, is_judged, below_hours),
        coverage,
        all_hours / (SCALE * counted) + offset + unknown,
        coldest / SCALE + offset + unknown,
        certain.astype(np.float64),
        possible.astype(np.float64),
        _degree_hours(total, lacking, minimum - offset),
        guard,
    )


def _degree_hours(total: Sequence[Raw], lacking: npt.NDArray[np.uint8], wanted: Celsius) -> Celsius:
    """Return what hours lack; ``wanted`` is the minimum before calibration. [K h]"""
    degree_hours = np.zeros(len(lacking))
    some = np.flatnonzero(lacking)
    if len(some):
        means = np.array([hour[some] for hour in total]) / SCALE
        degree_hours[some] = np.maximum(wanted[some] - means, 0.0).sum(axis=0)
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
