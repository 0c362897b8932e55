"""The journal's file on the card: opening it, and saving what can be read of a damaged one.

Cards lose power in the middle of a write and rot. A damaged file never keeps a node from starting:
it is set aside with the ending ``.bad``, and what can still be read of it goes on in a new file.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

from heatward_node.errors import JournalDamaged, JournalError, RecordError
from heatward_node.events import LossReason, Lost
from heatward_node.journal_log import TORN_COMMITS, has_rotted, put_back, read_log
from heatward_node.journal_mark import Marked
from heatward_node.reading import Kind, Quality, Record, Sync

RESERVE_BYTES = 4_194_304
"""Kept free beside the journal: with it a full card can still move the write-ahead log, which
SQLite lets grow to as much, into the journal and drop old records."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS log (
  number INTEGER PRIMARY KEY, epoch INTEGER NOT NULL UNIQUE, boot_id BLOB NOT NULL,
  last_seq INTEGER NOT NULL DEFAULT 0, acked INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS record (
  log INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER, crc INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (log, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS witness (
  day TEXT PRIMARY KEY, incarnation TEXT NOT NULL, batch INTEGER NOT NULL, head TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS fact (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_SALVAGE_STEP = 1_000
_BELIEVED_LOSS = 20_000
"""A log whose last number lies further beyond its last record than this was itself damaged."""
_MOST_RECORDS = 10_000_000
"""More than a node writes in two seasons: 12 sensors every minute are 6 million."""

log = logging.getLogger(__name__)


def is_damage(error: sqlite3.Error) -> bool:
    """Say whether the file itself is broken, and not only the card full or held by another."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_full(error: sqlite3.Error) -> bool:
    """Say whether the card has no room."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF == sqlite3.SQLITE_FULL


def refusal(error: sqlite3.Error) -> JournalError:
    """Return what to raise for an error of SQLite: what happened, and what to do."""
    if is_damage(error):
        return JournalDamaged(f"the journal is damaged ({error}); a restart saves what it can")
    return JournalError(f"the journal cannot be used ({error}); check whether the card is full")


def open_file(path: Path, durable: bool, marked: Marked | None = None) -> sqlite3.Connection:
    """Open the file, or in its place a new one with what could be saved of it.

    Numbers up to the one that is ``marked`` were on the card once: those that are missing are
    named as lost. Raises sqlite3.Error where the card refuses.
    """
    written_ahead = read_log(path)
    torn = TORN_COMMITS
    try:
        connection = _connect(path, durable)
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
    else:
        if _is_sound(connection):
            is_behind = marked is not None and _is_behind(connection, marked)
            # What was marked was no torn end: then every whole commit behind a broken one counts.
            torn = 0 if is_behind else TORN_COMMITS
            if not has_rotted(written_ahead, _frames_seen(connection), torn) and not is_behind:
                return connection
        # Closed before the move: closing later would delete the write-ahead log of the new file.
        connection.close()
    bad = _set_aside(path)
    if has_rotted(written_ahead, 0, torn):
        put_back(written_ahead, bad)
    connection = _connect(path, durable)
    saved = _salvage(bad, connection, marked)
    log.error("event=journal_set_aside file=%s records_saved=%d", bad, saved)
    return connection


def keep_reserve(path: Path) -> None:
    """Take room on the card for later, where there is any."""
    try:
        with path.open("ab") as file:
            os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)
    except OSError:
        path.unlink(missing_ok=True)


def records_between(
    connection: sqlite3.Connection, number: int, after: int, end: int
) -> list[Record]:
    """Return the records of a log above ``after`` up to ``end``, without a gap.

    What the card has damaged comes as LOST records under the missing numbers.
    """
    rows = _rows(connection, number, after, end)
    whole = [record for record in (_parse(*row) for row in rows) if record is not None]
    return _without_gaps(whole, after, end)


def last_number(connection: sqlite3.Connection, number: int, noted: int, acked: int) -> int:
    """Return the last number of a log, where what is noted of it may have been damaged."""
    try:
        query = "SELECT max(seq) FROM record WHERE log = ?"
        last = connection.execute(query, (number,)).fetchone()[0] or 0
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        return min(noted, _MOST_RECORDS)
    if acked <= noted:
        last = max(last, acked)  # what was acknowledged may have been pruned
    return int(noted if last <= noted <= last + _BELIEVED_LOSS else min(last, _MOST_RECORDS))


def _connect(path: Path, durable: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
        connection.executescript(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _is_sound(connection: sqlite3.Connection) -> bool:
    try:
        return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.Error as error:
        if is_damage(error):
            return False
        connection.close()
        raise


def _frames_seen(connection: sqlite3.Connection) -> int:
    """Return how many frames of the write-ahead log SQLite takes; it moves them into the file."""
    return int(connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1])


def _is_behind(connection: sqlite3.Connection, marked: Marked) -> bool:
    """Say whether numbers were on the card that are there no more."""
    query = "SELECT number, last_seq, acked FROM log WHERE epoch = ?"
    row = connection.execute(query, (marked.epoch,)).fetchone()
    return row is not None and last_number(connection, *row) < marked.seq


def _set_aside(path: Path) -> Path:
    bad = path.with_name(path.name + ".bad")
    number = 1
    while bad.exists():
        number += 1
        bad = path.with_name(f"{path.name}.bad{number}")
    path.rename(bad)
    for ending in ("-wal", "-shm"):  # where SQLite left them, they belong to the old file
        rest = path.with_name(path.name + ending)
        if rest.exists():
            rest.rename(bad.with_name(bad.name + ending))
    return bad


def _salvage(bad: Path, into: sqlite3.Connection, marked: Marked | None) -> int:
    """Copy every log and record that can be read; return how many records."""
    saved = 0
    into.execute("BEGIN IMMEDIATE")
    with closing(sqlite3.connect(f"file:{bad}?mode=ro", uri=True)) as source:
        for number, epoch, boot_id, noted, acked in _table(source, "log"):
            last_seq = last_number(source, number, noted, acked)
            if marked is not None and marked.epoch == epoch:
                last_seq = max(last_seq, marked.seq)
            into.execute(
                "INSERT OR IGNORE INTO log VALUES (?, ?, ?, ?, ?)",
                (number, epoch, boot_id, last_seq, acked),
            )
            for after in range(0, last_seq, _SALVAGE_STEP):
                end = min(after + _SALVAGE_STEP, last_seq)
                whole = [row for row in _rows(source, number, after, end) if _parse(*row)]
                saved += _copy(into, number, whole)
        for table, places in (("witness", "?, ?, ?, ?"), ("fact", "?, ?")):
            into.executemany(
                f"INSERT OR IGNORE INTO {table} VALUES ({places})", _table(source, table)
            )
    into.execute("COMMIT")
    return saved


def _copy(into: sqlite3.Connection, number: int, rows: list[tuple[int, int, bytes]]) -> int:
    into.executemany(
        "INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?, ?)",
        [(number, seq, Record.from_bytes(data).wall_s, crc, data) for seq, crc, data in rows],
    )
    return len(rows)


def _table(source: sqlite3.Connection, name: str) -> list[tuple[int, int, bytes, int, int]]:
    try:
        return source.execute(f"SELECT * FROM {name}").fetchall()
    except sqlite3.Error:
        return []


def _rows(
    connection: sqlite3.Connection, number: int, after: int, end: int
) -> list[tuple[int, int, bytes]]:
    query = "SELECT seq, crc, data FROM record WHERE log = ? AND seq BETWEEN ? AND ?"
    try:
        return connection.execute(f"{query} ORDER BY seq", (number, after + 1, end)).fetchall()
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
    rows = []
    for seq in range(after + 1, end + 1):  # one by one, around the damaged page
        try:
            rows += connection.execute(query, (number, seq, seq)).fetchall()
        except sqlite3.Error:
            continue
    return rows


def _parse(seq: object, crc: object, data: object) -> Record | None:
    if not isinstance(data, bytes) or zlib.crc32(data) != crc:
        return None
    try:
        record = Record.from_bytes(data)
    except RecordError:
        return None
    return record if record.seq == seq else None


def _without_gaps(records: list[Record], after: int, end: int) -> list[Record]:
    filled: list[Record] = []
    due = after + 1
    for record in records:
        if record.seq > due:
            filled.append(_lost(due, record.seq - 1))
        filled.append(record)
        due = record.seq + 1
    if due <= end:
        filled.append(_lost(due, end))
    return filled


def _lost(low: int, high: int) -> Record:
    body = Lost(low, LossReason.CARD_DAMAGED).to_body()
    return Record(Kind.LOST, high, 0, None, Sync.UNSYNCHRONISED, Quality.GOOD, body)
