"""Appending to the ledger: the one writer, its cursors, and the group commit.

Uniqueness is a cursor for each source, ``through``: the ledger holds a gap-free prefix of every
journal epoch, so a record is new only if it is the next one.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from heatward_collector.core.placing import FUTURE_S
from heatward_collector.errors import LedgerError, LedgerHeld
from heatward_collector.ledger import day_file
from heatward_collector.ledger.batch import (
    GENESIS,
    Batch,
    Source,
    chain,
    compress,
    decompress,
)
from heatward_collector.ledger.cursors import Cursors, Numbers
from heatward_collector.ledger.pending import Pending
from heatward_collector.ledger.stretch import NO_BODIES, Packed, bodies_of
from heatward_node.events import LossReason, Lost, first_covered
from heatward_node.reading import Kind, Record
from heatward_node.wire import Pack

INCARNATION_BYTES = 8


class Taken(Enum):
    """What became of a pack."""

    STORED = "stored"
    REPEATED = "repeated"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a pack: how many records are new, and which had been there already."""

    taken: Taken
    source: int
    through: int
    stored: int = 0
    repeats: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Commit:
    """A batch that is on disk."""

    number: int
    hash: bytes
    count: int


class LedgerWriter:
    """The only writer of a ledger directory; a lock file keeps it so.

    ``now`` gives the time of receipt, seconds UTC. Raises LedgerHeld where another process
    writes, LedgerError where the newest day cannot be read.
    """

    def __init__(self, directory: Path, now: Callable[[], float]) -> None:
        self.directory = directory
        self._now = now
        directory.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(directory / "writer.lock")
        self._cursors = Cursors()
        self._pending = Pending()
        self._number, self._head = 0, GENESIS
        self.incarnation = secrets.token_hex(INCARNATION_BYTES)
        self._path = day_file.newest(directory)
        self._connection: sqlite3.Connection | None = None
        if self._path is not None:
            try:
                self._resume(self._path)
            except sqlite3.DatabaseError as error:
                raise LedgerError(
                    f"{self._path} is damaged ({error}): see heatward ledger verify; restore it "
                    f"from a backup, or move it away and let the nodes refill what they still keep"
                ) from error

    @property
    def head(self) -> tuple[int, bytes]:
        """Number and hash of the newest batch."""
        return self._number, self._head

    @property
    def pending(self) -> int:
        """How many records wait for the next commit."""
        return self._pending.count

    def through(self, node: tuple[str, str], epoch: int) -> int:
        """Return the last number on disk of a (district, node)'s epoch; 0 where there is none."""
        source = self._cursors.number(*node, epoch)
        return int(self._cursors.committed[source]) if source is not None else 0

    def source(self, number: int) -> Source:
        """Return a source by its number."""
        return self._cursors.source(number)

    def known_source(self, district: str, node: str, epoch: int) -> int | None:
        """Return the number of a source that something was offered of; it never changes."""
        return self._cursors.number(district, node, epoch)

    def offer(self, district: str, node: str, pack: Pack) -> Outcome:
        """Take the records of a pack that come next; they are on disk after the next commit."""
        source = self._source_of(district, node, pack.epoch)
        through = int(self._cursors.offered[source])
        records = pack.records
        if first_covered(records[0]) > through + 1:
            return Outcome(Taken.GAP, source, int(self._cursors.committed[source]))
        fresh = [record for record in records if record.seq > through]
        repeats = tuple(record for record in records if record.seq <= through)
        if not fresh:
            return Outcome(Taken.REPEATED, source, through, 0, repeats)
        self._append(source, fresh)
        return Outcome(Taken.STORED, source, fresh[-1].seq, len(fresh), repeats)

    def offer_runs(
        self,
        sources: Numbers,
        firsts: Numbers,
        counts: Numbers,
        packed: Packed,
        bodies: Mapping[int, bytes] = NO_BODIES,
    ) -> npt.NDArray[np.bool_]:
        """Take runs of records with wall times that come next; return which were taken.

        A run is of a source (:meth:`known_source`; -1 for none), has its first number and so many
        of the records in ``packed``, PACKED_DTYPE (records,), which is the ledger's from now on.
        Behind one that is not taken, none of its source is. ``bodies`` are of those that are no
        readings, by their place.
        """
        taken = self._cursors.take_runs(sources, firsts, counts)
        packed["source"] = np.repeat(sources, counts)
        if not taken.all():
            kept = np.repeat(taken, counts)
            packed, bodies = packed.compress(kept), bodies_of(bodies, kept)
        if len(packed):
            self._pending.take(packed, bodies)
        return taken

    def offer_pruned(self, district: str, node: str, epoch: int, oldest_kept: int) -> bool:
        """Name the records that a node no longer has, up to the oldest that it kept."""
        source = self._source_of(district, node, epoch)
        low = int(self._cursors.offered[source]) + 1
        if oldest_kept <= low:
            return False
        body = Lost(low, LossReason.PRUNED).to_body()
        self._append(source, [Record(Kind.LOST, oldest_kept - 1, 0, None, 0, 0, body)])
        return True

    def commit(self) -> Commit | None:
        """Write what was offered as one batch; it is on disk when this returns.

        Returns None where nothing was offered. Raises LedgerError where the disk refuses: what was
        offered is then forgotten, so that nothing is acknowledged and the nodes send it again.
        """
        if not self._pending.count:
            return None  # sources that only asked wait for the first batch with a record
        pending, self._pending = self._pending, Pending()
        try:
            return self._write(pending)
        except sqlite3.Error as error:
            self._forget(pending)
            raise LedgerError(
                f"a batch cannot be written to {self._path}: {error}; nothing was acknowledged, "
                f"the nodes keep it. Check the disk"
            ) from error

    def close(self) -> None:
        """Close the file and give up the lock; what was not committed is forgotten."""
        self._close_file()
        self._lock.close()

    def _close_file(self) -> None:
        if self._connection is not None:
            day_file.close_writing(self._connection)
            self._connection = None

    def _source_of(self, district: str, node: str, epoch: int) -> int:
        known = self._cursors.number(district, node, epoch)
        if known is not None:
            return known
        source = self._cursors.add(district, node, epoch)
        self._pending.sources.append(source)
        return source.id

    def _append(self, source: int, records: Sequence[Record]) -> None:
        self._pending.add(source, records)
        self._cursors.offered[source] = records[-1].seq

    def _write(self, pending: Pending) -> Commit:
        now = self._now()
        received_at_ms = int(now * 1000)
        number = self._number + 1
        body = pending.body()
        digest = chain(self._head, number, received_at_ms, body)
        path, connection = self._open_for(now)
        # A wall time in the future says nothing of when: a clock fix may yet give another one.
        timed = pending.all_timed and (pending.measured_to or 0) <= now + FUTURE_S
        if not connection.in_transaction:
            connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT OR IGNORE INTO source VALUES (?, ?, ?, ?)",
            [(s.id, s.district, s.node, s.epoch) for s in pending.sources],
        )
        connection.execute(
            "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                received_at_ms,
                pending.count,
                pending.measured_from if timed else None,
                pending.measured_to if timed else None,
                self._head,
                digest,
                compress(body),
            ),
        )
        connection.execute("COMMIT")
        self._path = path
        self._number, self._head = number, digest
        advanced = pending.advanced()
        self._cursors.committed[advanced] = self._cursors.offered[advanced]
        return Commit(number, digest, pending.count)

    def _forget(self, pending: Pending) -> None:
        # A day that failed to begin has no tables: the next commit opens it anew.
        self._close_file()
        advanced = pending.advanced()
        self._cursors.offered[advanced] = self._cursors.committed[advanced]
        self._pending.sources[:0] = pending.sources

    def _open_for(self, now: float) -> tuple[Path, sqlite3.Connection]:
        """Return the file of the day; a new one begins in the batch's own transaction.

        A clock that went back does not reopen an older day: batches stay in file order.
        """
        path = day_file.day_path(self.directory, now)
        if self._path is not None and path <= self._path:
            if self._connection is None:
                self._connection = day_file.writing(self._path)
            return self._path, self._connection
        self._close_file()
        self._connection = connection = day_file.create(path)
        connection.executemany(
            "INSERT INTO meta VALUES (?, ?)",
            [
                ("layout", day_file.LAYOUT),
                ("incarnation", self.incarnation),
                ("first_number", self._number + 1),
                ("first_previous", self._head),
            ],
        )
        connection.executemany(
            "INSERT INTO source VALUES (?, ?, ?, ?)",
            [(s.id, s.district, s.node, s.epoch) for s in self._cursors.sources()],
        )
        snapshot = enumerate(self._cursors.all_committed())
        connection.executemany("INSERT INTO snapshot VALUES (?, ?)", snapshot)
        return path, connection

    def _resume(self, path: Path) -> None:
        connection = day_file.reading(path)
        meta = dict(connection.execute("SELECT key, value FROM meta"))
        self.incarnation = day_file.incarnation(connection)
        self._number, self._head = meta["first_number"] - 1, meta["first_previous"]
        for row in connection.execute("SELECT id, district, node, epoch FROM source ORDER BY id"):
            self._source_of(*row[1:])
        self._pending = Pending()
        for source, through in connection.execute("SELECT source, through FROM snapshot"):
            self._cursors.offered[source] = through
        rows = connection.execute(
            "SELECT number, received_at_ms, count, hash, body FROM batch ORDER BY number"
        )
        for number, received_at_ms, count, digest, stored in rows:
            batch = Batch(number, received_at_ms, count, decompress(stored))
            self._advance(batch)
            self._number, self._head = number, digest
        connection.close()
        self._cursors.committed[:] = self._cursors.offered

    def _advance(self, batch: Batch) -> None:
        _, packed = batch.packed
        self._cursors.advance(packed["source"], packed["seq"])
        for _, source, record in batch.others:
            self._cursors.advance(np.array([source]), np.array([record.seq]))


def _lock(path: Path) -> IO[bytes]:
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise LedgerHeld(
            f"{path.parent} is being written by another process; stop it first "
            f"(only one collector may write a ledger)"
        ) from error
    os.set_inheritable(file.fileno(), False)
    return file
