"""One batch of the ledger as bytes: records in their order, each with its source and its CRC.

Uncompressed body: the new sources of this batch (a table of lines), then n u32, lengths u16[n],
then n entries, each source u32, canonical record, zlib CRC-32 u32 of both. What the chain hashes is
this body; what the file stores is its zstd form.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import zstandard

from heatward_collector.errors import LedgerError
from heatward_node.errors import RecordError
from heatward_node.reading import Kind, Record

Packed = tuple[npt.NDArray[np.int64], npt.NDArray[np.void]]
GENESIS = bytes(32)
"""The hash before the first batch of a ledger."""
COMPRESSION_LEVEL = 3
"""zstd level: higher ones cost more time and saved under 3 % on readings."""
MAX_BODY_BYTES = 64 * 2**20
_COUNT = struct.Struct("<I")
STAMP = struct.Struct("<QQ")
PACKED_DTYPE = np.dtype(
    [
        ("source", "<u4"),
        ("kind", "u1"),
        ("sync", "u1"),
        ("quality", "u1"),
        ("version", "u1"),
        ("seq", "<u4"),
        ("mono_ms", "<u8"),
        ("wall_s", "<i8"),
        ("sensor", "<u8"),
        ("scratchpad", "u1", (9,)),
        ("crc", "<u4"),
    ]
)
"""An entry that holds a reading, as it lies in a body."""
_READING_LENGTH = PACKED_DTYPE.itemsize.to_bytes(2, "little")
READING_DTYPE = np.dtype(
    [
        ("position", "<u4"),
        ("source", "<u4"),
        ("sync", "u1"),
        ("quality", "u1"),
        ("seq", "<u4"),
        ("mono_ms", "<u8"),
        ("wall_s", "<i8"),
        ("sensor", "<u8"),
        ("raw", "<i2"),
        ("scratchpad", "u1", (9,)),
    ]
)
"""One reading as the other rooms see it; ``position`` is its place in the batch."""


@dataclass(frozen=True, slots=True)
class Source:
    """One journal epoch of one node: what sequence numbers count within."""

    id: int
    district: str
    node: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A record on its way into the ledger."""

    source: int
    record: Record


def pack_entry(source: int, record_bytes: bytes) -> bytes:
    """Return the bytes of one entry: source, canonical record, CRC-32 of both."""
    data = _COUNT.pack(source) + record_bytes
    return data + _COUNT.pack(zlib.crc32(data))


def source_table(sources: Sequence[Source]) -> bytes:
    """Return the lines of new sources, as a body has them."""
    return "".join(f"{s.id} {s.district} {s.node} {s.epoch:08x}\n" for s in sources).encode()


