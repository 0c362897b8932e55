"""Reading the SQLite file of a day that is not sealed yet; it may be growing."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from heatward_collector.ledger import day_file
from heatward_collector.ledger.batch import Batch, Source, decompress

_COLUMNS = "number, received_at_ms, count, body"
Row = tuple[int, int, int, bytes]


class OpenDay:
    """One day file that has begun."""

    def __init__(self, path: Path) -> None:
        self._connection = day_file.reading(path)
        meta = dict(self._connection.execute("SELECT key, value FROM meta"))
        self.first_number = int(meta["first_number"])

    @property
    def incarnation(self) -> str:
        """Which life of the ledger its end belongs to."""
        return day_file.incarnation(self._connection)

    def head(self) -> tuple[int, bytes] | None:
        """Return number and hash of the last batch; None where there is none."""
        query = "SELECT number, hash FROM batch ORDER BY number DESC LIMIT 1"
        row = self._connection.execute(query).fetchone()
        return None if row is None else (int(row[0]), bytes(row[1]))

    def received_after(self, number: int) -> float | None:
        """Return when the first batch above ``number`` was received. [s UTC]"""
        query = "SELECT received_at_ms FROM batch WHERE number > ? ORDER BY number LIMIT 1"
        row = self._connection.execute(query, (number,)).fetchone()
        return None if row is None else float(row[0]) / 1000

    def batches(self, after: int, limit: int | None = None) -> Iterator[Batch]:
        """Yield batches above a number, in order, at most ``limit``."""
        query = f"SELECT {_COLUMNS} FROM batch WHERE number > ? ORDER BY number LIMIT ?"
        most = -1 if limit is None else limit
        yield from map(_batch, self._connection.execute(query, (after, most)).fetchall())

    def batches_measured(
        self, start_s: int, end_s: int, others: Sequence[int] = (), first: int = 0
    ) -> Iterator[Batch]:
        """Yield batches that may hold records measured in [start, end) seconds UTC, and others.

        They come in their order, none before batch ``first``.
        """
        query = (
            f"SELECT {_COLUMNS} FROM batch WHERE number >= ? AND (measured_from IS NULL "
            f"OR (measured_from < ? AND measured_to >= ?) "
            f"OR number IN (SELECT value FROM json_each(?))) ORDER BY number"
        )
        asked = (first, end_s, start_s, json.dumps(others))
        yield from map(_batch, self._connection.execute(query, asked))

    def hashes(self, numbers: Collection[int]) -> dict[int, bytes]:
        """Return the hashes of some batches."""
        rows = self._connection.execute("SELECT number, hash FROM batch")
        return {row[0]: bytes(row[1]) for row in rows if row[0] in numbers}

    def source(self, number: int) -> Source | None:
        """Return a source by its number."""
        query = "SELECT id, district, node, epoch FROM source WHERE id = ?"
        row = self._connection.execute(query, (number,)).fetchone()
        return None if row is None else Source(*row)

    def release(self) -> None:
        """Give back memory: a file holds none."""

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _batch(row: Row) -> Batch:
    number, received_at_ms, count, stored = row
    return Batch(number, received_at_ms, count, decompress(stored))
