"""Which homes and buildings a place has, and which places temperatures cannot tell apart."""

from __future__ import annotations

import numpy as np

from heatward_collector.core.suppression import Level, Network

Place = tuple[Level, str]


class Places:
    """Lookups over the network of a season."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._homes: dict[Place, frozenset[str]] = {
            (Level.HOME, home): frozenset([home]) for home in network.homes
        }
        for level, places in network.places.items():
            for index, place in enumerate(places):
                members = np.flatnonzero(network.members(level, index)).tolist()
                self._homes[level, place] = frozenset(network.homes[one] for one in members)
        position = {home: index for index, home in enumerate(network.homes)}
        self._building = {
            home: network.place_of(Level.BUILDING, index) for home, index in position.items()
        }

    def homes(self, level: Level, place: str) -> frozenset[str]:
        """Return the homes of a place, none for one that is not known."""
        return self._homes.get((level, place), frozenset())

    def buildings(self, level: Level, place: str) -> frozenset[str]:
        """Return the buildings in which a place has homes."""
        found = {self._building[home] for home in self.homes(level, place)}
        return frozenset(found - {""})

    def are_one(self, one: Place, other: Place) -> bool:
        """Say whether two places are the same for a judge of temperatures.

        So are places of the same homes, and those that have only one and the same building: a
        level with one child building is that building.
        """
        if one == other:
            return True
        mine, theirs = self.homes(*one), self.homes(*other)
        if mine and mine == theirs:
            return True
        buildings = self.buildings(*one)
        return len(buildings) == 1 and buildings == self.buildings(*other)
