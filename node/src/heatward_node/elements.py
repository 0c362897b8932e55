"""One element of a readings payload: a canonical record as a flat JSON object, and back.

The labels are described in :mod:`heatward_node.wire`.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from heatward_node.control import epoch_text
from heatward_node.errors import RecordError, WireError
from heatward_node.events import Refused, first_covered
from heatward_node.reading import MAX_MONO_MS, MAX_SEQ, Kind, Quality, Record, Sync
from heatward_node.rom import ROM_BYTES, rom_from_urn, urn
from heatward_node.scratchpad import usual_scratchpad

_TEMPERATURE = "t"
_NAME_OF_KIND: dict[int, str] = {
    int(kind): kind.name.lower() for kind in Kind if kind is not Kind.READING
}
_KIND_OF_NAME = {name: kind for kind, name in _NAME_OF_KIND.items() if kind != Kind.REFUSED}
_NAME_OF_QUALITY = {int(quality): quality.name.lower() for quality in Quality}
_QUALITY_OF_NAME = {name: value for value, name in _NAME_OF_QUALITY.items() if value}
_BASE_LABELS = frozenset({"bn", "bt", "bu", "ep", "sq", "ak"})
LABELS = _BASE_LABELS | {"n", "t", "v", "vs", "vd", "mo", "mono_", "sy", "sp", "q"}
Element = dict[str, Any]


@dataclass(slots=True)
class Base:
    """What later elements of a payload inherit from earlier ones."""

    epoch: int
    seq: int = 0
    name: str = ""
    rom: bytes = b""
    time: int = 0
    has_time: bool = False
    mono_ms: int = 0


def opening(base: Base, record: Record, ask_ack: bool) -> Element:
    """Return the beginning of a first element."""
    base.mono_ms = record.mono_ms
    element: Element = {"ep": epoch_text(base.epoch), "sq": record.seq}
    if ask_ack:
        element["ak"] = 1
    return element


def put_name_and_value(element: Element, base: Base, record: Record) -> None:
    """Add what was measured, and by which sensor where that changes."""
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


def put_time(element: Element, base: Base, record: Record) -> None:
    """Add when, relative to what the payload has said before."""
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


def _integer(value: object, low: int, high: int, label: str) -> int:
    if type(value) is not int or not low <= value <= high:
        raise WireError("number", f"{label} must be a whole number from {low} to {high}")
    return value


def decode_element(element: Element, base: Base, is_first: bool) -> Record:
    """Return the record of an element; REFUSED where its own values are at fault.

    Raises WireError where later elements would be spoiled too.
    """
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


def _resolve(element: Element, base: Base, is_first: bool) -> None:
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


def _own_values(element: Element, base: Base, is_first: bool) -> Record:
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


def _times(element: Element, base: Base, is_first: bool) -> tuple[int | None, int]:
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
