"""Sensors that stand still while their building moves, looked for again only where somebody spoke.

Most of a city moves all the time. So who showed the same for hours is remembered, and medians are
taken in the buildings of these alone.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from heatward_collector.core import Indices, Mask
from heatward_collector.core.hour_sums import HourSums
from heatward_collector.core.quality import STUCK_HOURS, in_a_row, standing_still, stuck


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
        return self._stuck.get(point, np.zeros(0, bool))

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
        is_asked = np.zeros(self._buildings, bool)
        for some in anew:
            self._is_suspect[some] = in_a_row(sums.is_steady[:over, some], STUCK_HOURS)
            inside = self._building[some]
            is_asked[inside[inside >= 0]] = True
        before = self._stuck
        self._stuck = self._found(sums, over, is_asked)
        self._stuck |= {
            point: mask for point, mask in before.items() if not is_asked[self._building[point]]
        }
        none = np.zeros(0, bool)
        return [
            point
            for point in before.keys() | self._stuck.keys()
            if _hours(before.get(point, none)) != _hours(self._stuck.get(point, none))
        ]

    def _found(self, sums: HourSums, over: int, is_asked: Mask) -> dict[int, Mask]:
        """Return who stands still in the buildings that are asked for, and when."""
        suspects = np.flatnonzero(self._is_suspect & (self._building >= 0))
        suspects = suspects[is_asked[self._building[suspects]]]
        steady = sums.at((slice(over), suspects)).steady_values()
        buildings = np.unique(self._building[suspects[standing_still(steady)]])
        if len(buildings) == 0:
            return {}
        members = self._members(buildings)
        some = sums.at((slice(over), members))
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


def _hours(mask: Mask) -> list[int]:
    return np.flatnonzero(mask).tolist()
