"""The homes nobody measures: two or three in a hundred of a building have sensors.

Through party walls they hold up a home whose valves are closed, and they fall with the others when
a zone has no heat. Each building has one such home a zone, average in everything and counted many
times; it joins in what its measured neighbours do only where most of them do it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np

from heatward_collector.core import Celsius, Indices
from heatward_collector.core.suppression import Level

from .buildings import AIR_TAU_H, AIR_TO_FABRIC, PARTY_WALL, SUN_KELVIN, TAU_H, Fabric
from .habits import Habits
from .households import NO_THERMOSTAT, Households
from .tree import Tree

Joined = TypeVar("Joined", Fabric, Households)
UNSEEN_HOMES = 30.0
"""Unmeasured homes of one zone in a building: two or three in a hundred are measured."""
UNSEEN_SHARE = 0.96
"""Their heat relative to the due, which their own airing, left out here, would cost. [1]"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that is stepped through a season: measured rooms first, then unseen homes."""

    home: Indices
    """The home of each, as an index into the arrays of homes."""
    constants: Fabric
    people: Households
    row_of_home: Indices
    source_of_home: Indices
    weight: Celsius
    """How much each counts in the mean of its building."""
    measured: int
    """How many of them are rooms that are measured."""


def with_unseen(
    tree: Tree, constants: Fabric, people: Households, row_of_home: Indices, habits: Habits
) -> Stage:
    """Return the rooms of a tree together with the unseen homes between them."""
    home = tree.room_home
    building = tree.index_of(Level.BUILDING)[1]
    zone = tree.index_of(Level.ZONE)[1]
    _, alike = np.unique(np.column_stack([building, zone]), axis=0, return_index=True)
    count = len(alike)
    first_room = np.searchsorted(home, alike).astype(np.int32)
    source = tree.index_of(Level.SOURCE)[1]
    return Stage(
        np.concatenate([home, len(building) + np.arange(count, dtype=np.int32)]),
        _joined(constants, _average_fabric(constants, first_room)),
        _joined(people, _average_people(people, building, building[alike], habits)),
        np.concatenate([row_of_home, row_of_home[alike]]),
        np.concatenate([source, source[alike]]),
        np.concatenate([1.0 / np.bincount(home)[home], np.full(count, UNSEEN_HOMES)]),
        len(home),
    )


def _average_fabric(constants: Fabric, room: Indices) -> Fabric:
    """Return unseen homes of the emitters and buildings of some rooms."""
    count = len(room)
    building = constants.building[room]
    rooms = np.bincount(constants.building)
    share = np.bincount(constants.building, constants.share) / rooms
    return Fabric(
        tau_h=np.full(count, np.mean(TAU_H)),
        air_tau_h=np.full(count, np.mean(AIR_TAU_H)),
        to_fabric=np.full(count, np.mean(AIR_TO_FABRIC)),
        radiant=constants.radiant[room],
        party=np.full(count, np.mean(PARTY_WALL)),
        airing=np.zeros(count),
        lag_h=constants.lag_h[room],
        # Half of them look south.
        sun=np.full(count, np.mean(SUN_KELVIN) / 2.0),
        wind=np.zeros(count),
        facade=np.zeros(count, dtype=np.int32),
        share=UNSEEN_SHARE * share[building],
        building=building,
    )


def _average_people(
    people: Households, building: Indices, own_building: Indices, habits: Habits
) -> Households:
    """Return households that do what most homes of their building do."""
    count, times = len(own_building), people.living.shape[1]
    opening = np.empty((count, times), dtype=np.float32)
    asleep = np.empty((count, times), dtype=bool)
    setpoint, setback = np.full(count, NO_THERMOSTAT), np.zeros(count)
    for index, one in enumerate(own_building.tolist()):
        inside = np.flatnonzero(building == one)
        opening[index] = np.sort(people.opening[inside], axis=0)[len(inside) // 2]
        programmed = inside[people.setback[inside] > 0.0]
        asleep[index] = people.asleep[(programmed if len(programmed) else inside)[0]]
        if 2 * len(programmed) > len(inside):
            setpoint[index] = people.setpoint[programmed].mean()
            setback[index] = people.setback[programmed].mean()
    return Households(
        airing=np.zeros((count, times), dtype=bool),
        opening=opening,
        living=np.broadcast_to(people.living.mean(axis=0), (count, times)),
        asleep=asleep,
        setpoint=setpoint,
        setback=setback,
        heater_kelvin=np.zeros(count),
        heater_below=np.zeros(count),
        venting_from=np.full(count, np.mean(habits.venting_celsius)),
    )


def _joined(first: Joined, second: Joined) -> Joined:
    return type(first)(
        *(
            np.concatenate([getattr(first, one.name), getattr(second, one.name)])
            for one in fields(first)
        )
    )
