"""Copied cards, by the openings of journals: every opening names the one before it.

A card that runs alone leaves a chain. Where two openings name the same predecessor, the card was
copied, or set back to an older image. The records of both are in the ledger under epochs of their
own, so nothing is mixed; somebody has to look at the boxes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from heatward_node.errors import RecordError
from heatward_node.events import Boot
from heatward_node.reading import Kind

from ..ledger import LedgerReader

BATCHES_AT_ONCE = 500
_SCHEMA = """
CREATE TABLE IF NOT EXISTS opening (
  district TEXT, node TEXT, epoch INTEGER, previous INTEGER, received_s INTEGER,
  PRIMARY KEY (district, node, epoch)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS place (incarnation TEXT PRIMARY KEY, batch INTEGER) WITHOUT ROWID;
"""


class Fork(NamedTuple):
    """Two openings of one node's journal that follow the same one."""

    district: str
    node: str
    previous: int
    epochs: tuple[int, ...]
    seen_s: int


class Openings:
    """Follows the ledger for openings, and remembers them."""

    def __init__(self, path: Path, reader: LedgerReader) -> None:
        self._reader = reader
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def follow(self) -> bool:
        """Look at the next batches of the ledger; return whether there were any."""
        incarnation = self._reader.incarnation
        row = self._connection.execute(
            "SELECT batch FROM place WHERE incarnation = ?", (incarnation,)
        ).fetchone()
        after = int(row[0]) if row else 0
        found, last = [], after
        for batch in self._reader.batches(after, BATCHES_AT_ONCE):
            last = batch.number
            for _, number, record in batch.others:
                if record.kind != Kind.BOOT:
                    continue
                try:
                    previous = Boot.from_record(record).previous_epoch
                except RecordError:
                    continue
                source = self._reader.source(number)
                seen_s = batch.received_at_ms // 1000
                found.append((source.district, source.node, source.epoch, previous, seen_s))
        if last == after:
            return False
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT OR IGNORE INTO opening VALUES (?, ?, ?, ?, ?)", found)
        self._connection.execute("INSERT OR REPLACE INTO place VALUES (?, ?)", (incarnation, last))
        self._connection.execute("COMMIT")
        return True

    def forks(self) -> Iterator[Fork]:
        """Yield every fork, newest first."""
        rows = self._connection.execute(
            "SELECT district, node, previous, group_concat(epoch), max(received_s) FROM opening "
            "WHERE previous <> 0 GROUP BY district, node, previous HAVING count(*) > 1 "
            "ORDER BY max(received_s) DESC"
        )
        for district, node, previous, epochs, seen_s in rows.fetchall():
            numbers = tuple(sorted(int(one) for one in epochs.split(",")))
            yield Fork(district, node, previous, numbers, seen_s)
