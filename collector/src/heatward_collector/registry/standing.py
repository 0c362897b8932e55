"""What stands of rooms and homes on a day: how sensors are placed, whose heating is suspended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Indices, Mask, Seconds
from heatward_collector.registry.ids import NOWHERE, Ids
from heatward_collector.registry.packed_rows import PackedRows

_LAST_DAY = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Placements:
    """Dated placements in the order of their rooms and times, each array (rows,)."""

    room: Indices
    from_s: Seconds
    documented: Mask
    suitable: Mask

    @classmethod
    def of(cls, rows: PackedRows, rooms: Ids) -> Placements:
        """Return the placements of known rooms."""
        room = rooms.find_all(rows.column("room"))
        known = room != NOWHERE
        return cls(
            room[known],
            rows.column("from_s").mapped(_whole, np.int64)[known],
            rows.column("documented").mapped(bool, bool)[known],
            rows.column("suitable").mapped(bool, bool)[known],
        )

    def at(self, room: int, time_s: int) -> tuple[bool, bool]:
        """Return whether a room's placement is documented, and whether it is suitable."""
        first, end = np.searchsorted(self.room, (room, room + 1)).tolist()
        last = first + int(np.searchsorted(self.from_s[first:end], time_s, "right")) - 1
        if last < first:
            return False, True
        return bool(self.documented[last]), bool(self.suitable[last])

    def all_at(self, points: int, time_s: int) -> tuple[Mask, Mask]:
        """Return the same for every point, (points,)."""
        documented, suitable = np.zeros(points, bool), np.ones(points, bool)
        begun = np.flatnonzero(self.from_s <= time_s)
        # Of the rows of one room, which are in the order of time, the last one counts.
        last = begun[np.append(np.diff(self.room[begun]) != 0, True)] if len(begun) else begun
        documented[self.room[last]] = self.documented[last]
        suitable[self.room[last]] = self.suitable[last]
        return documented, suitable


@dataclass(frozen=True, slots=True)
class Suspensions:
    """Spans of local days without service in the order of their homes, each array (rows,)."""

    home: Indices
    from_day: npt.NDArray[np.int32]
    to_day: npt.NDArray[np.int32]
    """Both days belong to a span; they are ordinal numbers."""

    @classmethod
    def of(cls, rows: PackedRows, homes: Ids) -> Suspensions:
        """Return the suspensions of known homes."""
        home = homes.find_all(rows.column("home"))
        known = home != NOWHERE
        return cls(
            home[known],
            rows.column("from_day").mapped(_ordinal, np.int32)[known],
            rows.column("to_day").mapped(_ordinal, np.int32)[known],
        )

    def holds(self, home: int, day: date) -> bool:
        """Say whether a home's service is suspended on a day."""
        first, end = np.searchsorted(self.home, (home, home + 1)).tolist()
        return bool(self._on(day, slice(first, end)).any())

    def homes_on(self, day: date) -> Indices:
        """Return the homes whose service is suspended on a day, ascending."""
        return np.unique(self.home[self._on(day, slice(None))])

    def _on(self, day: date, rows: slice) -> Mask:
        number = day.toordinal()
        return np.asarray((self.from_day[rows] <= number) & (number <= self.to_day[rows]))


def _whole(time_s: int | None) -> int:
    return time_s or 0


def _ordinal(day: date | None) -> int:
    return _LAST_DAY if day is None else day.toordinal()
