"""Statistics of groups: homes speak for their rooms, buildings for their homes."""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Celsius, Indices


def medians(value: Celsius, group: Indices, groups: int) -> Celsius:
    """Return the median of each group, in one sort for all of them.

    Parameters
    ----------
    value : float64 (n,)
        What the members have; NaN has no vote.
    group : int32 (n,)
        Group of each member, -1 for none.
    groups : int
        How many groups there are.

    Returns
    -------
    float64 (groups,)
        NaN for a group without a value.
    """
    voting = (group >= 0) & ~np.isnan(value)
    member, vote = group[voting], value[voting]
    vote = vote[np.lexsort((vote, member))]
    count = np.bincount(member, minlength=groups)
    first = np.cumsum(count) - count
    result = np.full(groups, np.nan)
    known = count > 0
    low, high = (first + (count - 1) // 2)[known], (first + count // 2)[known]
    result[known] = (vote[low] + vote[high]) / 2
    return result


def means(value: Celsius, group: Indices, groups: int) -> Celsius:
    """Return the mean of each group, (groups,); NaN for a group without a value."""
    voting = (group >= 0) & ~np.isnan(value)
    count = np.bincount(group[voting], minlength=groups)
    total = np.bincount(group[voting], value[voting], minlength=groups)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
