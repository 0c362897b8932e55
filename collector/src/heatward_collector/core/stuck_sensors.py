"""Sensors that stand still while their building moves, looked for again only where somebody spoke.

Most of a city moves all the time. So who showed the same for hours is remembered, and medians are
taken in the buildings of these alone.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from heatward_collector.core import Indices, Mask
from heatward_collector.core.hour_sums import HourSums, some_columns
from heatward_collector.core.quality import STUCK_HOURS, in_a_row, standing_still, stuck

MANY = 1 / 4
"""Where more points than this may stand still, all of them are looked at together."""
BUILDINGS_AT_ONCE = 64
"""Hours of so many, 50 rooms each, are 600 kB of means and stay in a processor's cache."""
_NONE: Mask = np.zeros(0, bool)


class StuckSensors:
    """Who stands still on one day, and in which of its hours."""

    def __init__(self, building: Indices, buildings: int) -> None:
        """Know nobody yet; ``building`` of each point, int32 (points,), -1 for none."""
        self._building, self._buildings = building, buildings
        self._by_building = np.argsort(building, kind="stable").astype(np.int32)
        self._bounds = np.searchsorted(building, np.arange(buildings + 1), sorter=self._by_building)
        self._is_suspect = np.zeros(len(building), bool)
        """Who showed the same for so long that a look at its building is worth it."""
        self._stuck: dict[int, Mask] = {}

    def hours_of(self, point: int) -> Mask:
        """Return in which of the hours a point that stands still did so; empty if it does not."""
        return self._stuck.get(point, _NONE)

    def look(self, sums: HourSums, over: int, anew: Iterable[slice]) -> list[int]:
        """Look in the hours that are over; return the points of whom something else is known.

        Parameters
        ----------
        sums : HourSums
            Of the day, (hours, points).
        over : int
            How many hours of it are over. [h]
        anew : of slices
            Points that were heard anew; all of them where ``over`` is another than before. The
            buildings that have one of them are looked at.
        """
        # One more for points of no building, which have index -1.
        is_asked = np.zeros(self._buildings + 1, bool)
        for some in anew:
            self._is_suspect[some] = _stood_for_hours(sums.is_steady[:over, some])
            is_asked[self._building[some]] = True
        is_asked[-1] = False
        before = self._stuck
        self._stuck = self._found(sums, over, is_asked)
        self._stuck |= {
            point: mask for point, mask in before.items() if not is_asked[self._building[point]]
        }
        return [
            point
            for point in before.keys() | self._stuck.keys()
            if _hours(before.get(point, _NONE)) != _hours(self._stuck.get(point, _NONE))
        ]

    def _found(self, sums: HourSums, over: int, is_asked: Mask) -> dict[int, Mask]:
        """Return who stands still in the buildings that are asked for, and when."""
        suspects = np.flatnonzero(self._is_suspect & (self._building >= 0))
        suspects = suspects[is_asked[self._building[suspects]]]
        steady = sums.of(over, suspects).steady_values()
        buildings = np.unique(self._building[suspects[standing_still(steady)]])
        found: dict[int, Mask] = {}
        for first in range(0, len(buildings), BUILDINGS_AT_ONCE):
            found |= self._found_in(buildings[first : first + BUILDINGS_AT_ONCE], sums, over)
        return found

    def _found_in(self, buildings: Indices, sums: HourSums, over: int) -> dict[int, Mask]:
        """Return who stands still in some buildings, one or more, and when."""
        members = self._members(buildings)
        some = sums.of(over, members)
        building = np.searchsorted(buildings, self._building[members]).astype(np.int32)
        mask = stuck(some.steady_values(), some.means(), building, len(buildings))
        return {
            int(members[column]): mask[:, column] for column in np.flatnonzero(mask.any(axis=0))
        }

    def _members(self, buildings: Indices) -> Indices:
        """Return the points of some buildings, in their order; one building or more."""
        first, last = self._bounds[buildings], self._bounds[buildings + 1]
        parts = [
            self._by_building[begin:end]
            for begin, end in zip(first.tolist(), last.tolist(), strict=True)
        ]
        return np.sort(np.concatenate(parts))


def _stood_for_hours(is_steady: Mask) -> Mask:
    """Say who showed the same through so many hours, each by itself, that it is suspicious.

    Every such stretch holds one hour of each remainder, so a few hours clear most of a city.
    """
    may_be = np.flatnonzero(is_steady[STUCK_HOURS - 1 :: STUCK_HOURS].any(axis=0))
    found = np.zeros(is_steady.shape[1], bool)
    if len(may_be) > MANY * len(found):
        return in_a_row(is_steady, STUCK_HOURS)
    found[may_be] = in_a_row(some_columns(is_steady, may_be), STUCK_HOURS)
    return found


def _hours(mask: Mask) -> bytes:
    """Return what tells hours apart, however many of the day are over."""
    return mask.tobytes().rstrip(b"\0")
