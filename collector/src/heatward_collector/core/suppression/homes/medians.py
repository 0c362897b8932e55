"""Medians and quantiles of arrays with holes, without the warnings and the slowness of numpy's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius


def middle(values: npt.NDArray[np.floating]) -> float:
    """Return the median of some values as :func:`across` does, but none of them sorted."""
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan")
    low, high = (len(known) - 1) // 2, len(known) // 2
    parted = np.partition(known, (low, high))
    return float((parted[low] + parted[high]) / 2)


def across(rows: npt.NDArray[np.floating]) -> Celsius:
    """Return the median of each row, (rows,), its NaN left out; NaN for a row without values."""
    if rows.shape[1] == 0:
        return np.full(len(rows), np.nan)
    ordered = np.sort(rows, axis=1)
    count = (~np.isnan(rows)).sum(axis=1)
    line = np.arange(len(rows))
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, rows.shape[1] - 1)
    return np.where(count > 0, (ordered[line, low] + ordered[line, high]) / 2, np.nan)


def across_others(rows: npt.NDArray[np.floating]) -> Celsius:
    """Return for each column the median of all the other columns, (rows, columns).

    As :func:`across` of the rows without that column, but sorted once.
    """
    width = rows.shape[1]
    if width < 2:
        return np.full(rows.shape, np.nan)
    ordered = np.sort(rows, axis=1)
    rank = np.argsort(np.argsort(rows, axis=1, kind="stable"), axis=1, kind="stable")
    known = ~np.isnan(rows)
    count = known.sum(axis=1)[:, None] - known
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, width - 2)
    lower = np.take_along_axis(ordered, low + (low >= rank), axis=1)
    upper = np.take_along_axis(ordered, high + (high >= rank), axis=1)
    return np.where(count > 0, (lower + upper) / 2, np.nan)


def down(rows: npt.NDArray[np.floating]) -> Celsius:
    """Return medians over the first axis, its NaN left out; NaN where there is no value."""
    ordered = np.sort(rows, axis=0)
    count = (~np.isnan(rows)).sum(axis=0)
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, len(rows) - 1)
    lower = np.take_along_axis(ordered, low[None], axis=0)[0]
    upper = np.take_along_axis(ordered, high[None], axis=0)[0]
    return np.where(count > 0, (lower + upper) / 2, np.nan)


def quantiles_down(rows: npt.NDArray[np.floating], share: float) -> Celsius:
    """Return quantiles over the first axis, its NaN left out; NaN where there is no value."""
    ordered = np.sort(rows, axis=0)
    count = (~np.isnan(rows)).sum(axis=0)
    index = np.maximum(np.rint(share * (count - 1)), 0).astype(np.int64)
    value = np.take_along_axis(ordered, index[None], axis=0)[0]
    return np.where(count > 0, value, np.nan)
