"""Payloads exactly as nodes write them: good readings with wall times, one or many each.

Behind the first reading of a pack there may be what a day of silence has between its readings: the
hourly clock fix and the daily checkpoint.

The general parser takes any order of labels and names every fault; here one expression recognises
the usual bytes of all payloads that have come together, but for those of one reading, which
:mod:`usual_reading` knows. Whatever differs from them in anything is left to the general parser. A
test holds both to the same result. The entries of the ledger are made for all readings at once,
without a record in between.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain, compress

import msgspec
import numpy as np
import numpy.typing as npt

from heatward_collector.ingest.messages import Messages, Numbers
from heatward_collector.ingest.usual_packs import UsualPacks, crc8_table
from heatward_collector.ingest.usual_reading import decode_usual_readings
from heatward_collector.ledger.batch import PACKED_DTYPE
from heatward_node.reading import (
    LAYOUT_VERSION,
    MAX_SEQ,
    MIN_WALL_S,
    SCRATCHPAD_BYTES,
    Kind,
    Quality,
    Sync,
)
from heatward_node.rom import ROM_BYTES
from heatward_node.scratchpad import HIGHEST_RAW, LOWEST_RAW, usual_scratchpad
from heatward_node.wire import MAX_RECORDS

_SENSOR = rb'"bn":"urn:dev:ow:([0-9a-f]{16}):","bu":"Cel",'
_VALUE = rb'"n":"t","v":(-?(?:0|[1-9][0-9]{0,2})\.[0-9]{1,4})'
_FIRST = (
    rb'\[\{"ep":"([0-9a-f]{8})","sq":([1-9][0-9]{0,9})(,"ak":1)?,'
    + _SENSOR
    + _VALUE
    + rb',"bt":([1-9][0-9]{8,10}),"mo":(0|[1-9][0-9]{0,14})\}'
)
_OTHER = rb'"n":"(?:clock_fix|checkpoint)","vd":"[A-Za-z0-9_-]{2,200}"'
_NEXT = (
    rb",\{(?:(?:"
    + _SENSOR.replace(b"(", b"(?:")
    + rb")?"
    + _VALUE.replace(b"(-", b"(?:-")
    + rb"|"
    + _OTHER
    + rb')(?:,"t":[1-9][0-9]{0,8})?(?:,"mo":[1-9][0-9]{0,14})?\}'
)
_LINES = re.compile(_FIRST + rb"((?:" + _NEXT + rb")*+)\]\n|[^\n]*\n")
"""A payload a line; one that is not usual matches without any group."""
_SENSOR_TEXT = slice(len("urn:dev:ow:"), -1)


class _Said(msgspec.Struct, gc=False):
    """One record of a pack that is known to be usual: what may differ from the one before."""

    n: str
    v: float = 0.0
    vd: str = ""
    bn: str = ""
    t: int = 0
    mo: int = 0


_OTHERS = {"clock_fix": Kind.CLOCK_FIX, "checkpoint": Kind.CHECKPOINT}
_SAID = msgspec.json.Decoder(list[_Said])


def decode_usual_packs(messages: Messages, places: Numbers) -> UsualPacks:
    """Return what the usual ones of some messages say; the general parser must judge the others."""
    readings = decode_usual_readings(messages, places)
    if len(readings.places) == len(places):
        return readings
    left = np.setdiff1d(places, readings.places, assume_unique=True)
    return readings.merged(_decode(left, [messages.payload(place) for place in left]))


def _decode(places: Numbers, payloads: Sequence[bytes]) -> UsualPacks:
    lines = b"\n".join(payloads) + b"\n"
    if lines.count(b"\n") != len(payloads):  # none of ours has a line break: it is not usual
        lines = b"".join(b"\n" if b"\n" in one else one + b"\n" for one in payloads)
    rows = _LINES.findall(lines)
    is_usual = np.array([bool(row[0]) for row in rows])
    if not is_usual.any():
        return UsualPacks.none()
    chosen = list(compress(payloads, is_usual))
    return _Columns(list(compress(rows, is_usual)), chosen).packs(places[is_usual])


class _Columns:
    """What the expression found, as columns: of each pack, and of each reading."""

    def __init__(self, rows: Sequence[tuple[bytes, ...]], payloads: Sequence[bytes]) -> None:
        epochs, firsts, asks, sensors, values, walls, monos, rests = zip(*rows, strict=True)
        number = {text: int(text, 16) for text in set(epochs)}
        self._epochs = np.array([number[text] for text in epochs], np.int64)
        self._ask_ack = np.array(asks, np.bool_)
        self._firsts, self._wall_s, mono_ms = _whole((*firsts, *walls, *monos)).reshape(3, -1)
        self._counts = np.ones(len(rows), np.int64)
        self._bodies: dict[int, bytes] = {}
        said: list[_Said] = []
        if has_more := any(rests):
            packs = list(map(_SAID.decode, payloads))
            self._counts = np.fromiter(map(len, packs), np.int64, len(packs))
            said = list(chain.from_iterable(packs))
        self._starts = np.cumsum(self._counts) - self._counts
        packed = self._packed = np.zeros(self._counts.sum(), PACKED_DTYPE)
        for name, column in zip(
            ("seq", "wall_s", "mono_ms"), (self._firsts, self._wall_s, mono_ms), strict=True
        ):
            packed[name] = np.repeat(column, self._counts) if has_more else column
        packed["kind"], packed["version"] = Kind.READING, LAYOUT_VERSION
        packed["sync"], packed["quality"] = Sync.SYNCHRONISED, Quality.GOOD
        if has_more:
            self._put_next(said)
            named = [one.bn[_SENSOR_TEXT] for one in said]
            shown = np.array([one.v for one in said])
        else:
            named = [text.decode() for text in sensors]
            shown = np.fromstring(b" ".join(values), np.float64, sep=" ")
        self._is_wrong = self._put_sensors(named) | self._put_values(shown)
        for place in [place for place, one in enumerate(said) if one.vd]:
            self._put_other(place, said[place])

    def packs(self, places: Numbers) -> UsualPacks:
        """Return those packs that hold nothing that a node would not say."""
        # Times and running times of so few digits are below the highest that are allowed.
        is_right = (self._wall_s >= MIN_WALL_S) & (self._firsts + self._counts - 1 <= MAX_SEQ)
        is_right &= (self._counts <= MAX_RECORDS) & (self._epochs > 0)
        if self._is_wrong.any():
            is_right &= ~np.logical_or.reduceat(self._is_wrong, self._starts)
        return UsualPacks(
            places,
            self._epochs,
            self._ask_ack,
            self._firsts,
            self._counts,
            self._packed,
            self._bodies,
        ).only(is_right)

    def _put_next(self, said: Sequence[_Said]) -> None:
        """Put in by how much numbers and times of readings differ from those of the first."""
        packed, starts = self._packed, self._starts
        packed["seq"] += (np.arange(len(packed)) - np.repeat(starts, self._counts)).astype("u4")
        packed["wall_s"] += np.array([one.t for one in said])
        later_ms = np.array([one.mo for one in said], np.uint64)
        later_ms[starts] = 0  # there it is the running time itself
        packed["mono_ms"] += later_ms

    def _put_other(self, place: int, said: _Said) -> None:
        """Put in a record that is no reading; its pack is left alone where it cannot be read."""
        self._packed["kind"][place] = _OTHERS[said.n]
        try:
            self._bodies[place] = _decoded(said.vd)
        except binascii.Error:
            self._is_wrong[place] = True

    def _put_sensors(self, texts: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Put in whose the readings are; return where the check byte of a name is wrong.

        A text is left empty where the sensor of the reading before holds.
        """
        given = [text for text in texts if text]
        roms = np.frombuffer(bytes.fromhex("".join(given)), np.uint8)
        roms = roms.reshape(-1, ROM_BYTES)
        crc = np.zeros(len(roms), np.uint8)
        for at in range(ROM_BYTES - 1):
            crc = crc8_table()[crc ^ roms[:, at]]
        number = np.ascontiguousarray(roms).view("<u8").ravel()
        is_wrong = crc != roms[:, -1]
        if len(given) < len(texts):
            held = np.cumsum([bool(text) for text in texts]) - 1
            number, is_wrong = number[held], is_wrong[held]
        self._packed["sensor"] = number
        return np.asarray(is_wrong)

    def _put_values(self, celsius: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Put in the scratchpads; return where a value is none that the part can show."""
        sixteenths = 16 * celsius
        raw = sixteenths.astype(np.int64)
        is_wrong = (raw != sixteenths) | (raw < LOWEST_RAW) | (raw > HIGHEST_RAW)
        raw[is_wrong] = LOWEST_RAW
        self._packed["scratchpad"] = _scratchpads()[raw - LOWEST_RAW]
        return np.asarray(is_wrong)


@lru_cache(256)
def _decoded(text: str) -> bytes:
    """Return bytes that are written as the wire has them. Raises binascii.Error."""
    padded = text + "=" * (-len(text) % 4)
    return base64.b64decode(padded, altchars=b"-_", validate=True)


def _whole(texts: Sequence[bytes]) -> Numbers:
    """Return whole numbers, all at once; each by itself takes three times as long."""
    return np.fromstring(b" ".join(texts), np.int64, sep=" ")


@lru_cache(1)
def _scratchpads() -> npt.NDArray[np.uint8]:
    """Return what the part shows at every temperature of its range, (temperatures, 9)."""
    pads = b"".join(map(usual_scratchpad, range(LOWEST_RAW, HIGHEST_RAW + 1)))
    return np.frombuffer(pads, np.uint8).reshape(-1, SCRATCHPAD_BYTES)
