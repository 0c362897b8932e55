"""Which ranges of the view must be written anew, and which of them in one pass over the ledger.

After a power cut in a whole city every node sends a fix, and an import moves thousands of sensors:
a pass for each would read the same batches again and again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Mask, Seconds
from heatward_collector.core.placing import UNPLACED
from heatward_collector.readings.doubts import Doubt
from heatward_collector.readings.fixed_boots import readings_of_fixed
from heatward_collector.readings.follow import Follower
from heatward_collector.readings.projection import Projected, by_source, project

AROUND_S = 1
"""From another fix of its boot the same reading may be a second off. [s] (rounding)"""
SensorRange = tuple[int, int, int]
"""A sensor's number, and its range from (inclusive) and to (exclusive). [s UTC]"""


@dataclass(frozen=True, slots=True)
class Ranges:
    """One range of each of some sensors; (sensors,) each, sorted by sensor."""

    sensor: npt.NDArray[np.uint64]
    from_s: Seconds
    to_s: Seconds
    """Exclusive. [s UTC]"""

    def __iter__(self) -> Iterator[SensorRange]:
        columns = (self.sensor.tolist(), self.from_s.tolist(), self.to_s.tolist())
        yield from zip(*columns, strict=True)

    @property
    def span(self) -> tuple[int, int]:
        """From when to when all of them reach. [s UTC]"""
        return int(self.from_s.min()), int(self.to_s.max())

    def hold(self, readings: Projected) -> Mask:
        """Say which readings lie in the range of their sensor, (n,)."""
        place = np.minimum(np.searchsorted(self.sensor, readings.sensor), len(self.sensor) - 1)
        is_later = readings.time_s >= self.from_s[place]
        is_before = readings.time_s < self.to_s[place]
        return np.asarray((self.sensor[place] == readings.sensor) & is_later & is_before)


def doubtful_ranges(follower: Follower, doubts: Sequence[Doubt]) -> list[SensorRange]:
    """Return the range of each sensor of which something changed by edits or clock fixes."""
    edited = [
        (doubt.sensor, doubt.from_s, doubt.to_s) for doubt in doubts if doubt.sensor is not None
    ]
    return [*edited, *_of_fixes(follower, doubts)]


def together(ranges: Sequence[SensorRange]) -> Iterator[Ranges]:
    """Yield ranges that overlap in time, as one of each sensor, oldest first.

    A sensor's range reaches over all of its own among them: what lies between is written anew too,
    and as it was, for a pass goes by the order of the ledger.
    """
    if not ranges:
        return
    numbers, begins, ends = zip(*ranges, strict=True)
    sensor = np.array(numbers, np.uint64)
    from_s, to_s = np.array(begins, np.int64), np.array(ends, np.int64)
    order = np.argsort(from_s, kind="stable")
    reached = np.maximum.accumulate(to_s[order])
    breaks = np.flatnonzero(from_s[order][1:] >= reached[:-1]) + 1
    for some in np.split(order, breaks):
        yield _one_each(sensor[some], from_s[some], to_s[some])


def _one_each(sensor: npt.NDArray[np.uint64], from_s: Seconds, to_s: Seconds) -> Ranges:
    order = np.argsort(sensor, kind="stable")
    known, first = np.unique(sensor[order], return_index=True)
    begins = np.minimum.reduceat(from_s[order], first)
    return Ranges(known, begins, np.maximum.reduceat(to_s[order], first))


def _of_fixes(follower: Follower, doubts: Sequence[Doubt]) -> Iterator[SensorRange]:
    """Yield the ranges in which readings of boots lie that fixes have placed, or may have moved."""
    clocks = follower.clocks
    for some, _ in readings_of_fixed(follower, doubts):
        doubtful = some.only(clocks.untimed(some))
        placed = project(doubtful, clocks, follower.directory)
        had_s = np.where(doubtful.readings["sync"] == 1, doubtful.readings["wall_s"], UNPLACED)
        for rows in by_source(doubtful.readings["source"], np.arange(len(placed))):
            # A boot's hours, and not those between two boots.
            for time_s in (placed.time_s[rows], had_s[rows]):
                known = rows[time_s != UNPLACED]
                times = time_s[time_s != UNPLACED]
                if len(known):
                    yield from _one_each(
                        placed.sensor[known], times - AROUND_S, times + AROUND_S + 1
                    )
