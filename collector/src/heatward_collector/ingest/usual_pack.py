"""The payload of a backlog: many good readings with wall times, exactly as nodes write them.

As for one reading a message (:mod:`heatward_collector.ingest.one_reading`): what differs from the
usual bytes in anything is left to the general parser, and a test holds both to the same result.
The entries of the ledger are made for all readings at once, without a record in between.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from heatward_collector.ingest.one_reading import usual_rom
from heatward_collector.ledger.batch import PACKED_DTYPE
from heatward_node.reading import (
    LAYOUT_VERSION,
    MAX_MONO_MS,
    MAX_SEQ,
    MAX_WALL_S,
    MIN_WALL_S,
    Kind,
    Quality,
    Sync,
)
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.wire import MAX_PAYLOAD_BYTES, MAX_RECORDS

_SENSOR = rb'"bn":"urn:dev:ow:([0-9a-f]{16}):","bu":"Cel",'
_VALUE = rb'"n":"t","v":(-?(?:0|[1-9][0-9]{0,2})\.[0-9]{1,4})'
_FIRST = re.compile(
    rb'\[\{"ep":"([0-9a-f]{8})","sq":([1-9][0-9]{0,9})(,"ak":1)?,'
    + _SENSOR
    + _VALUE
    + rb',"bt":([1-9][0-9]{8,10}),"mo":(0|[1-9][0-9]{0,14})\}'
)
_NEXT = (
    rb",\{(?:"
    + _SENSOR
    + rb")?"
    + _VALUE
    + rb'(?:,"t":([1-9][0-9]{0,8}))?(?:,"mo":([1-9][0-9]{0,14}))?\}'
)
_REST = re.compile(rb"(?:" + _NEXT.replace(b"([", b"(?:[").replace(b"(-", b"(?:-") + rb")+\]")
_NEXT_VALUES = re.compile(_NEXT)
_scratchpad = lru_cache(4096)(usual_scratchpad)


@dataclass(frozen=True, slots=True)
class UsualPack:
    """Readings in a row: what of them is looked at, and their entries but for source and CRC."""

    epoch: int
    asks_ack: bool
    first: int
    last: int
    """Their sequence numbers."""
    packed: npt.NDArray[np.void]
    """PACKED_DTYPE (readings,)."""


def decode_usual_pack(payload: bytes) -> UsualPack | None:
    """Return what a usual pack says, or None where the general parser must judge it."""
    if len(payload) > MAX_PAYLOAD_BYTES or payload.count(b"{") > MAX_RECORDS:
        return None
    head = _FIRST.match(payload)
    if head is None or _REST.fullmatch(payload, head.end()) is None:
        return None
    epoch_text, seq_text, asks, rom_text, value_text, wall_text, mono_text = head.groups()
    rows = _NEXT_VALUES.findall(payload, head.end())
    packed = np.zeros(1 + len(rows), PACKED_DTYPE)
    epoch, first = int(epoch_text, 16), int(seq_text)
    last = first + len(rows)
    pads = _scratchpads([value_text, *(row[1] for row in rows)])
    sensors = _sensors(rom_text, [row[0] for row in rows])
    if not epoch or last > MAX_SEQ or pads is None or sensors is None:
        return None
    packed["seq"] = np.arange(first, last + 1)
    packed["sensor"], packed["scratchpad"] = sensors, pads
    packed["wall_s"] = int(wall_text)
    packed["wall_s"][1:] += np.array([int(row[2] or 0) for row in rows], np.int64)
    packed["mono_ms"] = int(mono_text)
    packed["mono_ms"][1:] += np.array([int(row[3] or 0) for row in rows], np.uint64)
    packed["kind"], packed["sync"], packed["quality"] = (
        Kind.READING,
        Sync.SYNCHRONISED,
        Quality.GOOD,
    )
    packed["version"] = LAYOUT_VERSION
    walls, latest_ms = packed["wall_s"], packed["mono_ms"].max()
    if walls.min() < MIN_WALL_S or walls.max() > MAX_WALL_S or latest_ms > MAX_MONO_MS:
        return None
    return UsualPack(epoch, asks is not None, first, last, packed)


def _scratchpads(values: list[bytes]) -> npt.NDArray[np.uint8] | None:
    """Return the scratchpads of temperatures; None where one is no multiple of 1/16 degC."""
    sixteenths = [float(value) * 16 for value in values]
    raws = list(map(int, sixteenths))
    if raws != sixteenths:
        return None
    return np.frombuffer(b"".join(map(_scratchpad, raws)), np.uint8).reshape(len(raws), -1)


def _sensors(first: bytes, named: list[bytes]) -> npt.NDArray[np.uint64] | None:
    """Return whose each reading is, where a name holds until the next one; None for a wrong one."""
    roms = {text: usual_rom(text) for text in {first, *named} if text}
    if None in roms.values():
        return None
    number = {text: int.from_bytes(rom or b"", "little") for text, rom in roms.items()}
    sensors, held = [number[first]], number[first]
    for text in named:
        held = number[text] if text else held
        sensors.append(held)
    return np.array(sensors, np.uint64)
