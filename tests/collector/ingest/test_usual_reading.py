"""One reading read the short way is what the general parser reads, whatever byte is another."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.ingest.messages import Message, Messages
from heatward_collector.ingest.usual_reading import decode_usual_readings
from heatward_node.errors import WireError
from heatward_node.reading import Record, Sync, reading
from heatward_node.scratchpad import HIGHEST_RAW, LOWEST_RAW, usual_scratchpad
from heatward_node.wire import decode_pack, encode_pack
from support.records import roms

ROM = bytes.fromhex("284578b60600009a")
SHORT = b'[{"ep":"9f3c2a10","sq":7,"bn":"urn:dev:ow:284578b60600009a:","bu":"Cel","n":"t",'
SHORT += b'"v":0.0,"bt":1732345678,"mo":0}]'
LONG = b'[{"ep":"00000001","sq":12345678,"ak":1,"bn":"urn:dev:ow:284578b60600009a:","bu":"Cel",'
LONG += b'"n":"t","v":-54.0625,"bt":9732345678,"mo":123456789012345}]'


def read_usual(payloads: Sequence[bytes]) -> dict[int, tuple[int, bool, int, bytes]]:
    """Return epoch, question, number and record of those that are known, by their places."""
    messages = Messages.of([Message("t", one, False, 1, 1, 1) for one in payloads])
    found = decode_usual_readings(messages, np.arange(len(messages)))
    assert found.counts.tolist() == [1] * len(found.places)
    assert found.bodies == {}
    return {
        place: (epoch, asks, first, row.tobytes()[4:-4])
        for place, epoch, asks, first, row in zip(
            found.places.tolist(),
            found.epochs.tolist(),
            found.ask_ack.tolist(),
            found.firsts.tolist(),
            found.packed,
            strict=True,
        )
    }


def read_any(payload: bytes) -> tuple[int, bool, int, bytes] | None:
    """Return the same as the general parser has it, None where it refuses the payload."""
    try:
        pack = decode_pack(payload, msgspec.json.decode)
    except (WireError, msgspec.DecodeError):
        return None
    (record,) = pack.records
    return pack.epoch, pack.asks_ack, record.seq, record.to_bytes()


def assert_same(payloads: Sequence[bytes]) -> list[int]:
    """Compare both ways; return which payloads the short one knew."""
    found = read_usual(payloads)
    for place, one in found.items():
        assert one == read_any(payloads[place]), payloads[place]
    return list(found)


@pytest.mark.parametrize("payload", [SHORT, LONG])
def test_another_byte_in_any_place_is_read_alike_or_left_alone(payload: bytes):
    """What differs in a fixed byte is always left: only digits and signs of values may differ."""
    known = 0
    for at in range(len(payload)):
        changed = [payload[:at] + bytes([byte]) + payload[at + 1 :] for byte in range(256)]
        places = assert_same(changed)
        assert payload[at] in places
        assert set(places) - {payload[at]} <= set(b"0123456789abcdef-")
        known += len(places) > 1
    assert 20 < known < 60


@pytest.mark.parametrize("payload", [SHORT, LONG])
@pytest.mark.parametrize("put", [b"", b"0", b"9", b"-", b",", b'"', b"]", b"}]", b"\0", b"00"])
def test_bytes_too_many_or_too_few_are_read_alike_or_left_alone(payload: bytes, put: bytes):
    for cut in range(4):
        places = range(len(payload))
        changed = [payload[:at] + put + payload[at + cut :] for at in places]
        assert_same(changed)
        # The bytes of another message are no part of one, however it is cut.
        assert_same([one for changed_one in changed for one in (changed_one, SHORT)])


@settings(deadline=None)
@given(st.data())
def test_every_reading_in_the_words_of_a_node_is_known(data):
    count = data.draw(st.integers(1, 6))
    payloads = []
    for _ in range(count):
        record = reading(
            data.draw(st.integers(1, 99_999_999)),
            data.draw(st.integers(0, 10**15 - 1)),
            data.draw(st.integers(10**9, 10**10 - 1)),
            Sync.SYNCHRONISED,
            data.draw(roms),
            usual_scratchpad(data.draw(st.integers(LOWEST_RAW, HIGHEST_RAW))),
        )
        epoch = data.draw(st.integers(1, 2**32 - 1))
        payloads.append(encode_pack(epoch, [record], data.draw(st.booleans())))
    assert assert_same(payloads) == list(range(count))


def test_every_temperature_of_the_part_is_known():
    records: list[Record] = [
        reading(7, 1, 1_732_345_678, Sync.SYNCHRONISED, ROM, usual_scratchpad(raw))
        for raw in range(LOWEST_RAW, HIGHEST_RAW + 1)
    ]
    assert len(assert_same([encode_pack(1, [one]) for one in records])) == len(records)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"sq":7', b'"sq":0'),
        (b'"sq":7', b'"sq":07'),
        (b'"sq":7', b'"sq":123456789'),
        (b'"mo":0', b'"mo":00'),
        (b'"mo":0', b'"mo":1234567890123456'),
        (b'"mo":0', b'"mo":'),
        (b"9f3c2a10", b"00000000"),
        (b"9f3c2a10", b"9F3C2A10"),
        (b"9a:", b"9b:"),
        (b'"v":0.0', b'"v":-0.0'),
        (b'"v":0.0', b'"v":0.00'),
        (b'"v":0.0', b'"v":125.0625'),
        (b'"v":0.0', b'"v":-55.0625'),
        (b'"v":0.0', b'"v":0.05'),
        (b"1732345678", b"0732345678"),
        (b"1732345678", b"173234567"),
        (b"1732345678", b"17323456789"),
        (b'"mo"', b'"ak":1,"mo"'),
    ],
)
def test_what_a_node_would_not_write_is_left_alone(old: bytes, new: bytes):
    assert SHORT.count(old) == 1
    payload = SHORT.replace(old, new)
    assert assert_same([payload]) == []
    assert assert_same([SHORT, payload, LONG]) == [0, 2]


def test_only_the_messages_that_are_asked_for_are_read():
    messages = Messages.of([Message("t", one, False, 1, 1, 1) for one in (SHORT, LONG, SHORT)])
    assert decode_usual_readings(messages, np.array([1])).places.tolist() == [1]
    assert decode_usual_readings(messages, np.array([], np.int64)).places.tolist() == []
    nothing = Messages.of([Message("", b"", False, 1, 1, 1)])
    assert decode_usual_readings(nothing, np.array([0])).places.tolist() == []
