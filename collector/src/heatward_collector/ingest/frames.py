"""MQTT packets in a stream of bytes, for both protocol versions: no sockets, no state.

Where packets begin is known from the one before only. But the payload of a reading ends with two
bytes that are seldom elsewhere: behind each of them a packet may begin, and one does if the packet
at the last beginning ends there. So they are found many at a time, and what else there is by
itself. A test cuts every stream both ways.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from heatward_collector.ingest.messages import Flags, Messages, Numbers

PUBLISH = 3
_QOS_2 = 2
_PUBACK = 0x4002
"""Head and length of a PUBACK; both versions know this form."""
_LENGTH = struct.Struct(">H")
_LAST = b"}]"
"""How the payloads of readings end."""
Octets = npt.NDArray[np.uint8]


class Split(NamedTuple):
    """What a stretch of bytes holds: whole packets in their order, and what is left over."""

    packets: list[Messages | bytes]
    """Messages that follow each other, and every other packet as its bytes."""
    consumed: int
    needed: int
    """How long the rest must grow before it holds a packet; more may be needed."""


def split(data: bytes, has_properties: bool, generation: int = 0) -> Split:
    """Cut bytes into packets; ``has_properties`` says MQTT 5.

    Raises ValueError where the bytes are no MQTT.
    """
    if len(data) < 2:
        return Split([], 0, 2)
    spans, needed = _packets(data)
    if not spans.shape[1]:
        return Split([], 0, needed)
    consumed = int(spans[2, -1])
    heads = np.frombuffer(data, np.uint8)[spans[0]]
    is_message = (heads >> 4 == PUBLISH) & (heads >> 1 & 3 < _QOS_2)
    if is_message.all():
        return Split([_messages(data, heads, spans, has_properties, generation)], consumed, needed)
    packets: list[Messages | bytes] = []
    at = 0
    for place in [*np.flatnonzero(~is_message).tolist(), len(heads)]:
        if at < place:
            some = heads[at:place], spans[:, at:place]
            packets.append(_messages(data, *some, has_properties, generation))
        if place < len(heads):
            packets.append(data[spans[0, place] : spans[2, place]])
        at = place + 1
    return Split(packets, consumed, needed)


def _packets(data: bytes) -> tuple[Numbers, int]:
    """Return the whole packets, (3, packets): where each begins, its body, and where it ends.

    And how long what is left over must grow.
    """
    begins, bodies, ends, is_chained = _likely(data)
    breaks, likely = np.flatnonzero(~is_chained).tolist(), begins.tolist()
    found: list[Numbers] = []
    at, size, needed = 0, len(data), 2
    while at + 2 <= size:
        place = bisect_left(likely, at)
        if place < len(likely) and likely[place] == at and is_chained[place]:
            stop = breaks[bisect_left(breaks, place)]
            found.append(np.stack((begins[place:stop], bodies[place:stop], ends[place:stop])))
            at = likely[stop]
            continue
        length, body = _number(data, at + 1)
        if body == 0 or body + length > size:
            needed = body + length - at if body else size - at + 1
            break
        found.append(np.array([[at], [body], [body + length]]))
        at = body + length
    return np.concatenate(found, axis=1) if found else np.zeros((3, 0), np.int64), needed


def _likely(data: bytes) -> tuple[Numbers, Numbers, Numbers, Flags]:
    """Return where packets may begin, their bodies and ends, and whether the next begins there.

    The last of them never says so. Lengths of more than two bytes are left alone.
    """
    octets = np.frombuffer(data, np.uint8)
    is_last = (octets[:-1] == _LAST[0]) & (octets[1:] == _LAST[1])
    begins = np.concatenate(([0], np.flatnonzero(is_last) + 2))
    low, high = octets.take(begins + 1, mode="clip"), octets.take(begins + 2, mode="clip")
    is_long = low >= 128
    bodies = begins + 2 + is_long
    ends = bodies + (low & 127) + is_long * (high.astype(np.int64) << 7)
    is_chained = np.zeros(len(begins), np.bool_)
    is_chained[:-1] = (ends[:-1] == begins[1:]) & ~(is_long & (high >= 128))[:-1]
    return begins, bodies, ends, is_chained


def _messages(
    data: bytes, heads: Octets, spans: Numbers, has_properties: bool, generation: int
) -> Messages:
    """Return the messages of PUBLISH packets. Raises ValueError where one is too short."""
    _, body, end = spans
    octets = np.frombuffer(data, np.uint8)

    def pair(at: Numbers) -> Numbers:  # what is behind the end of its packet is refused below
        high = octets.take(at, mode="clip").astype(np.int64)
        return high << 8 | octets.take(at + 1, mode="clip")

    topic_end = body + 2 + pair(body)
    is_sure = (heads >> 1 & 1).astype(np.bool_)
    mid = np.where(is_sure, pair(topic_end), 0)
    payload_at = topic_end + 2 * is_sure
    is_whole = (body + 2 <= end) & (payload_at <= end) & ((mid > 0) == is_sure)
    if has_properties:
        is_whole &= payload_at < end
        is_plain = octets.take(payload_at, mode="clip") == 0
        payload_at += 1
        for place in np.flatnonzero(is_whole & ~is_plain).tolist():
            at = int(payload_at[place]) - 1
            payload_at[place] = _behind_properties(data[at : end[place]], at)
        is_whole &= payload_at <= end
    if not is_whole.all():
        raise ValueError("a PUBLISH packet is shorter than what it should hold")
    return Messages(
        data,
        body + 2,
        topic_end,
        payload_at,
        end,
        np.full(len(heads), generation, np.int64),
        mid,
        (heads & 1).astype(np.bool_),
    )


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


def pubacks(mids: Sequence[int] | Numbers) -> bytes:
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
