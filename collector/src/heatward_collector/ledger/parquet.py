"""The Parquet files of a sealed day, any stretch of which can be read by itself.

Imported only where a sealed day is written or read: pyarrow costs 31 MB. Records are sorted by
source and number. What weighs is what nobody can foresee: the moment within the second, the order
of arrival and the last bits of the temperature; so the columns hold just that:

================ ==========================================================================
first_seq        number of the source's first record in this row group; seq is this and
seq_offset       this together
sensor_place     which of the sensors that sensors.parquet has of the source, from 0 on; null where
                 ``sensor`` says it
wall_s, raw      as in the record [s UTC, 1/16 degC]; null where it has none
boot_ms          when the source's clock began, by the record that was soonest in its second
drift_ms         how much later this one was: mono_ms = 1000 wall_s + boot_ms + drift_ms
is_same_moment   a record of the moment of the one before, whose drift_ms counts
batch_step       how many batches after the source's last record it came; summed up, its batch in
                 the row group, where each batch has its records by source and number
arrival_step     where one has not, instead: after how many others it came; summed up, its place
                 in the row group, and with the counts of batches.parquet its batch
body             of a record that is no usual reading
================ ==========================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from heatward_collector.errors import LedgerError
from heatward_collector.ledger.batch import PACKED_DTYPE, Source
from heatward_collector.ledger.day_sensors import GrowingDaySensors
from heatward_collector.ledger.parquet_sensors import sensor_columns, sensors_of, write_sensors
from heatward_collector.ledger.runs import run_starts, spread
from heatward_collector.ledger.stretch import Stretch, usual_scratchpads
from heatward_node.reading import LAYOUT_VERSION, NO_WALL_TIME, Kind

RECORDS, BATCHES, SOURCES = "records.parquet", "batches.parquet", "sources.parquet"
COMPRESSION_LEVEL = 9
"""zstd level: what is sealed is written once and kept for seasons."""
Numbers = npt.NDArray[np.int64]
DICTIONARY_BYTES = 256 * 2**20
_RECORDS = pa.schema(
    [
        pa.field("source", pa.uint32(), nullable=False),
        pa.field("sensor", pa.uint64(), nullable=True),
        pa.field("sensor_place", pa.uint8(), nullable=True),
        pa.field("first_seq", pa.int64(), nullable=False),
        pa.field("seq_offset", pa.int64(), nullable=False),
        pa.field("kind", pa.uint8(), nullable=False),
        pa.field("wall_s", pa.int64(), nullable=True),
        pa.field("boot_ms", pa.int64(), nullable=False),
        pa.field("drift_ms", pa.int64(), nullable=False),
        pa.field("is_same_moment", pa.bool_(), nullable=False),
        pa.field("raw", pa.int16(), nullable=True),
        pa.field("sync", pa.uint8(), nullable=False),
        pa.field("quality", pa.uint8(), nullable=False),
        pa.field("batch_step", pa.int32(), nullable=True),
        pa.field("arrival_step", pa.int32(), nullable=True),
        pa.field("body", pa.binary(), nullable=True),
    ]
)
_BATCHES = pa.schema(
    [
        pa.field("number", pa.int64(), nullable=False),
        pa.field("received_at_ms", pa.int64(), nullable=False),
        pa.field("count", pa.int32(), nullable=False),
        pa.field("sources", pa.binary(), nullable=True),
    ]
)
_SOURCES = pa.schema(
    [
        pa.field("id", pa.uint32(), nullable=False),
        pa.field("district", pa.string(), nullable=False),
        pa.field("node", pa.string(), nullable=False),
        pa.field("epoch", pa.uint32(), nullable=False),
        pa.field("through", pa.uint32(), nullable=False),
    ]
)
_ENCODINGS: dict[str, dict[str, str]] = {
    RECORDS: {
        **dict.fromkeys(("source", "seq_offset", "wall_s", "raw"), "DELTA_BINARY_PACKED"),
        **dict.fromkeys(("drift_ms", "batch_step", "arrival_step"), "BYTE_STREAM_SPLIT"),
    },
    BATCHES: dict.fromkeys(("number", "received_at_ms", "count"), "DELTA_BINARY_PACKED"),
    SOURCES: dict.fromkeys(("id", "through"), "DELTA_BINARY_PACKED"),
}


class ParquetDay:
    """The files of one day while they are written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._records = _writer(folder / RECORDS, _RECORDS)
        self._batches = _writer(folder / BATCHES, _BATCHES)
        self._sensors = GrowingDaySensors()

    def add(self, stretch: Stretch) -> None:
        """Write a stretch, as one row group of each file."""
        records = _record_table(stretch, self._sensors)
        self._records.write_table(records, row_group_size=len(stretch.packed))
        self._batches.write_table(_batch_table(stretch), row_group_size=len(stretch.count))

    def close(self, sources: Iterable[tuple[Source, int]]) -> None:
        """Write the sources with their cursors at the beginning of the day, and the sensors."""
        self._records.close()
        self._batches.close()
        write_sensors(self._folder, self._sensors.closed())
        columns = [(one.id, one.district, one.node, one.epoch, at) for one, at in sources]
        arrays = list(zip(*columns, strict=True)) or [()] * len(_SOURCES)
        with _writer(self._folder / SOURCES, _SOURCES) as writer:
            pairs = zip(arrays, _SOURCES, strict=True)
            writer.write_table(
                pa.table([pa.array(column, field.type) for column, field in pairs], schema=_SOURCES)
            )


