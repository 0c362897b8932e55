"""Building-months: for how long a false alarm could have been raised at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from heatward_collector.core import Indices, Mask

LEAST_HOMES = 4
LEAST_COVERAGE = 0.5
"""Share of a day's slots in which a home must have a value."""
DAYS_A_MONTH = 30


def judgeable_days(
    has_value: Mask,
    building: Indices,
    buildings: int,
    days: Sequence[tuple[int, int]],
    least_homes: int = LEAST_HOMES,
    least_coverage: float = LEAST_COVERAGE,
) -> Mask:
    """Say on which days a building had enough homes with enough readings.

    Parameters
    ----------
    has_value : bool (slots, homes)
        Whether a home has a temperature.
    building : int32 (homes,)
        Building of each home, -1 for none.
    buildings : int
        How many buildings there are.
    days : sequence of (first, end)
        Slots of each local day.
    least_homes : int
        How many homes a building needs.
    least_coverage : float
        What share of a day's slots a home needs. [0 to 1]

    Returns
    -------
    bool (days, buildings)
    """
    found = np.zeros((len(days), buildings), bool)
    for number, (first, end) in enumerate(days):
        if end > first:
            covered = has_value[first:end].mean(axis=0) >= least_coverage
            chosen = building[covered & (building >= 0)]
            found[number] = np.bincount(chosen, minlength=buildings) >= least_homes
    return found


def building_months(days: Mask) -> float:
    """Return judgeable days as months of 30 days."""
    return float(days.sum()) / DAYS_A_MONTH
