"""The canonical record: the bytes that node journal, wire and ledger agree on.

"Bit for bit" means equality of :meth:`Record.to_bytes`. A record is a fixed header and a body
that depends on its kind. A reading is always 41 bytes, so that a collector can view many of
them as one numpy array. The temperature stays in the sensor's own unit, 1/16 degC.

=========== ====== =====================================================================
field       bytes  meaning
=========== ====== =====================================================================
kind        1      :class:`Kind`
sync        1      :class:`Sync`, the state of the wall clock when the record was made
quality     1      :class:`Quality`
version     1      layout version, 1
seq         4      1, 2, 3, ... without a gap within a journal epoch
mono_ms     8      time since boot, sleep included [ms]
wall_s      8      wall time, whole seconds UTC; -2**63 where the node knows none
body        n      of the kind
=========== ====== =====================================================================
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import NamedTuple

from heatward_node.errors import RecordError
from heatward_node.rom import ROM_BYTES

HEADER = struct.Struct("<BBBBIQq")
LAYOUT_VERSION = 1
NO_WALL_TIME = -(2**63)
SCRATCHPAD_BYTES = 9
MAX_BODY_BYTES = 1024
MAX_SEQ = 2**32 - 1
MAX_MONO_MS = 2**53
MIN_WALL_S = 2**28
"""SenML takes smaller times as relative to now: a node that knows no better says nothing."""
MAX_WALL_S = 253_402_300_799
"""9999-12-31T23:59:59Z: no calendar of any reader ends earlier."""


class Kind(IntEnum):
    """What a record says."""

    READING = 1
    BOOT = 2
    CLOCK_FIX = 3
    CLOCK_STEP = 4
    FAULT = 5
    LOST = 6
    CHECKPOINT = 7
    REFUSED = 8
    """Made by the collector in the place of a record that it could not accept."""


class Sync(IntEnum):
    """What the node knew of its wall clock when it made a record."""

    UNSYNCHRONISED = 0
    SYNCHRONISED = 1


class Quality(IntEnum):
    """Why a reading may not be believed; kept with the record for ever."""

    GOOD = 0
    CRC_ERROR = 1
    ALL_ZERO = 2
    ALL_ONES = 3
    POWER_ON_RESET = 4
    FAILED_CONVERSION = 5
    OUT_OF_RANGE = 6
    BAD_CONFIGURATION = 7
    NOT_READY = 8
    TRUNCATED = 9
    SENSOR_GONE = 10
    BUS_GONE = 11
    DRIVER_ERROR = 12
    BUS_STALLED = 13


class Record(NamedTuple):
    """One canonical record.

    ``wall_s`` is ``None`` where the node knows no wall time. Build readings with
    :func:`reading` and the other kinds through :mod:`heatward_node.events`.
    """

    kind: int
    seq: int
    mono_ms: int
    wall_s: int | None
    sync: int
    quality: int
    body: bytes

    def to_bytes(self) -> bytes:
        """Return the canonical bytes. Raises RecordError where a field is out of range."""
        wall = NO_WALL_TIME if self.wall_s is None else self.wall_s
        if len(self.body) > MAX_BODY_BYTES:
            raise RecordError(f"body of {len(self.body)} bytes, at most {MAX_BODY_BYTES}")
        try:
            header = HEADER.pack(
                self.kind, self.sync, self.quality, LAYOUT_VERSION, self.seq, self.mono_ms, wall
            )
        except struct.error as error:
            raise RecordError(f"field out of range in {self}: {error}") from error
        return header + self.body

    @classmethod
    def from_bytes(cls, data: bytes) -> Record:
        """Parse canonical bytes. Raises RecordError on anything that is not a whole record."""
        if not HEADER.size <= len(data) <= HEADER.size + MAX_BODY_BYTES:
            raise RecordError(f"{len(data)} bytes are not a record")
        kind, sync, quality, version, seq, mono_ms, wall = HEADER.unpack_from(data)
        if version != LAYOUT_VERSION:
            raise RecordError(f"layout version {version}, this program knows {LAYOUT_VERSION}")
        body = bytes(data[HEADER.size :])
        record = cls(
            kind, seq, mono_ms, None if wall == NO_WALL_TIME else wall, sync, quality, body
        )
        record.check()
        return record

    def check(self) -> None:
        """Raise RecordError unless every field has a value that its kind allows."""
        if self.kind not in _KINDS or self.sync not in _SYNCS or self.quality not in _QUALITIES:
            raise RecordError(f"unknown kind, sync or quality in {self}")
        if not (1 <= self.seq <= MAX_SEQ and 0 <= self.mono_ms <= MAX_MONO_MS):
            raise RecordError(f"number out of range in {self}")
        if self.wall_s is not None and not MIN_WALL_S <= self.wall_s <= MAX_WALL_S:
            raise RecordError(f"wall time {self.wall_s} is not a time of day known to a node")
        if self.kind == Kind.READING and len(self.body) != ROM_BYTES + SCRATCHPAD_BYTES:
            raise RecordError(f"a reading's body has 17 bytes, this one {len(self.body)}")

    @property
    def rom(self) -> bytes:
        """The 8 ROM bytes of the sensor, for readings and faults."""
        return self.body[:ROM_BYTES]

    @property
    def scratchpad(self) -> bytes:
        """The 9 scratchpad bytes of a reading."""
        return self.body[ROM_BYTES : ROM_BYTES + SCRATCHPAD_BYTES]

    @property
    def raw(self) -> int:
        """The temperature of a reading. [1/16 degC]"""
        return int.from_bytes(self.body[ROM_BYTES : ROM_BYTES + 2], "little", signed=True)

    @property
    def celsius(self) -> float:
        """The temperature of a reading, uncorrected. [degC]"""
        return self.raw / 16


class Stamp(NamedTuple):
    """The clocks at one moment, as a record carries them."""

    mono_ms: int
    wall_s: int | None
    sync: int


class Draft(NamedTuple):
    """A record before it has a number, and where ``stamp`` is ``None``, a time."""

    kind: int
    body: bytes
    quality: int = Quality.GOOD
    stamp: Stamp | None = None


_KINDS = frozenset(Kind)
_SYNCS = frozenset(Sync)
_QUALITIES = frozenset(Quality)


def reading(
    seq: int,
    mono_ms: int,
    wall_s: int | None,
    sync: int,
    rom: bytes,
    scratchpad: bytes,
    quality: int = Quality.GOOD,
) -> Record:
    """Return the record of one reading of one sensor."""
    if len(rom) != ROM_BYTES or len(scratchpad) != SCRATCHPAD_BYTES:
        raise RecordError("a reading needs 8 ROM bytes and 9 scratchpad bytes")
    return Record(Kind.READING, seq, mono_ms, wall_s, sync, quality, rom + scratchpad)
