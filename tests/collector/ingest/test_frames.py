"""MQTT packets in a stream: cut anywhere, they come out as they went in."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.ingest.frames import pubacks, publishes, split
from heatward_collector.ingest.messages import Message, Messages

topics = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
payloads = st.binary(max_size=40) | st.sampled_from(
    [b"x" * 127, b"y" * 128, b"z" * 20_000, b"[{}]", b"}]2}]", b"[{" + b"w" * 90 + b"}]", b"}]"]
)


def length(number: int) -> bytes:
    """Return a variable byte integer, as the standard computes it (2.2.3)."""
    data = bytearray()
    while True:
        number, byte = divmod(number, 128)
        data.append(byte | (128 if number else 0))
        if not number:
            return bytes(data)


def packet(publish: Message, properties: bytes | None) -> bytes:
    topic = publish.topic.encode()
    body = struct.pack(">H", len(topic)) + topic
    if publish.qos:
        body += struct.pack(">H", publish.mid)
    if properties is not None:
        body += length(len(properties)) + properties
    body += publish.payload
    return bytes([0x30 | publish.qos << 1 | publish.retained]) + length(len(body)) + body


@st.composite
def incoming(draw):
    qos = draw(st.integers(0, 1))
    mid = draw(st.integers(1, 65_535)) if qos else 0
    return Message(draw(topics), draw(payloads), draw(st.booleans()), 7, mid, qos)


others = st.sampled_from([b"\x20\x02\x00\x00", b"\xd0\x00", b"\x90\x04\x00\x01\x01\x01"])


@st.composite
def streams(draw):
    """Draw packets, the bytes of each, and whether they are of MQTT 5."""
    is_five = draw(st.booleans())
    packets = draw(st.lists(incoming() | others, max_size=8))
    properties = st.binary(max_size=200)
    parts = [
        packet(one, draw(properties) if is_five else None) if isinstance(one, Message) else one
        for one in packets
    ]
    return packets, parts, is_five


def whole_of(packets: list[Messages | bytes]) -> list[Message | bytes]:
    """Return packets each by itself."""
    return [
        one for packet in packets for one in (packet if isinstance(packet, Messages) else [packet])
    ]


def parts_of(packets: list[Messages | bytes], data: bytes) -> list[bytes]:
    """Return the bytes of packets that begin with the first byte, of messages between them too."""
    parts, at = [], 0
    for packet in packets:
        if isinstance(packet, Messages):
            assert packet.data is data
            for end in packet.payload_end.tolist():
                parts.append(data[at:end])
                at = end
        else:
            assert data[at : at + len(packet)] == packet
            parts.append(packet)
            at += len(packet)
    return parts


@given(streams(), st.data())
def test_a_stream_may_be_cut_anywhere(stream, data):
    packets, parts, is_five = stream
    whole = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    found, rest = [], b""
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        rest += whole[start:end]
        some, consumed, needed = split(rest, is_five, 7)
        rest = rest[consumed:]
        assert needed > len(rest)
        found += whole_of(some)
    assert found == packets
    assert rest == b""


@given(streams())
def test_what_is_needed_is_never_more_than_the_packet_has(stream):
    _, parts, is_five = stream
    for part in parts:
        for end in range(min(len(part), 300)):
            some, consumed, needed = split(part[:end], is_five)
            assert (some, consumed) == ([], 0)
            assert end < needed <= len(part)


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_cut_or_refused(data, is_five):
    try:
        packets, consumed, needed = split(data, is_five)
    except ValueError:
        return
    assert consumed <= len(data)
    assert needed > len(data) - consumed
    assert sum(map(len, parts_of(packets, data))) == consumed


@pytest.mark.parametrize(
    "data",
    [
        b"\x30\x01\x00",  # no room for the length of a topic
        b"\x30\x03\x00\x05a",  # a topic longer than its packet
        b"\x32\x03\x00\x01a",  # QoS 1 without a message id
        b"\x32\x05\x00\x01a\x00\x00",  # the message id 0 is not allowed
        b"\x30\xff\xff\xff\xff\x01",  # a length of five bytes
    ],
)
def test_a_broken_packet_is_refused(data):
    with pytest.raises(ValueError, match="PUBLISH|length"):
        split(data, False)


def test_pubacks_are_what_the_standard_says():
    assert pubacks([1, 258]) == b"\x40\x02\x00\x01\x40\x02\x01\x02"


@given(st.lists(st.tuples(topics, payloads), max_size=5), st.booleans())
def test_what_is_sent_is_read_as_it_was_meant(messages, is_five):
    packets, consumed, _ = split(data := publishes(messages, is_five), is_five)
    assert consumed == len(data)
    assert whole_of(packets) == [
        Message(topic, payload, False, 0, 0, 0) for topic, payload in messages
    ]
