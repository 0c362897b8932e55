"""From the readings of rooms to the curves of a finding, and what of them everybody may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...core.suppression import Level, Network
from ...core.suppression.homes.home_grid import (
    SLOT_S,
    HomeTemperatures,
    RoomLevels,
    home_temperatures,
)
from ...explain.plot import Curves, median_of
from ..city.facts import Celsius, Times
from ..city.standing import HOMES_FOR_FIGURES

MOST_DRAWN = 60
"""Of more homes than that an even choice is drawn: more lines would only be a blot."""
MOST_PEERS = 40
Readings = tuple[Times, Celsius]


def chosen(network: Network, affected: Sequence[str], level: Level, place: str) -> Network:
    """Return a network of the homes that are drawn: of the place, and five or more elsewhere."""
    fell = np.isin(network.homes, affected)
    inside = fell.copy()
    places = network.places.get(level, ())
    if place in places:
        inside |= network.members(level, places.index(place))
    elsewhere = np.zeros(len(network.homes), bool)
    for wider in (Level.SOURCE, Level.BUILDING):
        of_home = network.of_home[wider]
        elsewhere = ~np.isin(of_home, of_home[inside])
        if elsewhere.sum() >= HOMES_FOR_FIGURES:
            break
    else:
        elsewhere[:] = False
    parts = [(fell, MOST_DRAWN), (inside & ~fell, MOST_DRAWN), (elsewhere, MOST_PEERS)]
    drawn = np.sort(np.concatenate([_evenly(np.flatnonzero(mask), most) for mask, most in parts]))
    return Network(
        tuple(network.homes[index] for index in drawn.tolist()),
        network.places,
        {one: index[drawn] for one, index in network.of_home.items()},
        network.is_floor_heated[drawn],
    )


def home_curves(homes: Sequence[Sequence[Readings]], start_s: int, slots: int) -> HomeTemperatures:
    """Return quarters of an hour of homes, (slots, homes), from the readings of their rooms."""
    rooms = [_quarters(readings, start_s, slots) for of_home in homes for readings in of_home]
    home = np.repeat(np.arange(len(homes), dtype=np.int32), [len(of_home) for of_home in homes])
    if not rooms:
        return np.full((slots, len(homes)), np.nan, np.float32)
    levels = RoomLevels.unknown(len(rooms))
    return home_temperatures(np.array(rooms).T, home, len(homes), levels)[0]


def for_everybody(curves: Curves, affected: int) -> Curves | None:
    """Return curves in which no home can be recognised, None where there are none.

    A median is shown from five homes on, in every quarter of an hour.
    """
    if affected < HOMES_FOR_FIGURES:
        return None
    fell = curves.homes[:, curves.fell]
    enough = np.isfinite(fell).sum(axis=1) >= HOMES_FOR_FIGURES
    median = np.where(enough, median_of(fell), np.nan)
    return replace(curves, homes=median[:, None], fell=np.ones(1, bool))


def _evenly(indices: Times, most: int) -> Times:
    if len(indices) <= most:
        return indices
    return indices[np.linspace(0, len(indices) - 1, most).astype(np.int64)]


def _quarters(readings: Readings, start_s: int, slots: int) -> Celsius:
    """Return the mean of the readings within each quarter of an hour, NaN where there is none."""
    time_s, celsius = readings
    slot = (time_s - start_s) // SLOT_S
    inside = (slot >= 0) & (slot < slots) & np.isfinite(celsius)
    count = np.bincount(slot[inside], minlength=slots)
    total = np.bincount(slot[inside], weights=celsius[inside], minlength=slots)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
