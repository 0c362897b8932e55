"""What the ledger tells of boxes: when each was heard, what its sensors said, and copied cards.

Every opening of a journal names the one before it: a card that runs alone leaves a chain. Where two
openings name the same predecessor, the card was copied, or set back to an older image. The records
of both are in the ledger under epochs of their own, so nothing is mixed; somebody has to look at
the boxes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from heatward_node.errors import RecordError
from heatward_node.events import Boot
from heatward_node.reading import Kind, Quality
from heatward_node.rom import NO_SENSOR, kernel_name

from ..ledger import Batch, LedgerReader

BATCHES_AT_ONCE = 500
_SCHEMA = """
CREATE TABLE IF NOT EXISTS opening (
  district TEXT, node TEXT, epoch INTEGER, previous INTEGER, received_s INTEGER,
  PRIMARY KEY (district, node, epoch)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heard (
  district TEXT, node TEXT, sensor TEXT, quality INTEGER, received_s INTEGER,
  PRIMARY KEY (district, node, sensor)
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


class Heard(NamedTuple):
    """The last word of one sensor of a box, or with an empty name of its bus; never a value."""

    sensor: str
    quality: Quality
    received_s: int


class Said(NamedTuple):
    """The last word of a sensor at one box."""

    node: str
    sensor: str
    quality: Quality
    received_s: int


class Boxes:
    """Follows the ledger, and remembers what it tells of boxes."""

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
        last = after
        openings: list[tuple[str, str, int, int, int]] = []
        heard: dict[tuple[str, str, str], tuple[int, int]] = {}
        for batch in self._reader.batches(after, BATCHES_AT_ONCE):
            last = batch.number
            openings += self._openings(batch)
            heard.update(self._heard(batch))
        if last == after:
            return False
        rows = [(*key, *value) for key, value in heard.items()]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(
            "INSERT OR IGNORE INTO opening VALUES (?, ?, ?, ?, ?)", openings
        )
        self._connection.executemany("INSERT OR REPLACE INTO heard VALUES (?, ?, ?, ?, ?)", rows)
        self._connection.execute("INSERT OR REPLACE INTO place VALUES (?, ?)", (incarnation, last))
        self._connection.execute("COMMIT")
        return True

    def heard(self, district: str, node: str) -> list[Heard]:
        """Return the last word of every sensor of a box, and of its bus."""
        rows = self._connection.execute(
            "SELECT sensor, quality, received_s FROM heard WHERE district = ? AND node = ? "
            "ORDER BY sensor",
            (district, node),
        )
        return [Heard(sensor, Quality(quality), at) for sensor, quality, at in rows.fetchall()]

    def said(self) -> list[Said]:
        """Return the last word of every sensor at every box that ever had it."""
        rows = self._connection.execute(
            "SELECT node, sensor, quality, received_s FROM heard ORDER BY node, sensor"
        )
        return [Said(node, name, Quality(quality), at) for node, name, quality, at in rows]

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

    def _openings(self, batch: Batch) -> Iterator[tuple[str, str, int, int, int]]:
        for _, number, record in batch.others:
            if record.kind != Kind.BOOT:
                continue
            try:
                previous = Boot.from_record(record).previous_epoch
            except RecordError:
                continue
            source = self._reader.source(number)
            seen_s = batch.received_at_ms // 1000
            yield source.district, source.node, source.epoch, previous, seen_s

    def _heard(self, batch: Batch) -> Iterator[tuple[tuple[str, str, str], tuple[int, int]]]:
        at_s = batch.received_at_ms // 1000
        readings = batch.readings
        keys = np.stack((readings["source"].astype(np.uint64), readings["sensor"]))
        # The last of each pair: unique finds the first, so it is shown the batch backwards.
        _, back = np.unique(keys[:, ::-1], axis=1, return_index=True)
        for index in len(readings) - 1 - back:
            source = self._reader.source(int(readings["source"][index]))
            name = kernel_name(int(readings["sensor"][index]).to_bytes(8, "little"))
            quality = int(readings["quality"][index])
            yield (source.district, source.node, name), (quality, at_s)
        for _, number, record in batch.others:
            if record.kind == Kind.FAULT:
                source = self._reader.source(number)
                name = "" if record.rom == NO_SENSOR else kernel_name(record.rom)
                yield (source.district, source.node, name), (record.quality, at_s)
