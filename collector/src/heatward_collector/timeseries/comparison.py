"""What a view should hold according to ledger and registry, and how it differs.

Works by runs of days of measured time, so that memory holds few points, of a city one day's.
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
POINTS_AT_ONCE = 100_000
"""Days are compared together up to so many points: 30 MB."""
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

    def days(self, comparison: Comparison) -> dict[int, int]:
        """Return every day that has points and how many readings give them, oldest first.

        Readings and their fates are counted on the way.
        """
        days: Counter[int] = Counter()
        for batch in self._reader.batches():
            projected = project(batch, self._clocks, self._directory)
            if is_stray(batch, projected.time_s):
                self._strays.add(batch.number)
            comparison.readings += int((projected.fate != Fate.CANARY).sum())
            comparison.fates.update(projected.fates())
            judged = projected.judged()
            days.update((judged.time_s // DAY_S).tolist())
        for fate in (Fate.JUDGED, Fate.CANARY):
            comparison.fates.pop(fate.name.lower(), None)
        return dict(sorted(days.items()))

    def points(self, start: int, end: int, comparison: Comparison) -> dict[Key, tuple[str, float]]:
        """Return room and degC by sensor and second in [start, end) seconds UTC."""
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
    for start, end in _gaps(list(days)):
        for difference in _differences({}, _found(store, start, end, comparison)):
            comparison.differences += 1
            yield difference
    for start, end in runs_of_days(days):
        expected = expectation.points(start, end, comparison)
        comparison.expected += len(expected)
        found = _found(store, start, end, comparison)
        for difference in _differences(expected, found):
            comparison.differences += 1
            yield difference


def runs_of_days(days: dict[int, int], most: int = POINTS_AT_ONCE) -> Iterator[tuple[int, int]]:
    """Yield the ranges of days that follow each other and hold few points, or of single days."""
    held: list[int] = []
    for day in days:
        if held and (day > held[-1] + 1 or sum(days[one] for one in (*held, day)) > most):
            yield held[0] * DAY_S, (held[-1] + 1) * DAY_S
            held = []
        held.append(day)
    if held:
        yield held[0] * DAY_S, (held[-1] + 1) * DAY_S


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
