"""The bytes of a batch: every record comes back as it went in, and damage is found."""

from __future__ import annotations

import hashlib
import struct
import zlib

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.errors import LedgerError
from heatward_collector.ledger.batch import (
    GENESIS,
    Batch,
    Source,
    chain,
    compress,
    decompress,
    pack_entry,
)
from heatward_node.reading import NO_WALL_TIME, Kind, Record, Sync, reading
from heatward_node.scratchpad import usual_scratchpad
from support.batches import encode_body
from support.evidence import T0
from support.records import record_runs

names = st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}", fullmatch=True)


@st.composite
def contents(draw):
    """Draw some sources and records of theirs, in any order of sources."""
    sources = [
        Source(number, draw(names), draw(names), draw(st.integers(1, 2**32 - 1)))
        for number in range(draw(st.integers(1, 4)))
    ]
    entries = [
        (draw(st.sampled_from(sources)).id, record)
        for _ in range(draw(st.integers(1, 4)))
        for record in draw(record_runs())
    ]
    return sources, entries


def batch_of(sources: list[Source], entries: list[tuple[int, Record]]) -> Batch:
    packed = [pack_entry(source, record.to_bytes()) for source, record in entries]
    return Batch(7, 1_000, len(entries), decompress(compress(encode_body(sources, packed))))


@given(contents())
def test_every_record_comes_back_bit_for_bit(content):
    sources, entries = content
    batch = batch_of(sources, entries)
    assert list(batch.new_sources) == sources
    assert [batch.entry(position) for position in range(batch.count)] == entries
    assert batch.first_damaged() is None


def test_records_that_are_together_as_long_as_readings_are_none():
    """One is a byte shorter than a reading and one a byte longer: only the lengths tell."""
    size = 8 + 9  # sensor and scratchpad
    entries = [
        (0, Record(Kind.BOOT, seq, 20, None, 0, 0, b"\x01" * length))
        for seq, length in ((1, size - 1), (2, size + 1))
    ]
    batch = batch_of([Source(0, "sample", "n0001", 7)], entries)
    assert len(batch.readings) == 0
    assert batch.others == [(0, *entries[0]), (1, *entries[1])]


@given(contents())
def test_arrays_say_what_the_records_say(content):
    sources, entries = content
    batch = batch_of(sources, entries)
    readings = [(at, *entry) for at, entry in enumerate(entries) if entry[1].kind == Kind.READING]
    assert batch.readings["position"].tolist() == [at for at, _, _ in readings]
    assert batch.readings["source"].tolist() == [source for _, source, _ in readings]
    for row, (_, _, record) in zip(batch.readings, readings, strict=True):
        assert row["raw"] == record.raw
        assert row["seq"] == record.seq
        assert row["mono_ms"] == record.mono_ms
        assert row["wall_s"] == (NO_WALL_TIME if record.wall_s is None else record.wall_s)
        assert (row["sync"], row["quality"]) == (record.sync, record.quality)
        assert int(row["sensor"]) == int.from_bytes(record.rom, "little")
        assert row["scratchpad"].tobytes() == record.scratchpad
    others = [(at, *entry) for at, entry in enumerate(entries) if entry[1].kind != Kind.READING]
    assert batch.others == others


@given(contents(), st.data())
def test_records_of_some_sources_are_found(content, data):
    sources, entries = content
    wanted = data.draw(st.sets(st.sampled_from([source.id for source in sources]), min_size=1))
    found = list(batch_of(sources, entries).records_of(wanted))
    assert found == [entry for entry in entries if entry[0] in wanted]


@given(contents(), st.data())
def test_any_changed_byte_of_an_entry_is_found_by_its_crc(content, data):
    sources, entries = content
    batch = batch_of(sources, entries)
    position = data.draw(st.integers(0, batch.count - 1))
    entry = batch.entry_bytes(position)
    start = len(batch.body) - sum(len(batch.entry_bytes(at)) for at in range(position, batch.count))
    at = start + data.draw(st.integers(0, len(entry) - 1))
    changed = bytearray(batch.body)
    changed[at] ^= data.draw(st.integers(1, 255))
    assert Batch(7, 1_000, batch.count, bytes(changed)).first_damaged() == position


def test_damaged_compression_is_an_error_of_the_ledger():
    with pytest.raises(LedgerError, match="decompressed"):
        decompress(b"no zstd at all")


def test_lengths_that_do_not_add_up_are_an_error_of_the_ledger():
    body = struct.pack("<I", 0) + struct.pack("<I", 1) + np.array([99], "<u2").tobytes() + b"x" * 49
    with pytest.raises(LedgerError, match="add up"):
        Batch(7, 1_000, 1, body).entry(0)


