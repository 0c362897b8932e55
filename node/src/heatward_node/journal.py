"""The journal: every record on the card before anybody hears of it.

One SQLite file, one transaction and so one fsync for a sampling round. Every opening begins a new
log with a random epoch, so a cloned or restored card cannot use a number twice. An ack only moves
a cursor: records go when they are acknowledged and two seasons old.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import secrets
import sqlite3
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Self

from heatward_node.clock import Clock
from heatward_node.errors import JournalError
from heatward_node.events import Boot, Checkpoint, Signer, unsigned
from heatward_node.journal_file import (
    is_full,
    keep_reserve,
    last_number,
    open_file,
    records_between,
    refusal,
)
from heatward_node.journal_mark import Mark
from heatward_node.reading import MAX_WALL_S, MIN_WALL_S, Draft, Kind, Record, Stamp, Sync

KEPT_SECONDS = 2 * 365 * 86_400
"""Two seasons, from one October to the April after next, fit into two years."""
PRUNED_WHEN_FULL = 5_000
"""So many of the oldest acknowledged records go where the card is full: about 0.4 MB."""

_log = logging.getLogger(__name__)


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
        self,
        connection: sqlite3.Connection,
        clock: Clock,
        lock: IO[bytes],
        reserve: Path | None,
        mark: Mark,
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._lock = lock
        self._reserve = reserve
        self._mark = mark
        self._digest = hashlib.sha256()
        self._logs = [
            Log(number, epoch, last_number(connection, number, last_seq, acked), acked)
            for number, epoch, last_seq, acked in connection.execute(
                "SELECT number, epoch, last_seq, acked FROM log ORDER BY number"
            ).fetchall()
        ]
        self._unsaved_cursors: set[int] = set()
        self._begin_log()
        self._keep_reserve()

    @classmethod
    def open(cls, path: Path, clock: Clock, durable: bool = True) -> Self:
        """Open or create the journal at ``path`` and begin a new log.

        A damaged file is set aside with the ending ``.bad``, what can be read of it is kept, and
        sampling goes on. ``durable=False`` leaves fsync out, for replays whose readings are no
        evidence. Raises JournalError where another process holds it or the card refuses.
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
            mark = Mark(path.with_suffix(".mark") if durable else None)
            connection = open_file(path, durable, mark.read())
            reserve = path.with_suffix(".reserve") if durable else None
            return cls(connection, clock, lock, reserve, mark)
        except (OSError, sqlite3.Error, JournalError) as error:
            lock.close()
            raise JournalError(
                f"{path} cannot be opened ({error}); check whether the card is full or read-only"
            ) from error

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
        now = self.stamp()
        first = self.live.last_seq + 1
        records = [
            Record(draft.kind, seq, *(draft.stamp or now), draft.quality, draft.body)
            for seq, draft in enumerate(drafts, first)
        ]
        self._write(records)
        return records

    def stamp(self) -> Stamp:
        """Return what the clocks show now."""
        mono_ms, wall_s = self._clock.mono_ms(), round(self._clock.wall_s())
        # Whatever vouches for it, a year that no record can carry is no time.
        if self._clock.is_synchronised() and MIN_WALL_S <= wall_s <= MAX_WALL_S:
            return Stamp(mono_ms, wall_s, Sync.SYNCHRONISED)
        return Stamp(mono_ms, None, Sync.UNSYNCHRONISED)

    def checkpoint(self, sign: Signer = unsigned) -> Draft:
        """Return the digest over all records of this log so far, to be the first of a round."""
        through, digest = self.live.last_seq, self._digest.digest()
        signature = sign(self.live.epoch, through, digest)
        return Draft(Kind.CHECKPOINT, Checkpoint(through, digest, signature).to_body())

    def read(self, log: Log, after: int, limit: int) -> list[Record]:
        """Return the records under the ``limit`` numbers of a log after ``after``, without a gap.

        What the card has damaged comes as LOST records. Raises JournalError.
        """
        end = min(after + limit, log.last_seq)
        try:
            return records_between(self._connection, log.number, after, end)
        except sqlite3.Error as error:
            raise refusal(error) from error

    def oldest_kept(self, log: Log) -> int:
        """Return the lowest number of a log that can still be sent."""
        oldest = self._value("SELECT min(seq) FROM record WHERE log = ?", log.number)
        return int(oldest) if oldest is not None else log.last_seq + 1

    def set_cursor(self, log: Log, through: int) -> None:
        """Note how far a log is acknowledged; saved with the next round, so it costs no fsync."""
        log.acked = through
        self._unsaved_cursors.add(log.number)

    def keep_witness(self, incarnation: str, batch: int, head: str) -> None:
        """Keep the first head of the collector's ledger of a UTC day; saved with the next round."""
        wall_s = self.stamp().wall_s
        if wall_s is not None:
            day = datetime.fromtimestamp(wall_s, UTC).date().isoformat()
            self._write_later(
                "INSERT OR IGNORE INTO witness VALUES (?, ?, ?, ?)", day, incarnation, batch, head
            )

    def witnesses(self) -> list[tuple[str, str, int, str]]:
        """Return (day, incarnation, batch, head) of every day kept."""
        return self._connection.execute("SELECT * FROM witness ORDER BY day").fetchall()

    def fact(self, key: str) -> str | None:
        """Return a remembered fact, such as the collector's incarnation."""
        value = self._value("SELECT value FROM fact WHERE key = ?", key)
        return None if value is None else str(value)

    def remember(self, key: str, value: str) -> None:
        """Remember a fact; saved with the next round."""
        self._write_later("INSERT OR REPLACE INTO fact VALUES (?, ?)", key, value)

    def prune(self, older_than_s: int = KEPT_SECONDS) -> int:
        """Drop records that are acknowledged and older than two seasons; return how many.

        They go with the next round, so it costs no fsync.
        """
        if not self._clock.is_synchronised():
            return 0
        before = int(self._clock.wall_s()) - older_than_s
        self._keep_reserve()
        return sum(
            self._write_later(
                "DELETE FROM record WHERE log = ? AND seq <= ? AND at < ?",
                log.number,
                log.acked,
                before,
            )
            for log in self._logs
        )

    def close(self) -> None:
        """Save cursors and close."""
        try:
            self._write([])
        except JournalError as error:
            _log.error("event=journal_refused detail=%s", error)  # cursors only: repeats follow
        self._connection.close()
        self._mark.close()
        self._lock.close()

    def _begin_log(self) -> None:
        previous = self._logs[-1] if self._logs else Log(0, 0, 0, 0)
        epoch = secrets.randbelow(2**32 - 1) + 1
        self._logs.append(Log(previous.number + 1, epoch, 0, 0))
        boot = Boot(self._clock.boot_id, previous.epoch, previous.last_seq)
        self.append([Draft(Kind.BOOT, boot.to_body())])

    def _value(self, query: str, key: int | str) -> Any:
        try:
            row = self._connection.execute(query, (key,)).fetchone()
        except sqlite3.Error as error:
            raise refusal(error) from error
        return row[0] if row else None

    def _keep_reserve(self) -> None:
        if self._reserve is not None:
            keep_reserve(self._reserve)

    def _write_later(self, statement: str, *values: object) -> int:
        """Change something within the transaction that the next round will end."""
        try:
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
            return self._connection.execute(statement, values).rowcount
        except sqlite3.Error as error:
            self._roll_back()
            _log.error("event=journal_refused detail=%s", error)
            return 0

    def _write(self, records: list[Record]) -> None:
        encoded = [(record.seq, record.wall_s, record.to_bytes()) for record in records]
        last_seq = records[-1].seq if records else self.live.last_seq
        try:
            self._commit(encoded, last_seq)
        except sqlite3.Error as error:
            self._roll_back()
            if not is_full(error):
                raise refusal(error) from error
            self._make_room()
            try:
                self._commit(encoded, last_seq)
                self._keep_reserve()
            except sqlite3.Error as again:
                self._roll_back()
                raise refusal(again) from again
        self.live.last_seq = last_seq
        self._mark.note(self.live.epoch, last_seq)
        self._unsaved_cursors.clear()
        for _, _, data in encoded:
            self._digest.update(data)

    def _commit(self, encoded: list[tuple[int, int | None, bytes]], last_seq: int) -> None:
        live, connection = self.live, self._connection
        if not connection.in_transaction:
            connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "INSERT INTO log (number, epoch, boot_id, last_seq) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (number) DO UPDATE SET last_seq = excluded.last_seq",
            (live.number, live.epoch, self._clock.boot_id, last_seq),
        )
        connection.executemany(
            "INSERT INTO record VALUES (?, ?, ?, ?, ?)",
            [(live.number, seq, at, zlib.crc32(data), data) for seq, at, data in encoded],
        )
        connection.executemany(
            "UPDATE log SET acked = ? WHERE number = ?",
            [(log.acked, log.number) for log in self._logs if log.number in self._unsaved_cursors],
        )
        connection.execute("COMMIT")

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _make_room(self) -> None:
        """Free the reserve, the write-ahead log and the oldest acknowledged records."""
        if self._reserve is not None:
            self._reserve.unlink(missing_ok=True)
        dropped = 0
        try:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            for log in self._logs:
                low = self.oldest_kept(log) + PRUNED_WHEN_FULL
                dropped += self._connection.execute(
                    "DELETE FROM record WHERE log = ? AND seq < ? AND seq <= ?",
                    (log.number, low, log.acked),
                ).rowcount
                if dropped:
                    break
        except (sqlite3.Error, JournalError) as error:
            _log.error("event=journal_refused detail=%s", error)
        _log.error("event=card_full acknowledged_records_dropped=%d", dropped)
