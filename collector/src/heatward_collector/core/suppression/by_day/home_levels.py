"""Homes brought to one level, so that none of them can make its building jump by falling silent.

Every home lies by some kelvin above or below the others of its heat source. What is left when that
is taken away is compared between places; it is also lowered by neighbours who have closed their
valves, which shows as some homes far below the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.groups import medians

REACH_KELVIN = 0.7
"""A home further than this from the middle of its place pulls no harder. [K] (simulated homes:
half of them lie within 0.3 of it)"""
NEAR_KELVIN = 1e-4
"""A middle that moves by less has been found. [K]"""
WARM_BELOW, WARM_ABOVE = 0.3, 0.9
"""The same for the level of the warmer homes, which closed valves do not reach. [K]"""
LEVEL_DAYS = 20
"""A home's level is a mean that forgets within so many days. [d]"""
SETTLING_DAYS = 7
"""A home that joins others has no vote before its level is known. [d]"""
COLD_FROM, COLD_FULL = 1.0, 2.0
"""A home so far below the warmer ones begins to count as cold, and counts wholly. [K]"""
VOTELESS_COLD = 2.0
"""A home without a vote is cold if it is so far below the median of its building. [K]"""

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class HomeLevels:
    """How far each home lies from its place, and for how many days it has been heard, (homes,)."""

    above: Celsius
    """NaN before it was heard. [K]"""
    days: Counts

    @classmethod
    def unknown(cls, homes: int) -> HomeLevels:
        """Return the levels of homes that were never heard."""
        return cls(np.full(homes, np.nan), np.zeros(homes, np.int64))


@dataclass(frozen=True, slots=True)
class LevelledDay:
    """One day of homes at one level."""

    value: Celsius
    """(homes,) median of the day less the home's level; NaN without a vote. [degC]"""
    building: Celsius
    """(buildings,) middle of its homes. [degC]"""
    homes: Counts
    """(buildings,) homes that voted."""
    cold_kelvin: Celsius
    """(buildings,) mean over its homes of how far cold ones lie below the warmer ones. [K]"""
    cold_share: Celsius
    """(buildings,) share of its homes that are cold, those without a vote counted."""


def location(
    value: Celsius,
    group: Indices,
    groups: int,
    weight: Celsius | None = None,
    below: float = REACH_KELVIN,
    above: float = REACH_KELVIN,
    rounds: int = 12,
) -> tuple[Celsius, Counts]:
    """Return the middle of each group: a mean in which nobody pulls harder than within reach.

    Parameters
    ----------
    value : float64 (n,)
        NaN has no vote. [degC]
    group : int32 (n,)
        Group of each, -1 for none.
    groups : int
        How many groups there are.
    weight : float64 (n,), optional
        How much each counts; evenly if left out.
    below, above : float
        Reach on either side. [K]
    rounds : int
        Most steps towards the solution; each leaves at most the share of votes out of reach.

    Returns
    -------
    float64 (groups,), int64 (groups,)
        NaN for a group without a vote, and the number of votes.

    References
    ----------
    .. [1] Huber, Robust estimation of a location parameter, Ann. Math. Stat. 35, 1964.
    """
    voting = (group >= 0) & ~np.isnan(value)
    vote, member = value[voting], group[voting]
    share = np.ones(len(vote)) if weight is None else weight[voting]
    count = np.bincount(member, minlength=groups)
    total = np.maximum(np.bincount(member, share, groups), 1e-9)
    middle = np.bincount(member, vote * share, groups) / total
    for _ in range(rounds):
        pull = np.clip(vote - middle[member], -below, above)
        step = np.bincount(member, share * pull, groups) / total
        middle += step
        if np.abs(step).max(initial=0.0) < NEAR_KELVIN:
            break
    return np.where(count > 0, middle, np.nan), count


def levelled(
    median: Celsius,
    may_vote: Mask,
    levels: HomeLevels,
    building: Indices,
    source: Indices,
    buildings: int,
    sources: int,
) -> tuple[HomeLevels, LevelledDay]:
    """Bring one day of homes to the level of their places.

    Parameters
    ----------
    median : float64 (homes,)
        Median of the day, NaN unknown. [degC]
    may_vote : bool (homes,)
        Others leave the levels as they are.
    levels : HomeLevels
        As the day before left them.
    building, source : int32 (homes,)
        Places of each home, -1 for none.
    buildings, sources : int
        How many there are.

    Returns
    -------
    HomeLevels, LevelledDay
        A home heard for the first time takes the level at which it makes no difference.
    """
    heard = ~np.isnan(median) & may_vote & (building >= 0)
    settled = heard & (levels.days >= SETTLING_DAYS)
    above = _joined(median, heard, settled, levels, building, source, (buildings, sources))
    has_settled = np.bincount(building[settled], minlength=buildings) > 1
    votes = heard & (settled | ~has_settled[building])
    value = np.where(votes, median - above, np.nan)
    middle, count = location(value, building, buildings)
    day = LevelledDay(value, middle, count, *_cold(value, median, may_vote, building, buildings))
    off = np.where(heard, median - above - middle[building], np.nan)
    age = levels.days + heard
    near = np.where(age > SETTLING_DAYS, np.clip(off, -REACH_KELVIN, REACH_KELVIN), off)
    gain = np.maximum(1.0 / np.maximum(age, 1), 1.0 / LEVEL_DAYS)
    learns = ~np.isnan(near)
    return HomeLevels(np.where(learns, above + gain * near, above), age), day


def _joined(
    median: Celsius,
    heard: Mask,
    settled: Mask,
    levels: HomeLevels,
    building: Indices,
    source: Indices,
    counts: tuple[int, int],
) -> Celsius:
    """Return the levels with those of homes that are heard for the first time."""
    new = heard & np.isnan(levels.above)
    if not new.any():
        return levels.above
    known = heard & ~new
    at_level = np.where(known, median - levels.above, np.nan)
    of_building, _ = location(np.where(settled, at_level, np.nan), building, counts[0])
    of_source, _ = location(at_level, source, counts[1])
    first = medians(np.where(heard, median, np.nan), source, counts[1])
    base = of_building[building]
    for other in (of_source[source], first[source], median):
        base = np.where(np.isnan(base), other, base)
    return np.where(new, median - base, levels.above)


def _cold(
    value: Celsius, median: Celsius, may_vote: Mask, building: Indices, buildings: int
) -> tuple[Celsius, Celsius]:
    warm, count = location(value, building, buildings, below=WARM_BELOW, above=WARM_ABOVE)
    votes = ~np.isnan(value)
    gap = np.where(votes, warm[building] - value, 0.0)
    gap *= np.clip((gap - COLD_FROM) / (COLD_FULL - COLD_FROM), 0.0, 1.0)
    inside = building >= 0
    kelvin = np.bincount(building[inside], gap[inside], buildings) / np.maximum(count, 1)
    usual = medians(np.where(votes, median, np.nan), building, buildings)
    with np.errstate(invalid="ignore"):
        voteless = ~may_vote & (median < usual[building] - VOTELESS_COLD)
    cold = inside & (voteless | (gap > (COLD_FROM + COLD_FULL) / 2))
    known = inside & (votes | voteless)
    share = np.bincount(building[cold], minlength=buildings) / np.maximum(
        np.bincount(building[known], minlength=buildings), 1
    )
    return np.where(count > 2, kelvin, 0.0), share
