"""Is the ledger still what was written? Reads every byte of it and names what is altered first.

The CRC of an entry names the record, the hash of a batch proves it, and the chain of hashes proves
the order. Who can rewrite a whole chain is found by a witness: a head that somebody else has kept,
as every node does.
"""

from __future__ import annotations

import sqlite3
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from heatward_collector.errors import LedgerError
from heatward_collector.ledger import day_file
from heatward_collector.ledger.batch import GENESIS, Batch, Source, chain, decompress
from heatward_collector.ledger.write_ahead_log import hidden_commits
from heatward_node.errors import RecordError
from heatward_node.events import first_covered
from heatward_node.reading import NO_WALL_TIME

Witnesses = Mapping[int, bytes]
"""Batch number to its hash, or the beginning of it."""
LOOKS, LOOK_AGAIN_S = 3, 0.2
UNREADABLE = (sqlite3.DatabaseError, LedgerError, struct.error, ValueError, LookupError, TypeError)
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


class _Altered(Exception):
    def __init__(self, what: str, position: int | None = None, source: int | None = None) -> None:
        super().__init__(what)
        self.what, self.position, self.source = what, position, source


def verify(
    directory: Path,
    witnesses: Witnesses | None = None,
    progress: Callable[[Verification], None] = lambda _: None,
) -> Verification:
    """Read a whole ledger and return what was found, up to the first alteration.

    ``progress`` is called after every file. What no witness has seen may be missing at the end.
    """
    walk = _Walk(dict(witnesses or {}))
    result = walk.result
    for path in day_file.day_files(directory):
        try:
            if day_file.is_begun(path):
                walk.file(path)
            # else: a crash during the first commit of a day leaves a file without tables
            if hidden := _hidden_commits(path):
                result.alteration = Alteration(
                    f"the write-ahead log is altered or torn, {hidden} commits from here on "
                    f"cannot be read",
                    path.name,
                    result.number + 1,
                )
        except _Altered as error:
            result.alteration = walk.name(path, error)
        except UNREADABLE as error:
            where = walk.batch
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


def _hidden_commits(path: Path) -> int:
    """Count the commits behind a break, and again: a writer may be in the middle of a frame."""
    for _ in range(LOOKS):
        hidden = hidden_commits(path)
        if not hidden:
            break
        time.sleep(LOOK_AGAIN_S)
    return hidden


