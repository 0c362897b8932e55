"""Readings of a sealed day as columns are those of its batches, however they are cut."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.core.placing import begun_since, is_timely
from heatward_collector.errors import LedgerError
from heatward_collector.ledger import LedgerReader, parquet_readings
from heatward_collector.ledger.batch import (
    GENESIS,
    PACKED_DTYPE,
    Batch,
    Source,
    pack_entry,
)
from heatward_collector.ledger.columns import ClockRecords, ReadingColumns
from heatward_collector.ledger.parquet import has_batch_steps
from heatward_collector.ledger.sealed_day import SealedDay, SealedDayWriter
from heatward_collector.ledger.stretch import Stretch, stretch_of
from heatward_node.reading import LAYOUT_VERSION, NO_WALL_TIME, Kind, Record, Sync, reading
from heatward_node.scratchpad import usual_scratchpad
from support.batches import encode_body
from support.evidence import LIVING, T0, PaperNode
from support.records import record_runs
from support.w1_tree import rom_number

from .test_verify import BATCHES_A_DAY, DAYS, write

NAMES = ("source", "sync", "quality", "mono_ms", "wall_s", "sensor", "raw")
SOURCES = [Source(number, "sample", f"n{number:04d}", 7) for number in range(3)]
Rows = list[tuple[int, ...]]


def batches_of(runs: list[list[tuple[int, Record]]]) -> list[Batch]:
    """Return a batch for each run of (source, record); seconds apart."""
    batches = []
    for number, run in enumerate(runs, 1):
        entries = [pack_entry(source, record.to_bytes()) for source, record in run]
        body = encode_body(SOURCES if number == 1 else [], entries)
        batches.append(Batch(number, 1000 * (T0 + 100_000 + number), len(run), body))
    return batches


@st.composite
def any_batches(draw) -> list[Batch]:
    """Draw batches of records of any sources."""
    runs = draw(st.lists(record_runs(4), min_size=1, max_size=6))
    return batches_of([[(draw(st.integers(0, 2)), record) for record in run] for run in runs])


def sealed(folder: Path, batches: list[Batch], cut: int) -> SealedDay:
    writer = SealedDayWriter(folder / "2026-01-01.sealed", "ab" * 8, 1, GENESIS)
    for some in (batches[:cut], batches[cut:]):
        if some:
            writer.add(stretch_of(some))
    return writer.finish([(source, 0) for source in SOURCES], 0)


def rows_of(columns: ReadingColumns) -> Rows:
    arrays = [columns.batch, columns.received_at_ms, *(columns[name] for name in NAMES)]
    return list(zip(*(array.tolist() for array in arrays), strict=True))


def rows_of_batch(batch: Batch) -> Rows:
    arrays = [batch.readings[name].tolist() for name in NAMES]
    return [(batch.number, batch.received_at_ms, *row) for row in zip(*arrays, strict=True)]


@settings(max_examples=30, deadline=None)
@given(any_batches(), st.integers(0, 6), st.integers(1, 5))
def test_columns_hold_what_batches_hold(batches, cut, rows_at_once):
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet_readings, "ROWS_AT_ONCE", rows_at_once)
        day = sealed(Path(name), batches, cut)
        found = [
            row
            for index in range(len(day.manifest.parts))
            for columns in day.readings(index)
            for row in rows_of(columns)
        ]
    expected = [row for batch in batches for row in rows_of_batch(batch)]
    assert sorted(found) == sorted(expected)


@settings(max_examples=30, deadline=None)
@given(any_batches(), st.integers(0, 6), st.integers(1, 5))
def test_clock_records_are_those_of_the_batches(batches, cut, rows_at_once):
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet_readings, "ROWS_AT_ONCE", rows_at_once)
        pieces = list(sealed(Path(name), batches, cut).clock_records())
    found = [row for piece in pieces for row in clock_rows_of(piece)]
    assert sum(len(piece) for piece in pieces) == len(found)
    expected = [
        (batch.received_at_ms, source, kind, record.mono_ms, record.wall_s, record.body)
        for batch in batches
        for _, source, record in batch.others
        if (kind := record.kind) in (Kind.BOOT, Kind.CLOCK_FIX)
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)


@settings(max_examples=30, deadline=None)
@given(any_batches(), st.integers(0, 6), st.integers(1, 5))
def test_what_readings_say_of_clocks_is_told_beside_the_clock_records(batches, cut, rows_at_once):
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet_readings, "ROWS_AT_ONCE", rows_at_once)
        told = [piece.beside for piece in sealed(Path(name), batches, cut).clock_records()]
    least: dict[int, float] = {}
    for one in told:
        assert len(one.source) == len(set(one.source.tolist()))
        for source, begun_s in zip(one.source.tolist(), one.begun_s.tolist(), strict=True):
            least[source] = min(begun_s, least.get(source, np.inf))
    expected: dict[int, float] = {}
    timely = []
    for batch in batches:
        readings = batch.readings
        expected |= {record[1]: expected.get(record[1], np.inf) for record in batch.others}
        timely.append(is_timely(readings["sync"], readings["wall_s"], batch.received_at_ms))
        begun_s = begun_since(readings["wall_s"], readings["mono_ms"])
        for source, begun in zip(readings["source"].tolist(), begun_s.tolist(), strict=True):
            expected[source] = min(begun, expected.get(source, np.inf))
    assert least == expected
    assert all(one.is_timely for one in told) == all(one.all() for one in timely)
    assert {one.batch for one in told} <= {batch.number for batch in batches}


def clock_rows_of(columns: ClockRecords) -> list[tuple[object, ...]]:
    arrays = (getattr(columns, name) for name in ("received_at_ms", "source", "kind", "mono_ms"))
    wall_s = [None if wall == NO_WALL_TIME else wall for wall in columns.wall_s.tolist()]
    bodies = [columns.bodies[code] for code in columns.code.tolist()]
    return list(zip(*(array.tolist() for array in arrays), wall_s, bodies, strict=True))


def a_day(folder: Path) -> SealedDay:
    node = PaperNode(1)
    runs = [
        [(0, node.boot())],
        [(0, node.read(LIVING, T0 + 10, 20.0)), (0, node.read(LIVING, T0 + 310, 20.5))],
        [(0, node.fix(T0 + 600)), (0, node.read(LIVING, T0 + 610, 21.0, synchronised=False))],
        [(0, node.read(LIVING, T0 + 90_000, 22.0))],
    ]
    return sealed(folder, batches_of(runs), 3)


def measured(folder: Path, start_s: int, end_s: int, through: int) -> list[int]:
    reader = LedgerReader(folder)
    found = reader.readings_measured(start_s, end_s, through)
    numbers = [
        number
        for piece in found
        for number in ([piece.number] if isinstance(piece, Batch) else piece.batch.tolist())
    ]
    reader.close()
    return sorted(numbers)


def test_a_stretch_that_may_hold_them_comes_whole_and_no_other(tmp_path):
    a_day(tmp_path)
    # One reading of the first stretch has no time, so it may hold any.
    assert measured(tmp_path, T0 + 80_000, T0 + 100_000, 4) == [2, 2, 3, 4]
    assert measured(tmp_path, T0, T0 + 100, 4) == [2, 2, 3]


def test_nothing_comes_from_above_the_cursor(tmp_path):
    a_day(tmp_path)
    assert measured(tmp_path, T0, T0 + 100_000, 3) == [2, 3]
    assert measured(tmp_path, T0, T0 + 100_000, 2) == [2]


@pytest.mark.parametrize("name", ["records.parquet", "batches.parquet"])
def test_rows_that_are_missing_are_noticed(tmp_path, name):
    day = a_day(tmp_path)
    path = day.folder / name
    file = pq.ParquetFile(path)
    tables = [file.read_row_group(index) for index in range(file.num_row_groups)]
    with pq.ParquetWriter(path, file.schema_arrow) as writer:
        for table in tables:
            writer.write_table(table.slice(0, len(table) - 1))
    with pytest.raises(LedgerError, match="do not add up"):
        list(day.readings(0))


def test_a_file_that_cannot_be_read_says_which_part(tmp_path):
    day = a_day(tmp_path)
    (day.folder / "records.parquet").write_bytes(b"no parquet")
    with pytest.raises(LedgerError, match="row group 1"):
        list(day.readings(1))


def test_some_of_the_readings_are_those_rows_alone(tmp_path):
    (columns,) = a_day(tmp_path).readings(0)
    rows, mask = rows_of(columns), np.array([False, True, True])
    assert len(columns) == 3
    assert rows_of(columns.only(mask)) == rows[1:]
    assert rows_of(columns.only(~mask)) == rows[:1]
    assert len(columns.only(np.zeros(3, bool))) == 0


def test_a_day_of_the_first_layout_has_no_steps_of_batches(tmp_path):
    file = pq.ParquetFile(a_day(tmp_path).folder / "records.parquet")
    table = file.read_row_group(0)
    assert has_batch_steps(table)
    assert not has_batch_steps(table.drop_columns(["batch_step"]))


def test_sensors_are_named_once(tmp_path):
    (columns,) = a_day(tmp_path).readings(0)
    assert len(columns.sensors.numbers) <= 2
    assert np.array_equal(columns.sensors.plain(), columns.sensor)
    assert columns.readings is columns


@pytest.mark.parametrize("rows_at_once", [1, 2, 5])
def test_a_round_of_several_sensors_keeps_its_moment_over_the_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
):
    def one(seq: int) -> tuple[int, Record]:
        moment, rom = seq // 3, rom_number(seq % 3 + 1)
        at_s, pad = T0 + 300 * moment, usual_scratchpad(300 + seq)
        return 0, reading(seq, 1_000 + 300_007 * moment, at_s, Sync.SYNCHRONISED, rom, pad, 0)

    monkeypatch.setattr(parquet_readings, "ROWS_AT_ONCE", rows_at_once)
    batches = batches_of([[one(seq) for seq in range(3, 9)], [one(seq) for seq in range(9, 12)]])
    day = sealed(tmp_path, batches, 2)
    found = [row for columns in day.readings(0) for row in rows_of(columns)]
    assert sorted(found) == sorted(row for batch in batches for row in rows_of_batch(batch))


def test_a_part_with_readings_of_other_batches_is_refused(tmp_path: Path):
    day = a_day(tmp_path)
    parts = (replace(day.manifest.parts[0], first=7, last=9), *day.manifest.parts[1:])
    day.manifest = replace(day.manifest, parts=parts)
    with pytest.raises(LedgerError, match="of other batches"):
        list(day.readings(0))


def test_days_that_are_still_files_come_one_after_the_other(tmp_path: Path):
    write(tmp_path / "ledger")
    last = DAYS * BATCHES_A_DAY
    found = measured(tmp_path / "ledger", T0 - 86_400, T0 + 30 * 86_400, last)
    assert found == list(range(1, last + 1))


def test_a_part_of_a_city_comes_in_pieces_of_at_most_131_072_records(tmp_path: Path):
    """15 MB are held at a time: a window is filled beside everything else that runs."""
    most, others = 2**17, 40
    packed = np.zeros(most + others, PACKED_DTYPE)
    for name, value in {
        "kind": Kind.READING,
        "sync": Sync.SYNCHRONISED,
        "version": LAYOUT_VERSION,
        "seq": np.arange(1, 1 + len(packed)),
        "wall_s": T0 + np.arange(len(packed)),
        "sensor": int.from_bytes(rom_number(1), "little"),
        "scratchpad": np.frombuffer(usual_scratchpad(321), np.uint8),
    }.items():
        packed[name] = value
    stretch = Stretch(1, np.array([1000 * T0]), np.array([len(packed)]), packed)
    writer = SealedDayWriter(tmp_path / "2026-01-01.sealed", "ab" * 8, 1, GENESIS)
    writer.add(stretch)
    pieces = list(writer.finish([(SOURCES[0], 0)], 0).readings(0))
    assert [len(piece) for piece in pieces] == [most, others]
    wall_s = np.concatenate([piece.wall_s for piece in pieces])
    assert np.array_equal(wall_s, packed["wall_s"])
    assert all((piece.batch == 1).all() and (piece.raw == 321).all() for piece in pieces)
