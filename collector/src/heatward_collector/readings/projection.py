"""Whose readings they are and when they were taken: a batch through clocks and registry.

View and evaluation both see readings through this, so they cannot disagree about place or time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from heatward_collector.canary import CANARY_SENSOR
from heatward_collector.core import Celsius, Indices, Mask, Raw, Seconds
from heatward_collector.core.coded import Coded
from heatward_collector.core.placing import FUTURE_S, UNPLACED, place
from heatward_collector.ledger import Batch, LedgerReader
from heatward_collector.ledger.batch import PACKED_DTYPE, unpacked
from heatward_collector.ledger.columns import ReadingColumns
from heatward_collector.ledger.read import ALL_BATCHES
from heatward_collector.readings.clocks import Clocks, Received
from heatward_collector.registry import Directory
from heatward_collector.registry.directory import BENCH, UNASSIGNED

AT_ANY_TIME = -(2**62), 2**62
"""Every reading has a wall time between these, or none. [s UTC]"""
READINGS_AT_ONCE = 50_000
"""So many are looked at together: 10 MB."""


class Fate(IntEnum):
    """What became of a reading on its way to a room."""

    JUDGED = 0
    BAD_QUALITY = 1
    UNPLACED = 2
    UNASSIGNED = 3
    BENCH = 4
    ELSEWHERE = 5
    """Sent by another node than the one its sensor is registered with: nobody knows whose air it
    is, so it judges nobody."""
    CANARY = 6
    """The test reading that goes through the line: of no home, and counted with none."""


@dataclass(frozen=True, slots=True)
class Projected:
    """The readings of a batch, or of many, each with place, time and fate; all arrays are (n,)."""

    time_s: Seconds
    point: Indices
    sensor: npt.NDArray[np.uint64]
    raw: Raw
    celsius: Celsius
    """With the calibration in force at the time. [degC]"""
    fate: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.time_s)

    def only(self, mask: Mask) -> Projected:
        """Return some of the readings."""
        if mask.all():
            return self
        return Projected(*(getattr(self, name)[mask] for name in self.__dataclass_fields__))

    def judged(self) -> Projected:
        """Return the readings that belong to a room or an outdoor place."""
        return self.only(self.fate == Fate.JUDGED)

    def fates(self) -> Counter[str]:
        """Count the readings by fate."""
        counts = np.bincount(self.fate, minlength=len(Fate))
        return Counter({fate.name.lower(): int(counts[fate]) for fate in Fate if counts[fate]})


@dataclass(frozen=True, slots=True)
class Placed:
    """Readings that belong to a room or an outdoor place, as grids need them; all are (n,)."""

    time_s: Seconds
    point: Indices
    raw: Raw

    def __len__(self) -> int:
        return len(self.time_s)

    def only(self, mask: Mask) -> Placed:
        """Return some of the readings."""
        if mask.all():
            return self
        rows = np.flatnonzero(mask)
        return Placed(self.time_s[rows], self.point[rows], self.raw[rows])


def placed(batch: Received, clocks: Clocks, directory: Directory) -> Placed:
    """Return the readings that :func:`project` calls judged, without what grids do not ask for."""
    readings = batch.readings
    time_s = times_of(batch, clocks)
    sensors = readings.sensors if isinstance(readings, ReadingColumns) else readings["sensor"]
    point, of_node = directory.assign_with_node(sensors, time_s)
    is_judged = (point >= 0) & (time_s != UNPLACED) & (readings["quality"] == 0)
    if of_node.any():
        by_node = clocks.nodes(readings["source"])
        is_judged &= (of_node == 0) | (by_node == 0) | (of_node == by_node)
    if not isinstance(sensors, Coded) or (sensors.numbers == CANARY_SENSOR).any():
        is_judged &= readings["sensor"] != CANARY_SENSOR
    return Placed(time_s, point, readings["raw"]).only(is_judged)


def placed_all(
    batches: Iterable[Batch | ReadingColumns], clocks: Clocks, directory: Directory
) -> Iterator[Placed]:
    """Yield the readings of batches as :func:`placed` does, many of them together."""
    for some in gathered(batches):
        yield placed(some, clocks, directory)


def project(batch: Received, clocks: Clocks, directory: Directory) -> Projected:
    """Return every reading of a batch, or of many, with its time, its point and its fate."""
    readings = batch.readings
    time_s = times_of(batch, clocks)
    sensor = readings["sensor"]
    named = readings.sensors if isinstance(readings, ReadingColumns) else sensor
    point, of_node = directory.assign_with_node(named, time_s)
    by_node = clocks.nodes(readings["source"])
    offset, _ = directory.calibration(named, time_s)
    fate = np.zeros(len(readings), np.uint8)
    fate[(of_node != 0) & (by_node != 0) & (of_node != by_node)] = Fate.ELSEWHERE
    fate[point == BENCH] = Fate.BENCH
    fate[point == UNASSIGNED] = Fate.UNASSIGNED
    fate[time_s == UNPLACED] = Fate.UNPLACED
    fate[readings["quality"] != 0] = Fate.BAD_QUALITY
    fate[sensor == CANARY_SENSOR] = Fate.CANARY
    raw = readings["raw"]
    return Projected(time_s, point, sensor, raw, raw / 16 + offset, fate)


@dataclass(frozen=True, slots=True)
class Together:
    """The readings of many batches: what a batch costs beside them is paid once."""

    readings: npt.NDArray[np.void]
    received_at_ms: npt.NDArray[np.int64]

    @classmethod
    def of(cls, batches: Sequence[Batch]) -> Together:
        """Return the readings of batches, in their order; at least one batch."""
        packs = [batch.packed for batch in batches]
        received = np.array([batch.received_at_ms for batch in batches], np.int64)
        positions = np.concatenate([positions for positions, _ in packs])
        # Joined as bytes: concatenate would compare the fields of every two of them.
        entries = np.frombuffer(b"".join([packed.data for _, packed in packs]), PACKED_DTYPE)
        readings = unpacked(positions, entries)
        return cls(readings, np.repeat(received, [len(positions) for positions, _ in packs]))

    def only(self, mask: Mask) -> Together:
        """Return some of the readings."""
        return Together(self.readings[mask], self.received_at_ms[mask])


def gathered(
    batches: Iterable[Batch | ReadingColumns], most: int = READINGS_AT_ONCE
) -> Iterator[Together | ReadingColumns]:
    """Yield the readings of batches in their order, about ``most`` of them together."""
    some: list[Batch] = []
    records = 0
    for batch in batches:
        if isinstance(batch, ReadingColumns):
            yield batch
            continue
        some.append(batch)
        records += batch.count
        if records >= most:
            yield Together.of(some)
            some, records = [], 0
    if some:
        yield Together.of(some)


def project_all(
    batches: Iterable[Batch | ReadingColumns], clocks: Clocks, directory: Directory
) -> Iterator[Projected]:
    """Yield the readings of batches as :func:`project` does, many of them together."""
    for some in gathered(batches):
        yield project(some, clocks, directory)


def readings_of(
    batches: Iterable[Batch | ReadingColumns], column: str, wanted: npt.NDArray[np.unsignedinteger]
) -> Iterator[Together | ReadingColumns]:
    """Yield the readings of batches whose ``column``, sensor or source, is among those wanted."""
    for some in gathered(batches):
        mask = np.isin(some.readings[column], wanted)
        if mask.any():
            yield some.only(mask)


def is_stray(batch: Batch, time_s: Seconds) -> bool:
    """Say whether the ledger files a batch under a wall time that is not believed."""
    wall_s = batch.readings["wall_s"]
    return bool(((wall_s > 0) & (time_s != wall_s)).any())


def batches_measured(
    reader: LedgerReader,
    start_s: int,
    end_s: int,
    strays: Collection[int],
    through: int = ALL_BATCHES,
    first: int = 0,
) -> Iterator[Batch]:
    """Yield the batches that may hold readings taken in [start, end), and all stray ones.

    They come in their order, since of two readings of one second the later one counts. Nothing
    comes before batch ``first`` or after ``through``.
    """
    first = max(first, _first_since(reader, start_s))
    for batch in reader.batches_measured(start_s, end_s, strays, first):
        if batch.number > through:
            return
        yield batch


def readings_measured(
    reader: LedgerReader,
    start_s: int,
    end_s: int,
    strays: Collection[int],
    through: int = ALL_BATCHES,
    first: int = 0,
) -> Iterator[Batch | ReadingColumns]:
    """Yield what :func:`batches_measured` does, in no order, and others too.

    For whom the set of readings alone counts: what is sealed comes as columns.
    """
    first = max(first, _first_since(reader, start_s))
    left = {number for number in strays if number >= first}
    for piece in reader.readings_measured(start_s, end_s, through, first):
        if isinstance(piece, Batch):
            left.discard(piece.number)
        elif left and len(piece):
            least = int(piece.batch.min())
            is_there = np.bincount(piece.batch - least) > 0
            left -= {least + place for place in np.flatnonzero(is_there).tolist()}
        yield piece
    for number in sorted(left):
        yield from reader.batches(number - 1, 1)


def _first_since(reader: LedgerReader, start_s: int) -> int:
    """Return a number before which no batch holds a reading from a time on.

    However late a reading comes, none is placed behind its receipt, and so a window does not read
    a season of days in each of which somebody had no time.
    """
    return reader.first_since(start_s - FUTURE_S)


def by_source(
    source: npt.NDArray[np.uint32], rows: npt.NDArray[np.intp]
) -> list[npt.NDArray[np.intp]]:
    """Return rows, (n,), parted by the source of each; those of one keep their order."""
    if not len(rows):
        return []
    order = np.argsort(source[rows], kind="stable")
    return np.split(rows[order], np.flatnonzero(np.diff(source[rows][order])) + 1)


def times_of(batch: Received, clocks: Clocks) -> Seconds:
    """Return when each reading of a batch was taken, UNPLACED where that is not known. [s UTC]"""
    readings = batch.readings
    wall_s = readings["wall_s"]
    doubts = clocks.untimed(batch)
    time_s = np.where(doubts, UNPLACED, wall_s)
    doubtful = np.flatnonzero(doubts)
    if not len(doubtful):
        return time_s
    received_at_s = np.broadcast_to(batch.received_at_ms, len(readings)) / 1000
    synchronised = (readings["sync"] == 1) & (wall_s > 0)
    for rows in by_source(readings["source"], doubtful):
        placed, _ = place(
            readings["mono_ms"][rows].astype(np.int64),
            wall_s[rows],
            synchronised[rows],
            received_at_s[rows],
            clocks.fixes_of(int(readings["source"][rows[0]])),
        )
        time_s[rows] = placed
    return time_s
