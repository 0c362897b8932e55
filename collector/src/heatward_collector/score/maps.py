"""Recall over everything that was done, weak actions too: where it begins and where it ends.

Each map varies one fact while the rest of the floor holds, so that one is seen at a time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from heatward_collector.score.rates import Json, share
from heatward_collector.score.rows import PeriodRow
from heatward_collector.score.season_rows import SeasonRows
from heatward_collector.score.truth import (
    DAY_LENGTH_S,
    DAY_RESIDUAL,
    HOUR_S,
    LEAST_HOMES,
    LEAST_LIFT_KELVIN,
    NIGHT_LENGTH_S,
    NIGHT_RESIDUAL,
    Account,
)

RESIDUALS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
LIFTS = (-math.inf, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, math.inf)
HOMES = (0, 2, 3, 4, 5, 8, 12, math.inf)


def recall_maps(seasons: Sequence[SeasonRows]) -> Json:
    """Return recall of periods with radiators by residual, by lift and by homes."""
    return {
        "residual_by_night": _map(
            seasons,
            RESIDUALS,
            lambda row: row.residual,
            lambda row: _is_warm(row) and _has_homes(row) and _is_long(row) and row.is_of_the_night,
        ),
        "residual_by_day": _map(
            seasons,
            RESIDUALS,
            lambda row: row.residual,
            lambda row: (
                _is_warm(row) and _has_homes(row) and _is_long(row) and not row.is_of_the_night
            ),
        ),
        "lift_kelvin": _map(
            seasons,
            LIFTS,
            lambda row: row.lift_kelvin,
            lambda row: _has_homes(row) and _is_long(row) and _is_deep(row),
        ),
        "homes": _map(
            seasons,
            HOMES,
            lambda row: row.homes,
            lambda row: _is_warm(row) and _is_long(row) and _is_deep(row),
        ),
    }


def bin_name(low: float, high: float) -> str:
    """Return ``1.5..2``; an open end is left out."""
    return "..".join("" if math.isinf(one) else f"{one:g}" for one in (low, high))


def _map(
    seasons: Sequence[SeasonRows],
    edges: Sequence[float],
    fact: Callable[[PeriodRow], float],
    is_comparable: Callable[[PeriodRow], bool],
) -> Json:
    """Return recall between [low, high) edges; the last one belongs to the last part."""
    result: Json = {}
    for low, high in pairwise(edges):
        counts = []
        for season in seasons:
            mine = [
                row.is_found
                for row in season.periods
                if not row.is_floor_heated
                and row.account != Account.DECLARED
                and is_comparable(row)
                and (low <= fact(row) < high or fact(row) == high == edges[-1])
            ]
            counts.append((sum(mine), len(mine)))
        result[bin_name(low, high)] = share(counts).json()
    return result


def _is_warm(row: PeriodRow) -> bool:
    return row.lift_kelvin >= LEAST_LIFT_KELVIN


def _has_homes(row: PeriodRow) -> bool:
    return row.homes >= LEAST_HOMES


def _is_long(row: PeriodRow) -> bool:
    return row.hours * HOUR_S >= (NIGHT_LENGTH_S if row.is_of_the_night else DAY_LENGTH_S)


def _is_deep(row: PeriodRow) -> bool:
    return row.residual <= (NIGHT_RESIDUAL if row.is_of_the_night else DAY_RESIDUAL)
