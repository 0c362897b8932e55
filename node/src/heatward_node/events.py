"""Bodies of the records that are not readings.

Each class packs to and from the body bytes of one :class:`~heatward_node.reading.Kind`. They are
rare, so they travel as bytes (SenML ``vd``), never as an own JSON shape for each kind.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from heatward_node.errors import RecordError
from heatward_node.reading import MAX_BODY_BYTES, Kind, Record
from heatward_node.rom import NO_SENSOR, ROM_BYTES

BOOT_ID_BYTES = 16
DIGEST_BYTES = 32


def _unpack(layout: struct.Struct, body: bytes, kind: Kind) -> tuple[int | bytes, ...]:
    try:
        return layout.unpack(body)
    except struct.error as error:
        raise RecordError(f"body of a {kind.name} record: {error}") from error


@dataclass(frozen=True, slots=True)
class Boot:
    """First record of every epoch: which boot it is, and which epoch came before."""

    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<16sII")
    boot_id: bytes
    previous_epoch: int = 0
    previous_last_seq: int = 0

    def to_body(self) -> bytes:
        """Return the body bytes. Raises RecordError on a boot id of another length."""
        if len(self.boot_id) != BOOT_ID_BYTES:
            raise RecordError("a boot id has 16 bytes")
        return self.LAYOUT.pack(self.boot_id, self.previous_epoch, self.previous_last_seq)

    @classmethod
    def from_record(cls, record: Record) -> Boot:
        """Parse the body of a BOOT record."""
        return cls(*_unpack(cls.LAYOUT, record.body, Kind.BOOT))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class ClockFix:
    """The record's wall and monotonic time belong together, to within ``error_ms``."""

    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<I")
    error_ms: int

    def to_body(self) -> bytes:
        """Return the body bytes."""
        return self.LAYOUT.pack(self.error_ms)

    @classmethod
    def from_record(cls, record: Record) -> ClockFix:
        """Parse the body of a CLOCK_FIX record."""
        return cls(*_unpack(cls.LAYOUT, record.body, Kind.CLOCK_FIX))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class ClockStep:
    """The wall clock was moved against the monotonic one by ``step_ms``."""

    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<q")
    step_ms: int

    def to_body(self) -> bytes:
        """Return the body bytes."""
        return self.LAYOUT.pack(self.step_ms)

    @classmethod
    def from_record(cls, record: Record) -> ClockStep:
        """Parse the body of a CLOCK_STEP record."""
        return cls(*_unpack(cls.LAYOUT, record.body, Kind.CLOCK_STEP))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Fault:
    """A sensor, or with :data:`~heatward_node.rom.NO_SENSOR` the bus, gave no scratchpad.

    What went wrong is the record's quality.
    """

    rom: bytes = NO_SENSOR

    def to_body(self) -> bytes:
        """Return the body bytes."""
        return self.rom

    @classmethod
    def from_record(cls, record: Record) -> Fault:
        """Parse the body of a FAULT record."""
        if len(record.body) != ROM_BYTES:
            raise RecordError("the body of a FAULT record is 8 ROM bytes")
        return cls(record.body)


class LossReason(IntEnum):
    """Why records cannot be delivered any more."""

    CARD_DAMAGED = 1
    PRUNED = 2


@dataclass(frozen=True, slots=True)
class Lost:
    """Records ``low`` up to this record's own number can never be delivered.

    The record takes the last of the lost numbers, so the numbers stay without a gap.
    """

    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<IB")
    low: int
    reason: int = LossReason.CARD_DAMAGED

    def to_body(self) -> bytes:
        """Return the body bytes."""
        return self.LAYOUT.pack(self.low, self.reason)

    @classmethod
    def from_record(cls, record: Record) -> Lost:
        """Parse the body of a LOST record. Raises RecordError where the range is empty."""
        lost = cls(*_unpack(cls.LAYOUT, record.body, Kind.LOST))  # type: ignore[arg-type]
        if not 1 <= lost.low <= record.seq:
            raise RecordError(f"a LOST record covers {lost.low} to {record.seq}")
        return lost


Signer = Callable[[int, int, bytes], bytes]
"""Signs (epoch, through, digest) of a checkpoint."""


def unsigned(_epoch: int, _through: int, _digest: bytes) -> bytes:
    """Sign nothing: of a node that has no key."""
    return b""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """SHA-256 over the canonical bytes of records 1 to ``through`` of this epoch, signed or not."""

    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<I32s")
    through: int
    digest: bytes
    signature: bytes = b""

    def to_body(self) -> bytes:
        """Return the body bytes."""
        if len(self.digest) != DIGEST_BYTES:
            raise RecordError("a checkpoint's digest has 32 bytes")
        return self.LAYOUT.pack(self.through, self.digest) + self.signature

    @classmethod
    def from_record(cls, record: Record) -> Checkpoint:
        """Parse the body of a CHECKPOINT record."""
        size = cls.LAYOUT.size
        through, digest = _unpack(cls.LAYOUT, record.body[:size], Kind.CHECKPOINT)
        return cls(int(through), bytes(digest), record.body[size:])


@dataclass(frozen=True, slots=True)
class Refused:
    """What the collector kept of a record that it could not accept: the reason and the text."""

    reason: str
    text: bytes

    def to_body(self) -> bytes:
        """Return the body bytes, the text cut to what a body may hold."""
        head = self.reason.encode("ascii")
        return (bytes([len(head)]) + head + self.text)[:MAX_BODY_BYTES]

    @classmethod
    def from_record(cls, record: Record) -> Refused:
        """Parse the body of a REFUSED record."""
        if not record.body or len(record.body) < 1 + record.body[0]:
            raise RecordError("body of a REFUSED record is too short")
        end = 1 + record.body[0]
        return cls(record.body[1:end].decode("ascii", "replace"), record.body[end:])


def first_covered(record: Record) -> int:
    """Return the first sequence number that ``record`` accounts for: its own, but for LOST."""
    return Lost.from_record(record).low if record.kind == Kind.LOST else record.seq
