"""Where heat was held back: the places whose homes fall together explain the falls best.

Every place of the heat network adds up the log likelihood ratios of its homes: with heat held back
nearly all of them fall, for the same time and about as fast, without it each as it usually does.
What fits best is named, unless several smaller places explain the same falls better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.suppression.falling.falls import SHARED_SCORE, VOID, Evidence, Votes
from heatward_collector.core.suppression.homes.network import Level, Network

PLACE_COST = 3.0
"""What one more named place must explain: a factor of 20. [nat] (project rule)"""
HOME_COST = 0.5
"""And each further home of a place: a stop is clearer where more of them see it, chance is not.
[nat] (project rule)"""
LEVELS = (Level.STAIRWELL, Level.BUILDING, Level.ZONE, Level.SUBSTATION, Level.SOURCE)
"""From the smallest to the largest."""
MAJORITY = 0.5
"""A building falls if at least this share of its judged homes falls."""

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Place:
    """One place and its homes, those of one building together."""

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
    spare: float = 0.0
    """By how much the gain is more than was needed. [nat]"""
    is_repeated: bool = False
    """Whether heat was held back here in the last days."""
    is_due: bool = False
    """Whether a stop is due here by the clock."""
    stood: int = 0
    """For how long most of its homes have been suspected. [slots]"""
    said: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    """(homes,) what each home of the place says; empty where they were not asked. [nat]"""


@dataclass(frozen=True, slots=True)
class Tally:
    """What the homes of each place say; all arrays are (slots, places)."""

    gain: Celsius
    """Logarithm of the likelihood ratio. [nat]"""
    rest: Celsius
    """The same without the building that is clearest. [nat]"""
    judged: Counts
    falling: Counts
    judged_buildings: Counts
    falling_buildings: Counts
    best: Counts
    """The hypothesis that fits the homes of the place best."""


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
        self._lay_out()

    def _add(self, place: Place, seen: dict[bytes, int]) -> None:
        """Keep the building of one building, and otherwise the largest of equal places."""
        key = place.homes.tobytes()
        if key not in seen:
            seen[key] = len(self.all)
            self.all.append(place)
        elif self.all[seen[key]].level is not Level.BUILDING:
            self.all[seen[key]] = place

    def _lay_out(self) -> None:
        """Put the homes of all places in one row, in groups of one place and building."""
        building = self.network.of_home[Level.BUILDING]
        self.all = [
            Place(one.level, one.index, one.id, one.homes[np.argsort(building[one.homes])])
            for one in self.all
        ]
        sizes = np.array([len(place.homes) for place in self.all], np.int64)
        self.size = sizes
        self.members = np.concatenate(
            [place.homes for place in self.all] or [np.empty(0, np.int32)]
        )
        owner = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        change = np.diff(owner, prepend=-1) != 0
        change |= np.diff(building[self.members], prepend=-2) != 0
        self.owner = owner
        self._group = np.flatnonzero(change)
        groups = np.bincount(owner[self._group], minlength=len(sizes))
        self._group_first = np.cumsum(groups) - groups

        self.index = {(one.level, one.id): number for number, one in enumerate(self.all)}
        source = self.network.of_home[Level.SOURCE]
        self.source = np.array([source[place.homes[0]] for place in self.all], np.int32)
        self.largest = self._largest()

    def _largest(self) -> dict[int, Place]:
        """Return the largest place of each source that has homes."""
        result: dict[int, Place] = {}
        for place, source in zip(self.all, self.source.tolist(), strict=True):
            held = result.get(source)
            if source >= 0 and (held is None or len(place.homes) > len(held.homes)):
                result[source] = place
        return result

    def buildings(self, homes: Indices) -> tuple[str, ...]:
        """Return the buildings in which some homes lie."""
        index = self.network.of_home[Level.BUILDING][homes]
        return tuple(self.network.places[Level.BUILDING][i] for i in np.unique(index[index >= 0]))

    def tally(self, evidence: Evidence, vote: Votes) -> Tally:
        """Add up what homes say for every place, by the hypothesis that fits it best.

        Parameters
        ----------
        evidence : float32 (hypotheses, slots, homes)
            What each home answers to each hypothesis. [nat]
        vote : int8 (slots, homes)
            VOID where a home is not asked.
        """
        slots = len(vote)
        if not self.all:
            none, zero = np.zeros((slots, 0)), np.zeros((slots, 0), np.int64)
            return Tally(none, none, zero, zero, zero, zero, zero)
        edges = self._group[self._group_first]
        at = self.members.astype(np.intp)  # else it would be made for every hypothesis
        total = np.stack([_sums(_taken(one, at), edges) for one in evidence])
        best = total.argmax(axis=0)
        line = np.arange(slots)[:, None]
        members = evidence[best[:, self.owner], line, at[None]].astype(np.float64)
        speaks = _taken(vote, at) != VOID
        gain = _sums(members, self._group)
        judged = _counts(speaks, self._group)
        falling = _counts(speaks & (members > SHARED_SCORE), self._group)
        majority = (falling >= MAJORITY * judged) & (judged > 0)
        whole = _sums(gain, self._group_first)
        return Tally(
            whole,
            whole - np.maximum.reduceat(gain, self._group_first, axis=1),
            _sums(judged, self._group_first),
            _sums(falling, self._group_first),
            _counts(judged > 0, self._group_first),
            _counts(majority, self._group_first),
            best,
        )


def _taken(rows: npt.NDArray[Any], at: npt.NDArray[np.intp]) -> npt.NDArray[Any]:
    """Return some columns, all of which are there: much faster than to ask for them by index."""
    return np.take(rows, at, axis=1, mode="clip")


def _sums(rows: npt.NDArray[Any], first: Counts) -> npt.NDArray[Any]:
    return np.asarray(np.add.reduceat(rows, first, axis=1))


def _counts(rows: Mask, first: Counts) -> Counts:
    return np.asarray(np.add.reduceat(rows, first, axis=1, dtype=np.int64))


def explain(
    places: Places,
    tally: Tally,
    slot: int,
    evidence: Evidence,
    plausible: Sequence[int],
    prior: Celsius | float = 0.0,
    place_cost: float = PLACE_COST,
    home_cost: float = HOME_COST,
) -> list[Suspect]:
    """Return the places that explain the falls of one slot, no home in two of them.

    Parameters
    ----------
    places : Places
        All places.
    tally : Tally
        What their homes say.
    slot : int
        The slot.
    evidence : float32 (hypotheses, slots, homes)
        What was added up. [nat]
    plausible : sequence of int
        Those places that may be named.
    prior : float64 (places,) or float
        What speaks for each place beforehand. [nat]
    place_cost : float
        What naming several places instead of one must gain for each. [nat]
    home_cost : float
        What a larger place must gain for each home that has a say. [nat]
    """
    gain = tally.gain[slot] - home_cost * tally.judged[slot] + prior
    order = sorted(plausible, key=lambda one: (-gain[one], one))
    taken = np.zeros(evidence.shape[2], bool)
    found: list[int] = []
    for whole in order:
        homes = places.all[whole].homes
        if taken[homes].any():
            continue
        parts = _parts(places, order, whole)
        worth = sum(float(gain[part]) - place_cost for part in parts)
        found += parts if parts and worth > gain[whole] - place_cost else [whole]
        taken[homes] = True
    return [_suspect(places.all[one], tally, slot, evidence, one) for one in found]


def _suspect(place: Place, tally: Tally, slot: int, evidence: Evidence, index: int) -> Suspect:
    said = evidence[tally.best[slot, index], slot, place.homes]
    return Suspect(
        place,
        float(tally.gain[slot, index]),
        place.homes[said > SHARED_SCORE],
        int(tally.judged[slot, index]),
        said=said,
    )


def _parts(places: Places, order: Sequence[int], whole: int) -> list[int]:
    """Return smaller places within a place that explain its falls, best first."""
    free = np.zeros(len(places.network.homes), bool)
    free[places.all[whole].homes] = True
    parts: list[int] = []
    for part in order:
        homes = places.all[part].homes
        if len(homes) < places.size[whole] and free[homes].all():
            parts.append(part)
            free[homes] = False
    return parts
