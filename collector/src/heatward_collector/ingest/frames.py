"""MQTT packets in a stream of bytes, for both protocol versions: no sockets, no state."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

PUBLISH = 3
_QOS_2 = 2
_PUBACK = 0x4002
"""Head and length of a PUBACK; both versions know this form."""
_LENGTH = struct.Struct(">H")


class Message(NamedTuple):
    """A message from the broker, at QoS 0 or 1; ``retained`` ones are never evidence.

    ``generation`` is the connection that brought it: its id means something there only.
    """

    topic: str
    payload: bytes
    retained: bool
    generation: int
    mid: int
    qos: int


class Split(NamedTuple):
    """What a stretch of bytes holds: whole packets in their order, and what is left over."""

    packets: list[Message | bytes]
    """Messages, and every other packet as its bytes."""
    consumed: int
    needed: int
    """How long the rest must grow before it holds a packet; more may be needed."""


def split(data: bytes, has_properties: bool, generation: int = 0) -> Split:
    """Cut bytes into packets; ``has_properties`` says MQTT 5.

    Raises ValueError where the bytes are no MQTT.
    """
    packets: list[Message | bytes] = []
    at, end = 0, len(data)
    while at + 2 <= end:
        size, body = data[at + 1], at + 2
        if size >= 128 and body < end and data[body] < 128:  # as of nearly every message
            size, body = size & 127 | data[body] << 7, body + 1
        elif size >= 128:
            size, body = _number(data, at + 1)
            if body == 0:
                return Split(packets, at, end - at + 1)
        after = body + size
        if after > end:
            return Split(packets, at, after - at)
        first = data[at]
        if first >> 4 != PUBLISH or first >> 1 & 3 >= _QOS_2:
            packets.append(data[at:after])
        else:
            packets.append(_message(data, first, body, after, has_properties, generation))
        at = after
    return Split(packets, at, 2)


def _message(
    data: bytes, first: int, body: int, after: int, has_properties: bool, generation: int
) -> Message:
    """Return the message of a PUBLISH packet whose body lies from ``body`` to ``after``."""
    start = body + 2 + (data[body] << 8 | data[body + 1]) if body + 2 <= after else after + 1
    qos, mid, at = first >> 1 & 3, 0, start
    if qos:
        at = start + 2
        mid = data[start] << 8 | data[start + 1] if at <= after else 0
    if has_properties and at < after:
        at = at + 1 if data[at] == 0 else _behind_properties(data[at:after], at)
    elif has_properties:
        at = after + 1
    if at > after or bool(mid) != bool(qos):
        raise ValueError("a PUBLISH packet is shorter than what it should hold")
    topic = data[body + 2 : start].decode("utf-8", "replace")
    # Message(...) itself would take as long as all of this.
    values = (topic, data[at:after], bool(first & 1), generation, mid, qos)
    return tuple.__new__(Message, values)


def _behind_properties(data: bytes, at: int) -> int:
    """Return where what follows the properties begins, in bytes that lie at ``at``."""
    size, start = _number(data, 0)
    return at + start + size if start else at + len(data) + 1


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Return a variable byte integer and where it ends; 0, 0 where the bytes end before it."""
    value = 0
    for shift, byte in enumerate(data[at : at + 4]):
        value |= (byte & 127) << 7 * shift
        if byte < 128:
            return value, at + shift + 1
    if at + 4 <= len(data):
        raise ValueError("a length of more than four bytes")
    return 0, 0


def pubacks(mids: Sequence[int]) -> bytes:
    """Return the PUBACK packets for some message ids."""
    packets = np.empty((len(mids), 2), ">u2")
    packets[:, 0], packets[:, 1] = _PUBACK, mids
    return packets.tobytes()


def publishes(messages: Iterable[tuple[str, bytes]], has_properties: bool) -> bytes:
    """Return the PUBLISH packets at QoS 0 for topics and payloads."""
    none = b"\0" if has_properties else b""
    parts = []
    for topic, payload in messages:
        name = topic.encode()
        size = 2 + len(name) + len(none) + len(payload)
        parts += [b"\x30", _length(size), _LENGTH.pack(len(name)), name, none, payload]
    return b"".join(parts)


def _length(size: int) -> bytes:
    """Return a variable byte integer."""
    data = bytearray()
    while size >= 128:
        data.append(128 | size & 127)
        size >>= 7
    data.append(size)
    return bytes(data)
