"""The files of a sealed day, as a program sees them that knows Parquet and nothing of Heatward."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings

from heatward_collector.errors import LedgerError
from heatward_collector.ledger import parquet_readings
from heatward_collector.ledger.batch import Batch, Source
from heatward_collector.ledger.parquet import ParquetDay, read_sources, read_stretch
from heatward_collector.ledger.sealed_day import SealedDay
from heatward_collector.ledger.stretch import stretch_of
from heatward_node.events import Boot
from heatward_node.reading import Kind, Record, Sync, reading
from heatward_node.scratchpad import usual_scratchpad
from support.evidence import T0
from support.w1_tree import rom_number

from .test_parquet_readings import SOURCES, a_day, any_batches, batches_of, sealed

BOOT = Boot(b"b" * 16).to_body()
ODD_PAD = b"\x50\x05\4\3\2\1\0\xff\x10"
FILES = ("records.parquet", "batches.parquet", "sources.parquet", "sensors.parquet")
COLUMNS = {
    "records.parquet": {
        "source": "uint32",
        "sensor": "uint64 or null",
        "sensor_place": "uint8 or null",
        "first_seq": "int64",
        "seq_offset": "int64",
        "kind": "uint8",
        "wall_s": "int64 or null",
        "boot_ms": "int64",
        "drift_ms": "int64",
        "is_same_moment": "bool",
        "raw": "int16 or null",
        "sync": "uint8",
        "quality": "uint8",
        "batch_step": "int32 or null",
        "arrival_step": "int32 or null",
        "body": "binary or null",
    },
    "batches.parquet": {
        "number": "int64",
        "received_at_ms": "int64",
        "count": "int32",
        "sources": "binary or null",
    },
    "sources.parquet": {
        "id": "uint32",
        "district": "string",
        "node": "string",
        "epoch": "uint32",
        "through": "uint32",
    },
    "sensors.parquet": {"source": "uint32", "sensor": "uint64"},
}


def one(
    seq: int,
    mono_ms: int,
    wall_s: int | None,
    sensor: int = 1,
    raw: int = 320,
    pad: bytes | None = None,
) -> Record:
    sync = Sync.UNSYNCHRONISED if wall_s is None else Sync.SYNCHRONISED
    return reading(seq, mono_ms, wall_s, sync, rom_number(sensor), pad or usual_scratchpad(raw), 0)


def two_homes() -> list[Batch]:
    """Return batches of two nodes whose clocks began in the same second, each by its source."""
    return batches_of(
        [
            [
                (0, one(1, 60_250, T0 + 60)),
                (0, one(2, 60_250, T0 + 60, 2, 321)),
                (1, Record(Kind.BOOT, 7, 20, None, 0, 0, BOOT)),
                (1, one(8, 360_900, T0 + 360, 3, -80, b"\xb0\xff\4\3\2\1\0\xff\x10")),
            ],
            [
                (0, one(3, 360_100, T0 + 360)),
                (1, one(9, 660_000, None, 3)),
                (2, one(1, 660_000, None, 4)),
            ],
        ]
    )


def rows_of(path: Path, group: int = 0) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = pq.ParquetFile(path).read_row_group(group).to_pydict()
    return columns


def chunks(path: Path) -> Iterator[tuple[str, int, Any]]:
    """Yield the name of every column of the first row group, where it ends, what is known of it."""
    group = pq.ParquetFile(path).metadata.row_group(0)
    for index in range(group.num_columns):
        known = group.column(index)
        begin = known.dictionary_page_offset or known.data_page_offset
        yield known.path_in_schema, begin + known.total_compressed_size, known


@pytest.mark.parametrize("name", FILES)
def test_the_files_of_a_day_have_the_published_columns(tmp_path: Path, name: str):
    """Who wrote a query for last season's archive finds the same columns in this one's."""
    schema = pq.read_schema(a_day(tmp_path).folder / name)
    found = {one.name: f"{one.type}{' or null' if one.nullable else ''}" for one in schema}
    assert list(found.items()) == list(COLUMNS[name].items())


def test_every_column_says_what_is_published_of_it(tmp_path: Path):
    folder = sealed(tmp_path, two_homes(), 2).folder
    # The moments of a clock count from 1970 where its records have a wall time, else from its boot;
    # the soonest of both is far from a record without one.
    first, second = 100 - 1000 * T0, 900 - 1000 * T0
    assert rows_of(folder / "records.parquet") == {
        "source": [0, 0, 0, 1, 1, 1, 2],
        "sensor": [None] * 7,
        "sensor_place": [0, 1, 0, None, 0, 0, 0],
        "first_seq": [1, 1, 1, 7, 7, 7, 1],
        "seq_offset": [0, 1, 2, 0, 1, 2, 0],
        "kind": [1, 1, 1, int(Kind.BOOT), 1, 1, 1],
        "wall_s": [T0 + 60, T0 + 60, T0 + 360, None, T0 + 360, None, None],
        "boot_ms": [first] * 3 + [second] * 3 + [660_000],
        "drift_ms": [150, 0, 0, 20 - second, 0, 660_000 - second, 0],
        "is_same_moment": [False, True, False, False, False, False, False],
        "raw": [320, 321, 320, None, -80, 320, 320],
        "sync": [1, 1, 1, 0, 1, 0, 0],
        "quality": [0] * 7,
        "batch_step": [0, 0, 1, 0, 0, 1, 1],
        "arrival_step": [None] * 7,
        "body": [None] * 3 + [BOOT, rom_number(3) + b"\xb0\xff\4\3\2\1\0\xff\x10", None, None],
    }
    assert rows_of(folder / "batches.parquet") == {
        "number": [1, 2],
        "received_at_ms": [1000 * (T0 + 100_001), 1000 * (T0 + 100_002)],
        "count": [4, 3],
        "sources": [b"".join(b"%d sample n%04d 00000007\n" % (at, at) for at in range(3)), None],
    }
    assert rows_of(folder / "sensors.parquet") == {
        "source": [0, 0, 1, 2],
        "sensor": [int.from_bytes(rom_number(at), "little") for at in (1, 2, 3, 4)],
    }
    assert rows_of(folder / "sources.parquet") == {
        "id": [0, 1, 2],
        "district": ["sample"] * 3,
        "node": ["n0000", "n0001", "n0002"],
        "epoch": [7] * 3,
        "through": [0] * 3,
    }


def test_records_in_the_order_of_their_arrival_say_their_places(tmp_path: Path):
    """As they were kept before batches were sorted: by how many others each one came later."""
    runs = [[(1, one(4, 100, None)), (0, one(1, 100, None)), (1, one(5, 300, None))]]
    records = rows_of(sealed(tmp_path, batches_of(runs), 1).folder / "records.parquet")
    assert records["source"] == [0, 1, 1]
    assert records["arrival_step"] == [1, 0, 2]
    assert records["batch_step"] == [None] * 3


def test_the_first_record_of_a_node_leans_on_none_of_another(tmp_path: Path):
    """Two nodes that were switched on together: each one's records can be read alone."""
    same = [(source, one(seq, 100, None)) for source in (0, 1) for seq in (1, 2)]
    records = rows_of(sealed(tmp_path, batches_of([same]), 1).folder / "records.parquet")
    assert records["is_same_moment"] == [False, True, False, True]
    assert records["drift_ms"] == [0] * 4


