"""The short way for the usual payload gives what the general parser gives, or nothing."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from heatward_collector.ingest.one_reading import decode_one_reading
from heatward_node.errors import WireError
from heatward_node.reading import MAX_SEQ, MIN_WALL_S, Sync, reading
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.wire import Pack, decode_pack, encode_pack
from support.records import raws, record_runs, roms

epochs = st.integers(1, 2**32 - 1)
USUAL = (
    b'[{"ep":"9f3c2a10","sq":1201,"bn":"urn:dev:ow:284578b60600009a:","bu":"Cel","n":"t",'
    b'"v":21.3125,"bt":1732345678,"mo":5000}]'
)


def general(payload: bytes) -> Pack | None:
    try:
        return decode_pack(payload, msgspec.json.decode)
    except (WireError, msgspec.DecodeError):
        return None


def assert_same(payload: bytes) -> bool:
    """Compare both ways; return whether the short one knew the payload."""
    found = decode_one_reading(payload)
    if found is None:
        return False
    expected = general(payload)
    assert found.pack() == expected
    assert expected is not None
    assert found.record == expected.records[0].to_bytes()
    assert (found.seq, found.wall_s) == (expected.records[0].seq, expected.records[0].wall_s)
    return True


@given(
    epochs,
    st.integers(1, MAX_SEQ),
    st.integers(0, 10**15 - 1),
    st.integers(MIN_WALL_S, 10**11 - 1),
    roms,
    raws,
    st.booleans(),
)
def test_every_usual_reading_takes_the_short_way(epoch, seq, mono_ms, wall_s, rom, raw, ask):
    pad = usual_scratchpad(raw)
    record = reading(seq, mono_ms, wall_s, Sync.SYNCHRONISED, rom, pad)
    payload = encode_pack(epoch, [record], ask)
    found = decode_one_reading(payload)
    assert found is not None
    assert found.pack() == Pack(epoch, ask, [record])
    assert assert_same(payload)


@given(epochs, record_runs(most=3), st.booleans())
def test_whatever_a_node_writes_is_the_same_both_ways(epoch, records, ask):
    assert_same(encode_pack(epoch, records, ask))


fields = {
    "ep": st.sampled_from(["9f3c2a10", "00000000", "9F3C2A10", "9f3c2a1"]),
    "sq": st.sampled_from([0, 1, 2**32 - 1, 2**32, 9_999_999_999, -1, 1.0]),
    "ak": st.sampled_from([0, 1, 2, True]),
    "bn": st.sampled_from(["urn:dev:ow:284578b60600009a:", "urn:dev:ow:284578b60600009b:"]),
    "bu": st.sampled_from(["Cel", "K"]),
    "n": st.sampled_from(["t", "boot"]),
    "v": st.sampled_from([21.3125, 21.3, -0.0, -55.0, 125.0, 999.9375, 1e3, 21]),
    "bt": st.sampled_from([1732345678, 2**28, 2**28 - 1, 10**11, 99_999_999_999, 0]),
    "mo": st.sampled_from([0, 5000, 10**15 - 1, 2**53, 2**53 + 1, -1]),
}


@given(st.fixed_dictionaries(fields, optional={"sy": st.integers(0, 2), "t": st.just(1)}))
def test_values_at_and_over_every_limit_are_the_same_both_ways(element):
    assert_same(json.dumps([element], separators=(",", ":")).encode())


@given(st.integers(0, len(USUAL) - 1), st.integers(0, 255))
@example(at=37, byte=ord("0"))
def test_a_changed_byte_is_the_same_both_ways(at, byte):
    assert_same(USUAL[:at] + bytes([byte]) + USUAL[at + 1 :])


@pytest.mark.parametrize("payload", [USUAL + b"\n", b" " + USUAL, USUAL[:-1], b"[]", b""])
def test_anything_unusual_is_left_to_the_general_parser(payload):
    assert decode_one_reading(payload) is None


def test_the_usual_one_is_known():
    assert assert_same(USUAL)
