"""The places of cases: what lies in what, and who is in charge there."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from heatward_collector.alerts.recipients import Charge
from heatward_collector.core import Indices
from heatward_collector.core.cases import HeatPlace
from heatward_collector.core.suppression import Level
from heatward_collector.evaluation.heat_network import above_homes
from heatward_collector.registry import Directory

_NOBODY = np.zeros(0, np.int32)


class CasePlaces:
    """Lookups over one snapshot of the registry."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._above = above_homes(directory)
        self._members: dict[Level, tuple[Indices, Indices]] = {}

    def contains(self, larger: HeatPlace, smaller: HeatPlace) -> bool:
        """Say whether every home of a place is a home of another, larger one."""
        inner, outer = self._homes(smaller), self._homes(larger)
        if larger == smaller or not len(inner) or not len(outer):
            return False
        above = self._above[larger.level]
        return bool((above[inner] == above[outer[0]]).all())

    def homes(self, place: HeatPlace) -> tuple[str, ...]:
        """Return the homes of a place."""
        homes = self._directory.homes
        return tuple(homes[one] for one in self._homes(place).tolist())

    def buildings(self, homes: Iterable[str]) -> tuple[str, ...]:
        """Return the buildings of homes."""
        found = [self._directory.homes.find(one) for one in homes]
        return self._ids(np.array([one for one in found if one >= 0], np.int32), Level.BUILDING)

    def source_of(self, place: HeatPlace) -> str:
        """Return the one source of a place; empty where it has none or several."""
        sources = self._ids(self._homes(place), Level.SOURCE)
        return sources[0] if len(sources) == 1 else ""

    def buildings_of_source(self, source: str) -> tuple[str, ...]:
        """Return the buildings that a source heats."""
        return self._ids(self._homes(HeatPlace(Level.SOURCE, source)), Level.BUILDING)

    def suppliers_of_building(self, building: str) -> tuple[str, ...]:
        """Return the suppliers that heat homes of a building."""
        return self.charge(HeatPlace(Level.BUILDING, building)).suppliers

    def charge(self, place: HeatPlace) -> Charge:
        """Return who is in charge of a place."""
        homes, tables = self._homes(place), self._directory.tables
        sources = self._ids(homes, Level.SOURCE)
        suppliers = {str(tables["source"][one]["supplier"]) for one in sources}
        buildings = self._ids(homes, Level.BUILDING)
        estates = {str(tables["building"][one]["estate"]) for one in buildings}
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

    def _ids(self, homes: Indices, level: Level) -> tuple[str, ...]:
        """Return the places of a level above some homes."""
        ids = self._directory.rows(level.value).ids
        return tuple(ids[one] for one in np.unique(self._above[level][homes]).tolist())

    def _homes(self, place: HeatPlace) -> Indices:
        """Return the homes of a place, ascending; none of one that is unknown."""
        above = self._above.get(place.level)
        number = -1 if above is None else self._directory.rows(place.level.value).ids.find(place.id)
        if above is None or number < 0:
            return _NOBODY
        if place.level not in self._members:
            order = np.argsort(above, kind="stable").astype(np.int32)
            self._members[place.level] = order, above[order]
        order, sorted_above = self._members[place.level]
        first, end = np.searchsorted(sorted_above, (number, number + 1)).tolist()
        return order[first:end]
