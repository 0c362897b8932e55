"""The short way for usual packs gives what the general parser gives, or nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.ingest.messages import Message, Messages
from heatward_collector.ingest.usual_pack import decode_usual_packs
from heatward_collector.ingest.usual_packs import UsualPacks
from heatward_collector.ledger import LedgerReader, LedgerWriter, verify
from heatward_node.errors import WireError
from heatward_node.events import Checkpoint, ClockFix
from heatward_node.reading import (
    HEADER,
    MAX_MONO_MS,
    MAX_SEQ,
    MAX_WALL_S,
    MIN_WALL_S,
    Kind,
    Quality,
    Record,
    Sync,
    reading,
)
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.wire import Pack, decode_pack, encode_pack
from support.records import raws, record_runs, roms

epochs = st.integers(1, 2**32 - 1)
ROM = bytes.fromhex("284578b60600009a")
USUAL = (
    b'[{"ep":"9f3c2a10","sq":1201,"bn":"urn:dev:ow:284578b60600009a:","bu":"Cel","n":"t",'
    b'"v":21.3125,"bt":1732345678,"mo":5000},{"n":"t","v":-0.5,"t":300,"mo":300000}]'
)

ONE = (
    b'[{"ep":"9f3c2a10","sq":1201,"bn":"urn:dev:ow:284578b60600009a:","bu":"Cel","n":"t",'
    b'"v":21.3125,"bt":1732345678,"mo":5000}]'
)
MIXED = (
    USUAL[:-1]
    + b',{"n":"clock_fix","vd":"MgAAAA","t":301,"mo":301000},{"n":"t","v":20.0,"t":600,"mo":600000}'
    + b',{"n":"checkpoint","vd":"AQAAAAECAwQ","t":601,"mo":601000}]'
)
LARGE = USUAL[:-1] + 50 * b',{"n":"t","v":-0.5,"t":300,"mo":300000}' + b"]"


def general(payload: bytes) -> Pack | None:
    try:
        return decode_pack(payload, msgspec.json.decode)
    except (WireError, msgspec.DecodeError):
        return None


def usual_of(payloads: Sequence[bytes]) -> UsualPacks:
    """Return the usual ones of payloads that came together."""
    messages = Messages.of([Message("t", one, False, 1, 1, 1) for one in payloads])
    return decode_usual_packs(messages, np.arange(len(messages)))


def packs_of(found: UsualPacks) -> list[tuple[int, tuple[int, bool, int, list[bytes]]]]:
    """Return place and epoch, question, first number and canonical records of each pack."""
    records = [bytes(row.tobytes()[4:-4]) for row in found.packed]
    for place, body in found.bodies.items():
        records[place] = records[place][: HEADER.size] + body
    assert found.counts.sum() == len(records)
    packs, at = [], 0
    columns = [
        one.tolist()
        for one in (found.places, found.epochs, found.ask_ack, found.firsts, found.counts)
    ]
    for place, epoch, asks, first, count in zip(*columns, strict=True):
        packs.append((place, (epoch, asks, first, records[at : at + count])))
        at += count
    return packs


def assert_same(*payloads: bytes) -> list[int]:
    """Compare both ways; return which payloads the short one knew."""
    found = packs_of(usual_of(payloads))
    for place, pack in found:
        expected = general(payloads[place])
        assert expected is not None
        records = [record.to_bytes() for record in expected.records]
        assert pack == (expected.epoch, expected.asks_ack, expected.records[0].seq, records)
    return [place for place, _ in found]


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
    st.lists(st.integers(0, 10**6), min_size=1, max_size=40),
    st.lists(raws, min_size=1, max_size=40),
    st.lists(roms, min_size=1, max_size=3),
    st.integers(MIN_WALL_S, 10**11 - 10**6 - 1),
    st.booleans(),
)
def test_every_usual_pack_takes_the_short_way(epoch, first, seconds, raw, sensors, start_s, ask):
    payload = encode_pack(epoch, run_of(first, seconds, raw, sensors, start_s), ask)
    assert assert_same(payload) == [0]


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
    assert_same(USUAL[:at] + put + USUAL[at + cut :], ONE)
    at = data.draw(st.integers(len(USUAL) - 1, len(MIXED) - 1))
    assert_same(ONE, MIXED[:at] + put + MIXED[at + cut :], USUAL)


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
        MIXED.replace(b"MgAAAA", b"MgAAA"),
        MIXED.replace(b"MgAAAA", b"MgAA+A"),
        MIXED.replace(b"clock_fix", b"clock_step"),
        MIXED.replace(b'"vd":"MgAAAA"', b'"q":1,"vd":"MgAAAA"'),
        USUAL[:-1],
        b"",
        USUAL[:-1] + b"\n]",
        USUAL + b"\n",
        b" " + ONE,
        ONE[:-1],
        b"[]",
    ],
)
def test_what_is_not_usual_is_left_to_the_general_parser(payload):
    assert assert_same(payload) == []
    assert assert_same(USUAL, payload, ONE) == [0, 2]
    assert assert_same(payload, payload, USUAL, payload) == [2]


def test_a_line_break_shifts_nothing():
    assert assert_same(ONE[:40], ONE[40:], ONE + b"\n" + USUAL, b"\n", ONE) == [4]
    assert assert_same(USUAL + b"\n" + ONE, USUAL, ONE) == [1, 2]


def test_no_payload_is_no_pack():
    assert assert_same() == []
    assert len(usual_of([]).packed) == 0


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_payloads_that_come_together_are_read_as_each_by_itself(data):
    payloads = data.draw(
        st.lists(st.sampled_from([USUAL, ONE, LARGE, MIXED]) | spoilt(), max_size=8)
    )
    known = [place for place, one in enumerate(payloads) if assert_same(one)]
    assert assert_same(*payloads) == known


@st.composite
def spoilt(draw):
    payload = draw(st.sampled_from([USUAL, ONE, MIXED]))
    at = draw(st.integers(0, len(payload) - 1))
    byte = draw(st.integers(0, 255))
    return payload[:at] + bytes([byte]) + payload[at + 1 :]


fields = {
    "ep": st.sampled_from(["9f3c2a10", "00000000", "9F3C2A10", "9f3c2a1"]),
    "sq": st.sampled_from([0, 1, 2**32 - 1, 2**32, 9_999_999_999, -1, 1.0]),
    "ak": st.sampled_from([0, 1, 2, True]),
    "bn": st.sampled_from(["urn:dev:ow:284578b60600009a:", "urn:dev:ow:284578b60600009b:"]),
    "bu": st.sampled_from(["Cel", "K"]),
    "n": st.sampled_from(["t", "boot"]),
    "v": st.sampled_from(
        [21.3125, 21.3, -0.0, -55.0, -55.0625, 125.0, 125.0625, 999.9375, 1e3, 21]
    ),
    "bt": st.sampled_from([1732345678, 2**28, 2**28 - 1, 10**11, 99_999_999_999, 0]),
    "mo": st.sampled_from([0, 5000, 10**15 - 1, 2**53, 2**53 + 1, -1]),
}


@given(st.fixed_dictionaries(fields, optional={"sy": st.integers(0, 2), "t": st.just(1)}))
def test_values_at_and_over_every_limit_are_the_same_both_ways(element):
    assert_same(json.dumps([element], separators=(",", ":")).encode())


def test_the_usual_ones_are_known():
    assert assert_same(ONE, USUAL, MIXED) == [0, 1, 2]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["reading", "fix", "checkpoint"]), max_size=30), st.binary(max_size=90)
)
def test_a_day_of_silence_takes_the_short_way_with_what_lies_between(kinds, signature):
    bodies = {"fix": (Kind.CLOCK_FIX, ClockFix(50).to_body()), "checkpoint": (Kind.CHECKPOINT, b"")}
    bodies["checkpoint"] = Kind.CHECKPOINT, Checkpoint(1, bytes(32), signature).to_body()
    records = run_of(
        7, [300 * at for at in range(len(kinds) + 1)], [320, 325], [ROM], 1_732_345_678
    )
    for at, kind in enumerate(kinds, start=1):
        if kind != "reading":
            one = records[at]
            kind_of, body = bodies[kind]
            records[at] = Record(kind_of, one.seq, one.mono_ms, one.wall_s, 1, Quality.GOOD, body)
    assert assert_same(encode_pack(9, records)) == [0]


def test_more_records_than_allowed_are_left_to_the_general_parser():
    element = b',{"n":"t","v":-0.5,"t":300,"mo":300000}'
    fits = USUAL[:-1] + 298 * element + b"]"
    assert assert_same(fits) == [0]
    assert assert_same(ONE, USUAL[:-1] + 299 * element + b"]", fits) == [0, 2]
    assert json.loads(fits)[-1]["t"] == 300
    assert MAX_WALL_S > 10**11 + 10**9
    assert MAX_MONO_MS > 2 * 10**15


def test_the_ledger_holds_the_same_bytes_whichever_way_they_came(tmp_path):
    records = run_of(2, list(range(0, 3000, 300)), [320, 325], [ROM], 1_732_345_678)
    fix, body = records[2], ClockFix(50).to_body()
    records[2] = Record(Kind.CLOCK_FIX, fix.seq, fix.mono_ms, fix.wall_s, 1, Quality.GOOD, body)
    boot = run_of(1, [0], [320], [ROM], 1_732_345_000)
    bodies = []
    for way in ("short", "general"):
        ledger = LedgerWriter(tmp_path / way, lambda: 1_732_400_000.0)
        ledger.offer("d1", "n1", Pack(7, False, boot))
        if way == "short":
            payloads = [encode_pack(7, [one]) for one in records[4:]]
            payloads = [encode_pack(7, records[:4]), *payloads]
            found = usual_of(payloads)
            columns = found.firsts, found.counts, found.packed, found.bodies
            assert ledger.known_source("d1", "n1", 8) is None
            unknown = np.full(len(payloads), -1)
            assert not ledger.offer_runs(unknown, *columns).any()
            known = np.full(len(payloads), ledger.known_source("d1", "n1", 7))
            ahead = usual_of(payloads[1:] + payloads[:1])
            taken = ledger.offer_runs(known, ahead.firsts, ahead.counts, ahead.packed, ahead.bodies)
            assert not taken.any()
            assert ledger.offer_runs(known, *columns).all()
            assert not ledger.offer_runs(known, *columns).any()
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
