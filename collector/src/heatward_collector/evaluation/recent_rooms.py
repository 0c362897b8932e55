"""What rooms said in the last hours: by it a sensor is found that stands still.

For how long each room has stood still is counted along, so that of a city only those are looked at
that may be stuck, and only rows are written that are new.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices
from heatward_collector.core.suppression.homes.home_grid import (
    SAME_KELVIN,
    STUCK_SLOTS,
    without_stuck,
)
from heatward_collector.registry.laid_aside import blank_aside, let_go

ROOMS_AT_ONCE = 65_536
"""So many rooms are counted together when a day begins."""


class RecentRooms:
    """The last ``STUCK_SLOTS`` slots of all rooms before a slot of a day."""

    def __init__(self, before: Celsius, folder: Path | None) -> None:
        """Begin a day with what came before it, float64 (STUCK_SLOTS, rooms) [degC]."""
        self._before, self._folder = before, folder
        self._ring: Celsius = blank_aside(before.shape, np.float64, folder)
        """A slot of the day lies in the row of its number modulo ``STUCK_SLOTS``."""
        self._still = np.zeros(before.shape[1], np.uint8)
        """(rooms,) for how many slots each has stood still, at most ``STUCK_SLOTS``."""
        for first in range(0, before.shape[1], ROOMS_AT_ONCE):
            self.begin_again(slice(first, first + ROOMS_AT_ONCE))

    def begin_again(self, rooms: slice) -> None:
        """Forget what some rooms said on the day."""
        before, still = self._before[:, rooms], self._still[rooms]
        self._ring[:, rooms], still[:] = before, 0
        for row in range(1, STUCK_SLOTS):
            _count(still, before[row - 1], before[row])

    def heard(self, rooms: slice, first: int, spoken: Celsius, building: Indices) -> Celsius:
        """Take in what some rooms said from a slot on; return it without what stood still.

        Parameters
        ----------
        rooms : slice
            Rooms of whole buildings.
        first : int
            Slot of the day with which it begins: the one after those that were taken in.
        spoken : float64 (slots, rooms)
            NaN where missing. [degC]
        building : int32 (rooms,)
            Building of each of these rooms, -1 for none.
        """
        still, last = self._still[rooms], self._ring[(first - 1) % STUCK_SLOTS, rooms]
        is_stuck = np.zeros(len(still), bool)
        for row in spoken:
            _count(still, last, row)
            is_stuck |= still == STUCK_SLOTS
            last = row
        clean = spoken
        if is_stuck.any():
            # Others of their buildings tell whether it was so still there.
            asked = np.flatnonzero(np.isin(building, building[is_stuck]))
            known = np.concatenate([self._rows(first, rooms)[:, asked], spoken[:, asked]])
            clean = spoken.copy()
            clean[:, asked] = without_stuck(known, building[asked])[STUCK_SLOTS:]
        new = np.arange(max(len(spoken) - STUCK_SLOTS, 0), len(spoken))
        self._ring[(first + new) % STUCK_SLOTS, rooms] = spoken[new]
        return clean

    def before(self, slot: int) -> Celsius:
        """Return the rows before a slot of the day in their order, (STUCK_SLOTS, rooms)."""
        if slot % STUCK_SLOTS == 0:
            return self._ring
        ordered: Celsius = blank_aside(self._ring.shape, np.float64, self._folder)
        for row in range(STUCK_SLOTS):
            ordered[row] = self._ring[(slot + row) % STUCK_SLOTS]
        return ordered

    def let_go(self) -> None:
        """Let this process hold no page of what lies in files."""
        let_go(self._ring)

    def _rows(self, slot: int, rooms: slice) -> Celsius:
        return self._ring[(slot + np.arange(STUCK_SLOTS)) % STUCK_SLOTS, rooms]


def _count(still: npt.NDArray[np.uint8], last: Celsius, row: Celsius) -> None:
    """Count one slot more for rooms that stand still, and begin anew with all others."""
    np.minimum(still + np.uint8(1), np.uint8(STUCK_SLOTS), out=still)
    still[~(np.abs(row - last) < SAME_KELVIN)] = 0
