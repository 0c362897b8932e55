"""Records over the wire: bit for bit, bounded, and strict."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_node.errors import WireError
from heatward_node.events import Boot, Lost, Refused
from heatward_node.reading import Kind, Record, reading
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.wire import MAX_RECORDS, decode_pack, encode_pack
from support.records import record_runs
from support.w1_tree import rom_number

GOLDEN = Path(__file__).parents[1] / "data" / "wire"
EPOCH = 0x9F3C2A10


def good(seq: int, raw: int = 320, wall: int | None = 1_732_345_678) -> Record:
    sync = int(wall is not None)
    return reading(seq, 1000 * seq, wall, sync, rom_number(7), usual_scratchpad(raw))


@given(record_runs(), st.integers(1, 2**32 - 1), st.booleans())
def test_every_record_survives_the_way_bit_for_bit(records, epoch, ask):
    payload = encode_pack(epoch, records, ask)
    for loads in (json.loads, msgspec.json.decode):
        pack = decode_pack(payload, loads)
        assert pack.epoch == epoch
        assert pack.asks_ack == ask
        # A reading whose quality is good but whose bytes are not is still carried whole.
        assert [record.to_bytes() for record in pack.records] == [r.to_bytes() for r in records]


@pytest.mark.parametrize("name", ["one_reading", "round_of_two", "after_power_cut", "faults"])
def test_golden_payloads_are_what_both_sides_agree_on(name):
    payload = (GOLDEN / f"{name}.json").read_bytes().strip()
    expected = [bytes.fromhex(line) for line in (GOLDEN / f"{name}.hex").read_text().split()]
    pack = decode_pack(payload)
    assert [record.to_bytes() for record in pack.records] == expected
    assert encode_pack(pack.epoch, pack.records, pack.asks_ack) == payload


def test_a_lost_range_takes_its_last_number():
    lost = Record(Kind.LOST, 9, 0, None, 0, 0, Lost(3).to_body())
    pack = decode_pack(encode_pack(EPOCH, [good(1), good(2), lost, good(10)]))
    assert [record.seq for record in pack.records] == [1, 2, 9, 10]


def test_numbers_with_a_gap_are_never_sent():
    with pytest.raises(WireError, match="sequence"):
        encode_pack(EPOCH, [good(1), good(3)])


def elements(*changes: dict) -> list[dict]:
    records = [good(1), good(2), good(3)]
    parsed = json.loads(encode_pack(EPOCH, records))
    for element, change in zip(parsed, changes, strict=False):
        element.update(change)
    return parsed


@pytest.mark.parametrize(
    "change",
    [
        {"v": 21.33},
        {"v": True},
        {"v": "21"},
        {"v": 3000},
        {"t": 1.5},
        {"n": "humidity"},
        {"n": "refused", "vd": ""},
        {"sp": "zz"},
        {"sp": "00" * 9},
        {"sy": 7},
        {"vs": "crc_error"},
        {"mo": 0.5},
        {"t": -1_732_345_678},
    ],
)
def test_a_fault_in_one_record_refuses_that_record_under_its_number(change):
    pack = decode_pack(json.dumps(elements({}, change), separators=(",", ":")).encode())
    assert [record.kind for record in pack.records] == [Kind.READING, Kind.REFUSED, Kind.READING]
    assert [record.seq for record in pack.records] == [1, 2, 3]
    assert Refused.from_record(pack.records[1]).reason
    assert pack.records[2] == good(3)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"bn": "urn:dev:ow:284578b60600009b:"}, "name"),
        ({"bt": "now"}, "number"),
        ({"bu": "Far"}, "unit"),
        ({"sq": 7}, "sequence"),
        ({"ep": "9f3c2a10"}, "labels"),
        ({"surprise": 1}, "labels"),
    ],
)
def test_a_fault_in_what_others_rest_on_refuses_the_payload(change, reason):
    payload = json.dumps(elements({}, change), separators=(",", ":")).encode()
    with pytest.raises(WireError) as refused:
        decode_pack(payload)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "depth"),
        (b"[]", "records"),
        (b"[" * 100, "depth"),
        (b'[{"ep":"9f3c2a10","sq":1,"v":[1]}]', "depth"),
        (b'[{"ep":"9f3c2a10"', "json"),
        (b'[{"ep":"9f3c2a10","sq":1,"sq":2,"n":"t","v":1,"mo":1}]', "labels"),
        (b'[{"ep":"00000000","sq":1,"mo":1}]', "epoch"),
        (b'[{"ep":"9f3c2a10","mo":1}]', "number"),
        (b'[{"ep":"9f3c2a10","sq":1,"mo":1,"v":NaN}]', "json"),
        (b'[{"ep":"9f3c2a10","sq":1,"mo":1,"n":"\\u0074"}]', "text"),
        ('[{"ep":"九"}]'.encode(), "text"),
        (b'[{"ep":"9f3c2a10"}]' + b" " * 70_000, "size"),
        (b"[" + b"{}," * MAX_RECORDS + b"{}]", "records"),
    ],
)
def test_bounds_are_checked_before_any_json_is_read(payload, reason):
    with pytest.raises(WireError) as refused:
        decode_pack(payload)
    assert refused.value.reason == reason


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_parser(noise):
    for payload in (noise, b'[{"ep":"9f3c2a10","sq":1,' + noise + b"}]"):
        try:
            decode_pack(payload)
        except WireError as error:
            assert error.reason


def test_huge_numbers_are_refused_and_not_stored():
    payload = encode_pack(EPOCH, [good(1)]).replace(b'"v":20.0', b'"v":1e400')
    (record,) = decode_pack(payload).records
    assert record.kind == Kind.REFUSED


def test_the_boot_record_of_a_node_without_time_says_so():
    boot = Record(Kind.BOOT, 1, 5, None, 0, 0, Boot(b"0" * 16).to_body())
    (element,) = json.loads(encode_pack(EPOCH, [boot]))
    assert element["mono_"] == 5
    assert "t" not in element
