"""Which homes fell since an onset, and which place explains best that these fell and others not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.suppression.by_day.place_days import LEVELS, Hierarchy
from heatward_collector.core.suppression.homes.medians import down
from heatward_collector.core.suppression.homes.network import Level

BEFORE_DAYS, LATEST_DAYS = 7, 2
"""Days before the onset, and last days, that are compared. [d]"""
FALLEN_SHARE = 0.35
"""A home has fallen if it fell by this share of the fall of its place. [1] (detection.md; heaters
and thermostatic valves hold some up)"""
LEAST_SHARES = {
    Level.SOURCE: 0.65,
    Level.SUBSTATION: 0.7,
    Level.ZONE: 0.8,
    Level.BUILDING: 0.8,
}
"""So many of a place's homes must have fallen. [1] (simulated; detection.md: 60 % and 80 %)"""
MOST_KELVIN = 6.0
"""A single home's fall counts no more: closed valves fall further. [K]"""
LEAK_SHARE = 0.65
"""Homes beside a place fall with it by no more than this: through party walls. [1]"""
SLOW_SHARE = 0.5
"""What a floor-heated home has not fallen counts only so much. [1]"""
PLACE_COST_KELVIN = 1.5
"""A place must explain so much more for each level that it is smaller than what alarmed. [K]"""
AGREE_SHARE = 0.5
"""The homes of a place must have fallen by this share of what alarmed. [1]"""
MOST_SELF_HEATED = 0.4
"""Of a source's homes no more than so many are left aside because their people may heat for
themselves: the others must still speak for it. [1] (project rule; in 32 simulated seasons with cuts
14 of 107 buildings below 20 degC fell by less than 0.6 of what the deepest one did, and none of 206
that were warmer)"""
BEYOND_SHARE = 0.5
"""Beside a part that is known to have fallen the other homes must have fallen by this share. [1]
(project rule)"""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A place and its homes that fell."""

    level: Level
    place: int
    fallen: Indices
    judged: int
    kelvin: float
    """Median fall of its homes. [K]"""
    share: float
    """Of its homes that fell."""
    beside: float
    """Median fall of the other homes of its buildings, 0 where there are none. [K]"""
    left_aside: int = 0
    """How many more of its homes were measured, but may be held up by their people's heaters."""


def falls_since(homes: Celsius, beside: Celsius, onset: int, counts: Mask) -> Celsius:
    """Return how far each home fell: its last days against those before an onset, (homes,). [K]

    Parameters
    ----------
    homes : float64 (days, homes)
        NaN without a vote. [degC]
    beside : float64 (days,)
        What stands beside them: other sources, or what the weather lets expect. [degC]
    onset : int
        First day of the fall.
    counts : bool (days,)
        Whether a day before it shows homes as they usually are: not in an earlier cut.
    """
    apart = homes - beside[:, None]
    usual = np.flatnonzero(counts[: max(onset, 1)])[-BEFORE_DAYS:]
    if not len(usual):
        return np.full(homes.shape[1], np.nan)
    before = down(apart[usual])
    return np.asarray(before - down(apart[-LATEST_DAYS:]))


def best_explanation(
    falls: Celsius,
    source: int,
    places: Hierarchy,
    is_slow: Mask,
    fall: float,
    least_homes: int,
    alarmed: Level,
    among: Mapping[Level, Mask] | None = None,
    self_heated: Mask | None = None,
) -> Explanation | None:
    """Return the place of a source of which homes fell while its other homes fell less.

    Homes beside a place may fall a little with it through the walls of its own buildings; homes of
    other buildings may not.

    Parameters
    ----------
    falls : float64 (homes,)
        How far each home fell, NaN where it is not known. [K]
    source : int
        Where to look.
    places : Hierarchy
        Which home belongs where.
    is_slow : bool (homes,)
        Floor-heated: such homes fall later, so that it says less if they have not yet.
    fall : float
        The fall that alarmed. [K]
    least_homes : int
        Places with fewer judged homes are not looked at.
    alarmed : Level
        Where the fall was seen; against the rest of a source it is not all of it.
    among : mapping of bool (places,), optional
        The places that may be named; all of them if it is left out.
    self_heated : bool (homes,), optional
        Homes whose people may heat for themselves: of a whole source, those of them that have not
        fallen are left aside.

    Returns
    -------
    Explanation or None
        None where no place has enough homes that fell.
    """
    judged = np.flatnonzero((places.place[Level.SOURCE] == source) & ~np.isnan(falls))
    kelvin = np.clip(falls[judged], -MOST_KELVIN, MOST_KELVIN)
    slow, building = is_slow[judged], places.place[Level.BUILDING][judged]
    may_hold = np.zeros(len(judged), bool) if self_heated is None else self_heated[judged]
    best, best_gain = None, 0.0
    for depth, level in enumerate(LEVELS):
        if level is Level.SOURCE and alarmed is not Level.SOURCE:
            continue
        cost = PLACE_COST_KELVIN * max(depth - LEVELS.index(alarmed), 0)
        group = places.place[level][judged]
        named = np.unique(group[group >= 0])
        named = named if among is None else named[among[level][named]]
        for place in named.tolist():
            mine = group == place
            usual = float(np.median(kelvin[mine]))
            fell = mine & (kelvin >= FALLEN_SHARE * usual)
            tells = _telling(fell, mine, may_hold) if level is Level.SOURCE else mine
            share = float(fell[tells].mean())
            is_out = mine.sum() < least_homes or share < LEAST_SHARES[level]
            if is_out or usual < AGREE_SHARE * fall:
                continue
            beside, left = _left(kelvin, mine, building, usual, slow)
            gain = float(np.abs(kelvin).sum() - left) - cost
            if gain > best_gain:
                best_gain = gain
                homes = judged[fell].astype(np.int32)
                judges, aside = int(tells.sum()), int(mine.sum() - tells.sum())
                best = Explanation(level, place, homes, judges, usual, share, beside, aside)
    return best


