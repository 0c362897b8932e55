"""A day of all rooms that is judged again and again as readings come: only what changed is redone.

What is kept are the sums of hours and the verdicts. A reading makes the hours dirty in which it may
count or tell a spike, in its block of points: a new slot of a whole city is one hour of work, a
late reading of one node a block. The state after any order of readings is that of a day judged at
once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices, Mask, Raw
from heatward_collector.core.compliance import RoomDays, judge_rooms
from heatward_collector.core.hour_sums import (
    AFTER_SLOTS,
    BEFORE_SLOTS,
    HOUR_SLOTS,
    HourSums,
    add_up,
    hourly_means,
    look_around,
    some_columns,
)
from heatward_collector.core.stuck_sensors import StuckSensors
from heatward_collector.core.whole_days import Limits, judge_whole_rooms

POINTS_AT_ONCE = 32_768
"""Width of a block: an hour of it, 800 kB, stays in a processor's cache."""
JUDGED_AT_ONCE = 16_384
"""Fewer, for numbers of 64 bits."""
Block = Callable[[int, int, slice], Raw]
"""From (first slot of the day, which may be negative; slots; points) to a part of the grid."""


@dataclass(frozen=True, slots=True)
class PointRules:
    """What a day's verdict on every point rests on, apart from readings; arrays are (points,)."""

    minimum: float
    """What the standard requires. [degC]"""
    guard: Celsius
    """Guard bands. [K]"""
    offset: Celsius
    """Calibration in every hour, (hours, points). [K]"""
    is_judged: Mask
    interval_s: npt.NDArray[np.int32]
    """Declared interval of each sensor. [s]"""
    building: Indices
    """-1 for none."""
    buildings: int

    def offset_of(self, points: Indices) -> Celsius:
        """Return the calibration of some points, (hours, points), or (1, points) for all hours."""
        hours = 1 if self.offset.strides[0] == 0 else len(self.offset)
        return self.offset[:hours, points]

    def changes_within(self, points: slice) -> Mask:
        """Say whose calibration changes within the day."""
        offset = self.offset[:, points]
        if self.offset.strides[0] == 0:
            return np.zeros(offset.shape[1], bool)
        return np.asarray((offset != offset[0]).any(axis=0))