def read_stretch(folder: Path, group: int) -> Stretch:
    """Return a row group of a sealed day. Raises LedgerError where it cannot be read."""
    try:
        batches = row_group(folder / BATCHES, group)
        records = row_group(folder / RECORDS, group)
        sensors = sensors_of(records, folder)
    except (OSError, pa.ArrowException) as error:
        raise LedgerError(f"row group {group} of {folder} cannot be read: {error}") from error
    count = numbers_of(batches, "count").astype(np.int64)
    arrival = _arrival(records, count)
    numbers = numbers_of(batches, "number")
    are_in_line = bool((numbers == numbers[0] + np.arange(len(numbers))).all())
    if not are_in_line or int(count.sum()) != len(arrival) or not _is_permutation(arrival):
        raise LedgerError(f"row group {group} of {folder}: its records and batches do not add up")
    tables = batches.column("sources").combine_chunks()
    return Stretch(
        int(numbers[0]),
        numbers_of(batches, "received_at_ms"),
        count,
        _packed(records, arrival, sensors),
        _present(records.column("body").combine_chunks(), arrival),
        _present(tables, np.arange(len(count))),
    )


def read_sources(folder: Path) -> list[tuple[Source, int]]:
    """Return the sources of a sealed day with their cursors at its beginning."""
    try:
        table = pq.read_table(folder / SOURCES, schema=_SOURCES, memory_map=True)
    except (OSError, pa.ArrowException) as error:
        raise LedgerError(f"{folder / SOURCES} cannot be read: {error}") from error
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return [
        (Source(number, district, node, epoch), at) for number, district, node, epoch, at in rows
    ]


def _writer(path: Path, schema: pa.Schema) -> Any:
    encodings = _ENCODINGS[path.name]
    others = [name for name in schema.names if name not in (*encodings, "sources")]
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        use_dictionary=others,
        column_encoding=encodings,
        dictionary_pagesize_limit=DICTIONARY_BYTES,
        write_page_checksum=True,
        write_statistics=["wall_s", "source", "number"],
    )


def _record_table(stretch: Stretch, sensors: GrowingDaySensors) -> Any:
    packed = stretch.packed
    # Copies: sorting by strided fields of packed entries is much slower.
    source, seq = (np.ascontiguousarray(packed[name]) for name in ("source", "seq"))
    order = np.lexsort((seq, source))
    source, seq = source[order], seq[order].astype(np.int64)
    wall, mono = packed["wall_s"][order], packed["mono_ms"][order].astype(np.int64)
    is_reading = (packed["kind"] == Kind.READING)[order]
    starts = run_starts(source)
    first = spread(starts, starts, len(source))
    moment = mono - 1000 * np.where(wall == NO_WALL_TIME, 0, wall)
    boot = spread(np.minimum.reduceat(moment, starts), starts, len(source))
    is_same = np.zeros(len(source), bool)
    is_same[1:] = (mono[1:] == mono[:-1]) & (wall[1:] == wall[:-1])
    is_same[starts] = False
    batch = np.repeat(np.arange(len(stretch.count)), stretch.count)[order]
    # Batches that are written now are sorted; then only where they end must be remembered.
    is_sorted = bool((order[np.argsort(batch, kind="stable")] == np.arange(len(order))).all())
    held = batch if is_sorted else order
    step = np.diff(held, prepend=0)
    step[starts] = held[starts]
    no_step = pa.nulls(len(step), pa.int32())
    steps = pa.array(step.astype(np.int32))
    bodies: npt.NDArray[np.object_] = np.full(len(packed), None, object)
    for place, body in stretch.others.items():
        bodies[place] = body
    raw = np.ascontiguousarray(packed["scratchpad"][:, :2]).view("<i2").ravel()
    return pa.table(
        [
            pa.array(source),
            *sensor_columns(sensors, source, packed["sensor"][order], is_reading),
            pa.array(seq[first]),
            pa.array(seq - seq[first]),
            pa.array(packed["kind"][order]),
            pa.array(wall, mask=wall == NO_WALL_TIME),
            pa.array(boot),
            pa.array(np.where(is_same, 0, moment - boot)),
            pa.array(is_same),
            pa.array(raw[order], mask=~is_reading),
            pa.array(packed["sync"][order]),
            pa.array(packed["quality"][order]),
            *((steps, no_step) if is_sorted else (no_step, steps)),
            pa.array(bodies[order], pa.binary()),
        ],
        schema=_RECORDS,
    )


