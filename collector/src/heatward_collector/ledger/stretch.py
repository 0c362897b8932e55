"""A stretch of batches as arrays, and back again to the very bytes that the chain hashes.

Sealed days keep records as columns. What is the rule in a body (its layout, the CRCs, the
scratchpad of a usual reading) is made again here; what is not the rule is kept as bytes.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial

import numpy as np
import numpy.typing as npt

from heatward_collector.core.placing import FUTURE_S
from heatward_collector.errors import LedgerError
from heatward_collector.ledger.batch import PACKED_DTYPE, STAMP, Batch, join_body
from heatward_node.reading import HEADER, LAYOUT_VERSION, MAX_MONO_MS, NO_WALL_TIME, Kind
from heatward_node.scratchpad import usual_scratchpad

ENTRY_BYTES = PACKED_DTYPE.itemsize
BATCHES_AT_ONCE, RECORDS_AT_ONCE = 4_096, 200_000
"""How much is turned into bytes at a time: 20 MB."""
NEVER = 2**62
CRCS_AT_ONCE = 4_096
"""For so many entries what is looked up stays in the cache."""
_PAIRS = (ENTRY_BYTES - 3) // 2
"""Pairs of bytes in an entry without its CRC; the last one has a byte of it."""
_BODY = 4 + HEADER.size
"""Where in an entry the body of its record begins."""

Packed = npt.NDArray[np.void]
Numbers = npt.NDArray[np.int64]
NO_BODIES: Mapping[int, bytes] = {}


@dataclass(frozen=True)
class Stretch:
    """Batches that follow each other, with their records in the order in which they came.

    ``packed`` is PACKED_DTYPE (records,); its CRCs mean nothing. Of records that are no usual
    readings it has the header only; their bodies are in ``others``, by their place.
    """

    first: int
    received_at_ms: Numbers
    count: Numbers
    """When, and with how many records; (batches,) both."""
    packed: Packed
    others: Mapping[int, bytes] = field(default_factory=dict)
    tables: Mapping[int, bytes] = field(default_factory=dict)
    """New sources, as in the body, by the place of their batch in the stretch."""

    @cached_property
    def _ends(self) -> Numbers:
        return np.cumsum(self.count)

    @cached_property
    def _is_other(self) -> npt.NDArray[np.bool_]:
        mask = np.zeros(len(self.packed), bool)
        mask[list(self.others)] = True
        return mask

    @property
    def last(self) -> int:
        """Number of the last batch."""
        return self.first + len(self.count) - 1

    def filed(self) -> tuple[Numbers, Numbers, npt.NDArray[np.bool_]]:
        """Return the first and last wall time of each batch's readings, and whether it counts.

        It does not where a reading has no wall time, or one in the future of its receipt: a clock
        fix may yet give it any. A batch without readings lies at no time at all. [s UTC]
        """
        edges = self._ends - self.count
        wall, is_reading = self.packed["wall_s"], self.packed["kind"] == Kind.READING
        low = np.minimum.reduceat(np.where(is_reading, wall, NEVER), edges)
        high = np.maximum.reduceat(np.where(is_reading, wall, -NEVER), edges)
        counts = (low != NO_WALL_TIME) & (high <= self.received_at_ms / 1000 + FUTURE_S)
        return low, high, np.asarray(counts)

    def bodies(self) -> Iterator[tuple[int, bytes]]:
        """Yield the place and the uncompressed body of every batch."""
        ends = self._ends
        begin = 0
        while begin < len(self.count):
            records = int(ends[begin] - self.count[begin])
            end = int(np.searchsorted(ends, records + RECORDS_AT_ONCE, "right"))
            end = min(max(end, begin + 1), begin + BATCHES_AT_ONCE)
            yield from self._some_bodies(begin, end, records)
            begin = end

    def heads(self, previous: bytes) -> Iterator[bytes]:
        """Yield the hash of every batch, the chain going on from ``previous``."""
        head = previous
        for place, body in self.bodies():
            digest = hashlib.sha256(head)
            digest.update(STAMP.pack(self.first + place, int(self.received_at_ms[place])))
            digest.update(body)
            head = digest.digest()
            yield head

    def batches(self, chosen: npt.NDArray[np.bool_]) -> Iterator[Batch]:
        """Yield some batches as the other rooms see them; a body is made when it is asked for."""
        for place in np.flatnonzero(chosen).tolist():
            yield Batch(
                self.first + place,
                int(self.received_at_ms[place]),
                int(self.count[place]),
                partial(self._body, place),
                partial(self._readings, place),
            )

    def unlike_their_bodies(self) -> list[int]:
        """Return the places of readings of which the columns say what their bodies do not.

        The chain proves the bodies. Who reads some columns alone never sees them.
        """
        packed = self.packed
        return [
            place
            for place, body in self.others.items()
            if packed["kind"][place] == Kind.READING
            and (
                int(packed["sensor"][place]) != int.from_bytes(body[:8], "little")
                or packed["scratchpad"][place, :2].tobytes() != body[8:10]
            )
        ]

    def _body(self, place: int) -> bytes:
        first = int(self._ends[place] - self.count[place])
        return next(body for _, body in self._some_bodies(place, place + 1, first))

    def _readings(self, place: int) -> tuple[Numbers, Packed]:
        end = int(self._ends[place])
        first = end - int(self.count[place])
        packed = self.packed[first:end]
        positions = np.flatnonzero(packed["kind"] == Kind.READING)
        readings = packed[positions]
        for at in np.flatnonzero(self._is_other[first:end][positions]).tolist():
            body = self.others[first + int(positions[at])]
            readings["sensor"][at] = int.from_bytes(body[:8], "little")
            readings["scratchpad"][at] = np.frombuffer(body[8:], np.uint8)
        return positions, readings

    def _some_bodies(self, begin: int, end: int, first: int) -> Iterator[tuple[int, bytes]]:
        count = self.count[begin:end]
        records = int(count.sum())
        packed = self.packed[first : first + records].copy()
        packed["crc"] = entry_crcs(packed)
        others = {
            place: entry(packed[place : place + 1], self.others[place + first])
            for place in (np.flatnonzero(self._is_other[first : first + records])).tolist()
        }
        lengths, data = laid_out(packed, others)
        starts = np.concatenate(([0], np.cumsum(lengths)))
        short = lengths.astype("<u2").tobytes()
        at = 0
        for place, size in zip(range(begin, end), count.tolist(), strict=True):
            table = self.tables.get(place, b"")
            some = data[starts[at] : starts[at + size]]
            yield place, join_body(table, short[2 * at : 2 * (at + size)], some)
            at += size


def stretch_of(batches: Sequence[Batch]) -> Stretch:
    """Return batches that follow each other as arrays."""
    count = np.array([batch.count for batch in batches], np.int64)
    packed = np.zeros(int(count.sum()), PACKED_DTYPE)
    others: dict[int, bytes] = {}
    at = 0
    for batch in batches:
        positions, readings = batch.packed
        packed[at + positions] = readings
        for position in _others(batch, positions):
            others[at + position] = _take(packed, at + position, batch.entry_bytes(position))
        at += batch.count
    if (packed["version"] != LAYOUT_VERSION).any() or (packed["mono_ms"] > MAX_MONO_MS).any():
        raise LedgerError(f"batches from {batches[0].number} on hold records of another layout")
    for place in np.flatnonzero(~_is_usual(packed)).tolist():
        others.setdefault(place, packed[place : place + 1].tobytes()[_BODY:-4])
    return Stretch(
        batches[0].number,
        np.array([batch.received_at_ms for batch in batches], np.int64),
        count,
        packed,
        others,
        {place: batch.source_table for place, batch in enumerate(batches) if batch.source_table},
    )


def usual_scratchpads(raw: npt.NDArray[np.int16]) -> npt.NDArray[np.uint8]:
    """Return the 9 bytes that a part with factory settings shows at each temperature, (n, 9)."""
    values, place = np.unique(raw, return_inverse=True)
    known = np.frombuffer(b"".join(map(usual_scratchpad, values.tolist())), np.uint8)
    return known.reshape(-1, 9)[place]


def entry(head: Packed, body: bytes) -> bytes:
    """Return the bytes of one entry: source, canonical record, CRC-32 of both."""
    data = head.tobytes()[:_BODY] + body
    return data + zlib.crc32(data).to_bytes(4, "little")


def bodies_of(bodies: Mapping[int, bytes], kept: npt.NDArray[np.bool_]) -> dict[int, bytes]:
    """Return the bodies of records that are kept, by their new places."""
    if not bodies:
        return {}
    place = np.cumsum(kept) - 1
    return {int(place[at]): body for at, body in bodies.items() if kept[at]}


def laid_out(packed: Packed, others: Mapping[int, bytes]) -> tuple[Numbers, bytes]:
    """Return the lengths of entries, and the entries one behind the other.

    ``others`` stand in for some, by their place, in rising order.
    """
    lengths, data = np.full(len(packed), ENTRY_BYTES, np.int64), packed.tobytes()
    parts, at = [], 0
    for place, other in others.items():
        lengths[place] = len(other)
        parts += [data[ENTRY_BYTES * at : ENTRY_BYTES * place], other]
        at = place + 1
    return lengths, b"".join((*parts, data[ENTRY_BYTES * at :])) if parts else data


def entry_crcs(packed: Packed) -> npt.NDArray[np.uint32]:
    """Return the CRC-32 of many entries of readings, all at once.

    A CRC of a fixed length is the CRC of zeros, and for every byte a word of its own, all joined
    by exclusive or: two bytes at a time are looked up.
    """
    table, constant = _crc_table()
    begins = np.arange(_PAIRS)[:, None] << 16
    data = packed.view(np.uint8).reshape(-1, ENTRY_BYTES)
    crc = np.empty(len(packed), np.uint32)
    for at in range(0, len(packed), CRCS_AT_ONCE):
        some = data[at : at + CRCS_AT_ONCE, : 2 * _PAIRS].copy()
        some[:, ENTRY_BYTES - 4 :] = 0
        words = table.take(some.view("<u2").T + begins)
        np.bitwise_xor.reduce(words, axis=0, out=crc[at : at + CRCS_AT_ONCE])
    return crc ^ constant


@lru_cache(1)
def _crc_table() -> tuple[npt.NDArray[np.uint32], np.uint32]:
    """Return the word of every pair of bytes in every place, and the CRC of zeros."""
    size = ENTRY_BYTES - 4
    constant = zlib.crc32(bytes(size))
    singles = np.zeros((2 * _PAIRS, 256), np.uint32)
    for at in range(size):
        for value in range(256):
            one = bytes(at) + bytes([value]) + bytes(size - at - 1)
            singles[at, value] = zlib.crc32(one) ^ constant
    pairs = singles[1::2, :, None] ^ singles[::2, None, :]
    return pairs.ravel(), np.uint32(constant)


def _is_usual(packed: Packed) -> npt.NDArray[np.bool_]:
    """Say which entries are readings whose bytes follow from number, times, sensor and value."""
    is_reading = (packed["kind"] == Kind.READING) & (packed["version"] == LAYOUT_VERSION)
    pad = packed["scratchpad"]
    raw = np.ascontiguousarray(pad[:, :2]).view("<i2").ravel()
    return np.asarray(is_reading & (pad == usual_scratchpads(raw)).all(axis=1))


def _others(batch: Batch, positions: Numbers) -> list[int]:
    mask = np.ones(batch.count, dtype=bool)
    mask[positions] = False
    found: list[int] = np.flatnonzero(mask).tolist()
    return found


def _take(packed: Packed, place: int, data: bytes) -> bytes:
    """Take source and header of an entry over, and return the body of its record."""
    if len(data) < _BODY + 4:
        raise LedgerError(f"an entry of {len(data)} bytes is no record")
    head = np.frombuffer(data[:_BODY].ljust(ENTRY_BYTES, b"\0"), PACKED_DTYPE)
    packed[place] = head[0]
    return data[_BODY:-4]
