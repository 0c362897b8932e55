"""The middle of all others of a group, for every one of it: what a place is compared with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Indices
from heatward_collector.core.suppression.by_day.home_levels import (
    NEAR_KELVIN,
    REACH_KELVIN,
    Counts,
)

SPAN_KELVIN = 1_000.0
"""Further apart than any two values: one ascending row then holds all groups. [K]"""


def location_of_others(
    value: Celsius,
    weight: Celsius,
    group: Indices,
    groups: int,
    reach: float = REACH_KELVIN,
    rounds: int = 12,
) -> Celsius:
    """Return for each the middle of the others of its group, as ``location`` tells a middle.

    Values of a group are put into order once, and sums over those within reach are differences of
    running sums: a group of n takes n log n steps, where each with each other would be n squared.

    Parameters
    ----------
    value : float64 (n,)
        NaN has no vote. [degC]
    weight : float64 (n,)
        How much each counts.
    group : int32 (n,)
        Group of each, -1 for none.
    groups : int
        How many groups there are.
    reach : float
        Nobody pulls harder than from so far. [K]
    rounds : int
        Most steps towards the solution.

    Returns
    -------
    float64 (n,)
        NaN where no other has a vote. [degC]
    """
    result = np.full(len(value), np.nan)
    member = np.flatnonzero(group >= 0)
    own, votes = group[member], ~np.isnan(value[member])
    share = np.where(votes, weight[member], 0.0)
    count = np.bincount(own[votes], minlength=groups)
    total = np.bincount(own, share, groups)
    shown = np.where(votes, value[member], 0.0)
    mean = np.bincount(own, share * shown, groups) / np.maximum(total, 1e-9)
    above = np.where(votes, shown - mean[own], 0.0)  # sums of what is small lose no digits
    left = np.maximum(total[own] - share, 1e-9)
    row = _Row.of(above[votes], share[votes], own[votes], own)
    middle = -share * above / left
    for _ in range(rounds):
        mine = share * np.clip(above - middle, -reach, reach)
        step = (row.pull(middle, reach) - mine) / left
        middle += step
        if np.abs(step).max(initial=0.0) < NEAR_KELVIN:
            break
    result[member] = np.where(count[own] > votes, middle + mean[own], np.nan)
    return result


@dataclass(frozen=True, slots=True)
class _Row:
    """All votes, a group behind the other, ascending within each; and who asks for their pull."""

    key: Celsius
    """(votes,) values, those of the next group a span higher. [K]"""
    shares: Celsius
    weighed: Celsius
    """(votes + 1,) running sums of weights, and of values with their weights."""
    own: Indices
    first: Counts
    last: Counts
    """(asking,) whose group it is, and where that lies in the row."""

    @classmethod
    def of(cls, value: Celsius, share: Celsius, group: Indices, own: Indices) -> _Row:
        """Return the row of some votes for those who ask, by their groups."""
        order = np.lexsort((value, group))
        value, share, group = value[order], share[order], group[order]
        first, last = (np.searchsorted(group, own, side=side) for side in ("left", "right"))
        return cls(
            group * SPAN_KELVIN + value,
            np.append(0.0, np.cumsum(share)),
            np.append(0.0, np.cumsum(share * value)),
            own,
            first,
            last,
        )

    def pull(self, middle: Celsius, reach: float) -> Celsius:
        """Return the sum of what all of each group pull at a middle, at most ``reach`` each."""
        at, shares = self.own * SPAN_KELVIN + middle, self.shares
        low = np.clip(np.searchsorted(self.key, at - reach), self.first, self.last)
        high = np.clip(np.searchsorted(self.key, at + reach), self.first, self.last)
        near = self.weighed[high] - self.weighed[low] - middle * (shares[high] - shares[low])
        below, above = shares[low] - shares[self.first], shares[self.last] - shares[high]
        return np.asarray(near + reach * (above - below))
