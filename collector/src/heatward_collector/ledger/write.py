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
    encode_body,
    pack_entry,
)
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
        self._ids: dict[tuple[str, str, int], int] = {}
        self._sources: list[Source] = []
        self._through: list[int] = []
        self._committed: list[int] = []
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
        return len(self._pending.entries)

    def through(self, node: tuple[str, str], epoch: int) -> int:
        """Return the last number on disk of a (district, node)'s epoch; 0 where there is none."""
        source = self._ids.get((*node, epoch))
        return self._committed[source] if source is not None else 0

    def source(self, number: int) -> Source:
        """Return a source by its number."""
        return self._sources[number]

    def offer(self, district: str, node: str, pack: Pack) -> Outcome:
        """Take the records of a pack that come next; they are on disk after the next commit."""
        source = self._source_of(district, node, pack.epoch)
        through = self._through[source]
        records = pack.records
        if first_covered(records[0]) > through + 1:
            return Outcome(Taken.GAP, source, self._committed[source])
        fresh = [record for record in records if record.seq > through]
        repeats = tuple(record for record in records if record.seq <= through)
        for record in fresh:
            self._append(source, record)
        taken = Taken.STORED if fresh else Taken.REPEATED
        return Outcome(taken, source, self._through[source], len(fresh), repeats)

    def offer_runs(
        self,
        nodes: Sequence[tuple[str, str, int]],
        firsts: Sequence[int],
        counts: Sequence[int],
        packed: Packed,
        bodies: Mapping[int, bytes] = NO_BODIES,
    ) -> list[bool]:
        """Take runs of records with wall times that come next; return which were taken.

        A run is of a (district, node, epoch), has its first number and so many of the records in
        ``packed``, PACKED_DTYPE (records,). Behind one that is not taken, none of its epoch is.
        ``bodies`` are of those that are no readings, by their place.
        """
        through, sources, refused = self._through, [], set()
        for node, first, count in zip(nodes, firsts, counts, strict=True):
            source = self._ids.get(node, -1)
            if source < 0 or through[source] + 1 != first or node in refused:
                refused.add(node)
                source = -1
            else:
                through[source] += count
            sources.append(source)
        each = np.repeat(sources, counts)
        is_taken = each >= 0
        packed, each = packed[is_taken], each[is_taken]
        if len(packed):
            packed["source"] = each
            self._pending.take(packed, bodies_of(bodies, is_taken))
        return [source >= 0 for source in sources]

    def offer_pruned(self, district: str, node: str, epoch: int, oldest_kept: int) -> bool:
        """Name the records that a node no longer has, up to the oldest that it kept."""
        source = self._source_of(district, node, epoch)
        low = self._through[source] + 1
        if oldest_kept <= low:
            return False
        body = Lost(low, LossReason.PRUNED).to_body()
        self._append(source, Record(Kind.LOST, oldest_kept - 1, 0, None, 0, 0, body))
        return True

    def commit(self) -> Commit | None:
        """Write what was offered as one batch; it is on disk when this returns.

        Returns None where nothing was offered. Raises LedgerError where the disk refuses: what was
        offered is then forgotten, so that nothing is acknowledged and the nodes send it again.
        """
        if not self._pending.entries:
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
        key = (district, node, epoch)
        known = self._ids.get(key)
        if known is not None:
            return known
        source = Source(len(self._sources), district, node, epoch)
        self._ids[key] = source.id
        self._sources.append(source)
        self._through.append(0)
        self._committed.append(0)
        self._pending.sources.append(source)
        return source.id

    def _append(self, source: int, record: Record) -> None:
        self._pending.entries.append(pack_entry(source, record.to_bytes()))
        self._pending.advanced.add(source)
        self._pending.note_wall(record.wall_s)
        self._through[source] = record.seq

    def _write(self, pending: Pending) -> Commit:
        now = self._now()
        received_at_ms = int(now * 1000)
        number = self._number + 1
        body = encode_body(pending.sources, pending.by_source())
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
                len(pending.entries),
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
        pending.carry(self._through, self._committed)
        return Commit(number, digest, len(pending.entries))

    def _forget(self, pending: Pending) -> None:
        # A day that failed to begin has no tables: the next commit opens it anew.
        self._close_file()
        pending.carry(self._committed, self._through)
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
            [(s.id, s.district, s.node, s.epoch) for s in self._sources],
        )
        connection.executemany("INSERT INTO snapshot VALUES (?, ?)", enumerate(self._committed))
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
            self._through[source] = through
        rows = connection.execute(
            "SELECT number, received_at_ms, count, hash, body FROM batch ORDER BY number"
        )
        for number, received_at_ms, count, digest, stored in rows:
            batch = Batch(number, received_at_ms, count, decompress(stored))
            self._advance(batch)
            self._number, self._head = number, digest
        connection.close()
        self._committed[:] = self._through

    def _advance(self, batch: Batch) -> None:
        readings = batch.readings
        # Within a batch a source's numbers rise, so the last one written stays.
        for source, seq in zip(readings["source"].tolist(), readings["seq"].tolist(), strict=True):
            self._through[source] = max(self._through[source], seq)
        for _, source, record in batch.others:
            self._through[source] = max(self._through[source], record.seq)


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
