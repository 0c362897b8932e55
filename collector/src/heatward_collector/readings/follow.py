"""Following ledger and registry: the one loop body of every process that derives something.

A follower hands out new batches and the ranges that became doubtful (a clock fix for readings
that had no time, an edited assignment or calibration). Its cursor, what it knows of clocks and the
queue of ranges lie in one SQLite file and move in one transaction, so a crash loses none of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np

from heatward_collector.core.placing import UNPLACED
from heatward_collector.ledger import Batch, LedgerReader
from heatward_collector.ledger.columns import ReadingColumns
from heatward_collector.readings.boots import BootKey
from heatward_collector.readings.clocks import Clocks
from heatward_collector.readings.doubts import Doubt, Doubts
from heatward_collector.readings.fixes import SCHEMA, StoredFixes, upgrade
from heatward_collector.readings.known_clocks import boots_of, clocks_of
from heatward_collector.readings.own_places import OwnPlaces
from heatward_collector.readings.projection import (
    READINGS_AT_ONCE,
    Together,
    batches_measured,
    by_source,
    readings_measured,
    times_of,
)
from heatward_collector.registry import Directory, Registry

BATCHES_AT_ONCE = 1_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS cursor (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS boot (
  source INTEGER PRIMARY KEY, district TEXT, node TEXT, boot BLOB, began_s REAL,
  batch INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS day (day TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stray (batch INTEGER PRIMARY KEY);
"""


