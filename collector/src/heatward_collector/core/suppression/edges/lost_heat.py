"""What places have lost against what stands beside them, near the end of a season.

The homes of a zone without heat are warmed through the walls by heated homes around them: after
some days they get three quarters of their heat all the same, and in the sun of a mild day nearly
all of it. They still get less than before, against the other zones of their source.
"""

from __future__ import annotations

import numpy as np

from heatward_collector.core.suppression.by_day.history import History
from heatward_collector.core.suppression.by_day.place_days import Hierarchy
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
