"""The three Parquet files of a sealed day, any stretch of which can be read by itself.

Imported only where a sealed day is written or read: pyarrow costs 31 MB. Records are sorted by
source, sensor and number, for then neighbours are alike: a difference to the row before needs a
bit or two. ``arrival`` is the place at which a record came, and with the counts of
``batches.parquet`` its batch and its position there.
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
from heatward_collector.ledger.stretch import Stretch, usual_scratchpads
from heatward_node.reading import NO_WALL_TIME, Kind

RECORDS, BATCHES, SOURCES = "records.parquet", "batches.parquet", "sources.parquet"
COMPRESSION_LEVEL = 9
"""zstd level: what is sealed is written once and kept for seasons."""
DICTIONARY_BYTES = 256 * 2**20
_DELTA = "DELTA_BINARY_PACKED"
_RECORDS = pa.schema(
    [
        pa.field("source", pa.uint32(), nullable=False),
        pa.field("sensor", pa.uint64(), nullable=True),
        pa.field("seq", pa.uint32(), nullable=False),
        pa.field("kind", pa.uint8(), nullable=False),
        pa.field("wall_s", pa.int64(), nullable=True),
        pa.field("mono_ms", pa.int64(), nullable=False),
        pa.field("raw", pa.int16(), nullable=True),
        pa.field("sync", pa.uint8(), nullable=False),
        pa.field("quality", pa.uint8(), nullable=False),
        pa.field("arrival", pa.int32(), nullable=False),
        pa.field("record", pa.binary(), nullable=True),
    ]
)
_BATCHES = pa.schema(
    [
        pa.field("number", pa.int64(), nullable=False),
        pa.field("received_at_ms", pa.int64(), nullable=False),
        pa.field("count", pa.int32(), nullable=False),
        pa.field("is_timed", pa.bool_(), nullable=False),
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
_DELTAS = {
    RECORDS: ("source", "seq", "wall_s", "mono_ms", "raw", "arrival"),
    BATCHES: ("number", "received_at_ms", "count"),
    SOURCES: ("id", "through"),
}


class ParquetDay:
    """The files of one day while they are written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._records = _writer(folder / RECORDS, _RECORDS)
        self._batches = _writer(folder / BATCHES, _BATCHES)

    def add(self, stretch: Stretch) -> None:
        """Write a stretch, as one row group of each file."""
        rows = len(stretch.packed)
        self._records.write_table(_record_table(stretch), row_group_size=max(rows, 1))
        self._batches.write_table(_batch_table(stretch), row_group_size=len(stretch.count))

    def close(self, sources: Iterable[tuple[Source, int]]) -> None:
        """Write the sources with their cursors at the beginning of the day."""
        self._records.close()
        self._batches.close()
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
        batches = _group(folder / BATCHES, group)
        records = _group(folder / RECORDS, group)
    except (OSError, pa.ArrowException) as error:
        raise LedgerError(f"row group {group} of {folder} cannot be read: {error}") from error
    count = _numbers(batches, "count")
    arrival = _numbers(records, "arrival")
    rows = len(arrival)
    if int(count.sum()) != rows or (np.bincount(arrival, minlength=rows) != 1).any():
        raise LedgerError(f"row group {group} of {folder}: its records and batches do not add up")
    packed = np.zeros(rows, PACKED_DTYPE)
    _fill(packed, records, arrival)
    tables = batches.column("sources").combine_chunks()
    return Stretch(
        int(batches.column("number")[0].as_py()),
        _numbers(batches, "received_at_ms"),
        count,
        np.asarray(batches.column("is_timed").to_numpy()),
        packed,
        _present(records.column("record").combine_chunks(), arrival),
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
    deltas = _DELTAS[path.name]
    plain = (*deltas, "record", "sources")
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        use_dictionary=[name for name in schema.names if name not in plain],
        column_encoding=dict.fromkeys(deltas, _DELTA),
        dictionary_pagesize_limit=DICTIONARY_BYTES,
        write_page_checksum=True,
        write_statistics=["wall_s", "source", "number"],
    )


def _record_table(stretch: Stretch) -> Any:
    packed = stretch.packed
    # Copies: lexsort on strided fields of packed entries is much slower.
    source, sensor, seq = (
        np.ascontiguousarray(packed[name]) for name in ("source", "sensor", "seq")
    )
    order = np.lexsort((seq, sensor, source))
    is_reading = (packed["kind"] == Kind.READING)[order]
    pad = np.ascontiguousarray(packed["scratchpad"][:, :2])
    wall = packed["wall_s"][order]
    whole: npt.NDArray[np.object_] = np.full(len(packed), None, object)
    for place, data in stretch.whole.items():
        whole[place] = data
    return pa.table(
        [
            pa.array(source[order]),
            pa.array(sensor[order], mask=~is_reading),
            pa.array(seq[order]),
            pa.array(packed["kind"][order]),
            pa.array(wall, mask=wall == NO_WALL_TIME),
            pa.array(packed["mono_ms"][order].astype(np.int64)),
            pa.array(pad.view("<i2").ravel()[order], mask=~is_reading),
            pa.array(packed["sync"][order]),
            pa.array(packed["quality"][order]),
            pa.array(order.astype(np.int32)),
            pa.array(whole[order], pa.binary()),
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
            pa.array(stretch.is_timed),
            pa.array(tables, pa.binary()),
        ],
        schema=_BATCHES,
    )


def _fill(packed: npt.NDArray[np.void], records: Any, arrival: npt.NDArray[np.int64]) -> None:
    for name in ("source", "seq", "mono_ms", "kind", "sync", "quality"):
        packed[name][arrival] = _numbers(records, name)
    packed["version"] = 1
    packed["wall_s"][arrival] = records.column("wall_s").fill_null(NO_WALL_TIME).to_numpy()
    packed["sensor"][arrival] = records.column("sensor").fill_null(0).to_numpy()
    is_reading = records.column("raw").is_valid().to_numpy()
    raw = np.ascontiguousarray(records.column("raw").fill_null(0).to_numpy()[is_reading])
    packed["scratchpad"][arrival[is_reading]] = usual_scratchpads(raw)


def _group(path: Path, group: int) -> Any:
    with pq.ParquetFile(path, memory_map=True, page_checksum_verification=True) as file:
        return file.read_row_group(group, use_threads=False)


def _numbers(table: Any, name: str) -> npt.NDArray[Any]:
    numbers: npt.NDArray[Any] = table.column(name).to_numpy()
    return numbers.astype(np.int64) if name in ("arrival", "count") else numbers


def _present(column: Any, places: Sequence[int] | npt.NDArray[np.int64]) -> dict[int, bytes]:
    """Return what a column holds, by place, where it holds anything."""
    if column.null_count == len(column):
        return {}
    held = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    values = column.take(pa.array(held)).to_pylist()
    return {int(places[at]): value for at, value in zip(held.tolist(), values, strict=True)}
