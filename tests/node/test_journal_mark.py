"""The last number that was on the card for certain: what a rotten end cannot hide."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_node.events import Lost
from heatward_node.journal import Journal
from heatward_node.journal_log import FRAME_HEADER_BYTES, HEADER_BYTES, frames_of
from heatward_node.journal_mark import MARK_BYTES, Mark, Marked, unpack
from heatward_node.reading import Draft, Kind, Record
from heatward_node.scratchpad import usual_scratchpad
from support.clock import FakeClock
from support.w1_tree import rom_number

ROUNDS, SENSORS = 12, 2
FRAME_BYTES = FRAME_HEADER_BYTES + 4_096
NUMBERS = st.integers(1, 2**32 - 1)


def killed(folder: Path) -> tuple[Path, list[Record]]:
    """Return a journal as a kill leaves it, and every record of which its node was told."""
    clock, path = FakeClock(), folder / "alive" / "j.sqlite"
    journal = Journal.open(path, clock)
    for number in range(ROUNDS):
        clock.advance(300)
        journal.append(
            Draft(Kind.READING, rom_number(sensor) + usual_scratchpad(300 + number))
            for sensor in range(SENSORS)
        )
    written = journal.read(journal.live, 0, 10_000)
    shutil.copytree(path.parent, folder / "card")
    journal.close()
    return folder / "card" / "j.sqlite", written


@pytest.fixture(scope="module")
def card(tmp_path_factory) -> tuple[Path, list[Record]]:
    return killed(tmp_path_factory.mktemp("mark"))


def opened(card: Path, changes: dict[str, bytes]) -> tuple[dict[int, Record], set[int]]:
    """Open a copy of a card with some files changed; return its records and what is named lost."""
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(card.parent, name, dirs_exist_ok=True)
        for ending, data in changes.items():
            (Path(name) / f"j{ending}").write_bytes(data)
        with closing(Journal.open(Path(name) / "j.sqlite", FakeClock())) as journal:
            first = journal.logs[0]
            records = journal.read(first, 0, 10_000) if first is not journal.live else []
    lost = [one for one in records if one.kind == Kind.LOST]
    named = {seq for one in lost for seq in range(Lost.LAYOUT.unpack(one.body)[0], one.seq + 1)}
    return {one.seq: one for one in records if one.kind != Kind.LOST}, named


def log_of(card: Path) -> bytearray:
    return bytearray(card.with_name("j.sqlite-wal").read_bytes())


def test_a_rotten_end_is_named(card):
    path, written = card
    log = log_of(path)
    log[-100] ^= 1
    records, named = opened(path, {".sqlite-wal": bytes(log)})
    assert list(records.values()) == written[:-SENSORS]
    assert named == {one.seq for one in written[-SENSORS:]}


def test_one_whole_commit_behind_a_rotten_one_is_kept(card):
    """Without the mark it could be the end that a power cut has torn."""
    path, written = card
    log = log_of(path)
    ends = [n for n, one in enumerate(frames_of(bytes(log))) if one.ends]
    log[HEADER_BYTES + ends[-2] * FRAME_BYTES + 100] ^= 1
    records, named = opened(path, {".sqlite-wal": bytes(log)})
    assert records.keys() | named == {one.seq for one in written}
    assert records.keys() >= {one.seq for one in written[-SENSORS:]}


def test_without_a_mark_a_rotten_end_is_taken_for_a_torn_one(card):
    path, written = card
    log = log_of(path)
    log[-100] ^= 1
    records, named = opened(path, {".sqlite-wal": bytes(log), ".mark": b""})
    assert len(records) < len(written)
    assert named == set()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_wherever_the_log_rots_every_number_is_there_or_named(card, data):
    path, written = card
    log = log_of(path)
    last = len(log) - 1
    for at in data.draw(st.lists(st.integers(HEADER_BYTES, last), min_size=1, max_size=4)):
        log[at] ^= 1 << data.draw(st.integers(0, 7))
    records, named = opened(path, {".sqlite-wal": bytes(log)})
    assert all(records[one.seq] == one for one in written if one.seq in records)
    if records:
        assert records.keys() | named >= {one.seq for one in written}


@given(epoch=NUMBERS, seq=NUMBERS, bit=st.integers(0, 8 * MARK_BYTES - 1))
def test_a_mark_is_read_as_it_was_noted_and_a_rotten_one_says_nothing(epoch, seq, bit):
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "j.mark"
        with closing(Mark(path)) as mark:
            assert mark.read() is None
            mark.note(7, 9)
            mark.note(epoch, seq)
        with closing(Mark(path)) as mark:
            assert mark.read() == Marked(epoch, seq)
        data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    assert unpack(bytes(data)) is None


def test_a_mark_of_another_journal_changes_nothing(card):
    path, written = card
    with tempfile.TemporaryDirectory() as name, closing(Mark(Path(name) / "m")) as mark:
        mark.note(1, 2**32 - 1)
        records, named = opened(path, {".mark": (Path(name) / "m").read_bytes()})
    assert list(records.values()) == written
    assert named == set()


def test_where_nothing_is_noted_nothing_is_read():
    with closing(Mark(None)) as mark:
        mark.note(1, 1)
        assert mark.read() is None


def test_a_card_that_refuses_the_mark_takes_the_records(tmp_path: Path):
    journal = Journal.open(tmp_path / "j.sqlite", FakeClock())
    journal._mark._file.close()
    journal._mark._file = (tmp_path / "j.mark").open("rb", buffering=0)  # no writing here
    journal.append([Draft(Kind.READING, rom_number(1) + usual_scratchpad(300))])
    assert [one.seq for one in journal.read(journal.live, 0, 9)] == [1, 2]
    journal.close()