def fallen_of(
    falls: Celsius, inside: Mask, fall: float, self_heated: Mask
) -> tuple[Indices, Indices]:
    """Return the homes of a place of which the fall is known, and those of them that fell.

    Parameters
    ----------
    falls : float64 (homes,)
        How far each home fell, NaN where it is not known. [K]
    inside : bool (homes,)
        Homes of the place.
    fall : float
        How far the place fell. [K]
    self_heated : bool (homes,)
        Homes whose people may heat for themselves: those that have not fallen are left aside.

    Returns
    -------
    int32 (n,), int32 (n,)
        No home fell where the middle one did not fall with its place.
    """
    judged = np.flatnonzero(inside & ~np.isnan(falls)).astype(np.int32)
    kelvin = np.clip(falls[judged], -MOST_KELVIN, MOST_KELVIN)
    usual = float(np.median(kelvin)) if len(judged) else 0.0
    fell = (usual >= AGREE_SHARE * fall) & (kelvin >= FALLEN_SHARE * usual)
    return judged[_telling(fell, np.ones(len(judged), bool), self_heated[judged])], judged[fell]


def _telling(fell: Mask, mine: Mask, self_heated: Mask) -> Mask:
    """Say which homes of a place tell of its supply, (homes,): all but those that may be held up.

    In rooms below the standard people put up heaters, and what these hold does not fall with the
    supply. A home that is cold and has fallen tells of it as any other.
    """
    tells = mine & (fell | ~self_heated)
    return tells if tells.sum() >= (1.0 - MOST_SELF_HEATED) * mine.sum() else mine


def _left(
    kelvin: Celsius, mine: Mask, building: Indices, usual: float, slow: Mask
) -> tuple[float, float]:
    """Return how far the homes in the same buildings fell too, and what stays unexplained."""
    off = kelvin - usual
    inside = np.abs(np.where(slow & (off < 0), SLOW_SHARE * off, off))[mine].sum()
    near = ~mine & np.isin(building, building[mine])
    beside = float(np.median(kelvin[near])) if near.any() else 0.0
    leaks = min(max(beside, 0.0), LEAK_SHARE * usual)
    outside = np.abs(kelvin[near] - leaks).sum() + np.abs(kelvin[~mine & ~near]).sum()
    return beside, float(inside + outside)


def reaches_beyond(
    falls: Celsius, inside: Mask, known: Mask, least_share: float = BEYOND_SHARE
) -> bool:
    """Say whether a place fell beyond those parts of it that are known to have fallen.

    A part pulls its place down with it, and two thirds of its homes may be the part's.

    Parameters
    ----------
    falls : float64 (homes,)
        How far each home fell, NaN where it is not known. [K]
    inside, known : bool (homes,)
        Homes of the place, and of the parts.
    least_share : float
        By how much of the fall of the parts the others must have fallen. [1]

    Returns
    -------
    bool
        True as well where nobody is in a part, or nobody beside them.
    """
    judged = inside & ~np.isnan(falls)
    mine, rest = falls[judged & known], falls[judged & ~known]
    if not len(mine) or not len(rest):
        return True
    return bool(np.median(rest) >= least_share * np.median(mine))
