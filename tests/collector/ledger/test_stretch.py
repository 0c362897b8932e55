"""Batches as arrays and back: byte for byte, however they are cut; what is no record is refused."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.core.placing import FUTURE_S
from heatward_collector.errors import LedgerError
from heatward_collector.ledger import stretch as module
from heatward_collector.ledger.batch import (
    PACKED_DTYPE,
    Batch,
    Source,
    chain,
    pack_entry,
)
from heatward_collector.ledger.sealed_day import filing
from heatward_collector.ledger.stretch import (
    Stretch,
    bodies_of,
    entry_crcs,
    stretch_of,
)
from heatward_node.reading import LAYOUT_VERSION, MAX_MONO_MS, Kind, Record, Sync, reading
from heatward_node.scratchpad import usual_scratchpad
from support.batches import encode_body
from support.evidence import T0
from support.records import record_runs
from support.w1_tree import rom_number

SOURCE = Source(0, "sample", "n0001", 7)


def batch_of(number: int, records: list[Record], received_at_s: float = T0) -> Batch:
    entries = [pack_entry(0, record.to_bytes()) for record in records]
    body = encode_body([SOURCE] if number == 1 else [], entries)
    return Batch(number, int(received_at_s * 1000), len(records), body)


def at(wall_s: int | None, seq: int = 1) -> Record:
    sync = Sync.UNSYNCHRONISED if wall_s is None else Sync.SYNCHRONISED
    return reading(seq, 1_000, wall_s, sync, rom_number(1), usual_scratchpad(320), 0)


def boot() -> Record:
    return Record(Kind.BOOT, 1, 0, None, 0, 0, b"b" * 24)


@given(st.lists(record_runs(3), min_size=1, max_size=6), st.integers(1, 4), st.integers(1, 9))
def test_bodies_and_heads_are_the_same_however_many_are_made_at_once(runs, batches, records):
    made = [batch_of(number, run) for number, run in enumerate(runs, 1)]
    stretch = stretch_of(made)
    head, heads = b"0" * 32, []
    for batch in made:
        head = chain(head, batch.number, batch.received_at_ms, batch.body)
        heads.append(head)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BATCHES_AT_ONCE", batches)
        patch.setattr(module, "RECORDS_AT_ONCE", records)
        assert [body for _, body in stretch.bodies()] == [batch.body for batch in made]
        assert [place for place, _ in stretch.bodies()] == list(range(len(made)))
        assert list(stretch.heads(b"0" * 32)) == heads
    assert (stretch.first, stretch.last) == (1, len(made))


def test_so_much_is_turned_into_bytes_at_a_time_and_no_more():
    """20 MB of the largest stretch: 200,000 records, and no batch is cut in two."""
    batches = [batch_of(number, [at(T0, seq) for seq in (1, 2, 3)]) for number in range(1, 8)]
    stretch, made = stretch_of(batches), []

    class Noted(Stretch):
        def _some_bodies(self, begin: int, end: int, first: int):
            made.append((begin, end, first))
            return super()._some_bodies(begin, end, first)

    noted = Noted(*(getattr(stretch, name) for name in stretch.__dataclass_fields__))
    for batches_at_once, records_at_once, expected in (
        (4_096, 200_000, [(0, 7, 0)]),
        (3, 200_000, [(0, 3, 0), (3, 6, 9), (6, 7, 18)]),
        (4_096, 6, [(0, 2, 0), (2, 4, 6), (4, 6, 12), (6, 7, 18)]),
        (4_096, 8, [(0, 2, 0), (2, 4, 6), (4, 6, 12), (6, 7, 18)]),
        (4_096, 2, [(place, place + 1, 3 * place) for place in range(7)]),
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "BATCHES_AT_ONCE", batches_at_once)
            patch.setattr(module, "RECORDS_AT_ONCE", records_at_once)
            made.clear()
            assert len(list(noted.bodies())) == 7
            assert made == expected


@given(st.lists(st.binary(min_size=45, max_size=45), min_size=1, max_size=20))
def test_check_sums_of_many_are_those_of_each(data: list[bytes]):
    packed = np.frombuffer(b"".join(one + b"\1\2\3\4" for one in data), PACKED_DTYPE)
    assert entry_crcs(packed).tolist() == [zlib.crc32(one) for one in data]


@given(st.dictionaries(st.integers(0, 7), st.binary(max_size=3)), st.data())
def test_bodies_go_with_their_records_to_new_places(bodies, data):
    kept = data.draw(st.lists(st.booleans(), min_size=8, max_size=8))
    left = [bodies.get(place) for place in range(8) if kept[place]]
    found = bodies_of(bodies, np.array(kept))
    assert found == {place: one for place, one in enumerate(left) if one is not None}


def test_check_sums_are_the_same_however_many_there_are(monkeypatch):
    data = np.random.default_rng(7).bytes(49 * 11)
    packed = np.frombuffer(data, PACKED_DTYPE)
    expected = [zlib.crc32(data[at : at + 45]) for at in range(0, len(data), 49)]
    for at_once in (1, 5, 11, 4_096):
        monkeypatch.setattr(module, "CRCS_AT_ONCE", at_once)
        assert entry_crcs(packed).tolist() == expected


def test_batches_lie_at_the_times_of_their_readings_where_these_are_to_be_believed():
    future = T0 + FUTURE_S
    stretch = stretch_of(
        [
            batch_of(1, [boot(), at(T0 + 5), at(T0 + 3)]),
            batch_of(2, [at(T0 + 4), at(None)]),
            batch_of(3, [at(T0 + 4), at(future)]),
            batch_of(4, [at(T0 + 4), at(future + 1)]),
            batch_of(5, [boot()]),
        ]
    )
    low, high, counts = stretch.filed()
    assert counts.tolist() == [True, False, True, False, True]
    assert (low[0], high[0], low[2], high[2]) == (T0 + 3, T0 + 5, T0 + 4, future)
    assert low[4] > high[4]  # at no time at all
    assert filing(stretch) == (T0 + 3, future, False)


@pytest.mark.parametrize(
    ("records", "filed"),
    [
        ([boot()], (None, None, True)),
        ([at(None)], (None, None, False)),
        ([at(T0)], (T0, T0, True)),
    ],
)
def test_a_stretch_without_believable_readings_lies_nowhere(records: list[Record], filed):
    assert filing(stretch_of([batch_of(1, records)])) == filed


def raw_batch(entry: bytes) -> Batch:
    return Batch(1, 0, 1, encode_body([SOURCE], [entry]))


def with_crc(data: bytes) -> bytes:
    return data + zlib.crc32(data).to_bytes(4, "little")


def test_what_is_no_record_cannot_be_kept_as_columns_and_is_refused():
    """Columns would make other bytes of it; no such batch is ever sealed."""
    whole = pack_entry(0, at(T0).to_bytes())[:-4]
    version = PACKED_DTYPE.fields["version"][1]
    assert whole[version] == LAYOUT_VERSION
    other_layout = bytearray(whole)
    other_layout[version] += 1
    late = bytearray(whole)
    late[12:20] = (MAX_MONO_MS + 1).to_bytes(8, "little")
    for data in (bytes(other_layout), bytes(late)):
        with pytest.raises(LedgerError, match="batches from 1 on hold records of another layout"):
            stretch_of([raw_batch(with_crc(data))])
    latest = bytearray(whole)
    latest[12:20] = MAX_MONO_MS.to_bytes(8, "little")
    assert stretch_of([raw_batch(with_crc(bytes(latest)))]).last == 1


@pytest.mark.parametrize("size", [0, 4, 24, 27])
def test_an_entry_that_ends_within_its_header_is_no_record(size: int):
    data = with_crc(pack_entry(0, boot().to_bytes())[:size])
    with pytest.raises(LedgerError, match=f"an entry of {size + 4} bytes is no record"):
        stretch_of([raw_batch(data)])


def test_a_record_without_a_body_is_one():
    data = with_crc(pack_entry(0, boot().to_bytes())[:28])
    stretch = stretch_of([raw_batch(data)])
    assert stretch.others == {0: b""}
    assert next(stretch.bodies())[1] == raw_batch(data).body


def test_an_unusual_reading_keeps_its_bytes_and_a_usual_one_needs_none():
    odd = reading(2, 1_000, T0, Sync.SYNCHRONISED, rom_number(1), b"\x50\x05\4\3\2\1\0\xff\x10", 0)
    stretch = stretch_of([batch_of(1, [at(T0), odd, boot()])])
    assert sorted(stretch.others) == [1, 2]
    (batch,) = stretch.batches(np.array([True]))
    assert batch.readings["scratchpad"][1].tobytes() == b"\x50\x05\4\3\2\1\0\xff\x10"
    assert batch.readings["sensor"].tolist() == [int.from_bytes(rom_number(1), "little")] * 2
    assert batch.body == batch_of(1, [at(T0), odd, boot()]).body
    assert hashlib.sha256(batch.body).digest() == hashlib.sha256(next(stretch.bodies())[1]).digest()


@pytest.mark.parametrize(
    ("field", "bits"), [("sensor", 1), ("sensor", 1 << 63), ("raw", 1), ("raw", 1 << 15)]
)
def test_columns_that_say_what_the_bytes_beside_them_do_not_are_told(field: str, bits: int):
    odd = [
        reading(2 + at_, 1_000, T0, Sync.SYNCHRONISED, rom_number(1), bytes([80, 5, *[at_] * 7]), 0)
        for at_ in range(2)
    ]
    stretch = stretch_of([batch_of(1, [at(T0), *odd, boot()])])
    assert stretch.unlike_their_bodies() == []
    packed = stretch.packed.copy()
    if field == "sensor":
        packed["sensor"][2] ^= np.uint64(bits)
    else:
        packed["scratchpad"][2, :2] ^= np.frombuffer(bits.to_bytes(2, "little"), np.uint8)
    assert replace(stretch, packed=packed).unlike_their_bodies() == [2]
    packed = stretch.packed.copy()
    packed["scratchpad"][2, 2:] = 0  # of these there is no column: the bytes are all there is
    assert replace(stretch, packed=packed).unlike_their_bodies() == []


def test_only_chosen_batches_are_given():
    stretch = stretch_of([batch_of(number, [at(T0 + number)]) for number in range(1, 6)])
    chosen = list(stretch.batches(np.array([False, True, False, False, True])))
    assert [(one.number, one.count, one.received_at_ms) for one in chosen] == [
        (2, 1, T0 * 1000),
        (5, 1, T0 * 1000),
    ]
    assert [one.body for one in chosen] == [batch_of(at_, [at(T0 + at_)]).body for at_ in (2, 5)]


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("field", ["version", "mono_ms"])
def test_one_record_of_another_layout_among_others_is_enough(field: str, place: int):
    usual = pack_entry(0, at(T0).to_bytes())
    strange = np.frombuffer(usual, PACKED_DTYPE).copy()
    strange[field] = LAYOUT_VERSION + 1 if field == "version" else MAX_MONO_MS + 1
    entries = [usual, usual]
    entries[place] = with_crc(strange.tobytes()[:-4])
    batch = Batch(4, 0, 2, encode_body([SOURCE], entries))
    with pytest.raises(LedgerError, match="batches from 4 on hold records of another layout"):
        stretch_of([batch])
