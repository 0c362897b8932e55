"""Which areas a building and a home belong to, and what Grafana calls them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ..core import Indices, Mask
from ..registry import Directory
from .lines import line

HOMES_FOR_FIGURES = 5
"""Need to know: with fewer homes an area shows a state and its number of homes, no figure."""
GEOGRAPHY = ("district", "street", "estate")
NETWORK = ("supplier", "source", "substation", "zone")
BUILDING = "building"
CURVE_LEVELS = ("zone", "estate", "source")
"""Where a building with few homes finds its curve: the first of these with homes enough."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level: its areas, and in which of them each home lies."""

    name: str
    ids: tuple[str, ...]
    of_home: Indices
    """Index into ``ids`` of every home of the directory, (homes,)."""


@dataclass(frozen=True, slots=True)
class CurveOf:
    """On which homes the curve of a building rests."""

    level: str
    area: str
    homes: Indices
    """Indices of homes; none where no level has enough of them."""


class Areas:
    """The areas of one snapshot of the registry; ``measured`` are the homes with a sensor."""

    def __init__(self, directory: Directory, measured: Mask) -> None:
        self.directory = directory
        self.measured = measured
        tables = directory.tables
        zones = directory.rows("home").column("zone").between(0, len(directory.homes))
        station = {zone: str(row["substation"]) for zone, row in tables["zone"].items()}
        source = {one: str(row["source"]) for one, row in tables["substation"].items()}
        supplier = {one: str(row["supplier"]) for one, row in tables["source"].items()}
        stations = [station[zone] for zone in zones]
        sources = [source[one] for one in stations]
        names = tuple(directory.buildings)
        buildings = [names[index] for index in directory.home_building.tolist()]
        tags_of = {building: self.above(building) for building in sorted(set(buildings))}
        above = [tags_of[building] for building in buildings]
        of_home = {
            BUILDING: buildings,
            **{level: [tags[level] for tags in above] for level in GEOGRAPHY},
            "zone": zones,
            "substation": stations,
            "source": sources,
            "supplier": [supplier[one] for one in sources],
        }
        self.levels = {name: _level(name, ids) for name, ids in of_home.items()}
        self.measured_of_building = np.bincount(
            directory.home_building[measured], minlength=len(directory.buildings)
        )
        homes = np.flatnonzero(measured)
        self._by_building = homes[np.argsort(directory.home_building[homes], kind="stable")]
        self._begin = np.concatenate(([0], np.cumsum(self.measured_of_building)))

    def above(self, building: str) -> dict[str, str]:
        """Return the tags of a building: the areas above it, from the district down, and itself."""
        tables = self.directory.tables
        estate = str(tables["building"][building]["estate"])
        street = str(tables["estate"][estate]["street"])
        district = str(tables["street"][street]["district"])
        return {"district": district, "street": street, "estate": estate, "building": building}

    def tags(self, level: str, area: str) -> dict[str, str]:
        """Return the tags of any area: level and area, and those above it where it has some."""
        tables = self.directory.tables
        tags = {"level": level, "area": area}
        if level == BUILDING:
            return {**tags, **self.above(area)}
        if level == "estate":
            street = str(tables["estate"][area]["street"])
            district = str(tables["street"][street]["district"])
            return {**tags, "district": district, "street": street, "estate": area}
        if level == "street":
            return {**tags, "district": str(tables["street"][area]["district"]), "street": area}
        if level == "source":
            return {**tags, "supplier": str(tables["source"][area]["supplier"]), "source": area}
        return {**tags, level: area}

    def network_of(self, place: Mapping[str, str], building: str) -> dict[str, str]:
        """Return source and supplier of a place of the heat network, else of most homes here."""
        name = place["level"] if place["level"] in NETWORK else BUILDING
        level, area = self.levels[name], place["area"] if name in NETWORK else building
        homes = level.of_home == level.ids.index(area) if area in level.ids else None
        if homes is None:
            return {}
        found = {}
        for above in ("supplier", "source"):
            numbers = self.levels[above].of_home[homes]
            found[above] = self.levels[above].ids[int(np.bincount(numbers).argmax())]
        return found

    def curve_of(self, building: int) -> CurveOf:
        """Return on which homes the curve of a building rests."""
        own = self._by_building[self._begin[building] : self._begin[building + 1]]
        if len(own) >= HOMES_FOR_FIGURES:
            return CurveOf(BUILDING, self.directory.buildings[building], own.astype(np.int32))
        for name in CURVE_LEVELS if len(own) else ():
            level = self.levels[name]
            area = int(np.bincount(level.of_home[own]).argmax())
            homes = np.flatnonzero(self.measured & (level.of_home == area))
            if len(homes) >= HOMES_FOR_FIGURES:
                return CurveOf(name, level.ids[area], homes.astype(np.int32))
        return CurveOf("", "", np.empty(0, np.int32))

    def place_lines(self, time_s: int) -> Iterator[str]:
        """Yield the names of every place; a rename is a new point, never a new tag."""
        for level in (*GEOGRAPHY, "supplier", "source", "zone"):
            for area in self.directory.tables[level]:
                yield from line(
                    "place", self.tags(level, area), self._labelled(level, area), time_s
                )
        for index, building in enumerate(self.directory.buildings):
            if self.measured_of_building[index]:
                named = {**self._labelled(BUILDING, building), **self._building(index, building)}
                yield from line("place", self.tags(BUILDING, building), named, time_s)

    def names(self, level: str, area: str) -> dict[str, str]:
        """Return the public name of an area, as fields."""
        english = self.directory.name(level, area, english=True)
        return {"name": self.directory.name(level, area), "name_en": english}

    def _labelled(self, level: str, area: str) -> dict[str, str]:
        names = self.names(level, area)
        labels = {key.replace("name", "label"): f"{area}|{name}" for key, name in names.items()}
        return {**names, **labels}

    def _building(self, index: int, building: str) -> dict[str, str | float | None]:
        row = self.directory.tables["building"][building]
        estate, curve = str(row["estate"]), self.curve_of(index)
        names = {
            english: self.directory.name("estate", estate, english) for english in (False, True)
        }
        rests = {
            english: self.directory.name(curve.level, curve.area, english) if curve.level else ""
            for english in (False, True)
        }
        own = {english: self.directory.name("building", building, english) for english in names}
        return {
            "name_on_map": name_on_map(own[False], names[False]),
            "name_on_map_en": name_on_map(own[True], names[True]),
            "estate_name": names[False],
            "estate_name_en": names[True],
            "curve_of": rests[False],
            "curve_of_en": rests[True],
            "homes": float(self.measured_of_building[index]),
            "lat": row["latitude"],
            "lon": row["longitude"],
        }


def name_on_map(building: str, estate: str) -> str:
    """Return a building's name without that of its estate, short enough for a map."""
    return building.removeprefix(estate).strip(" ,，、·") or building


def _level(name: str, ids: list[str]) -> Level:
    unique, index = np.unique(np.array(ids, str), return_inverse=True)
    return Level(name, tuple(str(one) for one in unique), index.reshape(-1).astype(np.int32))
