"""From homes to places: one level a day for every building, zone, substation and heat source.

Beside each place stands the rest of its heat source: what happens to one part of a source and not
to the other is no weather.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Indices
from heatward_collector.core.suppression.by_day.home_levels import (
    REACH_KELVIN,
    Counts,
    LevelledDay,
    location,
)
from heatward_collector.core.suppression.by_day.location_of_others import location_of_others
from heatward_collector.core.suppression.homes.medians import across, down
from heatward_collector.core.suppression.homes.network import Level, Network

LEVELS = (Level.SOURCE, Level.SUBSTATION, Level.ZONE, Level.BUILDING)
"""From the largest to the smallest."""
COUPLING, COUPLING_SPREAD = 1.3, 1.0
"""How far other homes of a building sink for each kelvin that cold ones lack in its mean, and how
uncertain that is. [1] (simulated buildings in which one of six homes is measured)"""
COUPLING_DAYS = 3.5
"""Walls pass that on over so many days. [d]"""
TRUSTED_KELVIN = 0.4
"""A building speaks for its source with half its weight where the uncertainty of what its cold
homes do reaches this. [K]"""
OFFSET_DAYS = 30
"""How far a building lies from its source is a mean that forgets within so many days. [d]"""

LEVEL_ROUNDS = 4
"""So often the levels of sources and the middle of each day are told from each other."""


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A network with the source of every place."""

    place: Mapping[Level, Indices]
    """(homes,) place of each home, -1 for none."""
    source: Mapping[Level, Indices]
    """(places,) source of each place, -1 for none."""

    @classmethod
    def of(cls, network: Network) -> Hierarchy:
        """Return the hierarchy of a network."""
        of_home = network.of_home[Level.SOURCE]
        nowhere = np.full(len(of_home), -1, np.int32)
        places = {level: network.of_home.get(level, nowhere) for level in LEVELS}
        source = {}
        for level, place in places.items():
            source[level] = np.full(len(network.places.get(level, ())), -1, np.int32)
            inside = place >= 0
            source[level][place[inside]] = of_home[inside]
        return cls(places, source)

    def count(self, level: Level) -> int:
        """Return how many places a level has."""
        return len(self.source[level])


@dataclass(frozen=True, slots=True)
class Buildings:
    """What is carried from day to day of each building, (buildings,)."""

    cold: Celsius
    """Followed mean lack of its cold homes. [K]"""
    offset: Celsius
    """How far it lies above its source. [K]"""

    @classmethod
    def unknown(cls, buildings: int) -> Buildings:
        """Return what is carried before the first day."""
        return cls(np.zeros(buildings), np.zeros(buildings))


@dataclass(frozen=True, slots=True)
class PlaceDay:
    """One day of all places of one level, (places,)."""

    value: Celsius
    """Middle of its homes at one level, NaN without a home. [degC]"""
    rest: Celsius
    """The same for the other homes of its source, NaN where there are none. [degC]"""
    cold: Celsius
    """Followed lack of cold homes. [K]"""
    cold_share: Celsius
    """Share of homes that are cold today."""
    homes: Counts
    """Homes that voted."""
    recovering: Celsius
    """What may be left of acute stops, 1 on the day itself, beyond that of the rest. [1]"""


def place_days(
    day: LevelledDay, buildings: Buildings, places: Hierarchy, recovering: Celsius
) -> tuple[Buildings, dict[Level, PlaceDay]]:
    """Reduce one day of levelled homes to all places.

    Parameters
    ----------
    day : LevelledDay
        Homes and buildings of the day.
    buildings : Buildings
        As the day before left them.
    places : Hierarchy
        Which home belongs where.
    recovering : float64 (homes,)
        What may be left of an acute stop, 1 on its day. [1]

    Returns
    -------
    Buildings, dict of PlaceDay
        The rest of a source's own is left unknown: other sources stand beside it.
    """
    gain = 1.0 - float(np.exp(-1.0 / COUPLING_DAYS))
    cold = buildings.cold + gain * (day.cold_kelvin - buildings.cold)
    home = _Homes.of(day, cold, buildings.offset, recovering, places)
    result = {level: home.place_day(level, places) for level in LEVELS}
    own = places.source[Level.BUILDING]
    level_of_source = np.append(result[Level.SOURCE].value, np.nan)[own]
    off = day.building + COUPLING * cold - buildings.offset - level_of_source
    pull = np.clip(off, -REACH_KELVIN, REACH_KELVIN) * _trust(cold) / OFFSET_DAYS
    return Buildings(cold, buildings.offset + np.where(np.isnan(pull), 0.0, pull)), result