def test_who_looks_for_a_time_a_node_or_a_batch_knows_which_part_to_open(tmp_path: Path):
    folder = sealed(tmp_path, two_homes(), 1).folder
    bounds = {
        name: (known.statistics.min, known.statistics.max)
        for file in ("records.parquet", "batches.parquet")
        for name, _, known in chunks(folder / file)
        if known.statistics is not None
    }
    assert bounds == {"source": (0, 1), "wall_s": (T0 + 60, T0 + 360), "number": (1, 1)}


def test_a_sensor_is_written_once_however_often_it_measured(tmp_path: Path):
    """A city's sensors are many, and their numbers are what cannot be pressed together."""
    sensors, times = 3_000, 4
    run = [
        (0, one(1 + time * sensors + at, time, None, at))
        for time in range(times)
        for at in range(sensors)
    ]
    folder = sealed(tmp_path, batches_of([run]), 1).folder
    (known,) = (one for name, _, one in chunks(folder / "records.parquet") if name == "sensor")
    assert known.total_uncompressed_size < 8 * sensors + 2 * len(run)  # plainly: 8 each time


@pytest.mark.parametrize("listed", [[], [(SOURCES[0], 0), (SOURCES[2], 2**32 - 1)]])
def test_a_day_that_is_closed_lies_whole_in_its_files_and_its_sources_come_back(
    tmp_path: Path, listed: list[tuple[Source, int]]
):
    day = ParquetDay(tmp_path)
    day.close(listed)  # and it is still held
    assert read_sources(tmp_path) == listed
    for name in FILES:
        assert pq.ParquetFile(tmp_path / name).metadata.num_columns == len(COLUMNS[name])


