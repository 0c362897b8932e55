"""What the journal promises in numbers: how long, how many, how soon on the card, and to whom."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from heatward_node import journal as module
from heatward_node.errors import JournalError
from heatward_node.events import Boot
from heatward_node.journal import Journal
from heatward_node.reading import Draft, Kind, Sync
from heatward_node.scratchpad import usual_scratchpad
from support.clock import FakeClock
from support.w1_tree import rom_number

TWO_YEARS_S = 63_072_000
RESERVE_BYTES = 4_194_304


def drafts(count: int) -> list[Draft]:
    return [Draft(Kind.READING, rom_number(n) + usual_scratchpad(320)) for n in range(count)]


class RefusingOnce:
    """A connection that refuses one statement, once, as a card does that finds room again."""

    def __init__(self, connection: sqlite3.Connection, code: int, words: str) -> None:
        self.connection, self.code, self.words = connection, code, words
        self.refused = 0

    def _look(self, statement: str) -> None:
        if statement.startswith(self.words) and not self.refused:
            self.refused += 1
            error = sqlite3.OperationalError("the card refuses")
            error.sqlite_errorcode = self.code
            raise error

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        self._look(statement)
        return self.connection.execute(statement, *values)

    def executemany(self, statement: str, *values: object) -> sqlite3.Cursor:
        self._look(statement)
        return self.connection.executemany(statement, *values)

    @property
    def in_transaction(self) -> bool:
        return self.connection.in_transaction

    def close(self) -> None:
        self.connection.close()


def refuse_once(journal: Journal, code: int, words: str) -> RefusingOnce:
    refusing = RefusingOnce(journal._connection, code, words)
    journal._connection = refusing  # type: ignore[assignment]
    return refusing


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def journal(tmp_path: Path, clock: FakeClock) -> Journal:
    return Journal.open(tmp_path / "j.sqlite", clock)


def test_a_first_log_follows_none_and_the_next_is_the_next(tmp_path: Path, clock: FakeClock):
    first = Journal.open(tmp_path / "j.sqlite", clock)
    assert (first.live.number, first.live.acked, first.live.last_seq) == (1, 0, 1)
    (boot,) = first.read(first.live, 0, 1)
    assert Boot.from_record(boot) == Boot(clock.boot_id, 0, 0)
    first.close()
    again = Journal.open(tmp_path / "j.sqlite", clock)
    assert [log.number for log in again.logs] == [1, 2]
    again.close()


def test_an_epoch_is_drawn_from_all_numbers_that_a_message_can_carry(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
):
    for name, drawn, epoch in (("a", lambda _: 0, 1), ("b", lambda most: most - 1, 2**32 - 1)):
        monkeypatch.setattr(module.secrets, "randbelow", drawn)
        journal = Journal.open(tmp_path / name / "j.sqlite", clock)
        assert journal.live.epoch == epoch
        journal.close()


def test_rounds_of_a_node_are_synced_and_those_of_a_replay_are_not(
    tmp_path: Path, clock: FakeClock
):
    """Each in a folder that is made where it is not there."""
    node = Journal.open(tmp_path / "node" / "new" / "j.sqlite", clock)
    replay = Journal.open(tmp_path / "replay" / "new" / "j.sqlite", clock, durable=False)
    for journal, level in ((node, 2), (replay, 0)):
        assert journal._connection.execute("PRAGMA synchronous").fetchone() == (level,)
    assert (tmp_path / "node" / "new" / "j.reserve").stat().st_size == RESERVE_BYTES
    assert not (tmp_path / "replay" / "new" / "j.reserve").exists()


def test_who_is_refused_leaves_no_lock_open(tmp_path: Path, journal: Journal, clock: FakeClock):
    lock = (tmp_path / "j.lock").stat()

    def open_locks() -> int:
        found = 0
        for number in range(1_024):
            with suppress(OSError):
                found += os.path.samestat(os.fstat(number), lock)
        return found

    with pytest.raises(JournalError) as refused:
        Journal.open(tmp_path / "j.sqlite", clock)
    assert refused.value.__traceback__ is not None  # which still holds what was opened
    assert open_locks() == 1
    journal.close()
    assert open_locks() == 0


@pytest.mark.parametrize("wall", [2**28, 253_402_300_799])
def test_the_first_and_the_last_time_that_a_record_can_carry_are_times(
    journal: Journal, clock: FakeClock, wall: int
):
    clock.wall = float(wall)
    stamp = journal.stamp()
    assert (stamp.wall_s, stamp.sync) == (wall, Sync.SYNCHRONISED)
    clock.wall = wall + (1.0 if wall > 2**29 else -1.0)
    assert (journal.stamp().wall_s, journal.stamp().sync) == (None, Sync.UNSYNCHRONISED)


def test_a_record_of_two_years_is_kept_and_one_of_a_second_more_goes(
    journal: Journal, clock: FakeClock
):
    journal.append(drafts(3))
    journal.set_cursor(journal.live, 3)
    clock.advance(TWO_YEARS_S)
    assert journal.prune() == 0
    clock.advance(1)
    assert journal.prune() == 3  # the fourth is not acknowledged
    journal.append(drafts(1))
    assert journal.oldest_kept(journal.live) == 4


def test_what_is_remembered_is_on_the_card_with_the_next_round_and_not_before(
    tmp_path: Path, journal: Journal, clock: FakeClock
):
    """So that no fact and no witness costs a sync of its own."""
    journal.remember("incarnation", "ab")
    journal.remember("place", "kitchen")
    journal.keep_witness("aa" * 8, 7, "bb" * 8)
    with closing(sqlite3.connect(tmp_path / "j.sqlite")) as other:
        count = "SELECT (SELECT count(*) FROM fact), (SELECT count(*) FROM witness)"
        assert other.execute(count).fetchone() == (0, 0)
        journal.append(drafts(1))
        assert other.execute(count).fetchone() == (2, 1)
    assert (journal.fact("incarnation"), journal.fact("place")) == ("ab", "kitchen")
    assert journal.fact("nothing") is None
    journal.remember("place", "hall")
    assert journal.fact("place") == "hall"


def test_witnesses_come_by_their_days_though_the_clock_went_back(
    journal: Journal, clock: FakeClock
):
    journal.keep_witness("aa" * 8, 9, "09" * 8)
    clock.wall -= 86_400
    journal.keep_witness("aa" * 8, 8, "08" * 8)
    assert [batch for _, _, batch, _ in journal.witnesses()] == [8, 9]


def test_a_card_that_fails_otherwise_than_being_full_is_not_tried_twice_and_loses_nothing(
    journal: Journal,
):
    journal.append(drafts(20))
    journal.set_cursor(journal.live, 20)
    refusing = refuse_once(journal, sqlite3.SQLITE_IOERR, "INSERT INTO record")
    with pytest.raises(JournalError):
        journal.append(drafts(2))
    assert not refusing.in_transaction
    assert journal.oldest_kept(journal.live) == 1
    assert [record.seq for record in journal.append(drafts(2))] == [22, 23]


def test_a_full_card_gives_up_five_thousand_of_the_oldest_of_one_log_and_says_how_many(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
):
    path = tmp_path / "j.sqlite"
    old = Journal.open(path, clock)
    old.append(drafts(6_000))
    old.set_cursor(old.live, 5_990)
    old.close()
    journal = Journal.open(path, clock)
    journal.append(drafts(40))
    journal.set_cursor(journal.live, 30)
    refuse_once(journal, sqlite3.SQLITE_FULL, "INSERT INTO record")
    with caplog.at_level(logging.ERROR):
        journal.append(drafts(1))
    assert "event=card_full acknowledged_records_dropped=5000" in caplog.text
    assert [journal.oldest_kept(log) for log in journal.logs] == [5_001, 1]
    refuse_once(journal, sqlite3.SQLITE_FULL, "INSERT INTO record")
    journal.append(drafts(1))
    assert [journal.oldest_kept(log) for log in journal.logs] == [5_991, 1]  # no other's
    refuse_once(journal, sqlite3.SQLITE_FULL, "INSERT INTO record")
    journal.append(drafts(1))
    assert [journal.oldest_kept(log) for log in journal.logs] == [5_991, 31]


def test_the_reserve_is_given_up_for_a_full_card_and_taken_again_as_soon_as_there_is_room(
    tmp_path: Path, journal: Journal, clock: FakeClock
):
    reserve = tmp_path / "j.reserve"
    assert reserve.stat().st_size == RESERVE_BYTES
    log = tmp_path / "j.sqlite-wal"
    seen: list[tuple[bool, int]] = []

    class Watching(RefusingOnce):
        def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
            cursor = super().execute(statement, *values)
            if statement.startswith("PRAGMA wal_checkpoint"):
                seen.append((reserve.exists(), log.stat().st_size))
            return cursor

    real = journal._connection
    for is_there in (True, False):  # given up already, it is missed by nobody
        if not is_there:
            reserve.unlink()
        journal._connection = Watching(real, sqlite3.SQLITE_FULL, "INSERT INTO record")
        journal.append(drafts(1))
        assert reserve.stat().st_size == RESERVE_BYTES
    assert seen == [(False, 0), (False, 0)]  # the log has gone into the file
    reserve.unlink()
    journal._connection = real
    journal.prune()
    assert reserve.stat().st_size == RESERVE_BYTES


def test_a_card_that_stays_full_leaves_nothing_half_done_and_says_what_it_refused(
    journal: Journal, caplog: pytest.LogCaptureFixture
):
    class Full(RefusingOnce):
        def _look(self, statement: str) -> None:
            self.refused = 0
            super()._look(statement)

    real = journal._connection
    for words in ("INSERT INTO record", "PRAGMA wal_checkpoint"):
        caplog.clear()
        outer = Full(real, sqlite3.SQLITE_FULL, "INSERT INTO record")
        journal._connection = Full(outer, sqlite3.SQLITE_FULL, words)  # type: ignore[arg-type]
        with caplog.at_level(logging.ERROR), pytest.raises(JournalError):
            journal.append(drafts(1))
        assert not real.in_transaction
        assert ("event=journal_refused" in caplog.text) == (words != "INSERT INTO record")
    journal._connection = real
    assert [record.seq for record in journal.append(drafts(1))] == [2]


def test_what_a_card_does_not_let_go_is_counted_as_nothing(journal: Journal, clock: FakeClock):
    journal.append(drafts(3))
    journal.set_cursor(journal.live, 4)
    clock.advance(TWO_YEARS_S + 10)
    refuse_once(journal, sqlite3.SQLITE_IOERR, "DELETE FROM record")
    assert journal.prune() == 0
    assert journal.prune() == 4