def others(value: Celsius) -> Celsius:
    """Return for each source the median of all the others, (days, sources); NaN has no vote."""
    days, sources = value.shape
    result = np.full(value.shape, np.nan)
    if sources < 2:
        return result
    order = np.argsort(value, axis=1)
    ordered = np.take_along_axis(value, order, axis=1)
    rank = np.argsort(order, axis=1)
    known = ~np.isnan(value)
    count = known.sum(axis=1)[:, None] - known
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    # Whoever stands at or before a rank is skipped there.
    low, high = (np.where(known & (at >= rank), at + 1, at) for at in (low, high))
    last = sources - 1
    both = [np.take_along_axis(ordered, np.minimum(at, last), axis=1) for at in (low, high)]
    return np.where(count > 0, (both[0] + both[1]) / 2, result)


def complete_others(value: Celsius, rounds: int = LEVEL_ROUNDS) -> Celsius:
    """Return what :func:`others` would if every source were known every day, (days, sources).

    Some sources are warmer than others all winter. A day on which one of them is not known, or not
    to be learnt from, must not move what stands beside the rest: what its absence does to the
    median of their usual levels is taken off.

    Parameters
    ----------
    value : float64 (days, sources)
        NaN has no vote. [degC]
    rounds : int
        So often levels and the middle of each day are told from each other.
    """
    level = np.zeros(value.shape[1])
    for _ in range(rounds):
        off = down(value - across(value - level)[:, None])
        level = np.where(np.isnan(off), 0.0, off)
    is_known = ~np.isnan(value)
    present = np.where(is_known, level, np.nan)
    everyone = np.where(is_known.any(axis=0), level, np.nan)[None]
    return others(value) + others(everyone) - others(present)


def _trust(cold: Celsius) -> Celsius:
    return np.asarray(1.0 / (1.0 + (COUPLING_SPREAD * cold / TRUSTED_KELVIN) ** 2))


@dataclass(frozen=True, slots=True)
class _Homes:
    """Homes with what their buildings take from them or add, (homes,)."""

    own: Celsius
    """As its building has it. [degC]"""
    at_source: Celsius
    """As its source has it. [degC]"""
    weight: Celsius
    cold: Celsius
    cold_share: Celsius
    recovering: Celsius

    @classmethod
    def of(
        cls,
        day: LevelledDay,
        cold: Celsius,
        offset: Celsius,
        recovering: Celsius,
        places: Hierarchy,
    ) -> _Homes:
        """Return what the places above buildings are reduced from."""
        building = places.place[Level.BUILDING]

        def _of_building(values: Celsius) -> Celsius:
            return np.append(values, 0.0)[building]

        own = day.value + COUPLING * _of_building(cold)
        weight = np.where(np.isnan(own), 0.0, _of_building(_trust(cold)))
        return cls(
            own,
            own - _of_building(offset),
            weight,
            _of_building(cold),
            _of_building(day.cold_share),
            recovering,
        )

    def place_day(self, level: Level, places: Hierarchy) -> PlaceDay:
        """Return one day of the places of a level."""
        group, count = places.place[level], places.count(level)
        at = self.own if level is Level.BUILDING else self.at_source
        value, homes = location(at, group, count, self.weight)
        inside = group >= 0
        known = np.asarray(np.bincount(group[inside], self.weight[inside], count), np.float64)
        cold = np.bincount(group[inside], (self.weight * self.cold)[inside], count)
        everyone = np.maximum(np.bincount(group[inside], minlength=count), 1)
        share = np.bincount(group[inside], self.cold_share[inside], count) / everyone
        middle = value
        if level is Level.BUILDING:
            middle, _ = location(self.at_source, group, count, self.weight)
        sources = places.count(Level.SOURCE)
        rest = location_of_others(middle, known, places.source[level], sources)
        left = self._recovering(level, places)
        return PlaceDay(value, rest, cold / np.maximum(known, 1e-9), share, homes, left)

    def _recovering(self, level: Level, places: Hierarchy) -> Celsius:
        """Return the mean of each place, less that of the other homes of its source."""
        votes = (~np.isnan(self.own)).astype(np.float64)

        def total(of: Level, values: Celsius) -> Celsius:
            """Return the sum over the homes of each place, (places,)."""
            inside = places.place[of] >= 0
            count = places.count(of)
            sums = np.bincount(places.place[of][inside], (values * votes)[inside], count)
            return np.asarray(sums, np.float64)

        mine, count = total(level, self.recovering), total(level, votes)
        mean = mine / np.maximum(count, 1.0)
        if level is Level.SOURCE:
            return np.asarray(mean)
        own = places.source[level]
        others = np.append(total(Level.SOURCE, self.recovering), 0.0)[own] - mine
        rest = np.append(total(Level.SOURCE, votes), 0.0)[own] - count
        return np.asarray(mean - others / np.maximum(rest, 1.0))
