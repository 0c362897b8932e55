"""What the hours of a grid add up to: the narrow sums from which a day of a city is judged.

A grid is looked at once, in blocks that stay in the processor's cache. Most columns of an hour need
nothing but a smallest, a largest and a sum in 16 bits; only those in which a value may be a spike,
is none that a sensor can show, or holds beyond its slot are looked at one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from heatward_collector.core import MISSING, Celsius, Indices, Mask, Raw
from heatward_collector.core.grid import HOLD_S, SLOT_S, hold
from heatward_collector.core.quality import SPIKE_RAW, SPIKE_SLOTS, without_spikes

HOUR_SLOTS = 3600 // SLOT_S
HALF_AN_HOUR = -(-HOUR_SLOTS // 2)
"""An hour has a mean with so many values, or more. [slots]"""
COLDEST_RAW, WARMEST_RAW = -55 * 16, 125 * 16
"""The range of a DS18B20. [1/16 degC] (datasheet DS18B20, 2019, table 1)"""
BEFORE_SLOTS = HOLD_S // SLOT_S - 1 + SPIKE_SLOTS
"""How far before an hour a value may still count in it, or tell a spike that would. [slots]"""
AFTER_SLOTS = SPIKE_SLOTS
"""How far behind an hour a value may tell that one of it is a spike. [slots]"""
FEW_GAPS = 1 / 8
"""Where fewer columns than this have gaps, these alone are counted: the rest is whole."""
Counts = npt.NDArray[np.uint8]
Scalar = TypeVar("Scalar", bound=np.generic)
Columns = npt.NDArray[np.integer[Any]]
"""Some columns of a part of a grid."""
Index = Any
"""What chooses a part of an array: slices, masks or indices."""
NO_COLUMNS: Columns = np.zeros(0, np.intp)


@dataclass(frozen=True, slots=True)
class HourSums:
    """Hours of many points; all arrays are (hours, points), or (points,) for a single hour."""

    total: Raw
    """Sum over the slots that have a value; 12 of them fit 16 bits. [1/16 degC]"""
    count: Counts
    """Slots that have a value."""
    is_steady: Mask
    """Whether all of them are bit-identical."""

    @classmethod
    def nothing(cls, hours: int, points: int) -> HourSums:
        """Return hours in which nobody was heard."""
        shape = (hours, points)
        return cls(np.zeros(shape, np.int16), np.zeros(shape, np.uint8), np.zeros(shape, bool))

    def at(self, place: Index) -> HourSums:
        """Return a part; slices share the memory."""
        return HourSums(self.total[place], self.count[place], self.is_steady[place])

    def of(self, over: int, points: Columns) -> HourSums:
        """Return some points in the first hours, hour after hour in memory."""
        return HourSums(
            some_columns(self.total[:over], points),
            some_columns(self.count[:over], points),
            some_columns(self.is_steady[:over], points),
        )

    def put(self, place: Index, sums: HourSums) -> None:
        """Put a part in its place."""
        self.total[place] = sums.total
        self.count[place] = sums.count
        self.is_steady[place] = sums.is_steady

    def means(self) -> Celsius:
        """Return hourly means without calibration; NaN below half an hour of values. [degC]"""
        return hourly_means(self.total, self.count)

    def steady_values(self) -> Celsius:
        """Return what points showed bit-identically through each hour, else NaN. [1/16 degC]"""
        with np.errstate(invalid="ignore", divide="ignore"):
            values = self.total / self.count.astype(np.int32)
        return np.where(self.is_steady, values, np.nan)


def hourly_means(total: Raw, count: Counts) -> Celsius:
    """Return means of hours, shaped as the sums; NaN below half an hour of values. [degC]"""
    means = total.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        means /= count
    means /= 16
    means[count < HALF_AN_HOUR] = np.nan
    return means


def add_up(around: Raw, before: int, interval_s: Indices, sums: HourSums) -> Columns:
    """Add an hour up; return the columns that what lies around the hour has a say in.

    Of all others the hour's own rows tell everything, whatever comes before or behind it.

    Parameters
    ----------
    around : int16 (rows, points)
        The hour with up to :data:`BEFORE_SLOTS` rows before and :data:`AFTER_SLOTS` behind it;
        fewer where the grid ends. [1/16 degC], MISSING where empty
    before : int
        How many rows come before it.
    interval_s : int32 (points,)
        Declared interval of each point's sensor. [s]

    sums : HourSums
        Arrays (points,), filled here. Spikes and what no sensor can show have no say; a value
        stands for its sensor's interval, as by :func:`heatward_collector.core.grid.hold`.

    Returns
    -------
    int64 (columns,)
    """
    rows = _rows_so_far(around[before : before + HOUR_SLOTS])
    if len(rows) == 0:
        return _nobody(around, before, interval_s, sums)
    highest = np.maximum.reduce(rows, axis=0)
    lowest = np.minimum.reduce(rows, axis=0)
    # Sixteen bits wrap round, and come out right: the true sum of what a sensor shows fits them.
    np.add.reduce(rows, axis=0, dtype=np.int16, out=sums.total)
    sums.count[:] = len(rows)
    few = _leave_gaps_out(rows, lowest, highest, sums)
    span = highest - lowest
    np.equal(span, 0, out=sums.is_steady)
    odd = _needs_a_look(span, lowest, highest)
    if few is not None:
        count = sums.count[few]
        sums.is_steady[few] &= count > 0
        odd[few] |= (count < len(rows)) & (interval_s[few] > SLOT_S)
    if len(rows) < HOUR_SLOTS:
        odd |= interval_s > SLOT_S
    if not odd.any():
        return NO_COLUMNS
    columns = np.flatnonzero(odd)
    look_around(around, before, interval_s, columns, sums)
    return columns


def some_columns(part: npt.NDArray[Scalar], columns: Index) -> npt.NDArray[Scalar]:
    """Return some columns of a part of a grid, row after row: numpy would lay them side by side."""
    return np.array(part[:, columns], part.dtype, order="C")


def _nobody(around: Raw, before: int, interval_s: Indices, sums: HourSums) -> Columns:
    """Add up an hour in which nobody was heard: what was heard before it may still stand."""
    sums.total[:], sums.count[:], sums.is_steady[:] = 0, 0, False
    columns = np.flatnonzero(interval_s > SLOT_S)
    if len(columns):
        look_around(around, before, interval_s, columns, sums)
    return columns


def look_around(
    around: Raw, before: int, interval_s: Indices, columns: Columns, sums: HourSums
) -> None:
    """Add some columns up with what lies around the hour; parameters as for :func:`add_up`."""
    sums.put(columns, _one_by_one(around[:, columns], before, interval_s[columns]))


def _rows_so_far(rows: Raw) -> Raw:
    """Leave out the rows at the end in which nobody was heard: an hour that still runs."""
    last = len(rows)
    while last and rows[last - 1].max(initial=MISSING) == MISSING:
        last -= 1
    return rows[:last]


def _leave_gaps_out(rows: Raw, lowest: Raw, highest: Raw, sums: HourSums) -> Index | None:
    """Let slots without a value have no say; return the columns that may have some, if any.

    Where nobody was heard at all, lowest and highest are as if it had been 0 all the time.
    """
    gaps = np.flatnonzero(lowest == MISSING)
    if len(gaps) == 0:
        return None
    few: Index = gaps if len(gaps) < FEW_GAPS * len(lowest) else slice(None)
    some = some_columns(rows, few)
    empty = np.add.reduce((some == MISSING).view(np.uint8), axis=0, dtype=np.uint8)
    # MISSING is the top bit alone, so of the wrapped sum only an odd number of gaps is seen.
    sums.total[few] ^= empty.astype(np.int16) << 15
    sums.count[few] = len(rows) - empty
    # One less turns MISSING into the largest of all numbers, and keeps the order of the others.
    some -= np.int16(1)
    is_heard = empty < len(rows)
    lowest[few] = (np.minimum.reduce(some, axis=0) + np.int16(1)) * is_heard
    highest[few] *= is_heard
    return few


def _needs_a_look(span: Raw, lowest: Raw, highest: Raw) -> Mask:
    """Say which columns may hold a spike, or what no sensor can show.

    One neighbour of a spike always lies in the same hour, so the hour's own ``span`` tells; where
    it does not fit 16 bits, one of its ends is none that a sensor can show.
    """
    odd: Mask = span > SPIKE_RAW
    if highest.max(initial=MISSING) > WARMEST_RAW:
        odd |= highest > WARMEST_RAW
    if lowest.min(initial=0) < COLDEST_RAW:
        odd |= lowest < COLDEST_RAW
    return odd


def _one_by_one(around: Raw, before: int, interval_s: Indices) -> HourSums:
    possible = (around >= COLDEST_RAW) & (around <= WARMEST_RAW)
    clean = without_spikes(np.where(possible, around, np.int16(MISSING)))
    held = hold(clean, interval_s)[before : before + HOUR_SLOTS]
    present = held != MISSING
    highest = held.max(axis=0)
    lowest = np.where(present, held, np.int16(32_767)).min(axis=0)
    return HourSums(
        (held * present).sum(axis=0, dtype=np.int16),
        present.sum(axis=0, dtype=np.uint8),
        np.asarray((highest == lowest) & (highest != MISSING)),
    )
