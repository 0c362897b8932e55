"""Of what rooms are made: air over fabric, coupled through party walls.

Conductances are shares of a home's loss to the outdoors, so that heat is in kelvin: in the steady
state without neighbours and other gains ``air - outdoor`` equals the heat input.

    air      C dA/dt   = loss (O - A) + G (F - A) + (1 - r) heat + gains
    fabric   tau dF/dt = G (A - F) + fabric loss (O - F) + r heat + gains + P (building mean - F)

``G`` couples air to walls and furniture, ``r`` is the radiant share of the emitter, ``P`` the party
walls. A grey-box model of second order (Madsen & Holst 1995; Bacher & Madsen 2011).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Indices
from heatward_collector.core.suppression import Level

from .tree import Tree
from .weather import FACADES

TAU_H = (50.0, 150.0)
"""Range of the time constants of whole homes. [h] (real stops gave 45 to 157)"""
AIR_TAU_H = (0.2, 0.8)
"""Air with what it warms at once. [h] (a closed window is forgotten in well under 2.5 h)"""
AIR_LOSS = 0.4
"""Windows and leaks, as a share of the whole loss; the rest goes through walls."""
AIR_TO_FABRIC = (15.0, 28.0)
"""Inner surfaces of about 250 m2 at 4 to 8 W/m2K, over a loss of about 80 W/K."""
RADIANT_SHARE, FLOOR_RADIANT_SHARE = 0.55, 0.8
PARTY_WALL = (3.5, 7.5)
"""An unheated home settles 4 to 8 K below its neighbours at 40 K to the outdoors."""
AIRING_LOSS = (0.8, 4.0)
"""What an open window adds: 2 to 6 K less in the air of a cold day."""
RADIATOR_LAG_H = (0.3, 1.0)
FLOOR_LAG_H = (6.0, 12.0)
SUN_KELVIN = (20.0, 60.0)
"""Heat of full sun through the windows. [K] (3 m2, 600 W/m2, g 0.4: 750 W over 19 W/K)"""
SUN_TO_AIR, LIVING_TO_AIR = 0.6, 0.7
WIND_LOSS = (0.1, 0.5)
"""What a storm adds to the loss of a room on its side: about 1 K within hours on a cold day."""
FACADE_SHARES = (0.45, 0.35, 0.10, 0.10)
"""Rooms that look south, north, east and west: blocks stand along the street's length."""
BUILDING_KELVIN, HOME_KELVIN, ROOM_KELVIN = 0.5, 1.0, 0.5
"""Standard deviations of what buildings, homes and rooms have beyond the due heat. [K]"""
EDGE_KELVIN = -1.2
"""What top and bottom floors and end walls lack. [K]"""


@dataclass(frozen=True, slots=True)
class Fabric:
    """Constants of rooms, (rooms,)."""

    tau_h: Celsius
    air_tau_h: Celsius
    to_fabric: Celsius
    radiant: Celsius
    party: Celsius
    airing: Celsius
    lag_h: Celsius
    sun: Celsius
    wind: Celsius
    facade: Indices
    """Index into :data:`.weather.FACADES`."""
    share: Celsius
    """Heat input relative to what is due."""
    building: Indices

    @property
    def wall_loss(self) -> Celsius:
        """The loss of the fabric that makes the whole loss 1."""
        return np.asarray(
            (1.0 - AIR_LOSS) / (1.0 + (AIR_LOSS - 1.0 + self.radiant) / self.to_fabric)
        )


def fabric(tree: Tree, random: np.random.Generator) -> Fabric:
    """Draw the constants of every room: homes differ, rooms of one home less."""
    home = tree.room_home
    homes, rooms = len(tree.homes), len(home)
    building = tree.index_of(Level.BUILDING)[1]
    floor = np.array([plan.has_floor_heating for plan in tree.homes])[home]
    edge = np.array([plan.position != "middle" for plan in tree.homes])
    extra = random.normal(0.0, BUILDING_KELVIN, int(building.max()) + 1)[building]
    extra += random.normal(0.0, HOME_KELVIN, homes) + EDGE_KELVIN * edge
    return Fabric(
        tau_h=random.uniform(*TAU_H, homes)[home],
        air_tau_h=random.uniform(*AIR_TAU_H, rooms),
        to_fabric=random.uniform(*AIR_TO_FABRIC, rooms),
        radiant=np.where(floor, FLOOR_RADIANT_SHARE, RADIANT_SHARE),
        party=random.uniform(*PARTY_WALL, homes)[home],
        airing=random.uniform(*AIRING_LOSS, rooms),
        lag_h=np.where(
            floor, random.uniform(*FLOOR_LAG_H, rooms), random.uniform(*RADIATOR_LAG_H, rooms)
        ),
        sun=random.uniform(*SUN_KELVIN, rooms),
        wind=random.uniform(*WIND_LOSS, rooms),
        facade=random.choice(len(FACADES), rooms, p=FACADE_SHARES).astype(np.int32),
        share=1.0 + (extra[home] + random.normal(0.0, ROOM_KELVIN, rooms)) / 40.0,
        building=building[home],
    )
