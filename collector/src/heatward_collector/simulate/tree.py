"""The places of a simulated season: rooms in homes in buildings, on zones of heat sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Indices, Mask
from heatward_collector.core.suppression import Level, Network

ZONES = ("low", "high", "floor")
"""Hydraulic zones of a source in an invented town."""


@dataclass(frozen=True, slots=True)
class HomePlan:
    """One home: its rooms, where it stands, and what it hangs on."""

    id: str
    rooms: tuple[str, ...]
    stairwell: str
    building: str
    zone: str
    has_floor_heating: bool = False
    floor: int = 1
    position: str = "middle"
    """``middle``, ``top``, ``bottom`` or ``end_wall``: the last three lose more."""
    metered: bool = False

    def __post_init__(self) -> None:
        if not self.rooms:
            raise ValueError(f"home {self.id} has no room: name at least one")


@dataclass(frozen=True, slots=True)
class Tree:
    """Homes and the heat network above them."""

    homes: tuple[HomePlan, ...]
    zone_substation: Mapping[str, str]
    substation_source: Mapping[str, str]
    source_supplier: Mapping[str, str]

    def __post_init__(self) -> None:
        if not self.homes:
            raise ValueError("a simulated district needs at least one home")
        for what, named, known in (
            ("zone", {home.zone for home in self.homes}, self.zone_substation),
            ("substation", set(self.zone_substation.values()), self.substation_source),
            ("source", set(self.substation_source.values()), self.source_supplier),
        ):
            if missing := sorted(named - set(known)):
                raise ValueError(f"nothing says what these hang on: {what} {', '.join(missing)}")
        for what, ids in (
            ("home", [home.id for home in self.homes]),
            ("room", [room for home in self.homes for room in home.rooms]),
        ):
            if len(set(ids)) < len(ids):
                raise ValueError(f"the id of a {what} stands twice")

    @property
    def rooms(self) -> tuple[str, ...]:
        """Every room, home by home: the order of the rows of a season."""
        return tuple(room for home in self.homes for room in home.rooms)

    @property
    def room_home(self) -> Indices:
        """The home of each room, as an index into ``homes``."""
        return np.repeat(
            np.arange(len(self.homes), dtype=np.int32), [len(home.rooms) for home in self.homes]
        )

    def place_of(self, home: HomePlan, level: Level) -> str:
        """Return the place of a level to which a home belongs."""
        substation = self.zone_substation[home.zone]
        return {
            Level.ROOM: home.rooms[0],
            Level.HOME: home.id,
            Level.STAIRWELL: home.stairwell,
            Level.BUILDING: home.building,
            Level.ZONE: home.zone,
            Level.SUBSTATION: substation,
            Level.SOURCE: self.substation_source[substation],
        }[level]

    def places(self, level: Level) -> tuple[str, ...]:
        """Return the places of a level that have homes, sorted."""
        return tuple(sorted({self.place_of(home, level) for home in self.homes}))

    def below(self, level: Level, place: str, lower: Level) -> tuple[str, ...]:
        """Return the places of a lower level that have homes of a place, sorted."""
        inside = (home for home in self.homes if self.place_of(home, level) == place)
        return tuple(sorted({self.place_of(home, lower) for home in inside}))

    def homes_at(self, level: Level, place: str) -> Mask:
        """Say which homes belong to a place.

        Raises
        ------
        ValueError
            If no home belongs to it.
        """
        found = np.array([self.place_of(home, level) == place for home in self.homes])
        if not found.any():
            raise ValueError(f"no home belongs to {level} {place}")
        return found

    def index_of(self, level: Level) -> tuple[tuple[str, ...], Indices]:
        """Return the places of a level and, for each home, the index of its own."""
        places = self.places(level)
        position = {place: index for index, place in enumerate(places)}
        own: Iterable[int] = (position[self.place_of(home, level)] for home in self.homes)
        return places, np.fromiter(own, np.int32, len(self.homes))

    def network(self) -> Network:
        """Return the same places as a detector knows them."""
        levels = [Level.STAIRWELL, Level.BUILDING, Level.ZONE, Level.SUBSTATION, Level.SOURCE]
        indexed = {level: self.index_of(level) for level in levels}
        return Network(
            homes=tuple(home.id for home in self.homes),
            places={level: places for level, (places, _) in indexed.items()},
            of_home={level: index for level, (_, index) in indexed.items()},
            is_floor_heated=np.array([home.has_floor_heating for home in self.homes]),
        )


def town(
    *,
    sources: int = 3,
    buildings_per_source: int = 3,
    homes_per_building: int = 5,
    rooms_per_home: int = 2,
    floor_heated: Sequence[int] = (),
    substations_per_source: int = 1,
    floors: int = 12,
) -> Tree:
    """Invent a town: the buildings of a substation share a low and a high zone.

    Floor-heated buildings hang on a zone of their own; ``floor_heated`` counts
    buildings from 0. The ids are only names for places.
    """
    homes = []
    letters = "abcdefgh"[:substations_per_source] if substations_per_source > 1 else ("",)
    stations = {
        f"ss{source}{letter}": f"so{source}"
        for source in range(1, sources + 1)
        for letter in letters
    }
    for building in range(sources * buildings_per_source):
        source, inside = divmod(building, buildings_per_source)
        letter = letters[inside * len(letters) // buildings_per_source]
        for flat in range(homes_per_building):
            is_floor = building in floor_heated
            part = "low" if 2 * flat < homes_per_building else "high"
            home = f"h{building + 1:03}-{flat + 1:02}"
            floor = 1 + flat * (floors - 1) // max(homes_per_building - 1, 1)
            homes.append(
                HomePlan(
                    id=home,
                    rooms=tuple(f"{home}-r{room + 1}" for room in range(rooms_per_home)),
                    stairwell=f"b{building + 1:03}-u{flat % 2 + 1}",
                    building=f"b{building + 1:03}",
                    zone=f"z{source + 1}{letter}-{'floor' if is_floor else part}",
                    has_floor_heating=is_floor,
                    floor=floor,
                    position={1: "bottom", floors: "top"}.get(floor, "middle"),
                )
            )
    return Tree(
        homes=tuple(homes),
        zone_substation={f"z{one[2:]}-{part}": one for one in stations for part in ZONES},
        substation_source=stations,
        source_supplier={f"so{n}": f"su{n}" for n in range(1, sources + 1)},
    )
