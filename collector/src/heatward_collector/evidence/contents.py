"""What an evidence pack holds, before it becomes tables and pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from heatward_collector.conclusions.findings import SaidFinding
from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.core import Celsius, Seconds
from heatward_collector.core.cases import Case
from heatward_collector.local_days import day_of, span
from heatward_collector.outdoor.temperatures import OutdoorValue
from heatward_collector.readings.kept import Kept
from heatward_collector.refund import Books
from heatward_collector.registry.dated import sensor_number
from heatward_collector.registry.points import Point

Row = Mapping[str, Any]
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose evidence it is: one home, or the homes of a case."""

    kind: str
    """``home`` or ``case``."""
    id: str
    homes: tuple[str, ...]
    span: tuple[int, int]
    """[from, to) in seconds UTC, whole local days."""
    affected: int = 1
    """Homes that a case affected; more than ``homes`` where not all are measured, or fit in."""


@dataclass(frozen=True, slots=True)
class PeerDay:
    """How warm the other homes of a place were on a day."""

    level: str
    place: str
    day: date
    homes: int
    """Other homes that could be judged."""
    below: int
    median: float
    """NaN below ``need_to_know`` homes. [degC]"""


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that a pack tells of its subject."""

    subject: Subject
    books: Books
    points: tuple[Point, ...]
    """The rooms of the homes."""
    kept: Kept
    outdoor: tuple[OutdoorValue, ...]
    verdicts: tuple[DayVerdict, ...]
    """Of rooms and homes, every revision, oldest first."""
    peers: tuple[PeerDay, ...]
    findings: tuple[SaidFinding, ...]
    checks: tuple[Row, ...]
    """Measurements on site."""
    notices: tuple[Row, ...]
    """What the residents told the supplier."""
    declarations: tuple[Row, ...]
    """What the supplier or a department announced for the source or zone."""
    complaints: tuple[Row, ...]
    made_s: int
    case: Case | None = None
    """The case that the pack is about, with its history."""

    @property
    def days(self) -> list[date]:
        """Return the local days of the span."""
        first, last = (day_of(second, self.books.zone) for second in self._ends)
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    @property
    def _ends(self) -> tuple[int, int]:
        return self.subject.span[0], self.subject.span[1] - 1

    def newest(self, level: str = "room") -> dict[tuple[str, date], DayVerdict]:
        """Return the newest revision of every verdict of a level."""
        return {(one.place, one.day): one for one in self.verdicts if one.level == level}

    def hourly(self, room: str) -> tuple[Seconds, Celsius]:
        """Return the beginnings of the hours of the span, and a room's mean in each.

        NaN where an hour has no good reading. [s UTC, degC]
        """
        start_s, end_s = self.subject.span
        readings = [one for one in self.kept.readings if one.point == room and one.is_good]
        return hourly_means(
            np.array([one.time_s for one in readings], np.int64),
            np.array([one.celsius for one in readings], np.float64),
            (start_s, end_s),
        )

    def assignments(self) -> list[Row]:
        """Return which sensor hung in which of the rooms, and when, as far as the span goes."""
        rooms = {point.id for point in self.points}
        rows = [
            row
            for row in self.books.tables["assignment"]
            if row["target"] in rooms and self._meets(row["from_s"], row["to_s"])
        ]
        return sorted(rows, key=lambda row: (row["target"], row["from_s"]))

    def calibrations(self) -> list[Row]:
        """Return the calibrations of those sensors that were in force within the span."""
        sensors = {sensor_number(row["sensor"]) for row in self.assignments()}
        rows = [
            row
            for row in self.books.tables["calibration"]
            if sensor_number(row["sensor"]) in sensors and row["from_s"] < self.subject.span[1]
        ]
        return _in_force(rows, "sensor", self.subject.span[0])

    def placements(self) -> list[Row]:
        """Return how the rooms' sensors hung within the span."""
        rooms = {point.id for point in self.points}
        rows = [
            row
            for row in self.books.tables["placement"]
            if row["room"] in rooms and row["from_s"] < self.subject.span[1]
        ]
        return _in_force(rows, "room", self.subject.span[0])

    def _meets(self, from_s: int, to_s: int | None) -> bool:
        start_s, end_s = self.subject.span
        return from_s < end_s and (to_s is None or to_s > start_s)


def hourly_means(
    time_s: Seconds, celsius: Celsius, span: tuple[int, int]
) -> tuple[Seconds, Celsius]:
    """Return the hours of a span, and the mean of what was measured in each; NaN for nothing."""
    start_s, end_s = span
    hours = max((end_s - start_s) // HOUR_S, 0)
    index = (time_s - start_s) // HOUR_S
    inside = (index >= 0) & (index < hours)
    count = np.bincount(index[inside], minlength=hours)
    total = np.bincount(index[inside], weights=celsius[inside], minlength=hours)
    means = np.full(hours, np.nan)
    means[count > 0] = total[count > 0] / count[count > 0]
    return start_s + HOUR_S * np.arange(hours, dtype=np.int64), means


def span_of(first: date, last: date, books: Books) -> tuple[int, int]:
    """Return local days, both included, as seconds UTC."""
    return span(first, last, books.zone)


def _in_force(rows: Sequence[Row], key: str, start_s: int) -> list[Row]:
    """Return of dated rows those that still hold at a moment, and later ones."""
    newest: dict[str, Row] = {}
    for row in rows:
        if row["from_s"] <= start_s and (
            row[key] not in newest or newest[row[key]]["from_s"] < row["from_s"]
        ):
            newest[row[key]] = row
    later = [row for row in rows if row["from_s"] > start_s]
    return sorted([*newest.values(), *later], key=lambda row: (row[key], row["from_s"]))
