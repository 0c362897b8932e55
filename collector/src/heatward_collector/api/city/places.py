"""The registry as pages need it: which points make up a building, and how warm it is now."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date

import numpy as np

from ...core import MISSING, Celsius, Indices, Mask, Seconds
from ...registry import Directory
from .facts import Name
from .newest_readings import Latest, grouped_maximum, grouped_median


@dataclass(frozen=True, slots=True)
class StateNow:
    """Every building now; arrays (buildings,) in the order of the directory."""

    homes: Indices
    """Homes with a sensor in a room that the standard covers."""
    heard_at: Seconds
    median: Celsius
    outdoor: float
    """Median of the shaded outdoor points. [degC]"""


class Places:
    """One snapshot of the registry with the lookups of the pages."""

    def __init__(self, directory: Directory, room_uses: frozenset[str]) -> None:
        self.directory = directory
        self.point_ids = directory.points.ids
        self._covered: Mask = directory.used_as(room_uses)
        outdoors = directory.points.is_outdoor
        self._outdoor: Mask = np.zeros(len(outdoors), bool)
        self._outdoor[outdoors] = directory.rows("outdoor").column("shaded").mapped(bool, bool)
        rooms = np.flatnonzero(~outdoors)
        building = directory.home_building[directory.point_home[rooms]]
        order = np.argsort(building, kind="stable")
        self._rooms = rooms[order]
        self._begin = np.searchsorted(building[order], np.arange(len(directory.buildings) + 1))

    def name(self, table: str, key: str) -> Name:
        """Return the public name of a place in both languages."""
        return Name(self.directory.name(table, key), self.directory.name(table, key, english=True))

    @functools.cached_property
    def building_names(self) -> list[tuple[Name, Name, Name]]:
        """Names of every building, its estate and its street, in the order of the directory."""
        return [
            (
                self.name("building", one),
                self.name("estate", self.estate_of(one)),
                self.name("street", self.street_of(one)),
            )
            for one in self.directory.buildings
        ]

    def estate_of(self, building: str) -> str:
        return str(self.directory.tables["building"][building]["estate"])

    def street_of(self, building: str) -> str:
        return str(self.directory.tables["estate"][self.estate_of(building)]["street"])

    def points_of(self, building: str) -> list[int]:
        """Return the points of the rooms of a building."""
        place = self.directory.buildings.find(building)
        if place < 0:
            return []
        found: list[int] = self._rooms[self._begin[place] : self._begin[place + 1]].tolist()
        return found

    def numbers_in_homes(self, building: str) -> dict[str, int]:
        """Return by room which of its home's rooms of one use it is, from 1; no only ones."""
        alike: dict[tuple[str, str], list[str]] = {}
        for index in self.points_of(building):
            point = self.directory.points[index]
            alike.setdefault((point.home, point.use), []).append(point.id)
        several = (sorted(rooms) for rooms in alike.values() if len(rooms) > 1)
        return {room: number for rooms in several for number, room in enumerate(rooms, start=1)}

    def judged_rooms_by_home(self, building: str) -> list[list[str]]:
        """Return the rooms that the standard covers, a list for each home."""
        homes: dict[str, list[str]] = {}
        for index in self.points_of(building):
            if self._covered[index]:
                point = self.directory.points[index]
                homes.setdefault(point.home, []).append(point.id)
        return list(homes.values())

    def celsius(self, latest: Latest, now_s: float) -> Celsius:
        """Return every point's temperature now, calibrated; NaN where it is not known."""
        points, numbers = self.directory.hung_at(int(now_s))
        offset = np.zeros(len(self.point_ids))
        when = np.full(len(points), int(now_s), np.int64)
        offset[points] = self.directory.calibration(numbers, when)[0]
        return np.where(latest.raw != MISSING, latest.raw / 16, np.nan) + offset

    def state_now(self, latest: Latest, celsius: Celsius, now_s: float, today: date) -> StateNow:
        """Return how every building is now: rooms make homes, homes make buildings.

        ``celsius`` is what :meth:`celsius` says of these readings.
        """
        directory = self.directory
        counted = self._covered & self._assigned(now_s) & self._unsuspended(today)
        home = np.where(counted, directory.point_home, -1).astype(np.int32)
        warmth = grouped_median(celsius, home, len(directory.homes))
        heard = grouped_maximum(latest.heard_at, home, len(directory.homes))
        measured = np.isin(np.arange(len(directory.homes)), home)
        building = np.where(measured, directory.home_building, -1).astype(np.int32)
        buildings = len(directory.buildings)
        outdoor = celsius[self._outdoor & np.isfinite(celsius)]
        return StateNow(
            homes=np.bincount(building[measured], minlength=buildings).astype(np.int32),
            heard_at=grouped_maximum(heard, building, buildings),
            median=grouped_median(warmth, building, buildings),
            outdoor=float(np.median(outdoor)) if outdoor.size else float("nan"),
        )

    def _assigned(self, now_s: float) -> Mask:
        assigned = np.zeros(len(self.point_ids), bool)
        assigned[self.directory.hung_at(int(now_s))[0]] = True
        return assigned

    def _unsuspended(self, today: date) -> Mask:
        # One place more, for points of no home: those have index -1.
        suspended = np.append(self.directory.suspended_homes(today), False)
        return ~suspended[self.directory.point_home]
