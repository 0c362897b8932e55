"""Evenings of a place on which it loses too little, one after the other: no stop of the supply.

Thermostats of a whole building keep to a program, and where all buildings of a source have one they
fall together each evening. One such evening is hardly told from a stop; several are, for they lose
less than homes without half of their heat. What was taken for stops is no past to learn a habit
from, so that without this the first evenings would beget a winter of others.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from heatward_collector.core import Indices
from heatward_collector.core.suppression.falling.leads import off_whole_days
from heatward_collector.core.suppression.falling.usual import EVENING
from heatward_collector.core.suppression.stops.episode import Episode

LEAST_EVENINGS = 3
"""So many earlier ones tell. [1] (project rule)"""
FAINT_EVENING_RATE = 0.005
"""The middle one of them lost less of the distance to the outdoors each hour: half of the heat held
back cools by as much. [1/h] (simulated homes: of 1417 times that stops of several buildings were
named for 3 h and more 165 lost less, of 225 false ones 175; by the rule 273 of 294 false ones of a
source with two such buildings do not come about, and of 424 stops in seven towns one is missed)"""
LEAST_S = 2 * 3600
"""What was over sooner says little of how fast homes lose: at first only their air does. [s]"""
NEAR_S = 5400
"""So near to the same time of day they began. [s]"""


def are_faint(ended: Iterable[Episode], homes: Indices, begin: tuple[int, float]) -> bool:
    """Say whether the evenings before on which these homes fell were faint.

    Parameters
    ----------
    ended : iterable of Episode
        Those that are over, of the last two weeks.
    homes : int32 (n,)
        Homes of the place.
    begin : int, float
        When they began to fall now, [s UTC] and as a local hour. [h]
    """
    begin_s, hour = begin
    if int(hour) not in EVENING:
        return False
    mine = frozenset(homes.tolist())
    rates = [
        one.drop * 3600 / ((one.lowest_s - one.start_s) * one.delta)
        for one in ended
        if one.lowest_s - one.start_s >= LEAST_S
        and one.delta > 0
        and off_whole_days(begin_s - one.start_s) <= NEAR_S
        and one.covers_half_of(mine)
    ]
    return len(rates) >= LEAST_EVENINGS and float(np.median(rates)) < FAINT_EVENING_RATE
