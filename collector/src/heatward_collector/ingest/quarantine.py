"""What could not become evidence is kept apart, with its reason: payloads and conflicts.

A node may fill only so much of it; beyond that its bad payloads are counted, not kept.
"""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heatward_node.errors import WireError

BYTES_PER_TOPIC = 1_000_000
TOPICS = 10_000
KEPT_PAYLOAD_BYTES = 65_536
_SCHEMA = """
CREATE TABLE IF NOT EXISTS payload (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, topic TEXT NOT NULL, reason TEXT NOT NULL,
  detail TEXT NOT NULL, payload BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS conflict (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, district TEXT NOT NULL, node TEXT NOT NULL,
  epoch INTEGER NOT NULL, seq INTEGER NOT NULL, kept BLOB NOT NULL, other BLOB NOT NULL,
  UNIQUE (district, node, epoch, seq, other)
);
"""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two records under one number: the one that the ledger holds, and the one that came later."""

    at: int
    district: str
    node: str
    epoch: int
    seq: int
    kept: bytes
    other: bytes


@dataclass(frozen=True, slots=True)
class PutAside:
    """A message that could not be read, or whose node is not registered."""

    at: int
    topic: str
    reason: str
    detail: str
    payload: bytes


def read_payloads(path: Path, limit: int) -> Iterator[PutAside]:
    """Yield the newest messages that were put aside."""
    query = "SELECT at, topic, reason, detail, payload FROM payload ORDER BY id DESC LIMIT ?"
    for row in _rows(path, query, limit):
        yield PutAside(*row)


def read_conflicts(path: Path, limit: int) -> Iterator[Conflict]:
    """Yield the newest contradictions."""
    query = (
        "SELECT at, district, node, epoch, seq, kept, other FROM conflict ORDER BY id DESC LIMIT ?"
    )
    for row in _rows(path, query, limit):
        yield Conflict(*row)


def _rows(path: Path, query: str, limit: int) -> Iterator[tuple[Any, ...]]:
    """Yield rows; none where the quarantine was never needed."""
    if not path.exists():
        return
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        yield from connection.execute(query, (limit,))
    finally:
        connection.close()


class Quarantine:
    """The store of refused input, written with the ledger's commits but apart from it."""

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(_SCHEMA)
        self._now = now
        query = "SELECT topic, sum(length(payload)) FROM payload GROUP BY topic"
        self._bytes: Counter[str] = Counter(dict(self._connection.execute(query)))
        self.not_kept = 0
        query = "SELECT count(*) FROM conflict"
        self.conflicts = int(self._connection.execute(query).fetchone()[0])
        """How many contradictions are kept, of earlier runs too."""

    def payload(self, topic: str, payload: bytes, error: WireError) -> None:
        """Keep a payload that could not be read, within its topic's share."""
        topic = topic[:200]
        full = self._bytes[topic] + len(payload) > BYTES_PER_TOPIC
        if full or (topic not in self._bytes and len(self._bytes) >= TOPICS):
            self.not_kept += 1
            return
        self._bytes[topic] += len(payload)
        self._begin()
        self._connection.execute(
            "INSERT INTO payload (at, topic, reason, detail, payload) VALUES (?, ?, ?, ?, ?)",
            (
                int(self._now()),
                topic,
                error.reason,
                str(error)[:500],
                payload[:KEPT_PAYLOAD_BYTES],
            ),
        )

    def conflict(self, source: tuple[str, str, int], seq: int, kept: bytes, other: bytes) -> bool:
        """Keep a record that contradicts the ledger; return whether it is a new one."""
        self._begin()
        cursor = self._connection.execute(
            "INSERT OR IGNORE INTO conflict (at, district, node, epoch, seq, kept, other) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (int(self._now()), *source, seq, kept, other),
        )
        is_new = cursor.rowcount == 1
        self.conflicts += is_new
        return is_new

    def payloads(self) -> int:
        """Return how many unreadable payloads are kept."""
        return int(self._connection.execute("SELECT count(*) FROM payload").fetchone()[0])

    def commit(self) -> None:
        """Write what was added."""
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Write and close."""
        self.commit()
        self._connection.close()

    def _begin(self) -> None:
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN")
