"""What a follower knows of clocks, in the database where it keeps it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from heatward_collector.readings.boots import BootKey
from heatward_collector.readings.clocks import Clocks
from heatward_collector.readings.fixes import FixBook, HeldFixes

_TABLE = "SELECT 1 FROM sqlite_master WHERE name = 'clock_fix'"


def boots_of(connection: sqlite3.Connection) -> Iterator[tuple[int, BootKey]]:
    """Yield the boot of every source."""
    for row in connection.execute("SELECT source, district, node, boot FROM boot"):
        yield row[0], (row[1], row[2], row[3])


def clocks_of(connection: sqlite3.Connection, book: FixBook) -> Clocks:
    """Return the clocks that are kept there; ``book`` has their fixes."""
    begun = connection.execute("SELECT source, began_s FROM boot WHERE began_s IS NOT NULL")
    clocks = Clocks(boots_of(connection), (), book, begun)
    clocks.begun_later()  # is kept already
    return clocks


def known_clocks(path: Path) -> tuple[Clocks, frozenset[int]] | None:
    """Return what a follower knows of clocks, and its stray batches, without disturbing it.

    None where nobody has followed yet, or only an older version.
    """
    if not path.exists():
        return None
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        connection.execute("BEGIN")
        if not connection.execute(_TABLE).fetchone():
            return None
        held = HeldFixes()
        for source, mono_ms, wall_s, error_s in connection.execute("SELECT * FROM clock_fix"):
            held.add(source, (mono_ms, wall_s, error_s))
        clocks = clocks_of(connection, held)
        return clocks, frozenset(row[0] for row in connection.execute("SELECT batch FROM stray"))
    finally:
        connection.close()
