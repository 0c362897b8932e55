"""Is the ledger still what was written? Reads every byte of it and names what is altered first.

The CRC of an entry names the record, the hash of a batch proves it, and the chain of hashes proves
the order. Who can rewrite a whole chain is found by a witness: a head that somebody else has kept,
as every node does.
"""

from __future__ import annotations

import sqlite3
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from heatward_collector.errors import LedgerError
from heatward_collector.ledger import day_file
from heatward_collector.ledger.batch import GENESIS, Batch, Source, chain, decompress
from heatward_collector.ledger.continuity import Altered, Continuity, covered
from heatward_collector.ledger.manifest import Fork
from heatward_collector.ledger.sealed_day import SEALED, SealedDay, sealed_days
from heatward_collector.ledger.verify_sealed import check_sealed
from heatward_collector.ledger.write_ahead_log import hidden_commits
from heatward_node.reading import NO_WALL_TIME

Witnesses = Mapping[int, bytes]
"""Batch number to its hash, or the beginning of it."""
LOOKS, LOOK_AGAIN_S = 3, 0.2
UNREADABLE = (
    sqlite3.DatabaseError,
    LedgerError,
    FileNotFoundError,
    struct.error,
    ValueError,
    LookupError,
    TypeError,
)
"""What altered bytes and columns may lead to, beside what is looked for."""
_BATCHES = (
    "SELECT number, received_at_ms, count, measured_from, measured_to, previous, hash, body "
    "FROM batch ORDER BY number"
)


@dataclass(frozen=True, slots=True)
class Alteration:
    """The first thing that is not as it was written; as much of it as can be named."""

    what: str
    file: str = ""
    batch: int | None = None
    position: int | None = None
    source: Source | None = None
    seq: int | None = None

    def __str__(self) -> str:
        parts = [self.file, self.what]
        if self.batch is not None:
            parts.insert(1, f"batch {self.batch}")
        if self.position is not None:
            parts.insert(2, f"position {self.position}")
        if self.source is not None:
            who = f"{self.source.district}/{self.source.node} epoch {self.source.epoch:08x}"
            parts.append(who if self.seq is None else f"{who} seq {self.seq}")
        return ": ".join(part for part in parts if part)


@dataclass(slots=True)
class Verification:
    """What was read, and the first alteration where there is one."""

    files: int = 0
    batches: int = 0
    records: int = 0
    first_number: int = 1
    number: int = 0
    head: bytes = GENESIS
    incarnations: list[str] = field(default_factory=list)
    alteration: Alteration | None = None


def verify(
    directory: Path,
    witnesses: Witnesses | None = None,
    progress: Callable[[Verification], None] = lambda _: None,
) -> Verification:
    """Read a whole ledger and return what was found, up to the first alteration.

    ``progress`` is called after every file. What no witness has seen may be missing at the end.
    """
    walk = Walk(dict(witnesses or {}))
    result = walk.result
    days = {path.stem for path in (*day_file.day_files(directory), *sealed_days(directory))}
    for day in sorted(days):
        file, sealed = directory / f"{day}.sqlite", directory / f"{day}{SEALED}"
        try:
            if sealed.is_dir() or not _check_file(walk, file, sealed):
                check_sealed(walk, SealedDay(sealed))
                result.files += 1
        except Altered as error:
            result.alteration = walk.name(sealed if sealed.is_dir() else file, error)
        except UNREADABLE as error:
            where, path = walk.batch, sealed if sealed.is_dir() else file
            result.alteration = Alteration(
                f"cannot be read ({error})", path.name, where.number if where else None
            )
        if result.alteration is not None:
            return result
        progress(result)
    if walk.witnesses:
        result.alteration = Alteration(
            f"a witness saw this batch, the ledger has only {result.first_number} to "
            f"{result.number}",
            batch=min(walk.witnesses),
        )
    return result


def _check_file(walk: Walk, path: Path, sealed: Path) -> bool:
    """Check a day that is a file; False where it has been sealed since it was listed."""
    try:
        is_begun = day_file.is_begun(path)
        connection = day_file.reading(path) if is_begun else None
    except (FileNotFoundError, sqlite3.OperationalError):
        if sealed.is_dir():
            return False
        raise
    # A crash during the first commit of a day leaves a file without tables.
    if connection is not None:
        with closing(connection):
            walk.file(connection)
    if hidden := _hidden_commits(path):
        walk.result.alteration = Alteration(
            f"the write-ahead log is altered or torn, {hidden} commits from here on cannot be read",
            path.name,
            walk.result.number + 1,
        )
    return True


def _hidden_commits(path: Path) -> int:
    """Count the commits behind a break, and again: a writer may be in the middle of a frame."""
    for _ in range(LOOKS):
        hidden = hidden_commits(path)
        if not hidden:
            break
        time.sleep(LOOK_AGAIN_S)
    return hidden