def _batch_table(stretch: Stretch) -> Any:
    batches = len(stretch.count)
    tables = [stretch.tables.get(place) for place in range(batches)]
    return pa.table(
        [
            pa.array(np.arange(stretch.first, stretch.last + 1)),
            pa.array(stretch.received_at_ms),
            pa.array(stretch.count.astype(np.int32)),
            pa.array(tables, pa.binary()),
        ],
        schema=_BATCHES,
    )


def _packed(records: Any, arrival: Numbers, sensor: npt.NDArray[np.uint64]) -> npt.NDArray[np.void]:
    """Return the entries in the order of arrival."""
    packed = np.zeros(len(arrival), PACKED_DTYPE)
    for name in ("source", "kind", "sync", "quality"):
        packed[name] = numbers_of(records, name)
    packed["version"] = LAYOUT_VERSION
    packed["seq"] = numbers_of(records, "first_seq") + numbers_of(records, "seq_offset")
    wall = records.column("wall_s").fill_null(NO_WALL_TIME).to_numpy()
    packed["wall_s"] = wall
    moment = numbers_of(records, "boot_ms") + numbers_of(records, "drift_ms")
    is_same = records.column("is_same_moment").to_numpy()
    moment = moment[np.maximum.accumulate(np.where(is_same, 0, np.arange(len(moment))))]
    packed["mono_ms"] = moment + 1000 * np.where(wall == NO_WALL_TIME, 0, wall)
    packed["sensor"] = sensor
    is_reading = records.column("raw").is_valid().to_numpy()
    raw = np.ascontiguousarray(records.column("raw").fill_null(0).to_numpy())
    packed["scratchpad"] = np.where(is_reading[:, None], usual_scratchpads(raw), np.uint8(0))
    ordered = np.empty_like(packed)
    ordered[arrival] = packed
    return ordered


def has_batch_steps(records: Any) -> bool:
    """Say whether records have the number of their batch instead of their place."""
    if "batch_step" not in records.schema.names:
        return False  # sealed when batches were in the order of arrival
    return int(records.column("batch_step").null_count) < len(records)


def _arrival(records: Any, count: Numbers) -> Numbers:
    """Return the place of every row in the order of arrival; nonsense where files do not fit."""
    source = numbers_of(records, "source")
    is_sorted = has_batch_steps(records)
    name = "batch_step" if is_sorted else "arrival_step"
    leans = records.column("is_same_moment").to_numpy()[:1].any()
    if records.column(name).null_count or leans:
        return np.full(len(records), -1)  # whoever reads some columns alone would see other times
    place = _summed(numbers_of(records, name), source)
    if not is_sorted:
        return place
    batch = place
    inside = (batch >= 0) & (batch < len(count))
    if not (inside.all() and (np.bincount(batch, minlength=len(count)) == count).all()):
        return np.full(len(batch), -1)
    arrival = np.empty(len(batch), np.int64)
    arrival[np.argsort(batch, kind="stable")] = np.arange(len(batch))
    return arrival


def _is_permutation(places: Numbers) -> bool:
    """Say whether every place is taken once."""
    inside = (places >= 0) & (places < len(places))
    return bool(inside.all() and (np.bincount(places, minlength=len(places)) == 1).all())


def _summed(step: npt.NDArray[np.int32], source: npt.NDArray[np.uint32]) -> Numbers:
    """Return the running sum of a column, begun anew with every source."""
    starts = run_starts(source)
    first = spread(starts, starts, len(source))
    total = np.cumsum(step, dtype=np.int64)
    return np.asarray(total - (total[first] - step[first]))


def row_group(path: Path, group: int) -> Any:
    """Return a row group whole."""
    with pq.ParquetFile(path, memory_map=True, page_checksum_verification=True) as file:
        return file.read_row_group(group, use_threads=False)


def numbers_of(table: Any, name: str) -> npt.NDArray[Any]:
    """Return a column without nulls."""
    return np.asarray(table.column(name).to_numpy())


def _present(column: Any, places: Sequence[int] | npt.NDArray[np.int64]) -> dict[int, bytes]:
    """Return what a column holds, by place, where it holds anything."""
    if column.null_count == len(column):
        return {}
    held = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    values = column.take(pa.array(held)).to_pylist()
    return {int(places[at]): value for at, value in zip(held.tolist(), values, strict=True)}
