"""The places of cases: what lies in what, and who is in charge there."""

from __future__ import annotations

from collections.abc import Iterable

from heatward_collector.alerts.recipients import Charge
from heatward_collector.core.cases import HeatPlace
from heatward_collector.core.suppression import Level
from heatward_collector.registry import Directory

_ABOVE_HOME = (Level.STAIRWELL, Level.BUILDING, Level.ZONE, Level.SUBSTATION, Level.SOURCE)


class CasePlaces:
    """Lookups over one snapshot of the registry."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        homes: dict[HeatPlace, set[str]] = {}
        self._above: dict[str, tuple[HeatPlace, ...]] = {}
        for home in directory.homes:
            self._above[home] = tuple(HeatPlace(level, place) for level, place in self._chain(home))
            for place in self._above[home]:
                homes.setdefault(place, set()).add(home)
        self._homes = {place: frozenset(some) for place, some in homes.items()}

    def contains(self, larger: HeatPlace, smaller: HeatPlace) -> bool:
        """Say whether every home of a place is a home of another, larger one."""
        inner = self._homes.get(smaller, frozenset())
        outer = self._homes.get(larger, frozenset())
        return larger != smaller and bool(inner) and inner <= outer

    def homes(self, place: HeatPlace) -> tuple[str, ...]:
        """Return the homes of a place."""
        return tuple(sorted(self._homes.get(place, ())))

    def buildings(self, homes: Iterable[str]) -> tuple[str, ...]:
        """Return the buildings of homes."""
        return self._ids(homes, Level.BUILDING)

    def source_of(self, place: HeatPlace) -> str:
        """Return the one source of a place; empty where it has none or several."""
        sources = self._ids(self.homes(place), Level.SOURCE)
        return sources[0] if len(sources) == 1 else ""

    def buildings_of_source(self, source: str) -> tuple[str, ...]:
        """Return the buildings that a source heats."""
        return self.buildings(self.homes(HeatPlace(Level.SOURCE, source)))

    def suppliers_of_building(self, building: str) -> tuple[str, ...]:
        """Return the suppliers that heat homes of a building."""
        return self.charge(HeatPlace(Level.BUILDING, building)).suppliers

    def charge(self, place: HeatPlace) -> Charge:
        """Return who is in charge of a place."""
        homes, tables = self.homes(place), self._directory.tables
        sources = self._ids(homes, Level.SOURCE)
        suppliers = {str(tables["source"][one]["supplier"]) for one in sources}
        estates = {str(tables["building"][one]["estate"]) for one in self.buildings(homes)}
        streets = {str(tables["estate"][one]["street"]) for one in estates}
        districts = {str(tables["street"][one]["district"]) for one in streets}
        return Charge(sources, *(tuple(sorted(some)) for some in (suppliers, streets, districts)))

    def district_of(self, buildings: Iterable[str]) -> str | None:
        """Return the one district that looks after buildings; None where the registry has none."""
        tables = self._directory.tables
        estates = {
            tables["building"][one]["estate"] for one in buildings if one in tables["building"]
        }
        streets = {tables["estate"][one]["street"] for one in estates}
        return min((str(tables["street"][one]["district"]) for one in streets), default=None)

    def _ids(self, homes: Iterable[str], level: Level) -> tuple[str, ...]:
        above = (place for home in homes for place in self._above.get(home, ()))
        return tuple(sorted({place.id for place in above if place.level is level}))

    def _chain(self, home: str) -> Iterable[tuple[Level, str]]:
        tables = self._directory.tables
        row = tables["home"][home]
        substation = tables["zone"][row["zone"]]["substation"]
        ids = (
            row["stairwell"],
            tables["stairwell"][row["stairwell"]]["building"],
            row["zone"],
            substation,
            tables["substation"][substation]["source"],
        )
        return zip(_ABOVE_HOME, map(str, ids), strict=True)
