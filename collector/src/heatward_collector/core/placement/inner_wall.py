"""A sensor on or behind something heavy: what the others feel comes hours later, and smoothed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heatward_collector.core import Celsius, Indices
from heatward_collector.core.placement.doubt import Doubt, DoubtKind, strength_of
from heatward_collector.core.placement.quarters import (
    QUARTERS_A_DAY,
    QUARTERS_AN_HOUR,
    Quarters,
    lasting,
    middle,
    running_mean,
    shifted,
    windows,
)
from heatward_collector.core.placement.relation import relation

WINDOW = 14 * QUARTERS_A_DAY
STEP = 7 * QUARTERS_A_DAY
FEWEST_WINDOWS = 3
"""So many windows show it, that is about 4 weeks,"""
ALWAYS = 0.25
"""and this share of those with readings: a household is quiet for some weeks, a wall always."""
LAGS_H = (3, 5, 8)
"""First-order lags that are tried; air and furniture take less, walls more. [h]"""
SLOW = 2 * QUARTERS_A_DAY + 1
"""Slower changes say nothing of hours. [quarters]"""
GAIN = 0.2
"""By so much a lag betters the correlation with the others."""
CORRELATION = 0.6
"""And with the lag it is at least this."""
SMOOTH = 0.5
"""The largest changes in half an hour, against the median of its group."""
LARGEST = 0.95
"""Quantile of the changes: what airing, cooking and sun do."""
FEWEST = 0.7
"""Share of the quarters that have a reading: gaps hide changes."""


def inner_walls(quarters: Quarters) -> Iterator[Doubt]:
    """Yield sensors that lag by hours behind the rooms of their group."""
    begins = windows(len(quarters.celsius), WINDOW, STEP)
    if not len(begins):
        return
    own = quarters.celsius - running_mean(quarters.celsius, SLOW)
    others = quarters.others - running_mean(quarters.others, SLOW)
    late = [delayed(others, lag * QUARTERS_AN_HOUR) for lag in LAGS_H]
    change = np.abs(quarters.celsius - shifted(quarters.celsius, 2))
    counted = np.ones((WINDOW, 1), bool)
    found = []
    for begin in begins.tolist():
        some = slice(begin, begin + WINDOW)
        prompt = relation(own[some], others[some], counted)
        lagged = np.array([relation(own[some], one[some], counted).correlation for one in late])
        lagged = np.where(np.isnan(lagged), -1.0, lagged)
        found.append(
            (prompt.correlation, lagged.max(axis=0), np.array(LAGS_H)[lagged.argmax(axis=0)])
            + (_largest(change[some]), prompt.pairs / WINDOW)
        )
    now, best, lag, changes, share = (np.array(one, np.float64) for one in zip(*found, strict=True))
    usual = _usual(np.where(share >= FEWEST, changes, np.nan), quarters.group)
    with np.errstate(invalid="ignore"):
        hits = (best - now >= GAIN) & (best >= CORRELATION) & (changes <= SMOOTH * usual)
    hits &= share >= FEWEST
    for room in lasting(hits, share >= FEWEST, FEWEST_WINDOWS, ALWAYS):
        seen = np.flatnonzero(hits[:, room])
        gain = float(np.median((best - now)[seen, room]))
        yield Doubt(
            room,
            DoubtKind.INNER_WALL,
            quarters.at_s(int(begins[seen[0]])),
            quarters.at_s(int(begins[seen[-1]]) + WINDOW),
            strength_of(gain, GAIN),
            {
                "lag_hours": float(np.median(lag[seen, room])),
                "correlation_at_once": float(np.median(now[seen, room])),
                "correlation_with_lag": float(np.median(best[seen, room])),
                "changes_of_others_share": float(np.median((changes / usual)[seen, room])),
            },
        )


def delayed(values: Celsius, lag: int) -> Celsius:
    """Return what a first-order lag of so many rows makes of values; a gap holds the last."""
    weight = 1.0 / lag
    result = np.empty_like(values)
    state = np.where(np.isnan(values[0]), 0.0, values[0])
    for row, value in enumerate(values):
        state = state + weight * np.where(np.isnan(value), 0.0, value - state)
        result[row] = state
    result[np.isnan(values)] = np.nan
    return result


def _usual(changes: Celsius, group: Indices) -> Celsius:
    """Return the median of each room's group, (windows, rooms); NaN for rooms without a group."""
    result = np.full(changes.shape, np.nan)
    for one in np.unique(group[group >= 0]).tolist():
        members = np.flatnonzero(group == one)
        result[:, members] = middle(changes[:, members], axis=1)[:, None]
    return result


def _largest(change: Celsius) -> Celsius:
    """Return the quantile of changes of each room, (rooms,); NaN for a room without any."""
    ordered = np.sort(change, axis=0)
    here = (~np.isnan(change)).sum(axis=0)
    at = np.maximum(np.ceil(LARGEST * here).astype(np.int64) - 1, 0)
    return np.asarray(ordered[at, np.arange(change.shape[1])])
