"""The journal: every record on the card before anybody hears of it.

One SQLite file, one transaction and so one fsync for a sampling round. Every opening begins a new
log with a random epoch, so a cloned or restored card cannot use a number twice. An ack only moves
a cursor: records go when they are acknowledged and two seasons old.
"""

from __future__ import annotations

import fcntl
import hashlib
import secrets
import sqlite3
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple, Self

from heatward_node.clock import Clock
from heatward_node.errors import JournalError, RecordError
from heatward_node.events import Boot, Checkpoint, LossReason, Lost
from heatward_node.reading import Kind, Quality, Record, Sync

KEPT_SECONDS = 2 * 365 * 86_400
"""Two seasons, from one October to the April after next, fit into two years."""
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


class Draft(NamedTuple):
    """A record before it has a number; time and number are given by the journal."""

    kind: int
    body: bytes
    quality: int = Quality.GOOD


@dataclass(slots=True)
class Log:
    """One epoch of the journal: what was written, and how far it is acknowledged."""

    number: int
    epoch: int
    last_seq: int
    acked: int

    @property
    def is_drained(self) -> bool:
        """Whether the collector has everything of it."""
        return self.acked >= self.last_seq


class Journal:
    """The records of one node. Open it with :meth:`open`; one process at a time."""

    def __init__(
        self, connection: sqlite3.Connection, clock: Clock, lock: IO[bytes] | None
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._lock = lock
        self._digest = hashlib.sha256()
        self._logs = [
            Log(*row)
            for row in connection.execute(
                "SELECT number, epoch, last_seq, acked FROM log ORDER BY number"
            )
        ]
        self._unsaved_cursors: set[int] = set()
        self._begin_log()

    @classmethod
    def open(cls, path: Path, clock: Clock, durable: bool = True) -> Self:
        """Open or create the journal at ``path`` and begin a new log.

        A file that is no database any more is set aside with the ending ``.bad``, so that sampling
        goes on. ``durable=False`` leaves fsync out, for replays whose readings are no evidence.
        Raises JournalError where another process holds it or the folder cannot be written.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = path.with_suffix(".lock").open("ab")
        except OSError as error:
            raise JournalError(f"{path.parent} cannot be written: {error}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise JournalError(
                f"{path} is in use: another heatward-node runs; stop it first"
            ) from error
        try:
            connection = _connect(path, durable)
        except sqlite3.DatabaseError:
            _set_aside(path)
            connection = _connect(path, durable)
        return cls(connection, clock, lock)

    @property
    def live(self) -> Log:
        """The log that this opening writes."""
        return self._logs[-1]

    @property
    def logs(self) -> tuple[Log, ...]:
        """Every log that still has records, oldest first."""
        return tuple(self._logs)

    def append(self, drafts: Iterable[Draft]) -> list[Record]:
        """Number, stamp and keep one round of records; they are on the card on return.

        Raises JournalError where the card refuses; then none of the round is kept.
        """
        mono_ms = self._clock.mono_ms()
        synchronised = self._clock.is_synchronised()
        wall_s = round(self._clock.wall_s()) if synchronised else None
        sync = Sync.SYNCHRONISED if synchronised else Sync.UNSYNCHRONISED
        first = self.live.last_seq + 1
        records = [
            Record(draft.kind, seq, mono_ms, wall_s, sync, draft.quality, draft.body)
            for seq, draft in enumerate(drafts, first)
        ]
        self._write(records)
        return records

    def checkpoint(self) -> Record:
        """Keep and return a checkpoint: the digest over all records of this log so far."""
        body = Checkpoint(self.live.last_seq, self._digest.digest()).to_body()
        return self.append([Draft(Kind.CHECKPOINT, body)])[0]

    def read(self, log: Log, after: int, limit: int) -> list[Record]:
        """Return up to ``limit`` records of a log with numbers above ``after``, without a gap.

        What the card has damaged comes as LOST records under the missing numbers.
        """
        rows = self._connection.execute(
            "SELECT seq, crc, data FROM record WHERE log = ? AND seq > ? ORDER BY seq LIMIT ?",
            (log.number, after, limit),
        ).fetchall()
        whole = [record for record in (_parse(*row) for row in rows) if record is not None]
        end = rows[-1][0] if len(rows) == limit else log.last_seq
        return _without_gaps(whole, after, end)

    def oldest_kept(self, log: Log) -> int:
        """Return the lowest number of a log that can still be sent."""
        query = "SELECT min(seq) FROM record WHERE log = ?"
        (oldest,) = self._connection.execute(query, (log.number,)).fetchone()
        return int(oldest) if oldest is not None else log.last_seq + 1

    def set_cursor(self, log: Log, through: int) -> None:
        """Note how far a log is acknowledged; saved with the next round, so it costs no fsync."""
        log.acked = through
        self._unsaved_cursors.add(log.number)

    def keep_witness(self, day: str, incarnation: str, batch: int, head: str) -> None:
        """Keep one head of the collector's ledger a day; saved with the next round."""
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute(
            "INSERT OR IGNORE INTO witness VALUES (?, ?, ?, ?)", (day, incarnation, batch, head)
        )

    def fact(self, key: str) -> str | None:
        """Return a remembered fact, such as the collector's incarnation."""
        row = self._connection.execute("SELECT value FROM fact WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def remember(self, key: str, value: str) -> None:
        """Remember a fact; saved with the next round."""
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (key, value))

    def prune(self, older_than_s: int = KEPT_SECONDS) -> int:
        """Drop records that are acknowledged and older than two seasons; return how many."""
        if not self._clock.is_synchronised():
            return 0
        before = int(self._clock.wall_s()) - older_than_s
        dropped = 0
        for log in self._logs:
            dropped += self._connection.execute(
                "DELETE FROM record WHERE log = ? AND seq <= ? AND at < ?",
                (log.number, log.acked, before),
            ).rowcount
        return dropped

    def close(self) -> None:
        """Save cursors and close."""
        self._write([])
        self._connection.close()
        if self._lock is not None:
            self._lock.close()

    def _begin_log(self) -> None:
        previous = self._logs[-1] if self._logs else None
        epoch = secrets.randbelow(2**32 - 1) + 1
        number = self._connection.execute(
            "INSERT INTO log (epoch, boot_id) VALUES (?, ?)", (epoch, self._clock.boot_id)
        ).lastrowid
        self._logs.append(Log(number or 0, epoch, 0, 0))
        boot = Boot(
            self._clock.boot_id,
            previous.epoch if previous else 0,
            previous.last_seq if previous else 0,
        )
        self.append([Draft(Kind.BOOT, boot.to_body())])

    def _write(self, records: list[Record]) -> None:
        live = self.live
        encoded = [(record.seq, record.wall_s, record.to_bytes()) for record in records]
        last_seq = records[-1].seq if records else live.last_seq
        connection = self._connection
        try:
            if not connection.in_transaction:
                connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT INTO record VALUES (?, ?, ?, ?, ?)",
                [(live.number, seq, at, zlib.crc32(data), data) for seq, at, data in encoded],
            )
            self._save_cursors(last_seq)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise JournalError(
                f"the journal cannot be written ({error}); check whether the card is full"
            ) from error
        live.last_seq = last_seq
        self._unsaved_cursors.clear()
        for _, _, data in encoded:
            self._digest.update(data)

    def _save_cursors(self, last_seq: int) -> None:
        self._connection.execute(
            "UPDATE log SET last_seq = ? WHERE number = ?", (last_seq, self.live.number)
        )
        for log in self._logs:
            if log.number in self._unsaved_cursors:
                self._connection.execute(
                    "UPDATE log SET acked = ? WHERE number = ?", (log.acked, log.number)
                )


def _connect(path: Path, durable: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
    connection.executescript(_SCHEMA)
    if connection.execute("PRAGMA quick_check").fetchone()[0] != "ok":
        connection.close()
        raise sqlite3.DatabaseError("quick_check failed")
    return connection


def _set_aside(path: Path) -> None:
    bad = path.with_name(path.name + ".bad")
    number = 1
    while bad.exists():
        number += 1
        bad = path.with_name(f"{path.name}.bad{number}")
    path.rename(bad)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _parse(seq: int, crc: int, data: bytes) -> Record | None:
    if zlib.crc32(data) != crc:
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
