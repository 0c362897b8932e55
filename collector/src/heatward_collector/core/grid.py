"""Readings on a regular grid of slots: the one function by which window and ledger agree."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from heatward_collector.core import MISSING, Indices, Mask, Raw, Seconds

SLOT_S = 300
"""Width of a slot: the usual sampling interval. [s]"""
HOLD_S = 3600
"""A value holds for its sensor's interval, but never longer than this. [s]"""
ROUNDS = 3
"""So often readings are laid down and looked at again before those left over are sorted."""


def to_grid(
    time_s: Seconds,
    point: Indices,
    raw: Raw,
    start_s: int,
    slots: int,
    points: int,
    slot_s: int = SLOT_S,
) -> tuple[Raw, npt.NDArray[np.uint16]]:
    """Put readings on a grid; a slot keeps its latest reading.

    Of readings of one point in the same second the largest raw value is kept, so the grid is a
    function of the set of readings alone.

    Parameters
    ----------
    time_s, point, raw : (n,)
        When [s UTC], at which point, how warm [1/16 degC]. Others than those in the range and
        with points in [0, points) are left out.
    start_s : int
        Beginning of the first slot. [s UTC]
    slots, points : int
        Shape of the grid.
    slot_s : int
        Width of a slot. [s]

    Returns
    -------
    grid : int16 (slots, points)
        1/16 degC, MISSING where a slot is empty.
    offset : uint16 (slots, points)
        Seconds from the beginning of the slot to its reading; 0 where it is empty.
    """
    grid = np.full((slots, points), MISSING, np.int16)
    offset = np.zeros((slots, points), np.uint16)
    merge(grid, offset, time_s, point, raw, start_s, slot_s)
    return grid, offset


def merge(
    grid: Raw,
    offset: npt.NDArray[np.uint16],
    time_s: Seconds,
    point: Indices,
    raw: Raw,
    start_s: int,
    slot_s: int = SLOT_S,
) -> None:
    """Merge readings into a grid in place, by the rule of :func:`to_grid`."""
    slots, points = grid.shape
    slot = (time_s - start_s) // slot_s
    inside = (slot >= 0) & (slot < slots) & (point >= 0) & (point < points)
    slot, column, value = slot[inside], point[inside].astype(np.int64), raw[inside]
    within = (time_s[inside] - start_s - slot * slot_s).astype(np.uint16)
    merge_cells(grid, offset, slot * points + column, within, value)


def merge_cells(
    grid: Raw,
    offset: npt.NDArray[np.uint16],
    cell: npt.NDArray[np.int64],
    within: npt.NDArray[np.uint16],
    value: Raw,
) -> None:
    """Merge readings into a grid in place, by the rule of :func:`to_grid`, where cells are known.

    Parameters
    ----------
    grid, offset : int16, uint16 (slots, points)
        As :func:`to_grid` returns them.
    cell, within, value : (n,)
        Place of each reading in the flat grid, how long after the beginning of its slot it was
        taken [s], and how warm it was [1/16 degC].
    """
    # The later second wins, and in the same second the larger value: a key that grows with both.
    key = _keys(within, value)
    flat_grid, flat_offset = grid.reshape(-1), offset.reshape(-1)
    for _ in range(ROUNDS):
        newer = key > _keys(flat_offset[cell], flat_grid[cell])
        if not newer.any():
            return
        if not newer.all():
            some = np.flatnonzero(newer)
            cell, key, value, within = cell[some], key[some], value[some], within[some]
        # Of several for a cell the last one stays, so whoever is larger comes once more.
        flat_grid[cell], flat_offset[cell] = value, within
    order = np.lexsort((key, cell))
    last = order[np.append(cell[order][1:] != cell[order][:-1], True)]
    flat_grid[cell[last]], flat_offset[cell[last]] = value[last], within[last]


def _keys(within: npt.NDArray[np.uint16], value: Raw) -> npt.NDArray[np.uint32]:
    """Return numbers that grow with the second, and in a second with the value, (n,)."""
    above = (np.ascontiguousarray(value).view(np.uint16) ^ np.uint16(-MISSING)).astype(np.uint32)
    return np.asarray(above | within.astype(np.uint32) << np.uint32(16))


def hold(
    grid: Raw,
    interval_s: npt.NDArray[np.int32],
    slot_s: int = SLOT_S,
    hold_s: int = HOLD_S,
) -> Raw:
    """Let each value stand for its sensor's interval, at most an hour.

    Parameters
    ----------
    grid : int16 (slots, points)
        MISSING where empty.
    interval_s : int32 (points,)
        Declared interval of each point's sensor. [s]
    slot_s, hold_s : int
        Width of a slot, and the longest time a value holds. [s]

    Returns
    -------
    int16 (slots, points)
        The grid with the slots that a value covers filled with it.
    """
    slots, points = grid.shape
    reach = np.maximum(-(-np.minimum(interval_s, hold_s) // slot_s), 1)
    if (reach == 1).all():
        return grid
    row = np.arange(slots)[:, None]
    latest = np.where(grid != MISSING, row, -slots)
    latest = np.maximum.accumulate(latest, axis=0)
    covered: Mask = row - latest < reach[None, :]
    taken = np.take_along_axis(grid, np.maximum(latest, 0), axis=0)
    return np.where(covered, taken, np.int16(MISSING))
