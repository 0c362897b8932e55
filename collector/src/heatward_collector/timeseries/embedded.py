"""The embedded store: SQLite, points by (series, second).

It can be rebuilt, so it spares the fsync at every commit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from heatward_collector.core import Celsius, Seconds
from heatward_collector.errors import StoreAway
from heatward_collector.timeseries.protocol import (
    CANARY,
    EMPTY,
    HOUR_S,
    Points,
    Series,
    Stored,
    hours_of,
)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS series (
  id INTEGER PRIMARY KEY, measurement TEXT, district TEXT, street TEXT, building TEXT, home TEXT,
  room TEXT, sensor TEXT, UNIQUE (measurement, district, street, building, home, room, sensor)
);
CREATE INDEX IF NOT EXISTS series_room ON series (room);
CREATE INDEX IF NOT EXISTS series_sensor ON series (sensor);
CREATE TABLE IF NOT EXISTS point (
  series INTEGER, time_s INTEGER, celsius REAL, PRIMARY KEY (series, time_s)
) WITHOUT ROWID;
"""


class EmbeddedStore:
    """Time series in one SQLite file; any number of readers beside the one writer."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._connection = sqlite3.connect(
            path, isolation_level=None, timeout=10, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)
        self._ids: dict[Series, int] = {}

    def write(self, points: Points) -> None:
        """Write points in one transaction."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            ids = np.array([self._id(series) for series in points.series], np.int64)
            rows = zip(
                ids[points.index].tolist(),
                points.time_s.tolist(),
                points.celsius.tolist(),
                strict=True,
            )
            self._connection.executemany("INSERT OR REPLACE INTO point VALUES (?, ?, ?)", rows)
            self._connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._ids.clear()
            raise StoreAway(f"{self._path} cannot be written: {error}") from error

    def delete(self, sensor: str, from_s: int, to_s: int) -> None:
        """Delete a sensor's points in [from_s, to_s)."""
        self._connection.execute(
            "DELETE FROM point WHERE series IN (SELECT id FROM series WHERE sensor = ?) "
            "AND time_s >= ? AND time_s < ?",
            (sensor, from_s, to_s),
        )

    def drop(self) -> None:
        """Delete every point and series."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("DELETE FROM point")
        self._connection.execute("DELETE FROM series")
        self._connection.execute("COMMIT")
        self._ids.clear()

    def room(self, room: str, from_s: int, to_s: int) -> tuple[Seconds, Celsius]:
        """Return the readings of a room in order of time."""
        rows = self._connection.execute(
            "SELECT time_s, celsius FROM point JOIN series ON series.id = point.series "
            "WHERE room = ? AND time_s >= ? AND time_s < ? AND measurement != ? ORDER BY time_s",
            (room, from_s, to_s, CANARY),
        ).fetchall()
        values = np.array(rows, np.float64).reshape(-1, 2)
        return values[:, 0].astype(np.int64), values[:, 1]

    def hourly(self, rooms: Sequence[str], from_s: int, to_s: int) -> Celsius:
        """Return hourly means of rooms, (rooms, hours)."""
        rows = self._connection.execute(
            f"SELECT room, time_s / {HOUR_S} * {HOUR_S} AS hour, avg(celsius) "
            "FROM point JOIN series ON series.id = point.series "
            f"WHERE room IN ({', '.join('?' * len(rooms))}) AND time_s >= ? AND time_s < ? "
            "GROUP BY room, hour",
            (*rooms, from_s, to_s),
        ).fetchall()
        return hours_of(rows, rooms, from_s, to_s)

    def stored(self, from_s: int, to_s: int) -> Stored:
        """Return every point in a range, by sensor and time."""
        rows = self._connection.execute(
            "SELECT room, sensor, time_s, celsius FROM point JOIN series ON id = series "
            "WHERE time_s >= ? AND time_s < ? AND measurement != ? ORDER BY sensor, time_s, room",
            (from_s, to_s, CANARY),
        ).fetchall()
        if not rows:
            return EMPTY
        room, sensor, time_s, celsius = zip(*rows, strict=True)
        return Stored(list(room), list(sensor), np.array(time_s), np.array(celsius))

    def canaries(self, from_s: int, to_s: int) -> Seconds:
        """Return when test readings were taken."""
        rows = self._connection.execute(
            "SELECT time_s FROM point JOIN series ON id = series "
            "WHERE measurement = ? AND time_s >= ? AND time_s < ? ORDER BY time_s",
            (CANARY, from_s, to_s),
        ).fetchall()
        return np.array([row[0] for row in rows], np.int64)

    def _id(self, series: Series) -> int:
        if series not in self._ids:
            self._connection.execute(
                "INSERT OR IGNORE INTO series (measurement, district, street, building, home, "
                "room, sensor) VALUES (?, ?, ?, ?, ?, ?, ?)",
                series,
            )
            self._ids[series] = self._connection.execute(
                "SELECT id FROM series WHERE measurement = ? AND district = ? AND street = ? "
                "AND building = ? AND home = ? AND room = ? AND sensor = ?",
                series,
            ).fetchone()[0]
        return self._ids[series]