class Walk:
    """What is known on the way through the files."""

    def __init__(self, witnesses: dict[int, bytes]) -> None:
        self.witnesses = witnesses
        self.result = Verification()
        self.batch: Batch | None = None
        """The one that is being looked at."""
        self.continuity = Continuity()

    def file(self, connection: sqlite3.Connection) -> None:
        """Check one day."""
        self.batch = None
        self._beginning(connection)
        self.expect(forks := day_file.forks(connection))
        for row in connection.execute(_BATCHES):
            self._row(row)
        self.batch = None
        self._source_table(connection)
        for fork in forks:
            self.lives(fork.incarnation)
        self.result.files += 1

    def name(self, path: Path, error: Altered) -> Alteration:
        """Name what an error is about as exactly as possible."""
        batch = self.batch
        number = batch.number if batch is not None else None
        if batch is None or error.position is None:
            return Alteration(error.what, path.name, number)
        try:
            source, record = batch.entry(error.position)
            seq = record.seq
        except LedgerError:  # the altered bytes are no record any more: its neighbour tells
            data = batch.entry_bytes(error.position)
            source, seq = int.from_bytes(data[:4], "little"), int.from_bytes(data[8:12], "little")
        known = self.continuity.known(source)
        return Alteration(error.what, path.name, number, error.position, known, seq)

    def _beginning(self, connection: sqlite3.Connection) -> None:
        meta = dict(connection.execute("SELECT key, value FROM meta"))
        cursors = dict(connection.execute("SELECT source, through FROM snapshot"))
        rows = connection.execute("SELECT id, district, node, epoch FROM source ORDER BY id")
        listed = [(source, cursors.get(source.id, 0)) for source in (Source(*row) for row in rows)]
        self.begin(int(meta["first_number"]), bytes(meta["first_previous"]), listed, len(cursors))
        self.lives(str(meta["incarnation"]))
        if not self.continuity.fits(cursors):
            raise Altered("the cursors at its beginning do not fit the days before")

    def begin(
        self, first: int, previous: bytes, listed: Sequence[tuple[Source, int]], before: int
    ) -> None:
        """Begin a day: it follows the one before, or days before were taken away."""
        result = self.result
        if result.files == 0:
            result.first_number, result.number, result.head = first, first - 1, previous
            if first == 1 and previous != GENESIS:
                raise Altered("the first batch does not begin a chain")
            if first > 1:
                self.continuity.trust(listed, before)
        elif first != result.number + 1:
            raise Altered(f"batches {result.number + 1} to {first - 1} are missing before it")
        elif previous != result.head:
            raise Altered("it does not begin with the head of the day before")
        self.continuity.fill(listed)

    def lives(self, incarnation: str) -> None:
        """Note which life of the ledger this is."""
        if incarnation not in self.result.incarnations[-1:]:
            self.result.incarnations.append(incarnation)

    def expect(self, forks: Sequence[Fork]) -> None:
        """Expect the heads at which the ledger went on as another one, as a witness would."""
        for fork in forks:
            head = bytes.fromhex(fork.head)
            if fork.after > self.result.number:
                self.witnesses.setdefault(fork.after, head)
            elif (fork.after, head) != (self.result.number, self.result.head):
                raise Altered(f"it went on as another ledger after another batch {fork.after}")

    def prove(self, number: int, head: bytes, records: int) -> None:
        """Take a batch as proved, unless a witness saw another one."""
        witness = self.witnesses.pop(number, head)
        if not head.startswith(witness):
            raise Altered(f"a witness saw another hash, {witness.hex()}")
        self.result.number, self.result.head = number, head
        self.result.batches += 1
        self.result.records += records

    def _row(self, row: tuple[int, int, int, int | None, int | None, bytes, bytes, bytes]) -> None:
        number, received_at_ms, count, measured_from, measured_to, previous, digest, stored = row
        result = self.result
        self.batch = None
        if number != result.number + 1:
            raise Altered(f"batches {result.number + 1} to {number - 1} are missing")
        self.batch = batch = Batch(number, received_at_ms, count, b"")
        if previous != result.head:
            raise Altered(f"it does not follow batch {number - 1}: that one, or its place, is new")
        self.batch = batch = Batch(number, received_at_ms, count, decompress(stored))
        self._contents(batch, chain(previous, number, received_at_ms, batch.body) == digest)
        _check_times(batch, measured_from, measured_to)
        self.prove(number, digest, count)

    def _contents(self, batch: Batch, is_proved: bool) -> None:
        """Check the entries of a batch; where its hash fails, look for the one that is altered."""
        if not is_proved and (position := batch.first_damaged()) is not None:
            for source in _readable_sources(batch):
                self.continuity.introduce(source)
            raise Altered("the record is altered", position)
        for source in batch.new_sources:
            self.continuity.introduce(source)
        self.continuity.go_on(*covered(batch))
        if not is_proved:
            raise Altered("time, order or sources of the batch are altered")

    def _source_table(self, connection: sqlite3.Connection) -> None:
        """Check the table that readers use against the bodies, which the chain proves."""
        rows = connection.execute("SELECT id, district, node, epoch FROM source ORDER BY id")
        table = [Source(*row) for row in rows]
        sources = self.continuity.sources
        for listed, source in zip(table, sources, strict=False):
            if source is not None and listed != source:
                raise Altered(f"source {source.id} is altered: {source} is now {listed}")
        if len(table) != len(sources):
            raise Altered(f"{len(table)} sources are listed, {len(sources)} were introduced")


def _check_times(batch: Batch, measured_from: int | None, measured_to: int | None) -> None:
    """Check that the range by which readers choose a batch hides none of its readings."""
    if measured_from is None or measured_to is None:
        return  # readers always look into such a batch
    wall = batch.readings["wall_s"]
    outside = (wall == NO_WALL_TIME) | (wall < measured_from) | (wall > measured_to)
    if outside.any():
        position = int(batch.readings["position"][outside.argmax()])
        raise Altered("the range of times of the batch hides a record", position)


def _readable_sources(batch: Batch) -> Iterator[Source]:
    """Yield the sources that a damaged batch introduces, as far as they can be read."""
    try:
        yield from batch.new_sources
    except ValueError:
        return
