"""A journal whose card refuses says so in one way, and neither loses nor invents anything."""

from __future__ import annotations

import logging
import sqlite3
import zlib
from pathlib import Path

import pytest

from heatward_node import journal_file
from heatward_node.errors import JournalError
from heatward_node.journal import KEPT_SECONDS, Journal
from heatward_node.reading import Draft, Kind
from heatward_node.scratchpad import usual_scratchpad
from support.clock import FakeClock
from support.w1_tree import rom_number


def draft(number: int = 1) -> Draft:
    return Draft(Kind.READING, rom_number(number) + usual_scratchpad(320))


class Refusing:
    """A connection that refuses the statements that begin with some words, as a card does."""

    def __init__(self, connection: sqlite3.Connection, code: int, *words: str) -> None:
        self._connection, self._code, self._words = connection, code, words

    def _look(self, statement: str) -> None:
        if statement.startswith(self._words):
            error = sqlite3.OperationalError("the card refuses")
            error.sqlite_errorcode = self._code
            raise error

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        self._look(statement)
        return self._connection.execute(statement, *values)

    def executemany(self, statement: str, *values: object) -> sqlite3.Cursor:
        self._look(statement)
        return self._connection.executemany(statement, *values)

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal.open(tmp_path / "j.sqlite", FakeClock())


def refuse(journal: Journal, code: int, *words: str) -> sqlite3.Connection:
    """Let the card of a journal refuse; return the connection that would not."""
    real = journal._connection
    journal._connection = Refusing(real, code, *words)  # type: ignore[assignment]
    return real


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(JournalError, match="cannot be written"):
        Journal.open(tmp_path / "file" / "j.sqlite", FakeClock())


def test_reading_and_facts_that_the_card_refuses_are_said(journal: Journal) -> None:
    journal.append([draft()])
    real = refuse(journal, sqlite3.SQLITE_IOERR, "SELECT")
    with pytest.raises(JournalError, match="check whether the card is full"):
        journal.read(journal.live, 0, 10)
    with pytest.raises(JournalError, match="cannot be used"):
        journal.fact("incarnation")
    journal._connection = real
    assert journal.fact("incarnation") is None
    assert [record.seq for record in journal.read(journal.live, 0, 10)] == [1, 2]


def test_a_fact_that_cannot_be_kept_is_logged_and_costs_no_record(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    real = refuse(journal, sqlite3.SQLITE_IOERR, "INSERT OR REPLACE INTO fact")
    with caplog.at_level(logging.ERROR):
        journal.remember("incarnation", "ab")
    assert "event=journal_refused" in caplog.text
    assert not real.in_transaction  # nothing half done is saved with the next round
    journal._connection = real
    journal.append([draft()])
    assert journal.fact("incarnation") is None
    assert journal.live.last_seq == 2


def test_a_round_that_the_card_refuses_is_not_written_at_all(journal: Journal) -> None:
    real = refuse(journal, sqlite3.SQLITE_IOERR, "INSERT INTO record")
    with pytest.raises(JournalError):
        journal.append([draft(1), draft(2)])
    journal._connection = real
    assert journal.live.last_seq == 1
    written = journal.append([draft(3)])
    assert [record.seq for record in written] == [2]  # the numbers go on without a gap


def test_a_full_card_that_stays_full_refuses_after_it_made_room(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    real = refuse(journal, sqlite3.SQLITE_FULL, "INSERT INTO record", "PRAGMA wal_checkpoint")
    with caplog.at_level(logging.ERROR), pytest.raises(JournalError):
        journal.append([draft()])
    assert "event=card_full acknowledged_records_dropped=0" in caplog.text
    journal._connection = real
    assert journal.live.last_seq == 1
    journal.append([draft()])
    assert journal.live.last_seq == 2


def test_nothing_is_pruned_while_the_time_is_not_known(tmp_path: Path) -> None:
    clock = FakeClock()
    journal = Journal.open(tmp_path / "j.sqlite", clock)
    journal.append([draft()])
    journal.set_cursor(journal.live, journal.live.last_seq)
    clock.advance(KEPT_SECONDS + 10)
    clock.synchronised = False
    assert journal.prune() == 0
    clock.synchronised = True
    assert journal.prune() == 2


def test_a_journal_that_cannot_save_its_cursors_closes_all_the_same(
    journal: Journal, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal.append([draft()])
    refuse(journal, sqlite3.SQLITE_IOERR, "INSERT INTO log")
    with caplog.at_level(logging.ERROR):
        journal.close()
    assert "event=journal_refused" in caplog.text
    again = Journal.open(tmp_path / "j.sqlite", FakeClock())  # its lock is free
    assert [log.last_seq for log in again.logs] == [2, 1]
    again.close()


def test_a_reserve_that_finds_no_room_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(journal_file.os, "posix_fallocate", no_room)
    journal_file.keep_reserve(tmp_path / "reserve")
    assert not (tmp_path / "reserve").exists()


def test_a_journal_of_a_replay_has_no_reserve_and_makes_room_without_one(tmp_path: Path) -> None:
    clock = FakeClock()
    journal = Journal.open(tmp_path / "j.sqlite", clock, durable=False)
    journal.append([draft()])
    assert not journal.live.is_drained
    journal.set_cursor(journal.live, 2)
    assert journal.live.is_drained
    clock.advance(KEPT_SECONDS + 10)
    assert journal.prune() == 2
    real = refuse(journal, sqlite3.SQLITE_FULL, "INSERT INTO record")
    with pytest.raises(JournalError):
        journal.append([draft()])
    journal._connection = real
    assert journal.append([draft()])[0].seq == 3
    journal.close()


def test_a_row_that_is_no_record_though_its_check_sum_is_right_is_lost(tmp_path: Path) -> None:
    path, data = tmp_path / "j.sqlite", b"\xff" * 40
    journal = Journal.open(path, FakeClock())
    journal.append([draft(), draft(2)])
    journal.close()
    with sqlite3.connect(path) as card:
        card.execute("UPDATE record SET data = ?, crc = ? WHERE seq = 2", (data, zlib.crc32(data)))
    again = Journal.open(path, FakeClock())
    records = again.read(again.logs[0], 0, 10)
    assert [(record.kind, record.seq) for record in records] == [
        (Kind.BOOT, 1),
        (Kind.LOST, 2),
        (Kind.READING, 3),
    ]
    again.close()


def test_every_broken_file_is_set_aside_under_a_name_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    for number in (1, 2, 3):
        path.write_bytes(bytes([number]) * 8192)
        Journal.open(path, FakeClock()).close()
    kept = {one.name: one.read_bytes()[:1] for one in tmp_path.glob("j.sqlite.bad*")}
    assert kept == {"j.sqlite.bad": b"\1", "j.sqlite.bad2": b"\2", "j.sqlite.bad3": b"\3"}


def test_a_card_that_refuses_to_be_checked_is_no_broken_file(tmp_path: Path) -> None:
    real = sqlite3.connect(tmp_path / "j.sqlite")
    busy = Refusing(real, sqlite3.SQLITE_IOERR, "PRAGMA quick_check")
    with pytest.raises(sqlite3.OperationalError):
        journal_file._is_sound(busy)  # type: ignore[arg-type]
    with pytest.raises(sqlite3.ProgrammingError):
        real.execute("SELECT 1")  # it was closed, so that another try may open it
    broken = Refusing(sqlite3.connect(":memory:"), sqlite3.SQLITE_CORRUPT, "PRAGMA quick_check")
    assert not journal_file._is_sound(broken)  # type: ignore[arg-type]