class RunningDay:
    """Sums and verdicts of one local day, kept equal to its grid."""

    def __init__(self, before: int, rules: PointRules) -> None:
        """Begin with nothing; ``before`` slots of the grid lie before the day and reach into it."""
        hours, points = rules.offset.shape
        self._before, self._rules = before, rules
        slots, blocks = before + hours * HOUR_SLOTS, -(-points // POINTS_AT_ONCE)
        self._touched = np.ones((slots, blocks), bool)
        self._counted: Mask | None = None
        self._over = 0
        self._stuck = StuckSensors(rules.building, rules.buildings)
        self._open: dict[tuple[int, int], npt.NDArray[np.uint16]] = {}
        """Of (hour, block) the columns that what lies around the hour has a say in."""
        self._limits = Limits.of(rules.offset[0], rules.minimum, rules.guard)
        self.sums = HourSums.nothing(hours, points)
        self.judged = RoomDays.nothing(points)
        self.is_heard = np.zeros(points, bool)
        """Who had half an hour of values in any hour."""
        self.hours_stuck = np.zeros(points, np.uint8)
        """Hours in which a sensor stood still while its building moved. [h]"""

    def touch(self, slot: npt.NDArray[np.int64], point: Indices) -> None:
        """Note that cells of the grid may have changed; slots count from the day's first on."""
        row = slot + self._before
        known = (row >= 0) & (row < len(self._touched)) & (point >= 0)
        known &= point < len(self.is_heard)
        self._touched[row[known], point[known] // POINTS_AT_ONCE] = True

    def catch_up(self, block: Block, over: int, counted: Mask) -> Mask:
        """Do again what changed; return whose verdict or numbers may have, (points,).

        Parameters
        ----------
        block : Block
            The grid of the day.
        over : int
            How many hours of the day are over. [h]
        counted : bool (hours,)
            Which of them count.
        """
        heard_anew: Mask = np.asarray(self._touched.any(axis=0))
        # With other hours that count, everybody's verdict is to be looked at.
        is_all = self._counted is None or not np.array_equal(counted, self._counted)
        changed = np.full(len(self.is_heard), is_all)
        earliest = self._add_up(block, None if is_all else changed, counted)
        if earliest < over or over != self._over:
            # With another hour over everybody may stand still, else only who was heard anew.
            is_more = over != self._over
            anew = [
                self._points(number)
                for number, is_anew in enumerate(heard_anew.tolist())
                if is_anew or is_more
            ]
            for point in self._stuck.look(self.sums, over, anew):
                self.hours_stuck[point] = np.count_nonzero(self._stuck.hours_of(point))
                changed[point] = heard_anew[point // POINTS_AT_ONCE] = True
        self._over, self._counted = over, counted.copy()
        for number, is_anew in enumerate(heard_anew.tolist()):
            some = self._points(number)
            if changed[some].any():
                self._judge(some, changed[some], counted)
            if is_anew:
                changed[some] |= self._hear(some)
        return changed

    def means(self, points: Indices) -> Celsius:
        """Return hourly means after calibration, (hours, points); NaN where they have no say."""
        return np.asarray(self._means_that_count(points) + self._rules.offset_of(points))

    def _points(self, number: int) -> slice:
        """Return the points of a block."""
        first = number * POINTS_AT_ONCE
        return slice(first, min(first + POINTS_AT_ONCE, len(self.is_heard)))

    def _add_up(self, block: Block, changed: Mask | None, counted: Mask) -> int:
        """Add dirty hours up, and return the first of them, or how many hours there are.

        Who has another sum in an hour that counts is marked in ``changed``, where it is given.
        """
        hours = earliest = len(counted)
        for hour in range(hours):
            # What reaches into the hour, and what tells its spikes.
            first = max(-self._before, hour * HOUR_SLOTS - BEFORE_SLOTS)
            last = min(hours * HOUR_SLOTS, (hour + 1) * HOUR_SLOTS + AFTER_SLOTS)
            for number, is_within in self._dirty(hour, first, last):
                earliest = min(earliest, hour)
                some = self._points(number)
                around = block(first, last - first, some)
                sums = self.sums.at((hour, some))
                is_compared = changed is not None and counted[hour]
                before = (sums.total.copy(), sums.count.copy()) if is_compared else None
                asked = around, hour * HOUR_SLOTS - first, self._rules.interval_s[some]
                if is_within:
                    self._open[hour, number] = add_up(*asked, sums).astype(np.uint16)
                else:
                    look_around(*asked, self._open[hour, number], sums)
                if changed is not None and before is not None:
                    changed[some] |= (sums.total != before[0]) | (sums.count != before[1])
        self._touched[:] = False
        return earliest

    def _dirty(self, hour: int, first: int, last: int) -> list[tuple[int, bool]]:
        """Return the blocks in which an hour is to be added up, and whether it was itself touched.

        Of what lies around it, between two slots, only columns that are open know anything.
        """
        own = self._before + hour * HOUR_SLOTS
        around = np.flatnonzero(
            self._touched[first + self._before : last + self._before].any(axis=0)
        )
        within = set(np.flatnonzero(self._touched[own : own + HOUR_SLOTS].any(axis=0)).tolist())
        return [
            (number, number in within)
            for number in around.tolist()
            if number in within or len(self._open[hour, number])
        ]

    def _hear(self, some: slice) -> Mask:
        """Look who was heard, of a block; return of whom that is new."""
        counts = self.sums.count[:, some]
        # Most are heard in the newest hour, and only of the others the whole day is asked.
        heard = 2 * counts[max(self._over - 1, 0)] >= HOUR_SLOTS
        others = np.flatnonzero(~heard)
        heard[others] = 2 * np.maximum.reduce(counts[:, others], axis=0) >= HOUR_SLOTS
        heard |= self.hours_stuck[some] > 0
        changed = heard != self.is_heard[some]
        self.is_heard[some] = heard
        return np.asarray(changed)

    def _judge(self, some: slice, changed: Mask, counted: Mask) -> None:
        """Judge the points of a block that changed."""
        rules, which = self._rules, _place(counted)
        is_whole = ~rules.changes_within(some) & (self.hours_stuck[some] == 0)
        fewest = np.minimum.reduce(self.sums.count[which, some], axis=0, initial=HOUR_SLOTS)
        is_whole &= fewest == HOUR_SLOTS
        points = np.arange(some.start, some.stop, dtype=np.int32)
        if changed.all():
            # All of them, and those that are not whole once more.
            for first in range(some.start, some.stop, JUDGED_AT_ONCE):
                self._judge_whole(slice(first, min(first + JUDGED_AT_ONCE, some.stop)), which)
        elif (is_whole & changed).any():
            self._judge_whole(points[is_whole & changed], which)
        others = points[~is_whole & changed]
        if len(others):
            guard, is_judged = rules.guard[others], rules.is_judged[others]
            means = self.means(others)
            self._keep(others, judge_rooms(means, counted, rules.minimum, guard, is_judged))

    def _judge_whole(self, points: slice | Indices, which: slice | Indices) -> None:
        rules = self._rules
        total = self.sums.total[which][:, points]
        limits = self._limits.at(points)
        guard, is_judged = rules.guard[points], rules.is_judged[points]
        asked = total, limits, rules.offset[0, points], rules.minimum, guard, is_judged
        if isinstance(points, slice):
            judge_whole_rooms(*asked, days=self._judged_at(points))
        else:
            self._keep(points, judge_whole_rooms(*asked))

    def _judged_at(self, points: slice) -> RoomDays:
        """Return the verdicts of some points; what is written there is kept."""
        return RoomDays(*(getattr(self.judged, field.name)[points] for field in fields(RoomDays)))

    def _keep(self, points: Indices, judged: RoomDays) -> None:
        for field in fields(RoomDays):
            getattr(self.judged, field.name)[points] = getattr(judged, field.name)

    def _means_that_count(self, points: Indices) -> Celsius:
        """Return hourly means without calibration, but of hours in which a sensor stood still."""
        total = some_columns(self.sums.total, points)
        count = some_columns(self.sums.count, points)
        for column in np.flatnonzero(self.hours_stuck[points]):
            mask = self._stuck.hours_of(int(points[column]))
            count[: len(mask), column][mask] = 0
        return hourly_means(total, count)


def _place(counted: Mask) -> slice | Indices:
    """Return where something is true; as a slice where it is in one piece, to copy nothing."""
    which = np.flatnonzero(counted).astype(np.int32)
    if len(which) and len(which) == which[-1] - which[0] + 1:
        return slice(int(which[0]), int(which[-1]) + 1)
    return which
