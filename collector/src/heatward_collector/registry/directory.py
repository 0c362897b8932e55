"""The registry at one moment, as immutable arrays: what the line looks up for every reading."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Indices, Seconds
from heatward_collector.core.coded import Coded
from heatward_collector.registry.dated import Dated, node_number
from heatward_collector.registry.tables import METADATA
from heatward_node.rom import rom_from_kernel_name

UNASSIGNED = -1
BENCH = -2
UNCALIBRATED_U = 0.5 / 3**0.5
"""Standard uncertainty of a DS18B20 without a certificate. [K] (+-0.5 K, taken as rectangular)"""
DEFAULT_INTERVAL_S = 300
Row = Mapping[str, Any]
Made = TypeVar("Made")
Edited = Mapping[str, Sequence[Row]]
"""Rows that are new or others, by table."""


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


_PLACES = frozenset(
    {"room", "outdoor", "home", "stairwell", "building", "estate", "street", "district"}
)
"""Tables on which the order of points, homes and buildings rests."""


class Directory:
    """Lookups over one snapshot of the registry; built by :meth:`Registry.directory`."""

    _calibrations: Dated
    _placements: dict[str, list[Row]]
    _suspensions: dict[str, list[Row]]

    def __init__(
        self,
        version: int,
        tables: Mapping[str, Sequence[Row]],
        before: Directory | None = None,
        edited: Edited | None = None,
    ) -> None:
        """Build what rests on tables that are others than those of the snapshot ``before``.

        The rest is taken over from it, and where only the rows ``edited`` are others, so is what
        rests on all others: an edit of a few rows must not cost as much as a city.
        """
        self.version = version
        self._rows = tables
        same = frozenset() if before is None else before._unchanged(tables)
        self.tables: dict[str, Mapping[str, Row]] = {
            name: before.tables[name]
            if before is not None and name in same
            else {row["id"]: row for row in rows if "id" in row}
            for name, rows in tables.items()
        }
        self._made: dict[Any, tuple[frozenset[str], Any]] = {}
        if before is not None and same >= _PLACES:
            self._take_over_places(before)
        else:
            self._lay_out_places()
        if before is not None and (edited is not None or "assignment" in same):
            rows = () if edited is None else edited.get("assignment", ())
            self._assignments = self._assignments_after(before, rows)
        else:
            self._assignments = Dated(tables["assignment"], self._columns(tables["assignment"]))
        if before is not None and (edited is not None or "calibration" in same):
            rows = () if edited is None else edited.get("calibration", ())
            self._calibrations = before._calibrations.with_rows(rows, _offsets(rows))
        else:
            self._calibrations = Dated(tables["calibration"], _offsets(tables["calibration"]))
        if before is not None and same >= {"placement", "suspension"}:
            self._placements, self._suspensions = before._placements, before._suspensions
        else:
            self._placements = _by_key(tables["placement"], "room")
            self._suspensions = _by_key(tables["suspension"], "home")
        if before is not None:
            self._made |= {key: one for key, one in dict(before._made).items() if same >= one[0]}

    def renewed(self, version: int, changed: Mapping[str, Sequence[Row]]) -> Directory:
        """Return a later snapshot, by the tables that have changed since this one."""
        return Directory(version, {**self._rows, **changed}, self)

    def with_rows(self, version: int, edited: Edited) -> Directory:
        """Return a later snapshot, by the rows that are new or others since this one."""
        changed = {name: _merged(name, self._rows[name], rows) for name, rows in edited.items()}
        return Directory(version, {**self._rows, **changed}, self, edited)

    def derived(self, make: Callable[[Directory], Made], tables: frozenset[str]) -> Made:
        """Return what is made of some tables; made once for as long as they stay as they are."""
        if make not in self._made:
            self._made[make] = (tables, make(self))
        found: Made = self._made[make][1]
        return found

    def _unchanged(self, tables: Mapping[str, Sequence[Row]]) -> frozenset[str]:
        """Return the tables of which another snapshot holds the very same rows."""
        return frozenset(name for name, rows in tables.items() if self._rows.get(name) is rows)

    def _lay_out_places(self) -> None:
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

    def _take_over_places(self, before: Directory) -> None:
        self.points, self.point_index = before.points, before.point_index
        self.homes, self.home_index = before.homes, before.home_index
        self.buildings, self.building_index = before.buildings, before.building_index
        self.point_home, self.home_building = before.point_home, before.home_building

    def _assignments_after(self, before: Directory, rows: Sequence[Row]) -> Dated:
        """Return the assignments of an earlier snapshot, by today's points, and some rows more."""
        held = before._assignments
        if before.points is not self.points:
            target = held.columns["point"]
            if (target == UNASSIGNED).any():
                # What was known nowhere may be known now.
                return Dated(self._rows["assignment"], self._columns(self._rows["assignment"]))
            moved = [self.point_index.get(point.id, UNASSIGNED) for point in before.points]
            moved += [UNASSIGNED, UNASSIGNED]
            now = np.where(target >= 0, np.array(moved, np.int64)[target], target)
            held = held.with_column("point", now)
        return held.with_rows(rows, self._columns(rows)) if rows else held

    def _columns(self, rows: Sequence[Row]) -> dict[str, npt.ArrayLike]:
        return {
            "point": np.array([self._target(row) for row in rows], np.int64),
            "node": np.array([node_number(row["node"]) for row in rows], np.uint64),
        }

    @functools.cached_property
    def intervals(self) -> npt.NDArray[np.int32]:
        """The declared interval of every point's node. [s]"""
        intervals = np.full(len(self.points), DEFAULT_INTERVAL_S, np.int32)
        for row in sorted(self._rows["assignment"], key=lambda row: row["from_s"]):
            point, node = self._target(row), self.tables["node"].get(row["node"])
            if point >= 0 and node is not None:
                intervals[point] = node["interval_seconds"]
        return intervals

    def assign(self, sensor: npt.NDArray[np.uint64], time_s: Seconds) -> Indices:
        """Return the point of each reading by where its sensor was then.

        UNASSIGNED where the registry knows nothing, BENCH where it was on the bench.
        """
        return self.assign_with_node(sensor, time_s)[0]

    def assign_with_node(
        self, sensor: npt.NDArray[np.uint64] | Coded, time_s: Seconds
    ) -> tuple[Indices, npt.NDArray[np.uint64]]:
        """Return the point of each reading, and the number of the node its sensor belongs to.

        The number is 0 where the registry names none.
        """
        row = self._assignments.row_at(sensor, time_s)
        points = self._assignments.column("point", UNASSIGNED)
        return points[row].astype(np.int32), self._assignments.column("node", 0)[row]

    def calibration(
        self, sensor: npt.NDArray[np.uint64] | Coded, time_s: Seconds
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return offset and standard uncertainty of each reading's sensor at that time. [K]"""
        row = self._calibrations.row_at(sensor, time_s)
        offset = self._calibrations.column("offset", 0.0)[row]
        return offset, self._calibrations.column("u", UNCALIBRATED_U)[row]

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
        return self._rows["assignment"]

    def regimes(self) -> Sequence[Row]:
        """Return the dated operating regimes as they stand in the registry."""
        return self._rows["regime"]

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

    @staticmethod
    def _indices(index: Mapping[str, int], keys: Sequence[str]) -> Indices:
        return np.array([index.get(key, -1) for key in keys], np.int32)


def _offsets(rows: Sequence[Row]) -> dict[str, npt.ArrayLike]:
    return {
        "offset": np.array([row["offset_kelvin"] for row in rows], np.float64),
        "u": np.array([row["uncertainty_kelvin"] for row in rows], np.float64),
    }


def _merged(name: str, held: Sequence[Row], rows: Sequence[Row]) -> list[Row]:
    """Return the rows of a table in the order of its key, some of them others or new."""
    key = itemgetter(*(column.name for column in METADATA.tables[name].primary_key))
    new = {key(row): row for row in rows}
    merged = [new.pop(key(row), row) for row in held]
    return sorted([*merged, *new.values()], key=key) if new else merged


def _by_key(rows: Sequence[Row], key: str) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: row.get("from_s") or 0):
        grouped.setdefault(row[key], []).append(row)
    return grouped