def join_body(table: bytes, lengths: bytes, entries: bytes) -> bytes:
    """Return the uncompressed body for a table of new sources and entries, in their order.

    ``lengths`` are those of the entries, u16.
    """
    count = _COUNT.pack(len(lengths) // 2)
    return b"".join((_COUNT.pack(len(table)), table, count, lengths, entries))


def chain(previous: bytes, number: int, received_at_ms: int, body: bytes) -> bytes:
    """Return the hash of a batch: SHA-256 over the previous hash, number, time and body."""
    return hashlib.sha256(previous + STAMP.pack(number, received_at_ms) + body).digest()


def compress(body: bytes) -> bytes:
    """Return the stored form of a body."""
    return zstandard.ZstdCompressor(level=COMPRESSION_LEVEL).compress(body)


def decompress(stored: bytes) -> bytes:
    """Return the body of a stored form. Raises LedgerError where it is damaged."""
    try:
        return zstandard.ZstdDecompressor().decompress(stored, max_output_size=MAX_BODY_BYTES)
    except zstandard.ZstdError as error:
        raise LedgerError(f"a batch cannot be decompressed: {error}") from error


def unpacked(
    positions: npt.NDArray[np.int64], packed: npt.NDArray[np.void]
) -> npt.NDArray[np.void]:
    """Return entries, PACKED_DTYPE (n,), at their positions as readings, READING_DTYPE (n,)."""
    readings = np.empty(len(positions), READING_DTYPE)
    readings["position"] = positions
    for name in ("source", "sync", "quality", "seq", "mono_ms", "wall_s", "sensor"):
        readings[name] = packed[name]
    pad = packed["scratchpad"]
    readings["scratchpad"] = pad
    low, high = pad[:, 0].astype(np.uint16), pad[:, 1].astype(np.uint16)
    readings["raw"] = (low | (high << 8)).view(np.int16)
    return readings


class Batch:
    """One committed batch, decoded on demand and as arrays."""

    def __init__(
        self,
        number: int,
        received_at_ms: int,
        count: int,
        body: bytes | Callable[[], bytes],
        packed: Callable[[], Packed] | None = None,
    ) -> None:
        """Where the body must be made first, ``packed`` may give the readings without it."""
        self.number = number
        self.received_at_ms = received_at_ms
        self.count = count
        self._body = body
        self._given = packed

    @cached_property
    def body(self) -> bytes:
        """The uncompressed body: what the chain hashes."""
        return self._body if isinstance(self._body, bytes) else self._body()

    @cached_property
    def _table_end(self) -> int:
        return _COUNT.size + int(_COUNT.unpack_from(self.body)[0])

    @property
    def source_table(self) -> bytes:
        """The lines of :attr:`new_sources`, as they are hashed."""
        return self.body[_COUNT.size : self._table_end]

    @cached_property
    def new_sources(self) -> tuple[Source, ...]:
        """Sources that appear in this batch for the first time in this ledger."""
        lines = self.source_table.decode().splitlines()
        return tuple(
            Source(int(number), district, node, int(epoch, 16))
            for number, district, node, epoch in (line.split(" ") for line in lines)
        )

    @cached_property
    def _layout(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Start and length of every entry."""
        start = self._table_end + _COUNT.size
        (count,) = _COUNT.unpack_from(self.body, self._table_end)
        lengths = np.frombuffer(self.body, "<u2", count, start).astype(np.int64)
        first = start + 2 * count
        starts = first + np.concatenate(([0], np.cumsum(lengths[:-1]))) if count else lengths
        if count != self.count or (count and starts[-1] + lengths[-1] != len(self.body)):
            raise LedgerError(f"batch {self.number}: the lengths of its entries do not add up")
        return starts, lengths

    @cached_property
    def packed(self) -> Packed:
        """Positions of the readings, and their entries, PACKED_DTYPE (n,)."""
        if self._given is not None:
            return self._given()
        whole = self._all_readings()
        if whole is not None:
            return np.arange(self.count), whole
        starts, lengths = self._layout
        data = np.frombuffer(self.body, np.uint8)
        size = PACKED_DTYPE.itemsize
        candidates = np.flatnonzero(lengths == size)
        is_reading = data[starts[candidates] + 4] == Kind.READING
        positions = candidates[is_reading]
        gathered = data[starts[positions][:, None] + np.arange(size)]
        return positions, np.ascontiguousarray(gathered).view(PACKED_DTYPE).reshape(-1)

    def _all_readings(self) -> npt.NDArray[np.void] | None:
        """Return the entries of a batch that holds nothing but readings, as most do; else None."""
        body, size, table_end = self.body, PACKED_DTYPE.itemsize, self._table_end
        (count,) = _COUNT.unpack_from(body, table_end)
        start = table_end + _COUNT.size
        first = start + 2 * count
        if not count or count != self.count or first + count * size != len(body):
            return None
        if body[start:first] != count * _READING_LENGTH:
            return None
        packed = np.frombuffer(body, PACKED_DTYPE, count, first)
        return packed if (packed["kind"] == int(Kind.READING)).all() else None

    @cached_property
    def readings(self) -> npt.NDArray[np.void]:
        """Every reading of the batch, READING_DTYPE (n,)."""
        return unpacked(*self.packed)

    @cached_property
    def others(self) -> list[tuple[int, int, Record]]:
        """Every record that is no reading: position, source id, record."""
        positions, _ = self.packed
        if len(positions) == self.count:
            return []  # as most are: nothing but readings
        mask = np.ones(self.count, dtype=bool)
        mask[positions] = False
        return [(int(position), *self.entry(int(position))) for position in np.flatnonzero(mask)]

    def records_of(self, sources: Collection[int]) -> Iterator[tuple[int, Record]]:
        """Yield source id and record of every entry of some sources, in order."""
        starts, _ = self._layout
        data = np.frombuffer(self.body, np.uint8)
        ids = data[starts[:, None] + np.arange(4)].copy().view("<u4").ravel()
        for position in np.flatnonzero(np.isin(ids, list(sources))):
            yield self.entry(int(position))

    def entry(self, position: int) -> tuple[int, Record]:
        """Return source id and record at a position. Raises LedgerError where it is damaged."""
        data = self.entry_bytes(position)
        try:
            return int(_COUNT.unpack_from(data)[0]), Record.from_bytes(data[4:-4])
        except RecordError as error:
            raise LedgerError(f"batch {self.number}, position {position}: {error}") from error

    def entry_bytes(self, position: int) -> bytes:
        """Return the bytes of one entry, CRC included."""
        starts, lengths = self._layout
        start = int(starts[position])
        return self.body[start : start + int(lengths[position])]

    def first_damaged(self) -> int | None:
        """Return the position of the first entry whose CRC does not fit, or None."""
        for position in range(self.count):
            data = self.entry_bytes(position)
            if len(data) < 8 or zlib.crc32(data[:-4]) != _COUNT.unpack(data[-4:])[0]:
                return position
        return None
