"""Statistics of groups: homes speak for their rooms, buildings for their homes."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices

WIDTH_STEP = 4
WIDTHS = tuple(WIDTH_STEP**power for power in range(32))
"""Size classes of groups, so that one large group makes no table of many small ones wide."""


def members_of(group: Indices, groups: int) -> list[Indices]:
    """Return the members of each group, in their order; of -1 nobody is a member.

    Looking for each group through all members would cost a city of many groups dearly.
    """
    order = np.argsort(group, kind="stable").astype(np.int32)
    bounds = np.searchsorted(group[order], np.arange(groups + 1))
    return [order[begin:end] for begin, end in itertools.pairwise(bounds.tolist())]


def medians(value: Celsius, group: Indices, groups: int) -> Celsius:
    """Return the median of each group.

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
    count = np.bincount(member, minlength=groups)
    known = np.flatnonzero(count)
    order = np.argsort(member, kind="stable")
    result = np.full(groups, np.nan)
    # Groups of one size class at once: a row each, sorted within, and what is empty sorts last.
    for width in WIDTHS:
        some = known[(count[known] <= width) & (count[known] > width // WIDTH_STEP)]
        if len(some):
            result[some] = _medians_of_rows(vote[order], np.cumsum(count), count, some)
    return result


def _medians_of_rows(
    vote: Celsius,
    end: npt.NDArray[np.int64],
    count: npt.NDArray[np.int64],
    some: npt.NDArray[np.int64],
) -> Celsius:
    """Return the medians of some groups, whose votes end before ``end``."""
    size = count[some]
    column = np.arange(size.max())
    place = (end[some] - size)[:, None] + column
    rows = np.where(column < size[:, None], vote[np.minimum(place, len(vote) - 1)], np.inf)
    rows.sort(axis=1)
    each = np.arange(len(some))
    return np.asarray((rows[each, (size - 1) // 2] + rows[each, size // 2]) / 2)


def medians_by_row(value: Celsius, group: Indices, groups: int) -> Celsius:
    """Return the median of each group in each row, as :func:`medians` does of one.

    Parameters
    ----------
    value : float64 (rows, n)
        What the members have; NaN has no vote.
    group, groups
        As for :func:`medians`.

    Returns
    -------
    float64 (rows, groups)
    """
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(groups + 1))
    begin, size = bounds[:-1], np.diff(bounds)
    result = np.full((len(value), groups), np.nan)
    for width in WIDTHS:
        some = np.flatnonzero((size <= width) & (size > width // WIDTH_STEP))
        if len(some):
            column = np.arange(size[some].max())
            is_member = column < size[some, None]
            place = order[np.minimum(begin[some, None] + column, len(order) - 1)]
            # Row after row: that much fits a processor's cache.
            for row, found in zip(value, result, strict=True):
                found[some] = _medians_within(np.where(is_member, row[place], np.nan))
    return result


def _medians_within(rows: Celsius) -> Celsius:
    """Return the median of each row, (rows,), which is sorted in place; NaN where all are."""
    rows.sort(axis=1)
    count = np.count_nonzero(~np.isnan(rows), axis=1)
    each = np.arange(len(rows))
    # Where nobody has a vote, the first is NaN too.
    lower = rows[each, np.maximum(count - 1, 0) // 2]
    return np.asarray((lower + rows[each, count // 2]) / 2)


def means(value: Celsius, group: Indices, groups: int) -> Celsius:
    """Return the mean of each group, (groups,); NaN for a group without a value."""
    voting = (group >= 0) & ~np.isnan(value)
    count = np.bincount(group[voting], minlength=groups)
    total = np.bincount(group[voting], value[voting], minlength=groups)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
