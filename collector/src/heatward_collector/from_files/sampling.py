"""Sensors that measure seldom: what a detector sees of them between two readings.

A collector's own nodes measure every five minutes. A recording may come from loggers that write
once in ten minutes or once an hour, whatever the registry says of them: how often is told from the
readings. Up to a quarter of an hour a value stands until the next one; of slower sensors the time
between two readings is a straight line, for steps of an hour would look like open windows. A line
is known only when its second reading has come, so what is found is said later by that much.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from heatward_collector.core import MISSING, Mask, Raw, Seconds
from heatward_collector.core.grid import HOLD_S, SLOT_S

STANDS_S = 900
"""A value stands for so long at most, until the next one: slots of a detector are so long. [s]"""
GAP_PART = 1.5
"""Readings that are further apart than this many usual distances have one missing between. [1]"""
LEAST_READINGS = 12
"""From fewer nobody knows how often a sensor measures."""
_WIDEST = HOLD_S // SLOT_S


def usual_distances(grid: Raw, slot_s: int = SLOT_S) -> Seconds:
    """Return how far apart the readings of each point usually are, (points,). [s]

    Parameters
    ----------
    grid : int16 (slots, points)
        [1/16 degC], MISSING where empty.
    slot_s : int
        Width of a slot. [s]

    Returns
    -------
    int64 (points,)
        The median distance, at most ``HOLD_S``; ``slot_s`` where there are too few readings.
    """
    result = np.full(grid.shape[1], slot_s, np.int64)
    for point in range(grid.shape[1]):
        at = np.flatnonzero(grid[:, point] != MISSING)
        if len(at) >= LEAST_READINGS:
            result[point] = min(int(np.median(np.diff(at))) * slot_s, HOLD_S)
    return result


def waits(distance_s: Seconds) -> Seconds:
    """Return for how long more than others each point's readings must be waited for. [s]"""
    return np.where(distance_s > STANDS_S, distance_s, 0)


def between(grid: Raw, distance_s: Seconds, slot_s: int = SLOT_S) -> Raw:
    """Return a grid with what points of slow sensors had between two readings.

    Parameters
    ----------
    grid : int16 (slots, points)
        [1/16 degC], MISSING where empty.
    distance_s : int64 (points,)
        How far apart the readings of each point usually are. [s]
    slot_s : int
        Width of a slot. [s]

    Returns
    -------
    int16 (slots, points)
        The same array where no sensor is slow. Nothing is put into gaps that are wider than usual.
    """
    slow = np.flatnonzero(distance_s > slot_s)
    if not len(slow):
        return grid
    some, usual = grid[:, slow], distance_s[slow] / slot_s
    row = np.arange(len(grid))[:, None]
    has: Mask = some != MISSING
    before = np.maximum.accumulate(np.where(has, row, -1), axis=0)
    last = len(grid)
    after = np.minimum.accumulate(np.where(has, row, last)[::-1], axis=0)[::-1]
    left = np.take_along_axis(some, np.maximum(before, 0), axis=0).astype(np.float64)
    right = np.take_along_axis(some, np.minimum(after, last - 1), axis=0).astype(np.float64)
    part = (row - before) / np.maximum(after - before, 1)
    is_line = (before >= 0) & (after < last) & (after - before <= GAP_PART * usual)
    is_line &= distance_s[slow] > STANDS_S
    stands = (before >= 0) & (row - before < usual) & (distance_s[slow] <= STANDS_S)
    line = np.rint(left + part * (right - left))
    filled = np.where(is_line, line, np.where(stands, left, MISSING)).astype(np.int16)
    result = grid.copy()
    result[:, slow] = np.where(has, some, filled)
    return result


def margin(distance_s: npt.NDArray[np.int64]) -> int:
    """Return so many slots beside a part of a grid are needed to fill it."""
    is_slow = bool((distance_s > SLOT_S).any())
    return int(np.ceil(GAP_PART * _WIDEST)) if is_slow else 0
