"""What places have lost against what stands beside them, near the end of a season, and since when.

The homes of a zone without heat are warmed through the walls by heated homes around them: after
some days they get three quarters of their heat all the same, and in the sun of a mild day nearly
all of it. They still get less than before, against the other zones of their source.
"""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Celsius
from heatward_collector.core.suppression.by_day.history import History
from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.edges.edge import DAY_S
from heatward_collector.core.suppression.edges.heating_state import (
    beside,
    of_places,
    share_of_heat,
    shares_of_heat,
)
from heatward_collector.core.suppression.homes.medians import across, down
from heatward_collector.core.suppression.homes.network import Level

STILL_LOST_SHARE = 0.15
"""Heat that had gone is back where less than this is still lost. [1] (simulated)"""
NEAR_DAYS, CLEAR_FALL_KELVIN = 5, 2.0
"""Further back than so many days a stop is only dated where so much heat went: in a warm week the
heat of places wanders by less. [d] [K] (simulated: zones between heated ones lost 2 to 6 K)"""
MOST_SINCE_DAYS, LEAST_BEFORE_DAYS = 10, 4
"""A stop is dated within so many days, against so many days before it. [d] (simulated: zones
between heated ones were seen 4 to 7 days late)"""


def still_lacks(
    history: History,
    places: Hierarchy,
    given: float,
    where: tuple[Level, int],
    start_s: int,
    spans: tuple[int, int],
) -> bool:
    """Say whether a place from which heat had gone still gets less than before.

    Parameters
    ----------
    history : History
        With the last day.
    places : Hierarchy
        Which place belongs to which source.
    given : float
        What people and sun give. [K]
    where : Level, int
        The place.
    start_s : int
        The first day without heat. [s UTC]
    spans : int, int
        The last days are held against so many before the stop. [d]

    Returns
    -------
    bool
        False where nothing heated stands beside it.
    """
    (level, place), (before, back) = where, spans
    first = int(np.searchsorted(history.start_s, start_s))
    days = min(len(history.start_s) - first + before, len(history.start_s))
    share = shares_of_heat(history, level, days, given)
    sources = of_places(beside(history, given, days), places, level)[:, place]
    views = [share_of_heat(sources, history.outdoor[-days:], given)]
    if level is not Level.SOURCE:
        other = places.source[level] == places.source[level][place]
        other[place] = False
        views.append(across(share[:, other]))
    lost = []
    for rest in views:
        off = share[:, place] - rest
        lost.append(down(off[:before]) - off[-back:].mean())
    known = [one for one in lost if one == one]
    return bool(known) and float(np.mean(known)) >= STILL_LOST_SHARE


def stopped_s(
    history: History,
    places: Hierarchy,
    given: float,
    where: tuple[Level, int],
    usual_days: int,
) -> int:
    """Return the first day without heat, by its midnight: where two levels fit best. [s UTC]

    Parameters
    ----------
    history : History
        With the last day, on which the place has no heat.
    places : Hierarchy
        Which place belongs to which source.
    given : float
        What people and sun give. [K]
    where : Level, int
        The place.
    usual_days : int
        How many days it is without heat where that cannot be told. [d]
    """
    level, place = where
    window = MOST_SINCE_DAYS + LEAST_BEFORE_DAYS
    heat = history.series[level].heat[-window:, place]
    # On the first day of a cold front nobody seems heated: the best others are so all the same.
    best = of_places(beside(history, given, window, -np.inf), places, level)[:, place]
    is_beside = not np.isnan(of_places(beside(history, given, 1), places, level)[0, place])
    if is_beside and not np.isnan(best).any():
        lack = heat - best
    else:
        lack = heat + history.outdoor[-window:]  # but for a constant, what is due
    least, days = np.inf, usual_days
    for since in range(1, len(lack) - LEAST_BEFORE_DAYS + 1):
        before, after = lack[:-since], lack[-since:]
        left = _spread(before) + _spread(after)
        fell = _middle(before) - _middle(after)
        if left < least and fell > (0.0 if since <= NEAR_DAYS else CLEAR_FALL_KELVIN):
            least, days = left, since
    return int(history.start_s[-1]) - (days - 1) * DAY_S


def _middle(days: Celsius) -> float:
    """Return the mean of the known days, NaN if there are none. [K]"""
    known = days[~np.isnan(days)]
    return float(known.mean()) if len(known) else np.nan


def _spread(days: Celsius) -> float:
    """Return the sum of squares about the mean of the known days. [K2]"""
    return float(np.nansum((days - _middle(days)) ** 2))
