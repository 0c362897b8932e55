"""Where sensors measure, rooms and then outdoor places, and the places above every home."""

from __future__ import annotations

import functools
import operator
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, SupportsIndex, overload

import numpy as np

from heatward_collector.core import Indices, Mask
from heatward_collector.registry.chain import above, lies_in
from heatward_collector.registry.ids import NOWHERE, JoinedIds, same
from heatward_collector.registry.packed import AT_ONCE
from heatward_collector.registry.packed_rows import PackedRows

MOST_HELD = 32_768
"""So many points and buildings are held as they were made: a city's pages and batches ask for the
same ones again and again."""


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


class _Above(NamedTuple):
    building: str
    estate: str
    street: str
    district: str


class Points(Sequence[Point]):
    """Every point of one snapshot; a point is made when it is asked for."""

    def __init__(self, rows: Mapping[str, PackedRows]) -> None:
        """Join the places of a registry. Raises KeyError where a room or a home lies nowhere."""
        self._rooms, self._outdoors = rows["room"], rows["outdoor"]
        self._homes, self._rows = rows["home"], rows
        self.ids = JoinedIds(self._rooms.ids, self._outdoors.ids)
        self.room_home = lies_in(rows, "room", "home")
        self.home_stairwell = lies_in(rows, "home", "stairwell")
        stairwell_building = above(rows, "stairwell", "building")
        self.home_building: Indices = stairwell_building[self.home_stairwell]
        self._home_of, self._building_of = self.room_home.data, self.home_building.data
        self._home_id, self._room_id = self._homes.column("id"), self._rooms.column("id")
        self._held: dict[int, Point] = {}
        self._above: dict[int, _Above] = {}

    def __len__(self) -> int:
        """Return how many points there are."""
        return len(self._rooms) + len(self._outdoors)

    @overload
    def __getitem__(self, index: SupportsIndex) -> Point: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Point, ...]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Point | tuple[Point, ...]:
        """Return a point by its index, or some."""
        if isinstance(index, slice):
            return tuple(self[one] for one in range(*index.indices(len(self))))
        index = operator.index(index)
        held = self._held.get(index)
        if held is None:
            if not -len(self) <= index < len(self):
                raise IndexError(f"there are {len(self)} points")
            if len(self._held) >= MOST_HELD:
                self._held.clear()
            held = self._held[index] = self._made(index % len(self))
        return held

    def __iter__(self) -> Iterator[Point]:
        """Yield all points in their order."""
        names = ("id", "use", "home")
        for first in range(0, len(self._rooms), AT_ONCE):
            end = min(first + AT_ONCE, len(self._rooms))
            parts = (self._rooms.column(name).between(first, end) for name in names)
            homes = self.room_home[first:end].tolist()
            last, places = NOWHERE, ("", _Above("", "", "", ""), "")
            rows = zip(range(first, end), *parts, homes, strict=True)
            for index, key, use, home, place in rows:
                if place != last:
                    last, places = place, self._above_home(place)
                yield Point(index, key, False, use, home, places[0], *places[1], places[2])
        yield from (self[index] for index in range(len(self._rooms), len(self)))

    def __eq__(self, other: object) -> bool:
        """Say whether another sequence holds the same points."""
        return same(self, other)

    __hash__ = None  # type: ignore[assignment]

    def tags(self, index: int) -> tuple[str, str, str, str, str]:
        """Return district, street, building, home and id of a point: less than making one."""
        if index >= len(self._rooms):
            point = self[index]
            return point.district, "", "", "", point.id
        home = self._home_of[index]
        places = self._above.get(self._building_of[home]) or self._above_home(home)[1]
        district, street, building = places.district, places.street, places.building
        return district, street, building, self._home_id[home], self._room_id[index]

    @property
    def is_outdoor(self) -> Mask:
        """Which points are outdoors, (points,)."""
        return np.arange(len(self)) >= len(self._rooms)

    def used_as(self, uses: Collection[str]) -> Mask:
        """Say which points are rooms of some uses, (points,)."""
        is_used = np.zeros(len(self), bool)
        is_used[: len(self._rooms)] = self._rooms.column("use").mapped(uses.__contains__, bool)
        return is_used

    @functools.cached_property
    def home(self) -> Indices:
        """Each point's home by its index, NOWHERE outdoors, (points,)."""
        outdoors = np.full(len(self._outdoors), NOWHERE, np.int32)
        return np.concatenate([self.room_home, outdoors])

    def _made(self, index: int) -> Point:
        rooms = len(self._rooms)
        if index >= rooms:
            row = self._outdoors[index - rooms]
            return Point(index, row["id"], True, "", "", "", "", "", "", row["district"], "")
        row = self._rooms[index]
        stairwell, places, zone = self._above_home(self._home_of[index])
        return Point(index, row["id"], False, row["use"], row["home"], stairwell, *places, zone)

    def _above_home(self, home: int) -> tuple[str, _Above, str]:
        """Return a home's stairwell, the places above that, and its zone."""
        building = self._building_of[home]
        places = self._above.get(building)
        if places is None:
            if len(self._above) >= MOST_HELD:
                self._above.clear()
            places = self._above[building] = self._above_building(building, home)
        return self._homes.column("stairwell")[home], places, self._homes.column("zone")[home]

    def _above_building(self, building: int, home: int) -> _Above:
        if building == NOWHERE:
            raise KeyError(f"home {self._homes.ids[home]} lies in no building")
        places = [self._rows["building"].ids[building]]
        for table, upper in zip(_Above._fields, _Above._fields[1:], strict=False):
            places.append(str(self._rows[table].by_id[places[-1]][upper]))
        return _Above(*places)
