"""What a view should hold according to ledger and registry, and how it differs.

Works day by day of measured time, so that memory holds one day of points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from heatward_collector.core.placing import UNPLACED
from heatward_collector.ledger import LedgerReader
from heatward_collector.readings.clocks import Clocks
from heatward_collector.readings.projection import (
    Fate,
    batches_measured,
    is_stray,
    project,
    project_all,
)
from heatward_collector.registry import Directory
from heatward_collector.timeseries.points import to_points
from heatward_collector.timeseries.protocol import TimeSeries

DAY_S = 86_400
SAME_KELVIN = 1e-9
END_S = 2**33
"""Later than anything a store holds (2242), and still within InfluxDB's nanoseconds."""
Key = tuple[str, int]
"""Sensor and second."""
EXTRA = "extra: no reading of the ledger gives it"
MISSING = "missing"
OTHER_ROOM = "another room than by the assignment then"
OTHER_VALUE = "another value"
TWICE = "twice: under other tags as well"


@dataclass(frozen=True, slots=True)
class Difference:
    """One point that is not as it should be."""

    reason: str
    sensor: str
    time_s: int
    expected: tuple[str, float] | None
    """Room and degC."""
    found: tuple[str, float] | None


@dataclass(slots=True)
class Comparison:
    """Counts of a whole comparison."""

    readings: int = 0
    expected: int = 0
    found: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    """Why readings are not points: bad quality, no time, no room; ``same_second``."""
    differences: int = 0


class Expectation:
    """What the view should hold: computed from evidence alone, never from the view."""

    def __init__(self, reader: LedgerReader, directory: Directory) -> None:
        self._reader = reader
        self._directory = directory
        self._clocks = Clocks()
        self._strays: set[int] = set()
        for batch in reader.batches():
            self._clocks.learn(batch, reader.source)

    def days(self, comparison: Comparison) -> list[int]:
        """Return every day that has points, counting readings and their fates on the way."""
        days: set[int] = set()
        for batch in self._reader.batches():
            projected = project(batch, self._clocks, self._directory)
            if is_stray(batch, projected.time_s):
                self._strays.add(batch.number)
            comparison.readings += int((projected.fate != Fate.CANARY).sum())
            comparison.fates.update(projected.fates())
            judged = projected.judged()
            days |= set((judged.time_s // DAY_S).tolist())
        for fate in (Fate.JUDGED, Fate.CANARY):
            comparison.fates.pop(fate.name.lower(), None)
        return sorted(days)

    def points(self, day: int, comparison: Comparison) -> dict[Key, tuple[str, float]]:
        """Return room and degC by sensor and second for one day."""
        start, end = day * DAY_S, (day + 1) * DAY_S
        expected: dict[Key, tuple[str, float]] = {}
        batches = batches_measured(self._reader, start, end, self._strays)
        for projected in project_all(batches, self._clocks, self._directory):
            inside = (projected.time_s >= start) & (projected.time_s < end)
            points = to_points(
                projected.only(inside & (projected.time_s != UNPLACED)), self._directory
            )
            for index, time_s, celsius in zip(
                points.index.tolist(), points.time_s.tolist(), points.celsius.tolist(), strict=True
            ):
                key = (points.series[index].sensor, time_s)
                comparison.fates["same_second"] += key in expected
                expected[key] = (points.series[index].room, celsius)
        return expected


def compare(
    reader: LedgerReader, directory: Directory, store: TimeSeries, comparison: Comparison
) -> Iterator[Difference]:
    """Yield every difference between a view and what it should hold; fill ``comparison``."""
    expectation = Expectation(reader, directory)
    days = expectation.days(comparison)
    for start, end in _gaps(days):
        for difference in _differences({}, _found(store, start, end, comparison)):
            comparison.differences += 1
            yield difference
    for day in days:
        expected = expectation.points(day, comparison)
        comparison.expected += len(expected)
        found = _found(store, day * DAY_S, (day + 1) * DAY_S, comparison)
        for difference in _differences(expected, found):
            comparison.differences += 1
            yield difference


def _gaps(days: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of time in which a view should hold nothing."""
    edges = [0, *days, END_S // DAY_S]
    for day, following in zip(edges, edges[1:], strict=False):
        start = (day + (day in days)) * DAY_S
        if start < following * DAY_S:
            yield start, following * DAY_S


def _found(
    store: TimeSeries, start: int, end: int, comparison: Comparison
) -> dict[Key, list[tuple[str, float]]]:
    stored = store.stored(start, end)
    found: dict[Key, list[tuple[str, float]]] = {}
    for room, sensor, time_s, celsius in zip(
        stored.room, stored.sensor, stored.time_s.tolist(), stored.celsius.tolist(), strict=True
    ):
        found.setdefault((sensor, time_s), []).append((room, celsius))
    comparison.found += len(stored.time_s)
    return found


def _differences(
    expected: dict[Key, tuple[str, float]], found: dict[Key, list[tuple[str, float]]]
) -> Iterator[Difference]:
    for key in sorted(expected.keys() | found.keys()):
        should, held = expected.get(key), found.get(key, [])
        if should is None:
            for one in held:
                yield Difference(EXTRA, *key, None, one)
            continue
        if not held:
            yield Difference(MISSING, *key, should, None)
        for count, one in enumerate(held):
            if one[0] != should[0]:
                yield Difference(OTHER_ROOM, *key, should, one)
            elif not abs(one[1] - should[1]) <= SAME_KELVIN:
                yield Difference(OTHER_VALUE, *key, should, one)
            elif count:
                yield Difference(TWICE, *key, should, one)
