"""What the newest days say of every building, kept until somebody judges again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from heatward_collector.conclusions.verdicts import DayVerdict, VerdictStore

from .facts import BuildingDay
from .facts_of_verdicts import building_day, is_over

DAYS_BACK = 2
"""Yesterday's verdict, or the day before's where yesterday has not been judged yet. [d]"""
NewestDays = Mapping[str, tuple[BuildingDay | None, BuildingDay | None]]
"""By building: the last whole day, and today so far."""


class JudgedDays:
    """Reads verdicts again only where the store has changed, or the day, or who takes part."""

    def __init__(self, verdicts: VerdictStore) -> None:
        self._verdicts = verdicts
        self._known: tuple[object, NewestDays] | None = None

    def newest(self, today: date, homes: Mapping[str, int]) -> NewestDays:
        """Return the newest days of buildings; ``homes`` is how many take part in each."""
        state = (self._verdicts.version(), today, homes)
        if self._known is None or self._known[0] != state:
            self._known = (state, self._read(today, homes))
        return self._known[1]

    def _read(self, today: date, homes: Mapping[str, int]) -> NewestDays:
        recent = [
            self._verdicts.of_day("building", today - timedelta(days=back))
            for back in range(DAYS_BACK + 1)
        ]
        found = {}
        for building, count in homes.items():
            judged = [of_day[building] for of_day in recent if building in of_day]
            over = next((one for one in judged if is_over(one, today)), None)
            current = next((one for one in judged if one.day == today), None)
            found[building] = (_day(over, count), _day(current, count))
        return found


def _day(verdict: DayVerdict | None, homes: int) -> BuildingDay | None:
    return None if verdict is None else building_day(verdict, homes)
