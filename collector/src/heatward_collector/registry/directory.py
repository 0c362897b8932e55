"""The registry at one moment, as immutable arrays: what the line looks up for every reading."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Indices, Seconds
from heatward_node.rom import rom_from_kernel_name

UNASSIGNED = -1
BENCH = -2
FOR_EVER = 2**62
UNCALIBRATED_U = 0.5 / 3**0.5
"""Standard uncertainty of a DS18B20 without a certificate. [K] (+-0.5 K, taken as rectangular)"""
DEFAULT_INTERVAL_S = 300
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Point:
    """A place where a sensor measures: a room, or outdoors. Higher places are ids, or ``""``."""

    index: int
    id: str
    is_outdoor: bool
    use: str
    home: str
    stairwell: str
    building: str
    estate: str
    street: str
    district: str
    zone: str


@dataclass(frozen=True, slots=True)
class Change:
    """A range of time whose readings or verdicts must be looked at again.

    ``sensor`` is None where no reading moves but a fact about a room or home has changed.
    """

    id: int
    sensor: int | None
    from_s: int
    to_s: int
    reason: str


def sensor_number(name: str) -> int:
    """Return the number by which arrays know a sensor: its ROM code, little endian."""
    return int.from_bytes(rom_from_kernel_name(name), "little")


def node_number(name: str | None) -> int:
    """Return the number by which arrays know a node, 0 for none: 64 bits of a digest."""
    if not name:
        return 0
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


class Directory:
    """Lookups over one snapshot of the registry; built by :meth:`Registry.directory`."""

    def __init__(self, version: int, tables: Mapping[str, Sequence[Row]]) -> None:
        self.version = version
        self.tables = {
            name: {row["id"]: row for row in rows if "id" in row} for name, rows in tables.items()
        }
        self.points = tuple(self._points())
        self.point_index = {point.id: point.index for point in self.points}
        self.homes = tuple(sorted(self.tables["home"]))
        self.buildings = tuple(sorted(self.tables["building"]))
        self.home_index = {home: index for index, home in enumerate(self.homes)}
        self.building_index = {one: index for index, one in enumerate(self.buildings)}
        self.point_home = self._indices(self.home_index, [point.home for point in self.points])
        self.home_building = self._indices(
            self.building_index, [self._building_of(home) for home in self.homes]
        )
        self._assignment_rows = tuple(tables["assignment"])
        self._regime_rows = tuple(tables["regime"])
        self._assignments = _Dated(
            tables["assignment"],
            {
                "point": np.array([self._target(row) for row in tables["assignment"]], np.int64),
                "node": np.array(
                    [node_number(row["node"]) for row in tables["assignment"]], np.uint64
                ),
            },
        )
        self._calibrations = _Dated(
            tables["calibration"],
            {
                "offset": np.array([row["offset_kelvin"] for row in tables["calibration"]]),
                "u": np.array([row["uncertainty_kelvin"] for row in tables["calibration"]]),
            },
        )
        self._placements = _by_key(tables["placement"], "room")
        self._suspensions = _by_key(tables["suspension"], "home")
        self.intervals = self._intervals(tables["assignment"])

    def assign(self, sensor: npt.NDArray[np.uint64], time_s: Seconds) -> Indices:
        """Return the point of each reading by where its sensor was then.

        UNASSIGNED where the registry knows nothing, BENCH where it was on the bench.
        """
        return self.assign_with_node(sensor, time_s)[0]

    def assign_with_node(
        self, sensor: npt.NDArray[np.uint64], time_s: Seconds
    ) -> tuple[Indices, npt.NDArray[np.uint64]]:
        """Return the point of each reading, and the number of the node its sensor belongs to.

        The number is 0 where the registry names none.
        """
        row = self._assignments.row_at(sensor, time_s)
        points = np.append(self._assignments.columns["point"], UNASSIGNED)
        nodes = np.append(self._assignments.columns["node"], np.uint64(0))
        return points[row].astype(np.int32), nodes[row]

    def calibration(
        self, sensor: npt.NDArray[np.uint64], time_s: Seconds
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return offset and standard uncertainty of each reading's sensor at that time. [K]"""
        row = self._calibrations.row_at(sensor, time_s)
        offset = np.append(self._calibrations.columns["offset"], 0.0)
        uncertainty = np.append(self._calibrations.columns["u"], UNCALIBRATED_U)
        return offset[row], uncertainty[row]

    def sensors_at(self, time_s: int) -> dict[int, int]:
        """Return sensor by point for every assignment in force at a time."""
        points, sensors = self.hung_at(time_s)
        return dict(zip(points.tolist(), sensors.tolist(), strict=True))

    def hung_at(self, time_s: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
        """Return points, and their sensors, of every assignment in force at a time."""
        dated = self._assignments
        points = dated.columns["point"]
        held = (dated.from_s <= time_s) & (time_s < dated.to_s) & (points >= 0)
        return points[held], dated.sensor[held]

    def assignments(self) -> Sequence[Row]:
        """Return the dated assignments as they stand in the registry."""
        return self._assignment_rows

    def regimes(self) -> Sequence[Row]:
        """Return the dated operating regimes as they stand in the registry."""
        return self._regime_rows

    @staticmethod
    def rom(sensor: str) -> bytes:
        """Return the ROM bytes of a sensor's name."""
        return rom_from_kernel_name(sensor)

    def placement(self, point: int, time_s: int) -> tuple[bool, bool]:
        """Return whether a point's placement is documented, and whether it is suitable."""
        found = (False, True)
        for row in self._placements.get(self.points[point].id, ()):
            if row["from_s"] <= time_s:
                found = (bool(row["documented"]), bool(row["suitable"]))
        return found

    def is_suspended(self, home: str, day: date) -> bool:
        """Say whether a home's heating service is suspended on a local day."""
        return any(
            row["from_day"] <= day and (row["to_day"] is None or day <= row["to_day"])
            for row in self._suspensions.get(home, ())
        )

    def suspended_homes(self, day: date) -> list[str]:
        """Return the homes whose heating service is suspended on a local day."""
        return [home for home in self._suspensions if self.is_suspended(home, day)]

    def name(self, table: str, key: str, english: bool = False) -> str:
        """Return the public name of a place; its id where it has none."""
        row = self.tables[table].get(key)
        if row is None:
            return key
        return str((row["name_en"] if english else None) or row["name_zh"] or key)

    def outdoor_points(self, district: str) -> list[int]:
        """Return the outdoor points of a district."""
        return [p.index for p in self.points if p.is_outdoor and p.district == district]

    def _points(self) -> list[Point]:
        rooms = [
            Point(index, key, False, row["use"], row["home"], *self._above_home(row["home"]))
            for index, (key, row) in enumerate(sorted(self.tables["room"].items()))
        ]
        outdoors = [
            Point(index, key, True, "", "", "", "", "", "", row["district"], "")
            for index, (key, row) in enumerate(
                sorted(self.tables["outdoor"].items()), start=len(rooms)
            )
        ]
        return rooms + outdoors

    def _above_home(self, home: str) -> tuple[str, str, str, str, str, str]:
        row = self.tables["home"][home]
        building = self._building_of(home)
        estate = self.tables["building"][building]["estate"]
        street = self.tables["estate"][estate]["street"]
        district = self.tables["street"][street]["district"]
        return row["stairwell"], building, estate, street, district, row["zone"]

    def _building_of(self, home: str) -> str:
        stairwell = self.tables["home"][home]["stairwell"]
        return str(self.tables["stairwell"][stairwell]["building"])

    def _target(self, row: Row) -> int:
        if row["target_kind"] == "bench":
            return BENCH
        return self.point_index.get(row["target"], UNASSIGNED)

    def _intervals(self, rows: Sequence[Row]) -> npt.NDArray[np.int32]:
        """Return the declared interval of every point's node. [s]"""
        intervals = np.full(len(self.points), DEFAULT_INTERVAL_S, np.int32)
        for row in sorted(rows, key=lambda row: row["from_s"]):
            point, node = self._target(row), self.tables["node"].get(row["node"])
            if point >= 0 and node is not None:
                intervals[point] = node["interval_seconds"]
        return intervals

    @staticmethod
    def _indices(index: Mapping[str, int], keys: Sequence[str]) -> Indices:
        return np.array([index.get(key, -1) for key in keys], np.int32)


class _Dated:
    """Rows of (sensor, from, to) with columns, found by sensor and time for many at once."""

    def __init__(self, rows: Sequence[Row], columns: Mapping[str, npt.ArrayLike]) -> None:
        sensor = np.array([sensor_number(row["sensor"]) for row in rows], np.uint64)
        start = np.array([row["from_s"] for row in rows], np.int64)
        end = np.array(
            [FOR_EVER if row.get("to_s") is None else row["to_s"] for row in rows], np.int64
        )
        order = np.lexsort((start, sensor))
        self.sensor, self.from_s, self.to_s = sensor[order], start[order], end[order]
        self.columns = {name: np.array(values)[order] for name, values in columns.items()}
        self._unique, self._first, self._count = np.unique(
            self.sensor, return_index=True, return_counts=True
        )

    def row_at(self, sensor: npt.NDArray[np.uint64], time_s: Seconds) -> npt.NDArray[np.int64]:
        """Return the row in force for each (sensor, time), or -1."""
        found = np.full(len(sensor), -1, np.int64)
        if len(self._unique) == 0:
            return found
        group = np.minimum(np.searchsorted(self._unique, sensor), len(self._unique) - 1)
        known = self._unique[group] == sensor
        low, high = self._first[group], self._first[group] + self._count[group]
        # Bisection within every sensor's rows at once: low becomes the first row after time_s.
        while (low < high).any():
            middle = np.minimum((low + high) // 2, len(self.sensor) - 1)
            begun = (self.from_s[middle] <= time_s) & (low < high)
            low = np.where(begun, middle + 1, low)
            high = np.where(begun, high, np.minimum(middle, high))
        row = low - 1
        held = known & (row >= self._first[group]) & (time_s < self.to_s[row])
        found[held] = row[held]
        return found


def _by_key(rows: Sequence[Row], key: str) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: row.get("from_s") or 0):
        grouped.setdefault(row[key], []).append(row)
    return grouped
