"""Where heat was held back: the places whose homes fall together explain the falls best.

Every place of the heat network is held against the votes of its homes as a likelihood ratio: with
heat held back nearly all of them fall, without it each falls as often as it usually does. What
fits best is named, unless several smaller places explain the same falls better.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Indices
from heatward_collector.core.suppression.falls import FALLING, VOID, Votes
from heatward_collector.core.suppression.network import Level, Network

SILENT_SCORE = -1.0
"""A home that spoke lately and is silent now says half as much as one that stays warm. [nat]"""
PLACE_COST = 3.0
"""What one more named place must explain: a factor of 20. [nat] (project rule)"""
LEVELS = (Level.STAIRWELL, Level.BUILDING, Level.ZONE, Level.SUBSTATION, Level.SOURCE)
"""From the smallest to the largest."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place and its homes."""

    level: Level
    index: int
    id: str
    homes: Indices


@dataclass(frozen=True, slots=True)
class Suspect:
    """A place whose homes fall together, in one slot."""

    place: Place
    gain: float
    """Logarithm of the likelihood ratio. [nat]"""
    falling: Indices
    judged: int


class Places:
    """All places of a network, each with its homes; of places with the same homes one stands."""

    def __init__(self, network: Network, least_homes: int = 2) -> None:
        self.network = network
        self.all: list[Place] = []
        seen: dict[bytes, int] = {}
        for level in LEVELS:
            if level not in network.places:
                continue
            order = np.argsort(network.of_home[level], kind="stable")
            place = network.of_home[level][order]
            count = len(network.places[level])
            edges = np.searchsorted(place, np.arange(count + 1))
            for index in range(count):
                homes = np.sort(order[edges[index] : edges[index + 1]]).astype(np.int32)
                if len(homes) >= least_homes:
                    self._add(Place(level, index, network.places[level][index], homes), seen)
        sizes = np.array([len(place.homes) for place in self.all], np.int64)
        self._first = np.cumsum(sizes) - sizes
        self._members = np.concatenate(
            [place.homes for place in self.all] or [np.empty(0, np.int32)]
        )

    def _add(self, place: Place, seen: dict[bytes, int]) -> None:
        """Keep the building of one building, and otherwise the largest of equal places."""
        key = place.homes.tobytes()
        if key not in seen:
            seen[key] = len(self.all)
            self.all.append(place)
            return
        held = self.all[seen[key]]
        if held.level is not Level.BUILDING:
            self.all[seen[key]] = place

    def buildings(self, homes: Indices) -> tuple[str, ...]:
        """Return the buildings in which some homes lie."""
        index = self.network.of_home[Level.BUILDING][homes]
        return tuple(self.network.places[Level.BUILDING][i] for i in np.unique(index[index >= 0]))

    def candidates(self, score: Celsius, least_gain: float) -> list[tuple[float, Place]]:
        """Return the places whose homes together score at least this, best first."""
        if not self.all:
            return []
        gains = np.add.reduceat(score[self._members], self._first)
        found = [
            (float(gains[index]), self.all[index]) for index in np.flatnonzero(gains >= least_gain)
        ]
        found.sort(key=lambda pair: (-pair[0], LEVELS.index(pair[1].level), pair[1].id))
        return found


def explain(
    places: Places,
    vote: Votes,
    score: Celsius,
    least_gain: float,
    least_share: float,
    place_cost: float = PLACE_COST,
) -> list[Suspect]:
    """Return the places that explain the falls of one slot, no home in two of them.

    Parameters
    ----------
    places : Places
        All that may be named.
    vote : int8 (homes,)
        Votes of the slot.
    score : float64 (homes,)
        Logarithm of the likelihood ratio of each home; 0 for no say.
    least_gain : float
        Least logarithm of the likelihood ratio of a place. [nat]
    least_share : float
        Least share of falling homes among the judged ones of a place.
    place_cost : float
        What naming several places instead of one must gain for each. [nat]
    """
    left = score.copy()
    found: list[Suspect] = []
    while True:
        best = next(_suspects(places, vote, left, least_gain, least_share), None)
        if best is None:
            return found
        parts = _parts(places, vote, left, best, least_gain, least_share)
        gain = sum(part.gain - place_cost for part in parts)
        chosen = parts if len(parts) > 1 and gain > best.gain - place_cost else [best]
        if len(parts) == 1 and parts[0].gain - best.gain > -1e-9:
            chosen = parts
        for suspect in chosen:
            left[suspect.place.homes] = -np.inf
        found += chosen


def _parts(
    places: Places,
    vote: Votes,
    score: Celsius,
    whole: Suspect,
    least_gain: float,
    least_share: float,
) -> list[Suspect]:
    """Return smaller places within a place that explain its falls, best first."""
    inside = np.full(len(score), -np.inf)
    inside[whole.place.homes] = score[whole.place.homes]
    parts: list[Suspect] = []
    while True:
        found = (
            one
            for one in _suspects(places, vote, inside, least_gain, least_share)
            if len(one.place.homes) < len(whole.place.homes)
        )
        best = next(found, None)
        if best is None:
            return parts
        parts.append(best)
        inside[best.place.homes] = -np.inf


def _suspects(
    places: Places, vote: Votes, score: Celsius, least_gain: float, least_share: float
) -> Iterator[Suspect]:
    for gain, place in places.candidates(score, least_gain):
        votes = vote[place.homes]
        judged = int((votes != VOID).sum())
        falling = place.homes[votes == FALLING]
        if len(falling) >= least_share * judged:
            yield Suspect(place, gain, falling, judged)
