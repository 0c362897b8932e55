"""The readings of a sealed day as columns, some at a time: what a window of a city is filled from.

Imported only where they are asked for, as :mod:`heatward_collector.ledger.parquet` is.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from heatward_collector.core.placing import begun_since, is_timely
from heatward_collector.errors import LedgerError
from heatward_collector.ledger.ahead import ahead
from heatward_collector.ledger.columns import ClockRecords, ReadingColumns, TimesBeside
from heatward_collector.ledger.day_sensors import NO_SENSORS, DaySensors
from heatward_collector.ledger.parquet import (
    BATCHES,
    RECORDS,
    has_batch_steps,
    numbers_of,
    row_group,
)
from heatward_collector.ledger.parquet_sensors import (
    PLACE,
    coded_sensors,
    has_places,
    read_sensors,
)
from heatward_collector.ledger.runs import run_starts, spread
from heatward_node.reading import NO_WALL_TIME, Kind

Numbers = npt.NDArray[np.int64]
Rows = tuple[Any, Numbers, Numbers, Numbers]
"""Columns of some records, their moments [ms], the numbers of their batches and when those came."""
ROWS_AT_ONCE = 2**17
"""So many records are looked at together where only their readings are asked for: 15 MB."""
_OF_ALL = ("source", "kind", "wall_s", "boot_ms", "drift_ms", "is_same_moment")
_STEPS = ("batch_step", "arrival_step")
_OF_READINGS = (*_OF_ALL, "sensor", PLACE, "raw", "sync", "quality", *_STEPS)
_OF_CLOCKS = (*_OF_ALL, "sync", "body", *_STEPS)


def read_readings(folder: Path, groups: Sequence[int]) -> Iterator[tuple[int, ReadingColumns]]:
    """Yield the readings of row groups, some at a time, each with its group.

    Which batch they came in is known by the running sums alone; that every place is taken once is
    for who proves the day. Raises LedgerError as read_stretch does.
    """
    sensors = NO_SENSORS
    for group, rows in ahead(_of_groups(folder, groups, _OF_READINGS)):
        if sensors is NO_SENSORS and has_places(rows[0]):
            sensors = read_sensors(folder)
        yield group, _readings(*rows, sensors)


def _of_groups(
    folder: Path, groups: Sequence[int], names: Sequence[str]
) -> Generator[tuple[int, Rows]]:
    for group in groups:
        for rows in _rows(folder, group, names):
            yield group, rows


def read_clock_records(folder: Path, groups: Sequence[int]) -> Iterator[ClockRecords]:
    """Yield the BOOT and CLOCK_FIX records of row groups, as :func:`read_readings` does."""
    for _, (records, moment, number, received) in ahead(_of_groups(folder, groups, _OF_CLOCKS)):
        kind, source = numbers_of(records, "kind"), numbers_of(records, "source")
        chosen = np.flatnonzero((kind == Kind.BOOT) | (kind == Kind.CLOCK_FIX))
        wall, wall_ms = _wall(records)
        mono = moment + wall_ms
        body = records.column("body").take(pa.array(chosen)).dictionary_encode()
        others = np.flatnonzero(kind != Kind.READING)
        timely = is_timely(numbers_of(records, "sync"), wall, received)
        timely[others] = True
        begun = begun_since(wall, mono)
        begun[others] = np.inf
        starts = run_starts(source)
        beside = TimesBeside(
            int(number[0]), bool(timely.all()), source[starts], np.minimum.reduceat(begun, starts)
        )
        yield ClockRecords(
            received[chosen],
            source[chosen],
            kind[chosen],
            mono[chosen],
            wall[chosen],
            body.dictionary.to_pylist(),
            body.indices.to_numpy(),
            beside,
        )


def _rows(folder: Path, group: int, names: Sequence[str]) -> Iterator[Rows]:
    """Yield some rows of a row group at a time."""
    apart = LedgerError(f"row group {group} of {folder}: its records and batches do not add up")
    try:
        batches = row_group(folder / BATCHES, group)
        count = numbers_of(batches, "count").astype(np.int64)
        batch_of = np.repeat(np.arange(len(count), dtype=np.int32), count)
        rows, running = 0, _Running()
        numbers, received = numbers_of(batches, "number"), numbers_of(batches, "received_at_ms")
        for records in _pieces(folder / RECORDS, group, names):
            moment, place = running.after(records)
            rows += len(place)
            known = len(count) if has_batch_steps(records) else len(batch_of)
            if rows > len(batch_of) or place.min() < 0 or place.max() >= known:
                raise apart
            if not has_batch_steps(records):
                place = batch_of[place].astype(np.int64)
            yield records, moment, numbers[place], received[place]
    except (OSError, pa.ArrowException) as error:
        raise LedgerError(f"row group {group} of {folder} cannot be read: {error}") from error
    if rows != len(batch_of):
        raise apart


class _Running:
    """What a row says only together with those before it, over the pieces of a row group."""

    def __init__(self) -> None:
        self._source, self._place, self._moment = -1, 0, 0

    def after(self, records: Any) -> tuple[Numbers, Numbers]:
        """Return the moment of every row of the piece that comes next, and its place.

        That is the place of its batch where batches are sorted, else its own.
        """
        source = numbers_of(records, "source")
        name = "batch_step" if has_batch_steps(records) else "arrival_step"
        step = numbers_of(records, name)
        starts = run_starts(source)
        places = np.cumsum(step, dtype=np.int64)
        before = places[starts] - step[starts]
        if int(source[0]) == self._source:
            before[0] -= self._place
        places -= spread(before, starts, len(source))
        moment = numbers_of(records, "boot_ms") + numbers_of(records, "drift_ms")
        is_same = records.column("is_same_moment").to_numpy(zero_copy_only=False)
        if is_same.any():
            own = np.flatnonzero(~is_same)
            leaning = np.diff(own, prepend=0, append=len(is_same))
            moment = np.repeat(np.append(self._moment, moment[own]), leaning)
        self._source, self._place, self._moment = int(source[-1]), places[-1], moment[-1]
        return moment, places


def _pieces(path: Path, group: int, names: Sequence[str]) -> Iterator[Any]:
    with pq.ParquetFile(path, memory_map=True, page_checksum_verification=True) as file:
        held = [name for name in names if name in file.schema_arrow.names]
        yield from file.iter_batches(
            ROWS_AT_ONCE, row_groups=[group], columns=held, use_threads=False
        )


def _wall(records: Any) -> tuple[Numbers, Numbers]:
    """Return the wall time of every row [s], and the same in ms with 0 where there is none."""
    column = records.column("wall_s")
    wall = np.asarray(column.fill_null(NO_WALL_TIME).to_numpy())
    if not column.null_count:
        return wall, 1000 * wall
    return wall, 1000 * np.where(wall == NO_WALL_TIME, 0, wall)


def _readings(
    records: Any, moment: Numbers, batch: Numbers, received_at_ms: Numbers, sensors: DaySensors
) -> ReadingColumns:
    wall, wall_ms = _wall(records)
    is_reading = numbers_of(records, "kind") == Kind.READING
    columns: list[Any] = [batch, received_at_ms]
    columns += [numbers_of(records, name) for name in ("source", "sync", "quality")]
    columns += [moment + wall_ms, wall, records.column("raw").fill_null(0).to_numpy()]
    if not is_reading.all():
        rows = np.flatnonzero(is_reading)
        columns = [column[rows] for column in columns]
    columns.append(coded_sensors(records, is_reading, sensors))
    return ReadingColumns(*columns)