class _Walk:
    """What is known on the way through the files."""

    def __init__(self, witnesses: dict[int, bytes]) -> None:
        self.witnesses = witnesses
        self.result = Verification()
        self.batch: Batch | None = None
        self.sources: list[Source] = []
        self.through = np.zeros(0, np.int64)
        self._trusted = 0

    def file(self, path: Path) -> None:
        """Check one day."""
        self.batch = None
        connection = day_file.reading(path)
        try:
            self._beginning(connection)
            for row in connection.execute(_BATCHES):
                self._row(row)
            self.batch = None
            self._source_table(connection)
        finally:
            connection.close()
        self.result.files += 1

    def name(self, path: Path, error: _Altered) -> Alteration:
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
        known = self.sources[source] if source < len(self.sources) else None
        return Alteration(error.what, path.name, number, error.position, known, seq)

    def _beginning(self, connection: sqlite3.Connection) -> None:
        meta = dict(connection.execute("SELECT key, value FROM meta"))
        first, previous = int(meta["first_number"]), bytes(meta["first_previous"])
        result = self.result
        if result.files == 0:
            result.first_number, result.number, result.head = first, first - 1, previous
            if first == 1 and previous != GENESIS:
                raise _Altered("the first batch does not begin a chain")
            if first > 1:
                self._trust(connection)
        elif first != result.number + 1:
            raise _Altered(f"batches {result.number + 1} to {first - 1} are missing before it")
        elif previous != result.head:
            raise _Altered("it does not begin with the head of the day before")
        if not result.incarnations or result.incarnations[-1] != meta["incarnation"]:
            result.incarnations.append(str(meta["incarnation"]))
        snapshot = dict(connection.execute("SELECT source, through FROM snapshot"))
        held = dict(enumerate(self.through.tolist()))
        if any(snapshot.get(source, 0) != through for source, through in held.items()):
            raise _Altered("the cursors at its beginning do not fit the days before")

    def _trust(self, connection: sqlite3.Connection) -> None:
        """Begin in the middle: days before were taken away, their sources are in the snapshot."""
        snapshot = dict(connection.execute("SELECT source, through FROM snapshot"))
        rows = connection.execute("SELECT id, district, node, epoch FROM source ORDER BY id")
        for source in (Source(*row) for row in rows):
            if source.id in snapshot:
                self._introduce(source)
                self.through[source.id] = snapshot[source.id]
        self._trusted = len(self.sources)

    def _row(self, row: tuple[int, int, int, int | None, int | None, bytes, bytes, bytes]) -> None:
        number, received_at_ms, count, measured_from, measured_to, previous, digest, stored = row
        result = self.result
        self.batch = None
        if number != result.number + 1:
            raise _Altered(f"batches {result.number + 1} to {number - 1} are missing")
        self.batch = batch = Batch(number, received_at_ms, count, b"")
        if previous != result.head:
            raise _Altered(f"it does not follow batch {number - 1}: that one, or its place, is new")
        self.batch = batch = Batch(number, received_at_ms, count, decompress(stored))
        self._contents(batch, chain(previous, number, received_at_ms, batch.body) == digest)
        witness = self.witnesses.pop(number, digest)
        if not digest.startswith(witness):
            raise _Altered(f"a witness saw another hash, {witness.hex()}")
        _check_times(batch, measured_from, measured_to)
        result.number, result.head = number, digest
        result.batches += 1
        result.records += count

    def _contents(self, batch: Batch, is_proved: bool) -> None:
        """Check the entries of a batch; where its hash fails, look for the one that is altered."""
        if not is_proved and (position := batch.first_damaged()) is not None:
            for source in _readable_sources(batch):
                self._introduce(source)
            raise _Altered("the record is altered", position)
        for source in batch.new_sources:
            self._introduce(source)
        self._continue(batch)
        if not is_proved:
            raise _Altered("time, order or sources of the batch are altered")

    def _introduce(self, source: Source) -> None:
        if source.id < self._trusted and self.sources[source.id] == source:
            return  # the first batch of a file introduces what its snapshot lists already
        if source.id != len(self.sources):
            raise _Altered(f"source {source.id} is introduced out of turn")
        self.sources.append(source)
        if len(self.sources) > len(self.through):
            self.through = np.concatenate((self.through, np.zeros(256, np.int64)))

    def _continue(self, batch: Batch) -> None:
        """Check that every source goes on where it stopped, without a gap or a repeat."""
        source, low, high = _ranges(batch)
        strange = np.flatnonzero(source >= len(self.sources))
        if len(strange):
            raise _Altered("the record is of a source that nobody introduced", int(strange[0]))
        order = np.argsort(source, kind="stable")
        sources = source[order]
        starts = np.flatnonzero(np.diff(sources, prepend=-1))
        before = np.empty(len(order), np.int64)
        before[1:] = high[order][:-1]
        before[starts] = self.through[sources[starts]]
        wrong = order[low[order] != before + 1]
        if len(wrong):
            raise _Altered("the record is not the next one of its source", int(wrong.min()))
        ends = np.append(starts[1:], len(order)) - 1
        self.through[sources[starts]] = high[order][ends]

    def _source_table(self, connection: sqlite3.Connection) -> None:
        """Check the table that readers use against the bodies, which the chain proves."""
        rows = connection.execute("SELECT id, district, node, epoch FROM source ORDER BY id")
        table = [Source(*row) for row in rows]
        for listed, source in zip(table, self.sources, strict=False):
            if listed != source:
                raise _Altered(f"source {source.id} is altered: {source} is now {listed}")
        if len(table) != len(self.sources):
            raise _Altered(f"{len(table)} sources are listed, {len(self.sources)} were introduced")


def _ranges(batch: Batch) -> tuple[npt.NDArray[np.int64], ...]:
    """Return source, first and last number that every entry accounts for, by position."""
    source, low, high = (np.zeros(batch.count, np.int64) for _ in range(3))
    readings = batch.readings
    position = readings["position"]
    source[position] = readings["source"]
    low[position] = high[position] = readings["seq"]
    for at, number, record in batch.others:
        try:
            source[at], low[at], high[at] = number, first_covered(record), record.seq
        except RecordError as error:
            raise _Altered(f"the record cannot be read ({error})", at) from error
    return source, low, high


def _check_times(batch: Batch, measured_from: int | None, measured_to: int | None) -> None:
    """Check that the range by which readers choose a batch hides none of its readings."""
    if measured_from is None or measured_to is None:
        return  # readers always look into such a batch
    wall = batch.readings["wall_s"]
    outside = (wall == NO_WALL_TIME) | (wall < measured_from) | (wall > measured_to)
    if outside.any():
        position = int(batch.readings["position"][outside.argmax()])
        raise _Altered("the range of times of the batch hides a record", position)


def _readable_sources(batch: Batch) -> Iterator[Source]:
    """Yield the sources that a damaged batch introduces, as far as they can be read."""
    try:
        yield from batch.new_sources
    except ValueError:
        return
