"""The short way for a usual pack gives what the general parser gives, or nothing."""

from __future__ import annotations

import json

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.ingest.usual_pack import UsualPack, decode_usual_pack
from heatward_collector.ledger import LedgerReader, LedgerWriter, verify
from heatward_node.errors import WireError
from heatward_node.reading import MAX_MONO_MS, MAX_SEQ, MAX_WALL_S, MIN_WALL_S, Sync, reading
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.wire import Pack, decode_pack, encode_pack
from support.records import raws, record_runs, roms

epochs = st.integers(1, 2**32 - 1)
ROM = bytes.fromhex("284578b60600009a")
USUAL = (
    b'[{"ep":"9f3c2a10","sq":1201,"bn":"urn:dev:ow:284578b60600009a:","bu":"Cel","n":"t",'
    b'"v":21.3125,"bt":1732345678,"mo":5000},{"n":"t","v":-0.5,"t":300,"mo":300000}]'
)


def general(payload: bytes) -> Pack | None:
    try:
        return decode_pack(payload, msgspec.json.decode)
    except (WireError, msgspec.DecodeError):
        return None


def entries(found: UsualPack) -> list[bytes]:
    """Return the canonical bytes of its records."""
    return [bytes(row.tobytes()[4:-4]) for row in found.packed]


def assert_same(payload: bytes) -> bool:
    """Compare both ways; return whether the short one knew the payload."""
    found = decode_usual_pack(payload)
    if found is None:
        return False
    expected = general(payload)
    assert expected is not None
    assert (found.epoch, found.asks_ack) == (expected.epoch, expected.asks_ack)
    assert (found.first, found.last) == (expected.records[0].seq, expected.records[-1].seq)
    assert entries(found) == [record.to_bytes() for record in expected.records]
    return True


def run_of(first: int, seconds: list[int], raw: list[int], sensors: list[bytes], start_s: int):
    """Return readings in a row, a moment each."""
    return [
        reading(
            first + index,
            1000 * (1 + after),
            start_s + after,
            Sync.SYNCHRONISED,
            sensors[index % len(sensors)],
            usual_scratchpad(raw[index % len(raw)]),
        )
        for index, after in enumerate(sorted(seconds))
    ]


@settings(deadline=None)
@given(
    epochs,
    st.integers(1, MAX_SEQ - 40),
    st.lists(st.integers(0, 10**6), min_size=2, max_size=40),
    st.lists(raws, min_size=1, max_size=40),
    st.lists(roms, min_size=1, max_size=3),
    st.integers(MIN_WALL_S, 10**11 - 10**6 - 1),
    st.booleans(),
)
def test_every_usual_pack_takes_the_short_way(epoch, first, seconds, raw, sensors, start_s, ask):
    payload = encode_pack(epoch, run_of(first, seconds, raw, sensors, start_s), ask)
    assert assert_same(payload)


@settings(deadline=None)
@given(epochs, record_runs(), st.booleans())
def test_any_pack_is_the_same_either_way_or_left_alone(epoch, records, ask):
    assert_same(encode_pack(epoch, records, ask))


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_a_changed_payload_is_the_same_either_way_or_left_alone(data):
    at = data.draw(st.integers(0, len(USUAL) - 1))
    cut = data.draw(st.integers(0, 6))
    put = data.draw(
        st.sampled_from([b"", b"0", b"9", b"-", b".", b'"', b",", b"{", b"}]", b" ", b"e5", b"]"])
    )
    assert_same(USUAL[:at] + put + USUAL[at + cut :])


@pytest.mark.parametrize(
    "payload",
    [
        USUAL.replace(b"00009a", b"00009b"),
        USUAL.replace(b"-0.5", b"-0.51"),
        USUAL.replace(b"9f3c2a10", b"00000000"),
        USUAL.replace(b"1201", str(MAX_SEQ).encode()),
        USUAL.replace(b"1732345678", b"100000000"),
        USUAL.replace(b'"t":300', b'"t":-300'),
        USUAL.replace(b'"mo":300000', f'"mo":{MAX_MONO_MS}'.encode()),
        USUAL.replace(b',"mo":300000', b',"mo":300000,"sp":"50054b467fff0c1056"'),
        USUAL.replace(b'"t":300', b'"sq":7,"t":300'),
        USUAL.replace(b"},{", b"}, {"),
        USUAL + b"x",
        USUAL[:-1],
        b"",
    ],
)
def test_what_is_not_usual_is_left_to_the_general_parser(payload):
    assert decode_usual_pack(payload) is None


def test_more_records_or_bytes_than_allowed_are_left_to_the_general_parser():
    element = b',{"n":"t","v":-0.5,"t":300,"mo":300000}'
    fits = USUAL[:-1] + 298 * element + b"]"
    assert assert_same(fits)
    assert decode_usual_pack(USUAL[:-1] + 299 * element + b"]") is None
    assert json.loads(fits)[-1]["t"] == 300
    assert MAX_WALL_S > 10**11


def test_the_ledger_holds_the_same_bytes_whichever_way_they_came(tmp_path):
    records = run_of(2, list(range(0, 3000, 300)), [320, 325], [ROM], 1_732_345_678)
    boot = run_of(1, [0], [320], [ROM], 1_732_345_000)
    bodies = []
    for way in ("short", "general"):
        ledger = LedgerWriter(tmp_path / way, lambda: 1_732_400_000.0)
        ledger.offer("d1", "n1", Pack(7, False, boot))
        if way == "short":
            found = decode_usual_pack(encode_pack(7, records))
            assert found is not None
            assert not ledger.offer_run(("d1", "n1", 8), found.first, found.packed)
            assert not ledger.offer_run(("d1", "n1", 7), found.first + 1, found.packed)
            assert ledger.offer_run(("d1", "n1", 7), found.first, found.packed)
            assert not ledger.offer_run(("d1", "n1", 7), found.first, found.packed)
        else:
            ledger.offer("d1", "n1", Pack(7, False, records))
        assert ledger.commit().count == 11
        assert ledger.through(("d1", "n1"), 7) == 11
        ledger.close()
        reader = LedgerReader(tmp_path / way)
        (batch,) = reader.batches()
        bodies.append(batch.body)
        assert len(list(reader.batches_measured(1_732_345_000, 1_732_345_001))) == 1
        assert len(list(reader.batches_measured(1_732_348_378, 1_732_348_379))) == 1
        assert list(reader.batches_measured(1_732_348_379, 1_732_400_000)) == []
        assert verify(tmp_path / way).alteration is None
        reader.close()
    assert bodies[0] == bodies[1]
    assert np.frombuffer(bodies[0], np.uint8).any()
