"""Who hangs on what: the homes that are the columns of every array, and the places above them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from heatward_collector.core import Indices, Mask


class Level(StrEnum):
    """A kind of place, from one room to all that one boiler house heats."""

    ROOM = "room"
    HOME = "home"
    STAIRWELL = "stairwell"
    BUILDING = "building"
    ZONE = "zone"
    SUBSTATION = "substation"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Network:
    """Homes and the places to which they belong; all arrays are (homes,).

    A zone crosses buildings and a building may have several zones, so that the places form no
    tree; a home belongs to at most one place of each level.
    """

    homes: tuple[str, ...]
    places: Mapping[Level, tuple[str, ...]]
    """The ids of the places of each level from STAIRWELL up, in a fixed order."""
    of_home: Mapping[Level, Indices]
    """Each home's place as an index into ``places``, -1 for none."""
    is_floor_heated: Mask

    def __post_init__(self) -> None:
        for level, index in self.of_home.items():
            if len(index) != len(self.homes):
                raise ValueError(f"{level} names {len(index)} homes of {len(self.homes)}")
            if len(index) and int(index.max(initial=-1)) >= len(self.places[level]):
                raise ValueError(f"{level} has a home in a place that is not there")

    def members(self, level: Level, place: int) -> Mask:
        """Say which homes belong to a place."""
        return np.asarray(self.of_home[level] == place)

    def place_of(self, level: Level, home: int) -> str:
        """Return the id of a home's place, empty for none."""
        index = int(self.of_home[level][home])
        return self.places[level][index] if index >= 0 else ""
