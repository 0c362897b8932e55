"""Doubts about where sensors hang: what is said now, and what was said and taken back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from heatward_collector.core.placement import DoubtKind

_SCHEMA = """
CREATE TABLE IF NOT EXISTS doubt (
  number INTEGER PRIMARY KEY, point TEXT NOT NULL, kind TEXT NOT NULL,
  start_s INTEGER NOT NULL, end_s INTEGER NOT NULL, strength REAL NOT NULL, evidence TEXT NOT NULL,
  first_said_s INTEGER NOT NULL, last_said_s INTEGER NOT NULL, withdrawn_s INTEGER
);
CREATE INDEX IF NOT EXISTS doubt_of_point ON doubt (point, kind);
"""
_COLUMNS = "point, kind, start_s, end_s, strength, evidence, first_said_s, last_said_s, withdrawn_s"


@dataclass(frozen=True, slots=True)
class SaidDoubt:
    """A doubt about one sensor, with the times at which it was said."""

    point: str
    """Id of the room."""
    kind: DoubtKind
    start_s: int
    end_s: int
    """What was seen, from and to. [s UTC]"""
    strength: float
    evidence: dict[str, float]
    """Numbers with their units in their names."""
    first_said_s: int
    last_said_s: int
    withdrawn_s: int | None = None
    """When a later look no longer said so. [s UTC]"""


class PlacementStore:
    """The doubts in one SQLite file; one writer, any number of readers."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            path, isolation_level=None, timeout=10, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(_SCHEMA)

    def record(self, doubts: Iterable[SaidDoubt], span: tuple[int, int], now_s: int) -> None:
        """Keep all that is doubted of a span [from, to), and take back what no longer is.

        A doubt is the same one where room and kind agree and the times overlap.
        """
        held = self._overlapping(span)
        self._connection.execute("BEGIN IMMEDIATE")
        for doubt in doubts:
            same = next((key for key, one in held.items() if _is_same(one, doubt)), None)
            if same is None:
                self._insert(doubt)
                continue
            del held[same]
            self._connection.execute(
                "UPDATE doubt SET start_s = min(start_s, ?), end_s = max(end_s, ?), strength = ?,"
                " evidence = ?, last_said_s = ?, withdrawn_s = NULL WHERE number = ?",
                (*_seen(doubt), doubt.strength, json.dumps(doubt.evidence), now_s, same),
            )
        for key, one in held.items():
            if one.withdrawn_s is None and one.start_s >= span[0]:
                self._connection.execute(
                    "UPDATE doubt SET withdrawn_s = ? WHERE number = ?", (now_s, key)
                )
        self._connection.execute("COMMIT")

    def since(self, time_s: int) -> list[SaidDoubt]:
        """Return what is doubted and was seen later than a time, by room and time."""
        return self._read("withdrawn_s IS NULL AND end_s >= ? ORDER BY point, start_s", (time_s,))

    def of_point(self, point: str) -> list[SaidDoubt]:
        """Return all that was ever doubted of a room, oldest first, withdrawn ones too."""
        return self._read("point = ? ORDER BY start_s, number", (point,))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _insert(self, doubt: SaidDoubt) -> None:
        self._connection.execute(
            f"INSERT INTO doubt ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            (
                doubt.point,
                doubt.kind,
                *_seen(doubt),
                doubt.strength,
                json.dumps(doubt.evidence),
                doubt.first_said_s,
                doubt.last_said_s,
            ),
        )

    def _overlapping(self, span: tuple[int, int]) -> dict[int, SaidDoubt]:
        rows = self._connection.execute(
            f"SELECT number, {_COLUMNS} FROM doubt WHERE end_s > ? AND start_s < ?", span
        )
        return {number: _doubt(row) for number, *row in rows}

    def _read(self, where: str, values: tuple[object, ...]) -> list[SaidDoubt]:
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM doubt WHERE {where}", values)
        return [_doubt(row) for row in rows]


def _seen(doubt: SaidDoubt) -> tuple[int, int]:
    return doubt.start_s, doubt.end_s


def _is_same(one: SaidDoubt, other: SaidDoubt) -> bool:
    overlap = one.start_s < other.end_s and other.start_s < one.end_s
    return overlap and (one.point, one.kind) == (other.point, other.kind)


def _doubt(row: Iterable[object]) -> SaidDoubt:
    point, kind, start_s, end_s, strength, evidence, *times = row
    return SaidDoubt(
        str(point),
        DoubtKind(str(kind)),
        int(str(start_s)),
        int(str(end_s)),
        float(str(strength)),
        json.loads(str(evidence)),
        *(None if one is None else int(str(one)) for one in times),  # type: ignore[arg-type]
    )
