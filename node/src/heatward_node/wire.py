"""Readings on the wire: SenML JSON (RFC 8428), carrying every bit of the canonical record.

A payload is one JSON array of flat objects. The first element names the journal epoch and the
first sequence number; each further element is the next number, unless it is a ``lost`` record.

====== ======================================================================================
label  meaning
====== ======================================================================================
bn, n  sensor as ``urn:dev:ow:<rom>:`` and ``t``; a base name holds until the next one.
       Where the record is no reading: ``boot``, ``clock_fix``, ``fault`` and so on
bt, t  wall time: base, and difference to it [s]
bu     ``Cel``
v      temperature [degC], a multiple of 1/16, of a reading of good quality
vs     instead of ``v``: the quality of a reading that may not be believed
vd     instead of ``v``: the body of a record that is no reading, base64url
ep, sq journal epoch (eight hexadecimal digits), sequence number
mo     monotonic time [ms]; in later elements the difference to the first
mono_  the same where the record has no wall time: a missing time would mean "now" (RFC 8428,
       4.5.3), and the underscore makes a reader that does not know the label refuse the record
sy     whether the wall clock was synchronised, where that is not what ``t`` suggests
sp     scratchpad in hexadecimal, where it is not the usual one of this temperature
q      quality of a record that is no reading, where not 0
ak     1 in the first element: answer with an ack once this is on disk
====== ======================================================================================

The parser is strict and bounded: size, nesting and number of records are checked on the raw
bytes before any JSON is read. A fault in what later elements rest on (names, base time, numbers)
refuses the whole payload; a fault in one record's own values refuses that record only, under its
number, so that nothing blocks the records behind it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from heatward_node.control import epoch_number, epoch_text
from heatward_node.errors import RecordError, WireError
from heatward_node.events import Refused, first_covered
from heatward_node.reading import (
    MAX_MONO_MS,
    MAX_SEQ,
    Kind,
    Quality,
    Record,
    Sync,
)
from heatward_node.rom import ROM_BYTES, rom_from_urn, urn
from heatward_node.scratchpad import usual_scratchpad

MAX_PAYLOAD_BYTES = 65_536
MAX_RECORDS = 300
_TEMPERATURE = "t"
_NAME_OF_KIND: dict[int, str] = {
    int(kind): kind.name.lower() for kind in Kind if kind is not Kind.READING
}
_KIND_OF_NAME = {name: kind for kind, name in _NAME_OF_KIND.items() if kind != Kind.REFUSED}
_NAME_OF_QUALITY = {int(quality): quality.name.lower() for quality in Quality}
_QUALITY_OF_NAME = {name: value for value, name in _NAME_OF_QUALITY.items() if value}
_BASE_LABELS = frozenset({"bn", "bt", "bu", "ep", "sq", "ak"})
_LABELS = _BASE_LABELS | {"n", "t", "v", "vs", "vd", "mo", "mono_", "sy", "sp", "q"}
Element = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pack:
    """The content of one readings message."""

    epoch: int
    asks_ack: bool
    records: list[Record]

    @property
    def first(self) -> int:
        """The first sequence number that the pack accounts for."""
        return first_covered(self.records[0])


def encode_pack(epoch: int, records: Sequence[Record], ask_ack: bool = False) -> bytes:
    """Return the payload for records of one epoch, in order and without a gap.

    Raises WireError where the records are none, too many, or not in sequence.
    """
    if not 1 <= len(records) <= MAX_RECORDS:
        raise WireError("records", f"{len(records)} records, 1 to {MAX_RECORDS} fit a pack")
    elements: list[Element] = []
    base = _Base(epoch)
    for record in records:
        element = _opening(base, record, ask_ack) if not elements else {}
        if elements and first_covered(record) != base.seq + 1:
            raise WireError("sequence", f"{record.seq} after {base.seq}")
        _put_name_and_value(element, base, record)
        _put_time(element, base, record)
        if elements and record.seq != base.seq + 1:
            element["sq"] = record.seq
        base.seq = record.seq
        elements.append(element)
    return json.dumps(elements, separators=(",", ":")).encode("ascii")


@dataclass(slots=True)
class _Base:
    """What later elements of a payload inherit from earlier ones."""

    epoch: int
    seq: int = 0
    name: str = ""
    rom: bytes = b""
    time: int = 0
    has_time: bool = False
    mono_ms: int = 0


def _opening(base: _Base, record: Record, ask_ack: bool) -> Element:
    base.mono_ms = record.mono_ms
    element: Element = {"ep": epoch_text(base.epoch), "sq": record.seq}
    if ask_ack:
        element["ak"] = 1
    return element


def _put_name_and_value(element: Element, base: _Base, record: Record) -> None:
    if record.kind != Kind.READING:
        element["n"] = _NAME_OF_KIND[record.kind]
        element["vd"] = base64.urlsafe_b64encode(record.body).decode("ascii").rstrip("=")
        if record.quality:
            element["q"] = record.quality
        return
    name = urn(record.rom) + ":"
    if base.name != name:
        base.name = element["bn"] = name
        element["bu"] = "Cel"
    element["n"] = _TEMPERATURE
    if record.quality:
        element["vs"] = _NAME_OF_QUALITY[record.quality]
    else:
        element["v"] = record.celsius
    if record.quality or record.scratchpad != usual_scratchpad(record.raw):
        element["sp"] = record.scratchpad.hex()


def _put_time(element: Element, base: _Base, record: Record) -> None:
    mono = record.mono_ms - (0 if "ep" in element else base.mono_ms)
    if record.wall_s is None:
        element["mono_"] = mono
    else:
        if not base.has_time:
            base.time, base.has_time = record.wall_s, True
            element["bt"] = base.time
        if record.wall_s != base.time:
            element["t"] = record.wall_s - base.time
        if mono or "ep" in element:
            element["mo"] = mono
    expected = Sync.UNSYNCHRONISED if record.wall_s is None else Sync.SYNCHRONISED
    if record.sync != expected:
        element["sy"] = record.sync


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _strict_loads(payload: bytes) -> Any:
    return json.loads(payload, parse_constant=_refuse_constant)


def decode_pack(payload: bytes, loads: Callable[[bytes], Any] = _strict_loads) -> Pack:
    """Parse a readings payload; ``loads`` may be any strict JSON reader raising ValueError.

    A record with a fault in its own values comes back as a REFUSED record under its number.

    Raises WireError where the payload as a whole cannot be believed.
    """
    _check_bounds(payload)
    try:
        elements = loads(payload)
    except (ValueError, RecursionError) as error:
        raise WireError("json", str(error)[:200]) from error
    _check_shape(payload, elements)
    first = elements[0]
    base = _Base(epoch_number(first.get("ep")))
    asks_ack = first.get("ak", 0)
    if type(asks_ack) is not int or asks_ack not in (0, 1):
        raise WireError("number", "ak must be 0 or 1")
    records = [_record(element, base, index == 0) for index, element in enumerate(elements)]
    return Pack(base.epoch, asks_ack == 1, records)


def _check_bounds(payload: bytes) -> None:
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise WireError("size", f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}")
    if payload.count(b"[") != 1 or not payload.startswith(b"["):
        raise WireError("depth", "a payload is one array of flat objects")
    if not 1 <= payload.count(b"{") <= MAX_RECORDS:
        raise WireError("records", f"1 to {MAX_RECORDS} records fit a payload")
    if not payload.isascii() or b"\\" in payload:
        raise WireError("text", "only plain ASCII without escapes")


def _check_shape(payload: bytes, elements: object) -> None:
    if not isinstance(elements, list) or not all(type(item) is dict for item in elements):
        raise WireError("shape", "not an array of objects")
    labels = 0
    for item in elements:
        labels += len(item)
        if not item.keys() <= _LABELS:
            raise WireError("labels", f"unknown: {sorted(item.keys() - _LABELS)[:5]}")
    # A JSON reader keeps one of two equal labels: the raw count shows that there were two.
    if labels != payload.count(b'":'):
        raise WireError("labels", "a label stands twice")


def _integer(value: object, low: int, high: int, label: str) -> int:
    if type(value) is not int or not low <= value <= high:
        raise WireError("number", f"{label} must be a whole number from {low} to {high}")
    return value


def _record(element: Element, base: _Base, is_first: bool) -> Record:
    due = base.seq + 1
    _resolve(element, base, is_first)
    try:
        record = _own_values(element, base, is_first)
        record.check()
        covered = first_covered(record)
    except RecordError as error:
        record, covered = _refused(element, base.seq, str(error)), base.seq
    if not is_first and covered != due:
        raise WireError("sequence", f"{covered} where {due} was due")
    return record


def _refused(element: Element, seq: int, reason: str) -> Record:
    text = json.dumps(element, separators=(",", ":"), sort_keys=True).encode("ascii")
    word = reason[:100].encode("ascii", "replace").decode("ascii")
    return Record(Kind.REFUSED, seq, 0, None, 0, 0, Refused(word, text).to_body())


def _resolve(element: Element, base: _Base, is_first: bool) -> None:
    """Take over what later elements rest on. Raises WireError: a fault here spoils them all."""
    if not is_first and ("ep" in element or "ak" in element):
        raise WireError("labels", "ep and ak belong into the first element")
    base.seq = _integer(element.get("sq", base.seq + 1), 1, MAX_SEQ, "sq")
    if is_first and "sq" not in element:
        raise WireError("number", "the first element must say sq")
    if "bn" in element:
        name = element["bn"]
        if not isinstance(name, str) or not name.endswith(":"):
            raise WireError("name", f"{str(name)[:60]!r} is not urn:dev:ow:<rom>:")
        try:
            base.rom = rom_from_urn(name[:-1])
        except RecordError as error:
            raise WireError("name", str(error)) from error
    if "bt" in element:
        base.time = _integer(element["bt"], -(2**53), 2**53, "bt")
        base.has_time = True
    if element.get("bu", "Cel") != "Cel":
        raise WireError("unit", f"{str(element['bu'])[:20]!r} is not Cel")
    if is_first:
        mono = element.get("mo", element.get("mono_"))
        base.mono_ms = _integer(mono, 0, MAX_MONO_MS, "mo")


def _own_values(element: Element, base: _Base, is_first: bool) -> Record:
    wall_s, mono_ms = _times(element, base, is_first)
    sync = element.get("sy", Sync.UNSYNCHRONISED if wall_s is None else Sync.SYNCHRONISED)
    name = element.get("n")
    if name == _TEMPERATURE:
        quality, scratchpad = _reading_values(element)
        if len(base.rom) != ROM_BYTES:
            raise RecordError("a reading before any sensor was named")
        body, kind = base.rom + scratchpad, int(Kind.READING)
    else:
        if not isinstance(name, str) or name not in _KIND_OF_NAME:
            raise RecordError("n is neither t nor a kind of record")
        kind, quality, body = _KIND_OF_NAME[name], element.get("q", 0), _body(element)
    if type(sync) not in (int, Sync) or type(quality) is not int:
        raise RecordError("sy and q must be whole numbers")
    return Record(kind, base.seq, mono_ms, wall_s, int(sync), quality, body)


def _times(element: Element, base: _Base, is_first: bool) -> tuple[int | None, int]:
    has_wall = "mono_" not in element
    mono = element.get("mo", 0) if has_wall else element["mono_"]
    if type(mono) is not int or (not has_wall and ("mo" in element or "t" in element)):
        raise RecordError("mo, mono_ and t do not fit together")
    mono_ms = mono if is_first else base.mono_ms + mono
    if not has_wall:
        return None, mono_ms
    difference = element.get("t", 0)
    if type(difference) is not int or not base.has_time:
        raise RecordError("no base time, or t is not a whole number")
    return base.time + difference, mono_ms


def _reading_values(element: Element) -> tuple[int, bytes]:
    if "vd" in element or "q" in element or ("v" in element) == ("vs" in element):
        raise RecordError("a reading has either v or vs")
    if "vs" in element:
        name = element["vs"]
        if not isinstance(name, str) or name not in _QUALITY_OF_NAME or "sp" not in element:
            raise RecordError("vs must be a known quality, and sp must stand beside it")
        return _QUALITY_OF_NAME[name], _hex(element["sp"])
    value = element["v"]
    if type(value) not in (int, float) or not -2048 <= value < 2048:
        raise RecordError("v is not a temperature")
    raw = int(value * 16)
    if raw != value * 16:
        raise RecordError("v is not a multiple of 1/16 degC")
    if "sp" not in element:
        return 0, usual_scratchpad(raw)
    scratchpad = _hex(element["sp"])
    if scratchpad[:2] != raw.to_bytes(2, "little", signed=True):
        raise RecordError("v and sp contradict each other")
    return 0, scratchpad


def _hex(text: object) -> bytes:
    try:
        return bytes.fromhex(text)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise RecordError("sp is not hexadecimal") from error


def _body(element: Element) -> bytes:
    text = element.get("vd")
    if not isinstance(text, str) or "v" in element or "vs" in element or "sp" in element:
        raise RecordError("a record that is no reading has vd and no other value")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise RecordError("vd is not base64url") from error
