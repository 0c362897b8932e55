"""Where clock fixes are kept: a node makes 24 a day, and few of them are ever asked for.

As Python objects they were the largest thing that a follower held: 5 KB a node and day.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

Fix = tuple[int, int, float]
"""Monotonic time [ms], wall time [s UTC], error [s]."""
_FIX = struct.Struct("<qqd")
SCHEMA = """
CREATE TABLE IF NOT EXISTS clock_fix (
  source INTEGER, mono_ms INTEGER, wall_s INTEGER, error_s REAL,
  PRIMARY KEY (source, mono_ms, wall_s, error_s)
) WITHOUT ROWID;
"""
_SELECT = "SELECT mono_ms, wall_s, error_s FROM clock_fix WHERE source = ?"


class FixBook(Protocol):
    """The clock fixes of all sources."""

    def add(self, source: int, fix: Fix) -> bool:
        """Keep a fix; say whether it may be new."""
        ...

    def of(self, sources: Iterable[int]) -> Iterator[Fix]:
        """Yield the fixes of some sources, in no order."""
        ...


class HeldFixes:
    """A book in memory: 24 bytes a fix.

    One that comes again after others that were out of order may be kept twice, which changes
    nothing.
    """

    def __init__(self) -> None:
        self._held: dict[int, bytearray] = {}

    def add(self, source: int, fix: Fix) -> bool:
        """Keep a fix; say whether it may be new."""
        held = self._held.setdefault(source, bytearray())
        # As a rule a fix is younger than all before it; then none of them need be looked at.
        is_latest = not held or _FIX.unpack_from(held, len(held) - _FIX.size)[0] < fix[0]
        if not is_latest and fix in self.of([source]):
            return False
        held += _FIX.pack(*fix)
        return True

    def of(self, sources: Iterable[int]) -> Iterator[Fix]:
        """Yield the fixes of some sources, in no order."""
        for source in sources:
            yield from _FIX.iter_unpack(self._held.get(source, b""))


class StoredFixes:
    """A book in a database; what is new is held until :meth:`write`, in its owner's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._new: dict[int, list[Fix]] = {}

    def add(self, source: int, fix: Fix) -> bool:
        """Keep a fix; one that is in the database already may be called new, too."""
        held = self._new.setdefault(source, [])
        if fix in held:
            return False
        held.append(fix)
        return True

    def of(self, sources: Iterable[int]) -> Iterator[Fix]:
        """Yield the fixes of some sources, in no order."""
        for source in sources:
            yield from self._connection.execute(_SELECT, (source,))
            yield from self._new.get(source, ())

    def last_written_ms(self, sources: Iterable[int]) -> int | None:
        """Return the latest moment of boot in the database of which sources have a fix. [ms]"""
        query = "SELECT max(mono_ms) FROM clock_fix WHERE source = ?"
        rows = (self._connection.execute(query, (source,)).fetchone() for source in sources)
        return max((row[0] for row in rows if row[0] is not None), default=None)

    def write(self) -> None:
        """Put what is new into the database."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO clock_fix VALUES (?, ?, ?, ?)",
            sorted((source, *fix) for source, fixes in self._new.items() for fix in fixes),
        )
        self._new.clear()


def upgrade(connection: sqlite3.Connection) -> Sequence[tuple[int, Fix]]:
    """Lay fixes out anew that an older version kept by boot; return them with their sources."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    if "fix" not in {row[0] for row in tables}:
        return ()
    source_of = {
        (district, node, boot): source
        for source, district, node, boot in connection.execute(
            "SELECT source, district, node, boot FROM boot ORDER BY source DESC"
        )
    }
    rows = connection.execute("SELECT district, node, boot, mono_ms, wall_s, error_s FROM fix")
    fixes = [(source_of[row[:3]], row[3:]) for row in rows if row[:3] in source_of]
    connection.executemany(
        "INSERT OR IGNORE INTO clock_fix VALUES (?, ?, ?, ?)",
        ((source, *fix) for source, fix in fixes),
    )
    connection.execute("DROP TABLE fix")
    return fixes