ROM = bytes.fromhex("28ff641e8216c3a1")
FIRST_BODY = (
    b"0\0\0\x00" + b"0 sample n0001 00000007\n" + b"1 sample n0002 abcdef12\n"
    b"\2\0\0\0" + b"\x38\0" + b"\x31\0"
    # source, kind 2 (boot), sync, quality, layout, number, milliseconds, no wall time, body, CRC-32
    b"\0\0\0\0" + b"\2\0\0\1" + b"\1\0\0\0" + b"\x14\0\0\0\0\0\0\0"
    b"\0\0\0\0\0\0\0\x80" + b"b" * 24 + bytes.fromhex("44575b32")
    # the same of a reading of 20.0625 degC
    + b"\1\0\0\0" + b"\1\1\0\1" + b"\2\0\0\0" + b"\x48\xee\0\0\0\0\0\0"
    b"\x3c\xb9\x55\x69\0\0\0\0" + ROM + b"\x41\1\x4b\x46\x7f\xff\x0f\x10\xaa"
    + bytes.fromhex("bc2c81a1")
)  # fmt: skip


def first_batch() -> tuple[list[Source], list[tuple[int, Record]]]:
    """Return the contents of FIRST_BODY."""
    pad = usual_scratchpad(321)
    return [Source(0, "sample", "n0001", 7), Source(1, "sample", "n0002", 0xABCDEF12)], [
        (0, Record(Kind.BOOT, 1, 20, None, 0, 0, b"b" * 24)),
        (1, reading(2, 61_000, T0 + 60, Sync.SYNCHRONISED, ROM, pad, 0)),
    ]


def test_what_is_hashed_is_for_ever_what_it_was():
    """Nodes keep heads of the chain, and offices print them: another program must find the same."""
    sources, entries = first_batch()
    packed = [pack_entry(source, record.to_bytes()) for source, record in entries]
    assert encode_body(sources, packed) == FIRST_BODY
    head = chain(GENESIS, 1, 1000 * (T0 + 60) + 1_500, FIRST_BODY)
    stamp = struct.pack("<QQ", 1, 1000 * (T0 + 60) + 1_500)
    assert head == hashlib.sha256(bytes(32) + stamp + FIRST_BODY).digest()
    assert head.hex() == "dbd95b2a48a178379aaed1a69cac592764c5da6965803308fb6de150290fbc3c"
    batch = Batch(1, 0, 2, FIRST_BODY)
    assert list(batch.new_sources) == sources
    assert [batch.entry(position) for position in range(2)] == entries


def of_same_length() -> list[tuple[int, Record]]:
    """Return a reading, and a record of another kind that is as long."""
    return [first_batch()[1][1], (1, Record(Kind.FAULT, 3, 62_000, None, 0, 0, b"f" * 17))]


@pytest.mark.parametrize("place", [0, 1])
def test_a_record_as_long_as_a_reading_is_none_by_that(place: int):
    named, _ = first_batch()
    records = of_same_length()
    entries = records if place else records[::-1]
    batch = batch_of(named, entries)
    assert batch.readings["position"].tolist() == [1 - place]
    assert batch.others == [(place, *records[1])]


@pytest.mark.parametrize("sources", [0, 2])
def test_a_batch_of_nothing_but_readings_is_read_where_it_lies(sources: int):
    """As most are: a city's readings of a day would otherwise all be copied once more."""
    named, entries = first_batch()
    body = encode_body(named[:sources], [pack_entry(1, entries[1][1].to_bytes())] * 3)
    positions, packed = Batch(1, 0, 3, body).packed
    assert positions.tolist() == [0, 1, 2]
    assert np.shares_memory(packed, np.frombuffer(body, np.uint8))
    assert packed["sensor"].tolist() == [int.from_bytes(ROM, "little")] * 3
    mixed, _ = Batch(1, 0, 2, FIRST_BODY).packed
    assert mixed.tolist() == [1]


def test_a_batch_of_no_records_has_no_readings():
    batch = Batch(1, 0, 0, encode_body([], []))
    assert (len(batch.readings), batch.others, batch.first_damaged()) == (0, [], None)
    assert list(batch.records_of([0])) == []


@pytest.mark.parametrize("size", range(10))
def test_an_entry_without_room_for_a_source_and_a_crc_is_damaged_whatever_it_holds(size: int):
    data = bytes(range(1, size + 1))[:-4]
    entry = (data + struct.pack("<I", zlib.crc32(data)))[:size]
    damaged = Batch(1, 0, 1, encode_body([], [entry])).first_damaged()
    assert damaged == (0 if size < 8 else None)


def streamed(size: int) -> bytes:
    """Return what another zstd program makes of a body whose length it does not know before."""
    stream = zstandard.ZstdCompressor(level=1).compressobj()
    return stream.compress(bytes(size)) + stream.flush()


def test_a_stored_form_that_grows_beyond_64_mib_is_refused():
    assert len(decompress(streamed(64 * 2**20))) == 64 * 2**20
    with pytest.raises(LedgerError, match="cannot be decompressed"):
        decompress(streamed(64 * 2**20 + 1))
