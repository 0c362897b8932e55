"""Readings of days wherever they are: in the window, or in the ledger alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from heatward_collector.core import Indices, Raw
from heatward_collector.core.grid import HOLD_S
from heatward_collector.evaluation.judging import PartOf
from heatward_collector.evaluation.older_days import groups, part_from_ledger
from heatward_collector.evaluation.window import Window
from heatward_collector.local_days import bounds
from heatward_collector.readings.follow import Follower


class DayParts:
    """Where the watch reads a day and the hour before it."""

    def __init__(self, follower: Follower, window: Window, zone: ZoneInfo, folder: Path) -> None:
        self._follower, self._window, self._zone, self._folder = follower, window, zone, folder

    def of(self, days: Sequence[date]) -> Iterator[tuple[date, PartOf]]:
        """Yield days with their readings: older ones from the ledger, many at once."""
        older = [day for day in days if not self._is_in_window(day)]
        for group in groups(older, len(self._follower.directory.points)):
            part_of = self._from_ledger(group)
            yield from ((day, part_of) for day in group)
        yield from ((day, self._from_window(day)) for day in days if day not in older)

    def _from_window(self, day: date) -> PartOf:
        """Return a day's readings from the window, and once it has left it, from the ledger.

        A look that is done in pieces lasts for long, and the window moves meanwhile.
        """
        left: list[PartOf] = []

        def part_of(start_s: int, slots: int, points: slice | Indices) -> Raw:
            if not left and not self._is_in_window(day):
                left.append(self._from_ledger([day]))
            return (left[0] if left else self._window.part)(start_s, slots, points)

        return part_of

    def _from_ledger(self, days: Sequence[date]) -> PartOf:
        return part_from_ledger(self._follower, days, self._zone, self._folder)

    def _is_in_window(self, day: date) -> bool:
        return bounds(day, self._zone)[0] - HOLD_S >= self._window.start_s
