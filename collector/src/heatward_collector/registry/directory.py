"""The registry at one moment, as immutable arrays: what the line looks up for every reading."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Indices, Mask, Seconds
from heatward_collector.core.coded import Coded
from heatward_collector.registry.dated import Dated, node_number
from heatward_collector.registry.ids import NOWHERE
from heatward_collector.registry.packed_rows import PackedRows
from heatward_collector.registry.points import Points
from heatward_collector.registry.standing import Placements, Suspensions
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
        self._rows = {name: PackedRows.of(name, rows) for name, rows in tables.items()}
        same = frozenset() if before is None else before._unchanged(self._rows)
        self.tables: dict[str, Mapping[str, Row]] = {
            name: rows.by_id for name, rows in self._rows.items()
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
            self._assignments = self._all_assignments()
        if before is not None and (edited is not None or "calibration" in same):
            rows = () if edited is None else edited.get("calibration", ())
            held = before._calibrations
            self._calibrations = held.with_rows(rows, _offsets(rows)) if rows else held
        else:
            self._calibrations = _all_calibrations(self._rows["calibration"])
        if before is not None:
            self._made |= {key: one for key, one in dict(before._made).items() if same >= one[0]}

    def renewed(self, version: int, changed: Mapping[str, Sequence[Row]]) -> Directory:
        """Return a later snapshot, by the tables that have changed since this one."""
        return Directory(version, {**self._rows, **changed}, self)

    def with_rows(self, version: int, edited: Edited) -> Directory:
        """Return a later snapshot, by the rows that are new or others since this one."""
        changed = {name: self._rows[name].with_rows(rows) for name, rows in edited.items()}
        return Directory(version, {**self._rows, **changed}, self, edited)

    def derived(self, make: Callable[[Directory], Made], tables: frozenset[str]) -> Made:
        """Return what is made of some tables; made once for as long as they stay as they are."""
        if make not in self._made:
            self._made[make] = (tables, make(self))
        found: Made = self._made[make][1]
        return found

    def rows(self, table: str) -> PackedRows:
        """Return a table in the order of its key: for who needs one column of all rows."""
        return self._rows[table]

    def let_go(self) -> None:
        """Hold no memory for what is laid aside until it is read again."""
        for rows in self._rows.values():
            rows.let_go()

    def _unchanged(self, tables: Mapping[str, Sequence[Row]]) -> frozenset[str]:
        """Return the tables of which another snapshot holds the very same rows."""
        return frozenset(name for name, rows in tables.items() if self._rows.get(name) is rows)

    def _lay_out_places(self) -> None:
        self.points = Points(self._rows)
        self.point_index = self.points.ids.places
        self.homes = self._rows["home"].ids
        self.buildings = self._rows["building"].ids
        self.home_index, self.building_index = self.homes.places, self.buildings.places
        self.point_home: Indices = self.points.home
        self.home_building: Indices = self.points.home_building

    def _take_over_places(self, before: Directory) -> None:
        self.points, self.point_index = before.points, before.point_index
        self.homes, self.home_index = before.homes, before.home_index
        self.buildings, self.building_index = before.buildings, before.building_index
        self.point_home, self.home_building = before.point_home, before.home_building

    def _all_assignments(self) -> Dated:
        rows = self._rows["assignment"]
        columns = {"point": _targets(self), "node": rows.column("node").mapped(node_number, "u8")}
        return Dated.of(rows, columns)

    def _assignments_after(self, before: Directory, rows: Sequence[Row]) -> Dated:
        """Return the assignments of an earlier snapshot, by today's points, and some rows more."""
        held = before._assignments
        if before.points is not self.points:
            target = held.columns["point"]
            if (target == UNASSIGNED).any():
                # What was known nowhere may be known now.
                return self._all_assignments()
            moved = np.append(before.points.ids.moved_to(self.points.ids), np.int32(UNASSIGNED))
            held = held.with_column("point", np.where(target >= 0, moved[target], target))
        return held.with_rows(rows, self._columns(rows)) if rows else held

    def _columns(self, rows: Sequence[Row]) -> dict[str, npt.ArrayLike]:
        return {
            "point": np.array([self._target(row) for row in rows], np.int32),
            "node": np.array([node_number(row["node"]) for row in rows], np.uint64),
        }

    @functools.cached_property
    def intervals(self) -> npt.NDArray[np.int32]:
        """The declared interval of every point's node. [s]"""
        intervals = np.full(len(self.points), DEFAULT_INTERVAL_S, np.int32)
        rows, nodes = self._rows["assignment"], self._rows["node"]
        node, point = nodes.ids.find_all(rows.column("node")), _targets(self)
        some = np.flatnonzero((node != NOWHERE) & (point >= 0))
        from_s = rows.column("from_s").mapped(int, np.int64)[some]
        some = some[np.argsort(from_s, kind="stable")]
        declared = nodes.column("interval_seconds").mapped(int, np.int32)
        # Of several assignments of one point the newest stands last, and so counts.
        intervals[point[some]] = declared[node[some]]
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
        point, node = self._assignments.values_at(sensor, time_s, {"point": UNASSIGNED, "node": 0})
        return point, node

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
        return self.derived(_placements, _PLACED).at(point, time_s)

    def placements(self, time_s: int) -> tuple[Mask, Mask]:
        """Return the same for every point, (points,)."""
        return self.derived(_placements, _PLACED).all_at(len(self.points), time_s)

    def is_suspended(self, home: str, day: date) -> bool:
        """Say whether a home's heating service is suspended on a local day."""
        index = self.homes.find(home)
        return index != NOWHERE and self.derived(_suspensions, _SUSPENDED).holds(index, day)

    def suspended_homes(self, day: date) -> Mask:
        """Say of every home whether its heating service is suspended on a local day, (homes,)."""
        suspended = np.zeros(len(self.homes), bool)
        suspended[self.derived(_suspensions, _SUSPENDED).homes_on(day)] = True
        return suspended

    def used_as(self, uses: Collection[str]) -> Mask:
        """Say which points are rooms of some uses, (points,)."""
        return self.points.used_as(uses)

    def name(self, table: str, key: str, english: bool = False) -> str:
        """Return the public name of a place; its id where it has none."""
        row = self.tables[table].get(key)
        if row is None:
            return key
        return str((row["name_en"] if english else None) or row["name_zh"] or key)

    def outdoor_points(self, district: str) -> list[int]:
        """Return the outdoor points of a district."""
        outdoors = np.flatnonzero(self.points.is_outdoor).tolist()
        return [index for index in outdoors if self.points[index].district == district]

    def _target(self, row: Row) -> int:
        if row["target_kind"] == "bench":
            return BENCH
        return self.point_index.get(row["target"], UNASSIGNED)