def test_sources_that_cannot_be_read_are_named(tmp_path: Path):
    (tmp_path / "sources.parquet").write_bytes(b"no parquet")
    with pytest.raises(LedgerError, match="sources.parquet cannot be read"):
        read_sources(tmp_path)


@settings(max_examples=15, deadline=None)
@given(any_batches())
@example(two_homes())
def test_a_stretch_comes_back_as_it_was_written(batches: list[Batch]):
    """The header alone of records that are no usual readings, whose bodies are kept apart."""
    written = stretch_of(batches)
    with tempfile.TemporaryDirectory() as name:
        read = read_stretch(sealed(Path(name), batches, len(batches)).folder, 0)
    assert (read.first, read.others, read.tables) == (written.first, written.others, written.tables)
    assert read.received_at_ms.tolist() == written.received_at_ms.tolist()
    assert read.count.tolist() == written.count.tolist()
    plain = np.ones(len(written.packed), bool)
    plain[list(written.others)] = False
    for name in set(written.packed.dtype.names or ()) - {"crc", "scratchpad"}:
        assert read.packed[name].tolist() == written.packed[name].tolist(), name
    pads = read.packed["scratchpad"]
    assert pads[plain].tolist() == written.packed["scratchpad"][plain].tolist()
    assert not pads[read.packed["kind"] != Kind.READING].any()


def test_an_unusual_reading_of_a_sealed_day_has_the_bytes_of_its_sensor(tmp_path: Path):
    """What the columns have of it is the temperature; the rest of what the part said is kept."""
    batches = batches_of([[(0, one(1, 100, None, pad=ODD_PAD)), (0, one(2, 100, None))]])
    day = sealed(tmp_path, batches, 1)
    (batch,) = day.batches(after=0)
    pads = [pad.tobytes() for pad in batch.readings["scratchpad"]]
    assert pads == [ODD_PAD, usual_scratchpad(320)]
    assert batch.readings.tobytes() == batches[0].readings.tobytes()


def test_what_batches_say_of_a_reading_is_what_the_chain_proves(tmp_path: Path):
    """Its body, where it has one; a forger may have put anything into its columns."""
    batches = batches_of([[(0, one(1, 100, None, pad=ODD_PAD)), (0, one(2, 100, None))]])
    day = sealed(tmp_path, batches, 1)
    change(day.folder / "records.parquet", sensor=[7, None], sensor_place=[None, 0], raw=[100, 320])
    (batch,) = SealedDay(day.folder).batches(after=0)
    assert batch.readings.tobytes() == batches[0].readings.tobytes()
    assert batch.body == batches[0].body


READ: dict[str, Callable[[SealedDay], object]] = {
    "whole": lambda day: day.stretch(0),
    "readings": lambda day: list(day.readings(0)),
    "clocks": lambda day: list(day.clock_records()),
}
NOT_LOOKED_AT = {
    "whole": set(),
    "readings": {"first_seq", "seq_offset", "body"},
    "clocks": {"first_seq", "seq_offset", "sensor", "sensor_place", "raw", "quality"},
}


