"""What must be looked at again: ranges that edits changed, and boots of which a clock fix came.

A fix places readings that were taken before it and wait for one, so it is noted since which batch
a boot waits: in the tenth week of a season nobody reads the first nine for it. And until which
moment of the boot, for an older log may bring a fix from before the reading that waits.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from heatward_collector.readings.boots import BootKey
from heatward_collector.registry import Change

_SCHEMA = """
CREATE TABLE IF NOT EXISTS doubt (
  id INTEGER PRIMARY KEY, reason TEXT NOT NULL, sensor TEXT, from_s INTEGER, to_s INTEGER,
  district TEXT, node TEXT, boot BLOB, batch INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS waiting (
  source INTEGER PRIMARY KEY, batch INTEGER NOT NULL DEFAULT 0, mono_ms INTEGER NOT NULL DEFAULT 0,
  is_late INTEGER NOT NULL DEFAULT 0
);
"""
_COLUMNS_SINCE = {"doubt": ["batch"], "waiting": ["batch", "mono_ms", "is_late"]}
"""What an older version did not keep; it then waits since the first batch, for any fix."""


LATE_FIX = "late_fix"
"""The reason where a fix came after later ones of its boot."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A range that must be looked at again.

    Either ``sensor`` in [from_s, to_s), or every reading of ``boot`` that had no time (after a late
    fix every one of its readings), or with neither all verdicts from ``from_s`` on.
    """

    id: int
    reason: str
    sensor: int | None
    from_s: int
    to_s: int
    boot: BootKey | None
    batch: int = 0
    """Before this batch the boot has no such reading."""

    @property
    def is_late(self) -> bool:
        """Whether readings that had a time may have another one now."""
        return self.reason == LATE_FIX


class _Waits(NamedTuple):
    """Since which batch a boot waits, and for a fix of which moment or a later one."""

    batch: int
    mono_ms: int
    is_late: bool = False
    """Whether readings that had a time wait as well."""

    def and_for(self, other: _Waits) -> _Waits:
        """Return what waits for both."""
        return _Waits(
            min(self.batch, other.batch),
            max(self.mono_ms, other.mono_ms),
            self.is_late or other.is_late,
        )


class Doubts:
    """The queue of doubts, and which boots wait for a fix, in a follower's database.

    What changes it belongs into the caller's transaction, except :meth:`settle`.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.executescript(_SCHEMA)
        for table, names in _COLUMNS_SINCE.items():
            there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            for name in names:
                if name not in there:
                    added = f"ADD COLUMN {name} INTEGER NOT NULL DEFAULT 0"
                    connection.execute(f"ALTER TABLE {table} {added}")
        self._waiting: dict[BootKey, _Waits] = {}

    def load(self) -> None:
        """Take over from the database which boots wait."""
        self._waiting = {}
        query = (
            "SELECT district, node, boot, waiting.batch, mono_ms, is_late "
            "FROM boot JOIN waiting USING (source)"
        )
        for row in self._connection.execute(query):
            self._note((row[0], row[1], row[2]), _Waits(row[3], row[4], bool(row[5])))

    def clear(self) -> None:
        """Forget all of them."""
        self._connection.execute("DELETE FROM doubt")
        self._connection.execute("DELETE FROM waiting")

    def all(self) -> list[Doubt]:
        """Return what must be looked at again, oldest first."""
        rows = self._connection.execute(
            "SELECT id, reason, sensor, from_s, to_s, district, node, boot, batch "
            "FROM doubt ORDER BY id"
        )
        return [
            Doubt(
                row[0],
                row[1],
                int(row[2]) if row[2] is not None else None,
                row[3],
                row[4],
                (row[5], row[6], row[7]) if row[7] is not None else None,
                row[8],
            )
            for row in rows
        ]

    def settle(self, doubts: Sequence[Doubt]) -> None:
        """Take doubts off the queue once what they concern has been done again."""
        self._connection.executemany(
            "DELETE FROM doubt WHERE id = ?", [(doubt.id,) for doubt in doubts]
        )

    def edited(self, changes: Iterable[Change]) -> None:
        """Queue what edits of the registry made doubtful."""
        self._connection.executemany(
            "INSERT INTO doubt (reason, sensor, from_s, to_s) VALUES (?, ?, ?, ?)",
            [
                (one.reason, None if one.sensor is None else str(one.sensor), one.from_s, one.to_s)
                for one in changes
            ],
        )

    def wait(self, boot: BootKey, source: int, batch: int, mono_ms: int) -> None:
        """Note that a boot has readings without a time in one of its sources.

        The first of them is in ``batch``, the last one was taken at ``mono_ms`` since boot.
        """
        self._wait(boot, source, _Waits(batch, mono_ms))

    def waits(self, boot: BootKey) -> bool:
        """Say whether a boot has readings that wait for a fix."""
        return boot in self._waiting

    def late(self, boot: BootKey, source: int, batch: int, last_ms: int) -> None:
        """Queue a boot of which a fix came after later ones: its times may be others now.

        Those that no longer count wait for a fix of a later moment than ``last_ms``, the last of
        which there was one. ``source`` is one of the boot's, ``batch`` its first.
        """
        waits = _Waits(batch, last_ms + 1, is_late=True)
        self._queue(boot, waits)
        self._wait(boot, source, waits)

    def fixed(self, boot: BootKey, sources: Iterable[int], latest_ms: int) -> None:
        """Queue what a fix may have placed of a boot that waits.

        ``sources`` are the boot's; ``latest_ms`` is the last moment of which it has a fix.
        """
        waits = self._waiting.get(boot)
        if waits is None:
            return
        self._queue(boot, waits)
        if latest_ms >= waits.mono_ms:
            del self._waiting[boot]
            self._connection.executemany(
                "DELETE FROM waiting WHERE source = ?", [(source,) for source in sources]
            )

    def _note(self, boot: BootKey, waits: _Waits) -> bool:
        """Take note of what waits; return whether that says anything new of the boot."""
        known = self._waiting.get(boot)
        self._waiting[boot] = waits if known is None else known.and_for(waits)
        return self._waiting[boot] != known

    def _wait(self, boot: BootKey, source: int, waits: _Waits) -> None:
        if self._note(boot, waits):
            self._connection.execute(
                "INSERT INTO waiting VALUES (?, ?, ?, ?) ON CONFLICT (source) DO UPDATE "
                "SET batch = min(batch, excluded.batch), mono_ms = max(mono_ms, excluded.mono_ms), "
                "is_late = max(is_late, excluded.is_late)",
                (source, *waits),
            )

    def _queue(self, boot: BootKey, waits: _Waits) -> None:
        self._connection.execute(
            "INSERT INTO doubt (reason, from_s, to_s, district, node, boot, batch) "
            "VALUES (?, 0, 0, ?, ?, ?, ?)",
            (LATE_FIX if waits.is_late else "clock_fix", *boot, waits.batch),
        )
