"""The bytes of a batch: every record comes back as it went in, and damage is found."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.errors import LedgerError
from heatward_collector.ledger.batch import (
    Batch,
    Source,
    by_source,
    compress,
    decompress,
    encode_body,
    pack_entry,
)
from heatward_node.reading import NO_WALL_TIME, Kind, Record
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


@given(contents())
def test_within_a_commit_sources_come_one_after_the_other_each_in_its_own_order(content):
    entries = [pack_entry(source, record.to_bytes()) for source, record in content[1]]
    expected = sorted(entries, key=lambda entry: int.from_bytes(entry[:4], "little"))
    assert list(by_source(entries)) == expected


def test_what_is_in_the_order_of_sources_stays_and_what_is_not_is_put_so():
    first, second, third = (
        pack_entry(source, Record(Kind.BOOT, seq, 0, None, 0, 0, b"b" * 24).to_bytes())
        for source, seq in ((1, 1), (2, 1), (1, 2))
    )
    assert by_source([first, third, second]) == [first, third, second]
    assert by_source([first, second, third]) == [first, third, second]


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
