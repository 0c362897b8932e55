"""Which readings of a day cannot be room air: lone spikes, and sensors that stopped moving.

The scratchpad's own faults are found by the node. What is found here needs neighbours in time or
in the building. Nothing is deleted: such values only have no say in a verdict.
"""

from __future__ import annotations

import numpy as np

from heatward_collector.core import MISSING, Celsius, Indices, Mask, Raw
from heatward_collector.core.groups import medians_by_row

SPIKE_RAW = 40
"""A spike is further than this from both neighbours: 2.5 K. [1/16 K] (project rule)"""
SPIKE_AGREE_RAW = 24
"""Its neighbours agree within this: 1.5 K. [1/16 K] (project rule)"""
SPIKE_SLOTS = 4
"""Neighbours further away than this prove nothing: an hour may hold a real airing. [slots]"""
STUCK_HOURS = 6
"""So long bit-identical is a suspicion. [h] (project rule)"""
STUCK_MOVED = 0.3
"""Meanwhile the building's median moved by at least this. [K] (project rule)"""


def without_spikes(
    grid: Raw,
    spike: int = SPIKE_RAW,
    agree: int = SPIKE_AGREE_RAW,
    reach: int = SPIKE_SLOTS,
) -> Raw:
    """Return a grid in which lone spikes are missing.

    Parameters
    ----------
    grid : int16 (slots, points)
        1/16 degC, MISSING where there is no reading; before values are held.
    spike, agree : int
        Least distance from both neighbours, and most between these. [1/16 K]
    reach : int
        Furthest that a neighbour may be. [slots]

    Returns
    -------
    int16 (slots, points)
        The same array where nothing was found.
    """
    slots = grid.shape[0]
    column = grid.T.reshape(-1)
    at = np.flatnonzero(column != MISSING)
    if len(at) < 3:
        return grid
    value = column[at].astype(np.int32)
    step = np.diff(value)
    # Two steps of opposite sign, each too large: rare, so the rest is looked at only there.
    middle = np.flatnonzero((np.abs(step[:-1]) > spike) & (np.abs(step[1:]) > spike)) + 1
    before, here, after = at[middle - 1], at[middle], at[middle + 1]
    found = np.abs(value[middle + 1] - value[middle - 1]) <= agree
    found &= (here - before <= reach) & (after - here <= reach)
    found &= (before // slots == here // slots) & (after // slots == here // slots)
    if not found.any():
        return grid
    cleaned = grid.copy()
    cleaned[here[found] % slots, here[found] // slots] = MISSING
    return cleaned


def in_a_row(mask: Mask, hours: int) -> Mask:
    """Say which points have so many hours in a row that are true.

    Parameters
    ----------
    mask : bool (hours of the day, points)
    hours : int
        How many hours, one or more. [h]

    Returns
    -------
    bool (points,)
    """
    length = 1
    while length < hours and len(mask):
        more = min(length, hours - length)
        mask, length = mask[more:] & mask[:-more], length + more
    return np.asarray(mask.any(axis=0))


def standing_still(steady: Celsius, hours: int = STUCK_HOURS) -> Mask:
    """Say which points showed one and the same value for so many hours, (points,).

    ``steady`` are values as :func:`stuck` takes them, (hours of the day, points).
    """
    return in_a_row(steady[1:] == steady[:-1], hours - 1)


def stuck(
    steady: Celsius,
    means: Celsius,
    building: Indices,
    buildings: int,
    hours: int = STUCK_HOURS,
    moved: float = STUCK_MOVED,
) -> Mask:
    """Say in which hours a point was stuck: bit-identical while its building moved.

    Parameters
    ----------
    steady : float64 (hours of the day, points)
        What a point showed bit-identically through the hour, else NaN. [1/16 degC]
    means : float64 (hours of the day, points)
        Hourly means, NaN where missing. [degC]
    building : int32 (points,)
        Building of each point, -1 for none.
    buildings : int
        How many buildings there are.
    hours : int
        How long a value must stay identical. [h]
    moved : float
        How far the building's median must move in that time. [K]

    Returns
    -------
    bool (hours of the day, points)
        A point alone in its building is never stuck: nothing speaks against it.
    """
    found = np.zeros(steady.shape, bool)
    if len(steady) < hours:
        return found
    identical = steady[1:] == steady[:-1]
    suspects = np.flatnonzero((building >= 0) & standing_still(steady, hours))
    if len(suspects) == 0:
        return found
    median = medians_by_row(means, building, buildings)
    for first in range(len(steady) - hours + 1):
        window = slice(first, first + hours)
        with np.errstate(invalid="ignore"):
            span = median[window].max(axis=0) - median[window].min(axis=0)
        same = identical[first : first + hours - 1, suspects].all(axis=0)
        caught = suspects[same & (span[building[suspects]] >= moved)]
        found[window, caught] = True
    return found