class Follower:
    """One consumer's place in the ledger, and its queue of doubts.

    With a ``district`` it knows the places of that one only: the others have a ledger of their own.
    """

    def __init__(
        self, path: Path, reader: LedgerReader, registry: Registry, district: str | None = None
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(_SCHEMA + SCHEMA)
        self._doubts = Doubts(self._connection)
        self._upgrade()
        self.reader = reader
        self.registry = registry
        self._places = OwnPlaces(registry, district)
        self.directory: Directory = self._places.directory()
        self._version = -1
        self.took_all = False
        """Whether the last :meth:`next` handed out all that lay ahead, not only a full portion."""
        self._load()

    @property
    def batch(self) -> int:
        """The number of the last batch that is done."""
        return self._batch

    @property
    def incarnation(self) -> str:
        """The ledger to which the cursor belongs."""
        return self._incarnation

    @property
    def lag(self) -> int:
        """How many batches lie ahead."""
        return max(0, self.reader.head()[0] - self._batch)

    def lag_seconds(self, now_s: float) -> float:
        """Return how long the oldest batch ahead has waited; 0 where none does. [s]"""
        received = self.reader.received_after(self._batch)
        return 0.0 if received is None else max(0.0, now_s - received)

    def restarted(self) -> bool:
        """Say whether the ledger has another incarnation; if so, begin again from its start."""
        incarnation = self.reader.incarnation
        if incarnation in ("", self._incarnation):
            return False
        first_time = self._incarnation == ""
        self._begin(incarnation)
        return not first_time

    def start_over(self) -> None:
        """Forget every place and doubt: the whole ledger will pass again."""
        self._begin(self.reader.incarnation)

    def next(self) -> list[Batch]:
        """Return the next batches, and learn from them; nothing is kept before :meth:`done`."""
        self._refresh_directory()
        batches: list[Batch] = []
        readings = 0
        for batch in self.reader.batches(self._batch, BATCHES_AT_ONCE):
            batches.append(batch)
            readings += batch.count
            boots, fixes = self.clocks.learn(batch, self.reader.source)
            self._new_boots += [(source, boot, batch.number) for source, boot in boots]
            for source, (mono_ms, _, _) in fixes:
                self._fixed.setdefault(source, set()).add(mono_ms)
            if readings >= READINGS_AT_ONCE:
                break
        self.took_all = readings < READINGS_AT_ONCE and len(batches) < BATCHES_AT_ONCE
        return batches

    def done(self, batches: Sequence[Batch], days: Iterable[date] = ()) -> None:
        """Move the cursor past batches, and queue what their clock fixes made doubtful.

        ``days`` are noted in the same transaction, until :meth:`settled_days`.
        """
        if not batches:
            return
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT OR REPLACE INTO boot VALUES (?, ?, ?, ?, NULL, ?)",
            [(source, *boot, number) for source, boot, number in self._new_boots],
        )
        self._keep_begun()
        for source, moments in self._fixed.items():
            boot = self.clocks.boot_of(source)
            if boot is not None:
                self._queue_fixed(boot, moments)
        self._book.write()
        self._note_untimed(batches)
        self._note_days(days)
        self._batch = batches[-1].number
        self._put("batch", self._batch)
        connection.execute("COMMIT")
        self._new_boots.clear()
        self._fixed.clear()

    def batches_measured(self, start_s: int, end_s: int, first: int = 0) -> Iterator[Batch]:
        """Return the batches up to the cursor that may hold readings taken in [start, end).

        Always among them are those of whose readings the ledger cannot know it: without a wall
        time, or with one that was not believed. There are none before batch ``first``.
        """
        strays = self._strays(first)
        return batches_measured(self.reader, start_s, end_s, strays, self._batch, first)

    def readings_measured(
        self, start_s: int, end_s: int, first: int = 0
    ) -> Iterator[Batch | ReadingColumns]:
        """Return what :meth:`batches_measured` does and more, in no order: whole stretches."""
        strays = self._strays(first)
        return readings_measured(self.reader, start_s, end_s, strays, self._batch, first)

    def _strays(self, first: int) -> list[int]:
        query = "SELECT batch FROM stray WHERE batch >= ?"
        return [row[0] for row in self._connection.execute(query, (first,))]

    def doubts(self) -> list[Doubt]:
        """Return what must be looked at again, oldest first."""
        self._refresh_directory()
        return self._doubts.all()

    def settled(self, doubts: Sequence[Doubt]) -> None:
        """Take doubts off the queue once what they concern has been done again."""
        self._doubts.settle(doubts)

    def note_days(self, days: Iterable[date]) -> None:
        """Note days that must be judged, outside the passing of batches."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._note_days(days)
        self._connection.execute("COMMIT")

    def days(self) -> list[date]:
        """Return the days that were noted, oldest first."""
        rows = self._connection.execute("SELECT day FROM day ORDER BY day")
        return [date.fromisoformat(row[0]) for row in rows]

    def settled_days(self, days: Iterable[date]) -> None:
        """Take days off the list once they are judged."""
        self._connection.executemany(
            "DELETE FROM day WHERE day = ?", [(day.isoformat(),) for day in days]
        )

    def _note_days(self, days: Iterable[date]) -> None:
        self._connection.executemany(
            "INSERT OR IGNORE INTO day VALUES (?)", [(day.isoformat(),) for day in days]
        )

    def close(self) -> None:
        """Close the state."""
        self._connection.close()

    def _load(self) -> None:
        held = dict(self._connection.execute("SELECT key, value FROM cursor"))
        self._incarnation = str(held.get("incarnation", ""))
        self._batch = int(held.get("batch", 0))
        # Edits from before the first start are in the first snapshot: nothing to look at again.
        self._change = int(held.get("change", self.registry.last_change()))
        self._put("change", self._change)
        self._book: StoredFixes = StoredFixes(self._connection)
        self.clocks: Clocks = clocks_of(self._connection, self._book)
        self._doubts.load()
        self._new_boots: list[tuple[int, BootKey, int]] = []
        self._fixed: dict[int, set[int]] = {}

    def _upgrade(self) -> None:
        """Bring the state of an older version up to date: it kept fixes by boot."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        columns = {row[1] for row in connection.execute("PRAGMA table_info(boot)")}
        if "began_s" not in columns:
            connection.execute("ALTER TABLE boot ADD COLUMN began_s REAL")
            fixes = upgrade(connection)
            self.clocks = Clocks(boots_of(connection), fixes)
            self._keep_begun()
        if "batch" not in columns:
            connection.execute("ALTER TABLE boot ADD COLUMN batch INTEGER NOT NULL DEFAULT 0")
        connection.execute("COMMIT")

    def _keep_begun(self) -> None:
        self._connection.executemany(
            "UPDATE boot SET began_s = ? WHERE source = ?",
            [(began, source) for source, began in self.clocks.begun_later()],
        )

    def _begin(self, incarnation: str) -> None:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        for table in ("cursor", "boot", "clock_fix", "day", "stray"):
            connection.execute(f"DELETE FROM {table}")
        self._doubts.clear()
        self._put("incarnation", incarnation)
        self._put("change", self.registry.last_change())
        connection.execute("COMMIT")
        self.directory = self._places.directory()
        self._load()

    def _put(self, key: str, value: object) -> None:
        self._connection.execute("INSERT OR REPLACE INTO cursor VALUES (?, ?)", (key, value))

    def _queue_fixed(self, boot: BootKey, moments: Collection[int]) -> None:
        """Queue what new fixes of some moments of a boot may have changed.

        One that is not believed tells no time and takes none away: a node whose clock was a day
        ahead once sends such all winter, and nothing is looked at again for them.
        """
        sources = self.clocks.sources_of(boot)
        waits = self._doubts.waits(boot)
        # A log is sent in its order: only another one can bring a fix after later ones.
        last_ms = self._book.last_written_ms(sources) if len(sources) > 1 else None
        is_late = last_ms is not None and last_ms > min(moments)
        if not waits and not is_late:
            return
        believed = self.clocks.fixes_of(min(sources)).mono_ms
        if not np.isin(list(moments), believed).any():
            return
        if waits:
            self._doubts.fixed(boot, sources, int(believed[-1]))
        if last_ms is not None and is_late:
            marks = ", ".join("?" * len(sources))
            query = f"SELECT min(batch) FROM boot WHERE source IN ({marks})"
            first = self._connection.execute(query, [*sources]).fetchone()[0]
            self._doubts.late(boot, min(sources), first, last_ms)

    def _note_untimed(self, batches: Sequence[Batch]) -> None:
        """Remember which boots wait for a clock fix, and which wall times were not believed."""
        connection = self._connection
        together = Together.of(batches)
        readings, time_s = together.readings, times_of(together, self.clocks)
        strange = (readings["wall_s"] > 0) & (time_s != readings["wall_s"])
        ends = np.cumsum([len(batch.readings) for batch in batches])
        of_batch = np.unique(np.searchsorted(ends, np.flatnonzero(strange), "right"))
        connection.executemany(
            "INSERT OR IGNORE INTO stray VALUES (?)",
            [(batches[place].number,) for place in of_batch.tolist()],
        )
        for rows in by_source(readings["source"], np.flatnonzero(time_s == UNPLACED)):
            source = int(readings["source"][rows[0]])
            boot = self.clocks.boot_of(source)
            if boot is not None:
                batch = batches[np.searchsorted(ends, rows[0], "right")].number
                last_ms = int(readings["mono_ms"][rows].max())
                self._doubts.wait(boot, source, batch, last_ms)

    def _refresh_directory(self) -> None:
        # Not the directory's version: edits made while nobody followed are in it already.
        version = self.registry.version()
        if version == self._version:
            return
        self._version = version
        changes = self.registry.changes_after(self._change)
        self.directory = self._places.directory()
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        self._doubts.edited(changes)
        if changes:
            self._change = changes[-1].id
            self._put("change", self._change)
        connection.execute("COMMIT")
