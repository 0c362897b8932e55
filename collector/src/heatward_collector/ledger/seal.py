"""Sealing a closed day, and taking away days older than they must be kept.

A day file becomes a folder of Parquet files: written beside it, read back, its chain made again
from what was read, put in its place by one rename; only then is the file removed. A crash at any
moment leaves the file, the folder, or both, and both hold the same.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from heatward_collector.errors import LedgerError
from heatward_collector.ledger import day_file
from heatward_collector.ledger.batch import Batch, Source, decompress
from heatward_collector.ledger.day_file import end_of
from heatward_collector.ledger.sealed_day import (
    SEALED,
    SealedDay,
    SealedDayWriter,
    sealed_days,
)
from heatward_collector.ledger.stretch import Stretch, stretch_of
from heatward_collector.whole_file import sync

RECORDS_A_STRETCH, RECORDS_A_SOURCE = 2_000_000, 16
"""A stretch holds 2 M records (200 MB while it is read), and more where sources are many: what is
said once a source and stretch would weigh too much otherwise."""
GONE = ".gone"
_ROWS = "SELECT number, received_at_ms, count, hash, body FROM batch ORDER BY number"


def due(directory: Path, now_s: float, after_s: float) -> list[Path]:
    """Return the day files that can be sealed, oldest first: over for ``after_s``, not the newest.

    The newest begun day stays a file whatever its age, for the writer goes on from it.
    """
    begun = [path for path in day_file.day_files(directory) if _is_begun(path)]
    return [path for path in begun[:-1] if end_of(path) + after_s <= now_s]


def seal(path: Path, records_a_stretch: int | None = None) -> SealedDay:
    """Seal one day file and remove it. Raises LedgerError, and leaves it, where it is not right.

    One at a time in a ledger: a child whose seal process was killed may still be at it, or a
    command. Whoever waited finds the day sealed.
    """
    with _alone(path.parent):
        return _sealed(path, records_a_stretch)


def _sealed(path: Path, records_a_stretch: int | None) -> SealedDay:
    folder = path.with_suffix(SEALED)
    if folder.is_dir() and not path.exists():
        return SealedDay(folder)
    if folder.is_dir():  # a crash came between the rename and the removal
        sealed = SealedDay(folder)
        check(sealed)
        sync(folder.parent)  # nobody knows whether that rename is on the disk
    else:
        sealed = _write(path, folder, records_a_stretch)
    with closing(day_file.reading(path)) as connection:
        row = connection.execute("SELECT number, hash FROM batch ORDER BY number DESC LIMIT 1")
        if row.fetchone() != sealed.head():
            raise LedgerError(f"{path} and {folder} end with different batches; keep both")
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
    return sealed


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Wait for whoever seals in a ledger; the lock goes with a process that is killed."""
    lock = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def check(sealed: SealedDay) -> None:
    """Read a sealed day and make its chain again. Raises LedgerError where it is another one."""
    manifest = sealed.manifest
    for index, part in enumerate(manifest.parts):
        *_, head = sealed.stretch(index).heads(manifest.previous(index))
        if head.hex() != part.head:
            raise LedgerError(f"row group {index} of {sealed.folder} does not read as it should")
    sealed.release()


def remove_older(directory: Path, before_s: float) -> list[Path]:
    """Remove sealed days that were over before a time, from the oldest on without a hole."""
    removed = []
    oldest_file = min((path.stem for path in day_file.day_files(directory)), default="9999")
    for folder in sealed_days(directory):
        if folder.stem >= oldest_file or end_of(folder) > before_s:
            break
        gone = folder.with_suffix(GONE)
        folder.rename(gone)
        removed.append(folder)
    for gone in directory.glob(f"*{GONE}"):
        shutil.rmtree(gone)
    return removed


def records_a_stretch_of(sources: int) -> int:
    """Return how many records a stretch should hold in a ledger of so many sources."""
    return max(RECORDS_A_STRETCH, RECORDS_A_SOURCE * sources)


def _is_begun(path: Path) -> bool:
    """Say whether a day file has begun, and is still there: others may seal as well."""
    try:
        return day_file.is_begun(path)
    except (sqlite3.OperationalError, FileNotFoundError):
        if path.exists():
            raise
        return False


def _write(path: Path, folder: Path, records_a_stretch: int | None) -> SealedDay:
    with closing(day_file.reading(path)) as connection:
        meta = dict(connection.execute("SELECT key, value FROM meta"))
        cursors = dict(connection.execute("SELECT source, through FROM snapshot"))
        most = records_a_stretch or records_a_stretch_of(len(cursors))
        writer = SealedDayWriter(
            folder, meta["incarnation"], int(meta["first_number"]), bytes(meta["first_previous"])
        )
        try:
            met: set[int] = set()
            for stretch, digest in _stretches(connection, most):
                if writer.add(stretch) != digest:
                    raise LedgerError(
                        f"{path}, batches {stretch.first} to {stretch.last}: altered or damaged; "
                        f"see heatward ledger verify"
                    )
                met.update(np.unique(stretch.packed["source"]).tolist())
                met.update(int(table.split(b" ", 1)[0]) for table in _lines(stretch))
            listed = _sources(connection, met, cursors)
            return writer.finish(listed, len(cursors), day_file.forks(connection), check)
        except BaseException:
            writer.abandon()
            raise


def _stretches(connection: sqlite3.Connection, most: int) -> Iterator[tuple[Stretch, bytes]]:
    """Yield the batches of a file in stretches, each with the hash of its last one."""
    batches: list[Batch] = []
    records, last = 0, b""
    for number, received_at_ms, count, digest, body in connection.execute(_ROWS):
        batches.append(Batch(number, received_at_ms, count, decompress(body)))
        records, last = records + count, bytes(digest)
        if records >= most:
            yield stretch_of(batches), last
            batches, records = [], 0
    if batches:
        yield stretch_of(batches), last


def _lines(stretch: Stretch) -> Iterator[bytes]:
    for table in stretch.tables.values():
        yield from table.splitlines()


def _sources(
    connection: sqlite3.Connection, met: set[int], cursors: dict[int, int]
) -> list[tuple[Source, int]]:
    rows = connection.execute("SELECT id, district, node, epoch FROM source ORDER BY id")
    return [(Source(*row), cursors.get(row[0], 0)) for row in rows if row[0] in met]
