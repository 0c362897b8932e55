"""The payload that arrives most: one good reading with a wall time, exactly as nodes write it.

The general parser takes any order of labels and names every fault; here one expression recognises
the usual bytes, and whatever differs from them in anything is left to the general parser. A test
holds both to the same result.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from heatward_node.reading import (
    HEADER,
    LAYOUT_VERSION,
    MAX_SEQ,
    MIN_WALL_S,
    Kind,
    Quality,
    Record,
    Sync,
)
from heatward_node.rom import crc8
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.wire import Pack

_USUAL = re.compile(
    rb'\[\{"ep":"([0-9a-f]{8})","sq":([1-9][0-9]{0,9})(,"ak":1)?'
    rb',"bn":"urn:dev:ow:([0-9a-f]{16}):","bu":"Cel","n":"t"'
    rb',"v":(-?(?:0|[1-9][0-9]{0,2})\.[0-9]{1,4})'
    rb',"bt":([1-9][0-9]{8,10}),"mo":(0|[1-9][0-9]{0,14})\}\]'
)
_scratchpad = lru_cache(4096)(usual_scratchpad)
ROMS_REMEMBERED = 65_536
"""So many sensors are looked up instead of checked again: 10 MB."""
_KIND, _SYNC, _QUALITY = int(Kind.READING), int(Sync.SYNCHRONISED), int(Quality.GOOD)


class OneReading(NamedTuple):
    """A usual payload: what of it is looked at, and the canonical record as bytes."""

    epoch: int
    asks_ack: bool
    seq: int
    wall_s: int
    record: bytes

    def pack(self) -> Pack:
        """Return it as the general parser would."""
        return Pack(self.epoch, self.asks_ack, [Record.from_bytes(self.record)])


def decode_one_reading(payload: bytes) -> OneReading | None:
    """Return what a usual payload says, or None where the general parser must judge it."""
    match = _USUAL.fullmatch(payload)
    if match is None:
        return None
    epoch_text, seq_text, asks, rom_text, value_text, wall_text, mono_text = match.groups()
    epoch, seq, wall_s = int(epoch_text, 16), int(seq_text), int(wall_text)
    sixteenths = float(value_text) * 16
    raw = int(sixteenths)
    rom = usual_rom(rom_text)
    if not epoch or seq > MAX_SEQ or wall_s < MIN_WALL_S or raw != sixteenths or rom is None:
        return None
    head = HEADER.pack(_KIND, _SYNC, _QUALITY, LAYOUT_VERSION, seq, int(mono_text), wall_s)
    return OneReading(epoch, asks is not None, seq, wall_s, head + rom + _scratchpad(raw))


@lru_cache(ROMS_REMEMBERED)
def usual_rom(text: bytes) -> bytes | None:
    """Return the ROM code of a URN's digits, None where its check byte is wrong."""
    rom = bytes.fromhex(text.decode())
    return rom if crc8(rom[:7]) == rom[7] else None
