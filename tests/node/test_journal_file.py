"""A card's file where it is damaged: what is believed of it, and what is saved."""

from __future__ import annotations

import logging
import os
import sqlite3
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest

from heatward_node import journal_file
from heatward_node.errors import JournalDamaged, JournalError
from heatward_node.events import LossReason, Lost
from heatward_node.journal import Journal
from heatward_node.journal_file import (
    is_damage,
    is_full,
    keep_reserve,
    last_number,
    open_file,
    records_between,
    refusal,
)
from heatward_node.reading import Draft, Kind, Quality, Record, Sync, reading
from heatward_node.scratchpad import usual_scratchpad
from support.clock import FakeClock
from support.w1_tree import rom_number

CORRUPT, NOT_A_DATABASE, FULL, IO = 11, 26, 13, 10


def error_of(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("said by SQLite")
    error.sqlite_errorcode = code
    return error


def record(seq: int, wall_s: int = 1_700_000_000) -> Record:
    body = rom_number(1) + usual_scratchpad(320)
    return Record(Kind.READING, seq, 5, wall_s, Sync.SYNCHRONISED, Quality.GOOD, body)


def card(*seqs: int, log: int = 1) -> sqlite3.Connection:
    """Return a journal's tables with so many records."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(journal_file._SCHEMA)
    for seq in seqs:
        data = record(seq).to_bytes()
        row = (log, seq, 1_700_000_000, zlib.crc32(data), data)
        connection.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?)", row)
    return connection


class Refusing:
    """A card that refuses what asks for more than one number, or everything."""

    def __init__(self, connection: sqlite3.Connection, code: int, most: int = 0) -> None:
        self.connection, self.code, self.most = connection, code, most

    def execute(self, statement: str, values: tuple[int, ...]) -> sqlite3.Cursor:
        if len(values) < 3 or values[2] - values[1] + 1 > self.most:
            raise error_of(self.code)
        return self.connection.execute(statement, values)


@pytest.mark.parametrize("more", [0, 256, 3 << 8])
def test_damage_and_want_of_room_are_told_apart_whatever_more_sqlite_says(more: int):
    for code, damaged, full in (
        (CORRUPT, True, False),
        (NOT_A_DATABASE, True, False),
        (FULL, False, True),
        (IO, False, False),
        (0, False, False),
    ):
        assert (is_damage(error_of(code + more)), is_full(error_of(code + more))) == (damaged, full)
    assert not is_damage(sqlite3.Error("no code"))
    assert not is_full(sqlite3.Error("no code"))
    assert isinstance(refusal(error_of(CORRUPT + more)), JournalDamaged)
    assert type(refusal(error_of(FULL + more))) is JournalError


@pytest.mark.parametrize(
    ("seqs", "noted", "acked", "last"),
    [
        ((10,), 10, 0, 10),
        ((10,), 20_010, 0, 20_010),  # so many the card may have lost
        ((10,), 20_011, 0, 10),  # and so many not: the note is damaged
        ((10,), 9, 0, 10),
        ((10,), 9, 9, 10),
        ((10,), 12, 11, 12),
        ((), 50, 50, 50),  # all was acknowledged and is pruned
        ((), 50, 51, 50),  # more was acknowledged than written: that is not believed
        ((), 30_000, 30_000, 30_000),
        ((), 30_000, 30_001, 0),
        ((), 0, 0, 0),
        ((10_000_005,), 0, 0, 10_000_000),
        ((10_000_000,), 0, 0, 10_000_000),
        ((10_000_005,), 10_000_005, 0, 10_000_005),  # both say so
    ],
)
def test_the_last_number_is_what_records_and_notes_agree_upon(seqs, noted, acked, last):
    with closing(card(*seqs)) as connection:
        assert last_number(connection, 1, noted, acked) == last
        assert last_number(connection, 2, 7, 0) == 7  # another log


def test_where_the_records_cannot_be_counted_the_note_is_taken_within_reason():
    broken = Refusing(card(), CORRUPT)
    assert last_number(broken, 1, 5, 9) == 5  # type: ignore[arg-type]
    assert last_number(broken, 1, 2**40, 0) == 10_000_000  # type: ignore[arg-type]
    with pytest.raises(sqlite3.OperationalError):
        last_number(Refusing(card(), IO), 1, 5, 9)  # type: ignore[arg-type]


def summary(records: list[Record]) -> list[tuple[int, int]]:
    """Return first and last number of every record; a reading has one."""
    return [
        (Lost.from_record(one).low if one.kind == Kind.LOST else one.seq, one.seq)
        for one in records
    ]


def test_every_number_between_two_is_told_or_named_as_lost():
    with closing(card(2, 3, 6)) as connection:
        assert summary(records_between(connection, 1, 0, 8)) == [
            (1, 1),
            (2, 2),
            (3, 3),
            (4, 5),
            (6, 6),
            (7, 8),
        ]
        assert summary(records_between(connection, 1, 1, 3)) == [(2, 2), (3, 3)]
        assert summary(records_between(connection, 1, 2, 5)) == [(3, 3), (4, 5)]
        assert summary(records_between(connection, 1, 5, 6)) == [(6, 6)]
        assert records_between(connection, 1, 6, 6) == []
        (lost,) = records_between(connection, 2, 0, 4)
    assert lost == Record(
        Kind.LOST,
        4,
        0,
        None,
        Sync.UNSYNCHRONISED,
        Quality.GOOD,
        Lost(1, LossReason.CARD_DAMAGED).to_body(),
    )


def test_around_a_damaged_page_every_number_is_asked_for_alone():
    broken = Refusing(card(1, 2, 4), CORRUPT, most=1)
    for after in (0, 1):
        told = records_between(broken, 1, after, 4)  # type: ignore[arg-type]
        assert summary(told) == [(seq, seq) for seq in range(after + 1, 5)]
        assert [one.seq for one in told if one.kind == Kind.LOST] == [3]
    nothing = Refusing(card(1, 2), CORRUPT)
    assert summary(records_between(nothing, 1, 0, 2)) == [(1, 2)]  # type: ignore[arg-type]
    with pytest.raises(sqlite3.OperationalError):
        records_between(Refusing(card(1), IO, most=1), 1, 0, 4)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    ["data = 'text'", "data = NULL", "crc = crc + 1", "seq = 3", "data = x''"],
)
def test_a_row_that_does_not_fit_is_a_lost_number(change: str):
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE record (log, seq, at, crc, data)")
    data = record(2).to_bytes()
    connection.execute("INSERT INTO record VALUES (1, 2, 0, ?, ?)", (zlib.crc32(data), data))
    assert summary(records_between(connection, 1, 1, 3)) == [(2, 2), (3, 3)]
    assert records_between(connection, 1, 1, 2)[0] == record(2)
    connection.execute(f"UPDATE record SET {change}")
    (lost,) = records_between(connection, 1, 1, 3)
    assert (lost.kind, *summary([lost])) == (Kind.LOST, (2, 3))


def test_what_is_saved_of_a_damaged_file_keeps_its_times_facts_and_witnesses(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    path, clock = tmp_path / "j.sqlite", FakeClock()
    journal = Journal.open(path, clock)
    for _ in range(700):
        clock.advance(300)
        journal.append(
            [Draft(Kind.READING, rom_number(n) + usual_scratchpad(320)) for n in range(3)]
        )
    journal.set_cursor(journal.live, 1_234)
    journal.remember("incarnation", "ab")
    journal.keep_witness("aa" * 8, 7, "bb" * 8)
    epoch, witnesses = journal.live.epoch, journal.witnesses()
    journal.close()
    content = bytearray(path.read_bytes())
    leaves = [at for at in range(0, len(content), 4096) if content[at] == 10]
    content[leaves[9] : leaves[9] + 4096] = bytes(4096)
    path.write_bytes(content)
    with caplog.at_level(logging.ERROR):
        connection = open_file(path, durable=True)
    with closing(connection):
        logs = connection.execute("SELECT number, epoch, last_seq, acked FROM log").fetchall()
        assert logs == [(1, epoch, 2_101, 1_234)]
        saved = connection.execute("SELECT seq, at, crc, data FROM record").fetchall()
        assert 2_000 < len(saved) < 2_101
        assert {1, 999, 1_000, 1_001, 2_101} & {seq for seq, *_ in saved} >= {1, 2_101}
        assert f"records_saved={len(saved)}" in caplog.text
        assert str(tmp_path / "j.sqlite.bad") in caplog.text
        for seq, at, crc, data in saved:
            kept = Record.from_bytes(data)
            assert (kept.seq, kept.wall_s, zlib.crc32(data)) == (seq, at, crc)
        assert connection.execute("SELECT * FROM witness").fetchall() == witnesses
        assert connection.execute("SELECT * FROM fact").fetchall() == [("incarnation", "ab")]
        assert not connection.in_transaction
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_the_rest_of_a_broken_file_goes_aside_with_it(tmp_path: Path):
    path = tmp_path / "j.sqlite"
    path.write_bytes(b"\1" * 8192)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).write_bytes(ending.encode())
    assert journal_file._set_aside(path) == tmp_path / "j.sqlite.bad"
    assert [one.name for one in tmp_path.glob("j.sqlite")] == []
    assert (tmp_path / "j.sqlite.bad").read_bytes() == b"\1" * 8192
    assert (tmp_path / "j.sqlite.bad-shm").read_bytes() == b"-shm"
    assert (tmp_path / "j.sqlite.bad-wal").read_bytes() == b"-wal"


def test_the_reserve_is_room_that_is_really_taken(tmp_path: Path):
    path = tmp_path / "reserve"
    keep_reserve(path)
    keep_reserve(path)  # again, and it is no larger
    assert path.stat().st_size == 4_194_304
    assert path.stat().st_blocks * 512 >= 4_194_304


def test_a_reading_is_what_these_tests_take_for_one():
    pad = usual_scratchpad(320)
    assert record(3) == reading(3, 5, 1_700_000_000, Sync.SYNCHRONISED, rom_number(1), pad, 0)


def test_a_reserve_in_a_folder_that_is_not_there_is_none_and_no_error(tmp_path: Path):
    keep_reserve(tmp_path / "gone" / "reserve")
    assert not (tmp_path / "gone").exists()


def test_a_file_that_is_none_is_not_held_open_while_somebody_speaks_of_it(tmp_path: Path):
    path = tmp_path / "j.sqlite"
    path.write_bytes(b"\1" * 8_192)
    with pytest.raises(sqlite3.DatabaseError) as refused:
        journal_file._connect(path, durable=True)
    assert refused.value.__traceback__ is not None  # which holds what was opened
    held = 0
    for number in range(1_024):
        with suppress(OSError):
            held += os.path.samestat(os.fstat(number), path.stat())
    assert held == 0


def test_another_thread_may_use_the_file(tmp_path: Path):
    """The light and the publisher of a node ask from threads of their own."""
    with closing(open_file(tmp_path / "j.sqlite", durable=False)) as connection:
        with ThreadPoolExecutor(1) as pool:
            rows = pool.submit(lambda: connection.execute("SELECT * FROM log").fetchall())
        assert rows.result() == []


def test_frames_that_a_reader_keeps_from_being_moved_are_seen_all_the_same(tmp_path: Path):
    path = tmp_path / "j.sqlite"
    with (
        closing(open_file(path, durable=False)) as connection,
        closing(sqlite3.connect(path, isolation_level=None)) as reader,
    ):
        connection.execute("INSERT INTO fact VALUES ('a', 'b')")
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM fact").fetchone() == (1,)
        for number in range(4):
            connection.execute("INSERT INTO fact VALUES (?, 'b')", (str(number),))
        question = "PRAGMA wal_checkpoint(PASSIVE)"
        _, frames, moved = connection.execute(question).fetchone()
        assert moved < frames
        assert journal_file._frames_seen(connection) == frames


def test_what_a_damaged_file_says_twice_is_saved_once(tmp_path: Path):
    """Two pages of a broken tree may hold the same rows."""
    bad, data = tmp_path / "bad", record(1).to_bytes()
    with closing(sqlite3.connect(bad)) as source, source:
        source.executescript(
            "CREATE TABLE log (number, epoch, boot_id, last_seq, acked);"
            "CREATE TABLE record (log, seq, at, crc, data);"
            "CREATE TABLE witness (day, incarnation, batch, head);"
            "CREATE TABLE fact (key, value);"
        )
        for _ in range(2):
            source.execute("INSERT INTO log VALUES (1, 77, x'00', 1, 0)")
            row = (zlib.crc32(data), data)
            source.execute("INSERT INTO record VALUES (1, 1, 0, ?, ?)", row)
            source.execute("INSERT INTO witness VALUES ('2026-01-01', 'aa', 1, 'bb')")
            source.execute("INSERT INTO fact VALUES ('incarnation', 'aa')")
    with closing(journal_file._connect(tmp_path / "new", durable=False)) as into:
        journal_file._salvage(bad, into, None)
        for table in ("log", "record", "witness", "fact"):
            assert into.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,)