_PLACED, _SUSPENDED = frozenset({"placement", "room"}), frozenset({"suspension", "home"})


def _placements(directory: Directory) -> Placements:
    return Placements.of(directory.rows("placement"), directory.rows("room").ids)


def _suspensions(directory: Directory) -> Suspensions:
    return Suspensions.of(directory.rows("suspension"), directory.homes)


def _targets(directory: Directory) -> Indices:
    """Return the point of every assignment, BENCH or UNASSIGNED, (rows,)."""
    rows = directory.rows("assignment")
    point = directory.points.ids.find_all(rows.column("target"))
    is_bench = rows.column("target_kind").mapped("bench".__eq__, bool)
    return np.where(is_bench, np.int32(BENCH), point)


def _all_calibrations(rows: PackedRows) -> Dated:
    kelvin = {"offset": "offset_kelvin", "u": "uncertainty_kelvin"}
    columns = {name: rows.column(one).mapped(float, np.float64) for name, one in kelvin.items()}
    return Dated.of(rows, columns)


def _offsets(rows: Sequence[Row]) -> dict[str, npt.ArrayLike]:
    return {
        "offset": np.array([row["offset_kelvin"] for row in rows], np.float64),
        "u": np.array([row["uncertainty_kelvin"] for row in rows], np.float64),
    }
