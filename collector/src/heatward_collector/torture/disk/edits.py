"""Ways to alter a copy of a ledger, and what a check must then name."""

from __future__ import annotations

import random
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from heatward_collector.ledger.batch import Batch, chain, compress, decompress
from heatward_collector.ledger.day_file import day_files
from heatward_collector.ledger.verify import Alteration

CRC_BYTES = SOURCE_BYTES = 4


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be named after an alteration."""

    batches: tuple[int, ...] = ()
    """One of these batches; any where empty."""
    position: int | None = None
    """The record in it."""
    file: str = ""
    """This file or sealed day; any where empty."""
    says: str = ""
    """What must be in the words, as which row group of a sealed day it is."""
    witness_from: int = 1
    """A witness of this batch or a later one is needed."""
    needs_all_witnesses: bool = False
    """Whether an early one is needed too: a first day that is gone was perhaps archived."""
    may_be_harmless: bool = False
    """Whether bytes were hit that may mean nothing."""

    def fits(self, found: Alteration) -> bool:
        """Say whether the right place is named."""
        if self.batches and found.batch not in self.batches:
            return False
        if not found.file.startswith(self.file) or self.says not in found.what:
            return False
        return self.position is None or found.position == self.position


class Copy:
    """A copy of a ledger in the hands of somebody who may do anything to it."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder, self.chance = folder, chance
        self.files = day_files(folder)
        self.numbers = {file: self._numbers(file) for file in self.files}

    @property
    def last(self) -> int:
        """The newest batch."""
        return max(number for numbers in self.numbers.values() for number in numbers)

    def any_batch(self) -> tuple[Path, int]:
        """Return some file and one of its batches."""
        file = self.chance.choice(self.files)
        return file, self.chance.choice(self.numbers[file])

    def batch(self, file: Path, number: int) -> Batch:
        """Return a batch as it lies there."""
        query = "SELECT received_at_ms, count, body FROM batch WHERE number = ?"
        with closing(sqlite3.connect(file)) as connection:
            at, count, body = connection.execute(query, (number,)).fetchone()
        return Batch(number, at, count, decompress(body))

    def run(self, file: Path, *statements: tuple[str, Sequence[object]]) -> None:
        """Change rows, without the triggers that forbid it."""
        with closing(sqlite3.connect(file)) as connection, connection:
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for (name,) in connection.execute(triggers).fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            for statement, values in statements:
                connection.execute(statement, values)

    def put_body(self, file: Path, number: int, body: bytes) -> None:
        """Replace the body of a batch."""
        statement = "UPDATE batch SET body = ? WHERE number = ?"
        self.run(file, (statement, (compress(body), number)))

    def put_hashes_right(self, since: int, only: bool = False) -> None:
        """Chain anew from a batch on: that one only, or to the end, with every file's beginning."""
        previous = b""
        for file in self.files:
            with closing(sqlite3.connect(file)) as connection:
                rows = connection.execute(
                    "SELECT number, received_at_ms, previous, body FROM batch ORDER BY number"
                ).fetchall()
            if previous and rows[0][0] > since:
                begin = "UPDATE meta SET value = ? WHERE key = 'first_previous'"
                self.run(file, (begin, (previous,)))
            for number, at, old_previous, body in rows:
                if number < since or (only and number > since):
                    continue
                before = previous or old_previous
                previous = chain(before, number, at, decompress(body))
                statement = "UPDATE batch SET previous = ?, hash = ? WHERE number = ?"
                self.run(file, (statement, (before, previous, number)))

    def _numbers(self, file: Path) -> list[int]:
        with closing(sqlite3.connect(file)) as connection:
            query = "SELECT number FROM batch ORDER BY number"
            return [number for (number,) in connection.execute(query)]


def _spoilt(copy: Copy, with_crc: bool) -> tuple[Path, int, int]:
    """Change one byte of one record; return file, batch and position."""
    file, number = copy.any_batch()
    batch = copy.batch(file, number)
    position = copy.chance.randrange(batch.count)
    entry = bytearray(batch.entry_bytes(position))
    at = copy.chance.randrange(SOURCE_BYTES, len(entry) - CRC_BYTES)
    entry[at] ^= copy.chance.randrange(1, 256)
    if with_crc:
        entry[-CRC_BYTES:] = zlib.crc32(bytes(entry[:-CRC_BYTES])).to_bytes(CRC_BYTES, "little")
    start = batch.body.index(batch.entry_bytes(position))
    body = batch.body[:start] + bytes(entry) + batch.body[start + len(entry) :]
    copy.put_body(file, number, body)
    return file, number, position


def edited_record(copy: Copy) -> Expected:
    """A record says something else."""
    _, number, position = _spoilt(copy, with_crc=False)
    return Expected((number,), position)


def edited_with_crc(copy: Copy) -> Expected:
    """A record and its CRC say something else."""
    _, number, _ = _spoilt(copy, with_crc=True)
    return Expected((number,))


def edited_with_hash(copy: Copy) -> Expected:
    """A record, its CRC and the hash of its batch say something else: the next does not follow."""
    _, number, _ = _spoilt(copy, with_crc=True)
    copy.put_hashes_right(number, only=True)
    return Expected((number, number + 1) if number < copy.last else (), witness_from=number)


def edited_with_chain(copy: Copy) -> Expected:
    """Everything up to the end is hashed anew: only a witness tells."""
    _, number, _ = _spoilt(copy, with_crc=True)
    copy.put_hashes_right(number)
    return Expected(witness_from=number)


