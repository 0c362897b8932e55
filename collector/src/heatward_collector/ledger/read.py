"""Reading the ledger while it grows: every room but ingest sees it through this."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from itertools import zip_longest
from pathlib import Path

from heatward_collector.errors import LedgerError
from heatward_collector.ledger import day_file
from heatward_collector.ledger.batch import GENESIS, Batch, Source, decompress

_COLUMNS = "number, received_at_ms, count, body"
Row = tuple[int, int, int, bytes]


class LedgerReader:
    """A read-only view of a ledger directory; sees every new commit, and may exist before it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._open: dict[Path, sqlite3.Connection] = {}
        self._first_number: dict[Path, int] = {}
        self._sources: dict[int, Source] = {}

    @property
    def incarnation(self) -> str:
        """Which life of the ledger this is; empty where nothing was ever written."""
        files = self._files()
        if not files:
            return ""
        query = "SELECT value FROM meta WHERE key = 'incarnation'"
        return str(self._connection(files[-1]).execute(query).fetchone()[0])

    def head(self) -> tuple[int, bytes]:
        """Return number and hash of the newest batch; 0 and the genesis hash where none is."""
        for path in reversed(self._files()):
            query = "SELECT number, hash FROM batch ORDER BY number DESC LIMIT 1"
            row = self._connection(path).execute(query).fetchone()
            if row is not None:
                return int(row[0]), bytes(row[1])
        return 0, GENESIS

    def received_after(self, number: int) -> float | None:
        """Return when the first batch above ``number`` was received [s UTC]; None without one."""
        query = "SELECT received_at_ms FROM batch WHERE number > ? ORDER BY number LIMIT 1"
        files = self._files()
        for path, following in zip_longest(files, files[1:]):
            if following is not None and self._starts_at(following) <= number + 1:
                continue
            row = self._connection(path).execute(query, (number,)).fetchone()
            if row is not None:
                return float(row[0]) / 1000
        return None

    def batches(self, after: int = 0, limit: int | None = None) -> Iterator[Batch]:
        """Yield batches with a number above ``after``, in order, at most ``limit``."""
        left = -1 if limit is None else limit
        files = self._files()
        for path, following in zip_longest(files, files[1:]):
            if following is not None and self._starts_at(following) <= after + 1:
                continue
            query = f"SELECT {_COLUMNS} FROM batch WHERE number > ? ORDER BY number LIMIT ?"
            for row in self._connection(path).execute(query, (after, left)).fetchall():
                yield _batch(row)
                left -= 1
            if left == 0:
                return

    def batches_measured(self, start_s: int, end_s: int) -> Iterator[Batch]:
        """Yield batches that may hold records measured in [start, end) seconds UTC.

        Batches with a record that has no wall time are always among them.
        """
        query = (
            f"SELECT {_COLUMNS} FROM batch WHERE measured_from IS NULL "
            f"OR (measured_from < ? AND measured_to >= ?) ORDER BY number"
        )
        for path in self._files():
            for row in self._connection(path).execute(query, (end_s, start_s)):
                yield _batch(row)

    def hashes(self, numbers: Collection[int]) -> dict[int, bytes]:
        """Return the hashes of some batches; those that are not there are left out."""
        found: dict[int, bytes] = {}
        for path in self._files():
            for row in self._connection(path).execute("SELECT number, hash FROM batch"):
                if row[0] in numbers:
                    found[row[0]] = bytes(row[1])
        return found

    def source(self, number: int) -> Source:
        """Return a source by its number. Raises LedgerError where no batch named it."""
        known = self._sources.get(number)
        if known is not None:
            return known
        for path in reversed(self._files()):
            query = "SELECT id, district, node, epoch FROM source WHERE id = ?"
            row = self._connection(path).execute(query, (number,)).fetchone()
            if row is not None:
                self._sources[number] = found = Source(*row)
                return found
        raise LedgerError(f"source {number} is in no file of {self._directory}")

    def close(self) -> None:
        """Close every file."""
        for connection in self._open.values():
            connection.close()
        self._open.clear()

    def _files(self) -> list[Path]:
        return [path for path in day_file.day_files(self._directory) if self._is_begun(path)]

    def _is_begun(self, path: Path) -> bool:
        if path in self._open:
            return True
        try:
            return day_file.is_begun(path)
        except sqlite3.OperationalError:
            return False

    def _connection(self, path: Path) -> sqlite3.Connection:
        if path not in self._open:
            self._open[path] = day_file.reading(path)
        return self._open[path]

    def _starts_at(self, path: Path) -> int:
        if path not in self._first_number:
            query = "SELECT value FROM meta WHERE key = 'first_number'"
            self._first_number[path] = self._connection(path).execute(query).fetchone()[0]
        return self._first_number[path]


def _batch(row: Row) -> Batch:
    number, received_at_ms, count, stored = row
    return Batch(number, received_at_ms, count, decompress(stored))