@pytest.mark.parametrize("how", READ)
def test_a_bit_that_a_disk_lost_is_never_read_as_a_temperature_or_a_time(tmp_path: Path, how: str):
    """By the check sums of the pages: nobody has to read the whole day for that."""
    day = a_day(tmp_path)
    for file in ("records.parquet", "batches.parquet"):
        path = day.folder / file
        whole = path.read_bytes()
        for name, end, _ in chunks(path):
            data = bytearray(whole)
            data[end - 1] ^= 1
            path.write_bytes(data)
            if name in NOT_LOOKED_AT[how]:
                READ[how](SealedDay(day.folder))
            else:
                with pytest.raises(LedgerError, match=r"row group 0 .* cannot be read: .*CRC"):
                    READ[how](SealedDay(day.folder))
        path.write_bytes(whole)


def change(path: Path, **columns: list[Any]) -> None:
    """Write the first row group anew with other values, as a forger can."""
    table = pq.ParquetFile(path).read_row_group(0)
    held = table.to_pydict() | columns
    pq.write_table(pa.table(held, schema=table.schema), path)


@pytest.mark.parametrize(
    "count", [[4, 2], [2, 4], [5, 2], [4, 4], [4], [4, 3, 1], [4, 3, 0, 1], [3, 3, 1]]
)
def test_batches_that_count_other_records_are_refused(tmp_path: Path, count: list[int]):
    folder = sealed(tmp_path, two_homes(), 2).folder
    places = range(len(count))
    change(
        folder / "batches.parquet",
        number=[1 + at for at in places],
        received_at_ms=[at for at in places],
        count=count,
        sources=[None] * len(count),
    )
    with pytest.raises(LedgerError, match="row group 0 of .* do not add up"):
        read_stretch(folder, 0)


@pytest.mark.parametrize(
    ("steps", "place"),
    [
        ([0, 0, 1, 0, 0, 2, 1], "behind the last batch"),
        ([-1, 1, 1, 0, 0, 1, 1], "before the first one"),
        ([1, 0, 0, 0, 0, 1, 1], "in a batch that has others"),
    ],
)
def test_records_of_no_batch_are_refused(tmp_path: Path, steps: list[int], place: str):
    folder = sealed(tmp_path, two_homes(), 2).folder
    change(folder / "records.parquet", batch_step=steps)
    with pytest.raises(LedgerError, match="row group 0 of .* do not add up"):
        read_stretch(folder, 0)


@pytest.mark.parametrize("steps", [[0, 0, 2], [1, 1, 1], [1, 0, 3], [-1, 0, 2], [3, 0, 2]])
def test_records_that_are_not_each_in_a_place_of_their_own_are_refused(
    tmp_path: Path, steps: list[int]
):
    runs = [[(1, one(4, 100, None)), (0, one(1, 100, None)), (1, one(5, 300, None))]]
    folder = sealed(tmp_path, batches_of(runs), 1).folder
    assert len(read_stretch(folder, 0).packed) == 3
    change(folder / "records.parquet", arrival_step=steps)
    with pytest.raises(LedgerError, match="row group 0 of .* do not add up"):
        read_stretch(folder, 0)


def test_batches_whose_numbers_do_not_follow_each_other_are_refused(tmp_path: Path):
    """Whoever reads some columns alone takes the number of each batch from its own row."""
    day = sealed(tmp_path, two_homes(), 2)
    first, second = rows_of(day.folder / "batches.parquet")["number"]
    assert read_stretch(day.folder, 0).first == first == second - 1
    change(day.folder / "batches.parquet", number=[first, second + 1])
    with pytest.raises(LedgerError, match="row group 0 of .* do not add up"):
        read_stretch(day.folder, 0)


@pytest.mark.parametrize("steps", [[0, 0, 2, 0, 0, 1, 1], [-1, 1, 1, 0, 0, 1, 1]])
@pytest.mark.parametrize("rows_at_once", [4, 100])
def test_readings_of_no_batch_are_refused_before_they_are_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[int], rows_at_once: int
):
    monkeypatch.setattr(parquet_readings, "ROWS_AT_ONCE", rows_at_once)
    day = sealed(tmp_path, two_homes(), 2)
    change(day.folder / "records.parquet", batch_step=steps)
    with pytest.raises(LedgerError, match="row group 0 of .* do not add up"):
        next(day.readings(0))