def deleted_record(copy: Copy) -> Expected:
    """A record is taken out of its batch, and the count put right."""
    file, number = copy.any_batch()
    batch = copy.batch(file, number)
    position = copy.chance.randrange(batch.count)
    _put_entries(copy, file, batch, [p for p in range(batch.count) if p != position])
    return Expected((number,))


def reordered_records(copy: Copy) -> Expected:
    """Two records change places."""
    file, number = copy.any_batch()
    batch = copy.batch(file, number)
    order = list(range(batch.count))
    one, two = copy.chance.sample(order, 2)
    order[one], order[two] = order[two], order[one]
    _put_entries(copy, file, batch, order)
    return Expected((number,))


def _put_entries(copy: Copy, file: Path, batch: Batch, order: list[int]) -> None:
    entries = [batch.entry_bytes(position) for position in order]
    table = batch.source_table
    head = len(table).to_bytes(4, "little") + table + len(entries).to_bytes(4, "little")
    lengths = b"".join(len(one).to_bytes(2, "little") for one in entries)
    copy.put_body(file, batch.number, head + lengths + b"".join(entries))
    statement = "UPDATE batch SET count = ? WHERE number = ?"
    copy.run(file, (statement, (len(entries), batch.number)))


def deleted_batch(copy: Copy) -> Expected:
    """A batch is gone; the last one is missed by a witness only."""
    file, number = copy.any_batch()
    copy.run(file, ("DELETE FROM batch WHERE number = ?", (number,)))
    return Expected(witness_from=number if number == copy.last else 1)


def deleted_day(copy: Copy) -> Expected:
    """A whole day is gone; the first one may have been archived."""
    file = copy.chance.choice(copy.files[1:])
    for one in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
        one.unlink(missing_ok=True)
    return Expected(witness_from=copy.numbers[file][0])


def swapped_batches(copy: Copy) -> Expected:
    """Two batches of a day change numbers."""
    file = copy.chance.choice(copy.files)
    one, two = sorted(copy.chance.sample(copy.numbers[file], 2))
    swap = "UPDATE batch SET number = ? WHERE number = ?"
    copy.run(file, (swap, (-1, one)), (swap, (one, two)), (swap, (two, -1)))
    return Expected((one,))


def edited_column(copy: Copy) -> Expected:
    """A column beside the body says something else."""
    file, number = copy.any_batch()
    column = copy.chance.choice(("received_at_ms", "count", "previous", "hash"))
    value = "x'00'" if column in ("previous", "hash") else f"{column} + 1"
    copy.run(file, (f"UPDATE batch SET {column} = {value} WHERE number = ?", (number,)))
    return Expected((number, number + 1))


def narrowed_times(copy: Copy) -> Expected:
    """The range by which readers choose a batch hides a record."""
    file, number = copy.any_batch()
    statement = "UPDATE batch SET measured_from = measured_from + 1 WHERE number = ?"
    copy.run(file, (statement, (number,)))
    return Expected((number,))


def edited_tables(copy: Copy) -> Expected:
    """Sources, cursors or the beginning of a day say something else."""
    file = copy.chance.choice(copy.files)
    statement = copy.chance.choice(
        (
            "UPDATE source SET node = node || 'x' WHERE id = 0",
            "UPDATE source SET epoch = epoch + 1 WHERE id = 0",
            "UPDATE snapshot SET through = through + 1 WHERE source = 0",
            "DELETE FROM source WHERE id = 0",
            "UPDATE meta SET value = value + 1 WHERE key = 'first_number'",
            "UPDATE meta SET value = x'00' WHERE key = 'first_previous'",
        )
    )
    copy.run(file, (statement, ()))
    return Expected()


def cut_end(copy: Copy) -> Expected:
    """The newest batches are gone: only a witness tells."""
    file = copy.files[-1]
    first = copy.chance.choice(copy.numbers[file])
    copy.run(file, ("DELETE FROM batch WHERE number >= ?", (first,)))
    return Expected(witness_from=first)


def raw_bytes(copy: Copy) -> Expected:
    """Bytes of a file, its write-ahead log too, are changed below SQLite."""
    return bytes_changed(_any_file(copy), copy.chance)


def raw_cut(copy: Copy) -> Expected:
    """A file ends too early, perhaps just between two commits or before the first."""
    return cut_off(_any_file(copy), copy.chance)


def bytes_changed(file: Path, chance: random.Random) -> Expected:
    """Change some bytes of a file, whatever it holds."""
    data = bytearray(file.read_bytes())
    for _ in range(chance.randrange(1, 5)):
        data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
    file.write_bytes(data)
    return Expected(needs_all_witnesses=True, may_be_harmless=True)


def cut_off(file: Path, chance: random.Random) -> Expected:
    """Let a file end too early."""
    data = file.read_bytes()
    file.write_bytes(data[: chance.randrange(len(data))])
    return Expected(needs_all_witnesses=True, may_be_harmless=True)


def _any_file(copy: Copy) -> Path:
    logs = [file.with_name(file.name + "-wal") for file in copy.files]
    return copy.chance.choice([*copy.files, *(one for one in logs if one.exists())])


EDITS: dict[str, Callable[[Copy], Expected]] = {
    edit.__name__: edit
    for edit in (
        edited_record,
        edited_with_crc,
        edited_with_hash,
        edited_with_chain,
        deleted_record,
        reordered_records,
        deleted_batch,
        deleted_day,
        swapped_batches,
        edited_column,
        narrowed_times,
        edited_tables,
        cut_end,
        raw_bytes,
        raw_cut,
    )
}
"""Every way, by its name."""
