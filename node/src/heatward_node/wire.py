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

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from heatward_node.control import epoch_number
from heatward_node.elements import (
    LABELS,
    Base,
    Element,
    decode_element,
    opening,
    put_name_and_value,
    put_time,
)
from heatward_node.errors import WireError
from heatward_node.events import first_covered
from heatward_node.reading import Record

MAX_PAYLOAD_BYTES = 65_536
MAX_RECORDS = 300


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
    base = Base(epoch)
    for record in records:
        element = opening(base, record, ask_ack) if not elements else {}
        if elements and first_covered(record) != base.seq + 1:
            raise WireError("sequence", f"{record.seq} after {base.seq}")
        put_name_and_value(element, base, record)
        put_time(element, base, record)
        if elements and record.seq != base.seq + 1:
            element["sq"] = record.seq
        base.seq = record.seq
        elements.append(element)
    return json.dumps(elements, separators=(",", ":")).encode("ascii")


def encode_fitting(
    epoch: int, records: Sequence[Record], ask_ack: bool = False
) -> tuple[Sequence[Record], bytes]:
    """Return as many of the records, from the first on, as fit a payload, and the payload."""
    payload = encode_pack(epoch, records, ask_ack)
    while len(payload) > MAX_PAYLOAD_BYTES:
        records = records[: len(records) // 2]
        payload = encode_pack(epoch, records, ask_ack)
    return records, payload


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
    base = Base(epoch_number(first.get("ep")))
    asks_ack = first.get("ak", 0)
    if type(asks_ack) is not int or asks_ack not in (0, 1):
        raise WireError("number", "ak must be 0 or 1")
    records = [decode_element(element, base, index == 0) for index, element in enumerate(elements)]
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
        if not item.keys() <= LABELS:
            raise WireError("labels", f"unknown: {sorted(item.keys() - LABELS)[:5]}")
    # A JSON reader keeps one of two equal labels: the raw count shows that there were two.
    if labels != payload.count(b'":'):
        raise WireError("labels", "a label stands twice")
