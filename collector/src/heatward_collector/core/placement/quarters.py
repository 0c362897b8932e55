"""Readings in quarters of an hour, beside those of the other rooms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask, Seconds
from heatward_collector.core.placement.doubt import Rooms

QUARTER_S = 900
QUARTERS_AN_HOUR = 4
QUARTERS_A_DAY = 96
FEWEST_TOGETHER = 5
"""Rooms with a reading that a median of rooms needs: one, and four to compare it with (project
rule, as for homes in the detection)."""


@dataclass(frozen=True, slots=True)
class Quarters:
    """Rooms in quarters of an hour; arrays are (quarters, rooms), or (quarters,) for all rooms."""

    start_s: int
    celsius: Celsius
    others: Celsius
    """Median of the room's group, itself included; NaN where too few of it have a reading."""
    outdoor: Celsius
    hour: Celsius
    group: Indices

    @property
    def above(self) -> Celsius:
        """How far each room lies above the others. [K]"""
        return self.celsius - self.others

    def at_s(self, quarter: int) -> int:
        """Return when a quarter begins. [s UTC]"""
        return self.start_s + QUARTER_S * quarter

    def between(self, first: float, last: float) -> Mask:
        """Say which quarters lie in the local hours [first, last), which may pass midnight."""
        inside = (self.hour >= first) & (self.hour < last)
        if first > last:
            inside = (self.hour >= first) | (self.hour < last)
        return np.asarray(inside)


def quarters_of(rooms: Rooms) -> Quarters:
    """Return quarters of an hour: medians of the readings in each."""
    each = QUARTER_S // rooms.slot_s
    count = len(rooms.celsius) // each
    cut = rooms.celsius[: count * each].reshape(count, each, rooms.celsius.shape[1])
    celsius = cut[:, 0] if each == 1 else middle(cut, axis=1)
    others = np.full(celsius.shape, np.nan)
    for one in np.unique(rooms.group[rooms.group >= 0]).tolist():
        members = np.flatnonzero(rooms.group == one)
        if len(members) >= FEWEST_TOGETHER:
            together = celsius[:, members]
            centre = middle(together, axis=1)
            centre[(~np.isnan(together)).sum(axis=1) < FEWEST_TOGETHER] = np.nan
            others[:, members] = centre[:, None]
    return Quarters(
        rooms.start_s,
        celsius,
        others,
        rooms.outdoor[: count * each : each],
        rooms.hour[: count * each : each],
        rooms.group,
    )


def middle(values: Celsius, axis: int) -> Celsius:
    """Return medians along an axis without its missing values; NaN where all are missing."""
    ordered = np.sort(values, axis=axis)  # NaN sorts behind every reading
    here = np.expand_dims((~np.isnan(values)).sum(axis=axis), axis)
    low = np.take_along_axis(ordered, np.maximum(here - 1, 0) // 2, axis=axis)
    high = np.take_along_axis(ordered, np.minimum(here // 2, values.shape[axis] - 1), axis=axis)
    return np.asarray(np.squeeze((low + high) / 2, axis=axis))


def running_mean(values: Celsius, width: int) -> Celsius:
    """Return means of up to ``width`` rows around each row, along the first axis; NaN for none."""
    known = ~np.isnan(values)
    nothing = np.zeros((1, *values.shape[1:]))
    total = np.concatenate([nothing, np.cumsum(np.where(known, values, 0.0), axis=0)])
    count = np.concatenate([nothing, np.cumsum(known, axis=0)])
    row = np.arange(len(values))
    low = np.maximum(row - width // 2, 0)
    high = np.minimum(row + width // 2 + 1, len(values))
    here = count[high] - count[low]
    return np.where(here > 0, (total[high] - total[low]) / np.maximum(here, 1), np.nan)


def shifted(values: Celsius, by: int) -> Celsius:
    """Return what was ``by`` rows before each row, or after it for a negative one."""
    result = np.full(values.shape, np.nan)
    if by >= 0:
        result[by:] = values[: len(values) - by]
    else:
        result[:by] = values[-by:]
    return result


def lasting(hits: Mask, judged: Mask, fewest: int, share: float) -> list[int]:
    """Return the rooms with enough hits, and a share of all that was judged, (windows, rooms)."""
    often = hits.sum(axis=0)
    return np.flatnonzero((often >= fewest) & (often >= share * judged.sum(axis=0))).tolist()


def windows(length: int, width: int, step: int) -> Seconds:
    """Return where windows of a width begin; none where not even one fits."""
    return np.arange(0, length - width + 1, step, dtype=np.int64)
