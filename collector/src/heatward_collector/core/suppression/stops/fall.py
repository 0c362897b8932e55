"""What a fall must be to be one that a stop of heating makes: its begin, its size, its speed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius
from heatward_collector.core.suppression.falling.falls import SLOTS_AN_HOUR, SPANS
from heatward_collector.core.suppression.findings.finding import LEAST_HOMES
from heatward_collector.core.suppression.homes.medians import middle
from heatward_collector.core.suppression.stops.episode import (
    ONSET_SLOTS,
    onset,
    steady_onset,
)

LEAST_DROP = 0.16
"""Homes must have fallen by this, by their median. Where the evidence is clear, more than four of
them by less, as the root of their number goes: so much less the steps of their sensors move a
median. [K] (simulated homes: of 33 clear suspicions of true stops 6 waited for a quarter of an hour
or more only for this, for their begin was found just one slot ago)"""
REPEATED_DROP = 0.09
"""Where heat was held back in the days before, and homes did not fall already, this is enough: it
is believed sooner. [K]"""
LEVEL_SLOTS = 8
"""But with less than that homes must not have fallen before, by their median over so many slots."""
LEAST_CUT_RATE = 0.0035
"""And by this share of the distance to the outdoors each hour: half of the heat held back cools a
room of 100 h by 0.005. [1/h]"""
REBOUND, REBOUND_SHARE = 0.08, 0.1
"""Homes that have risen by this [K] and this share of what they lost do not fall any more."""
MOST_CUT_RATE = 0.022
"""What falls faster has its windows open: of homes without any heat nine in ten lose less than
0.018 of the distance in each of the first hours. [1/h] (simulated homes)"""
LASTING_SLOTS, MOST_LASTING_RATE = 6, 0.05
"""But a clear fall that has lasted for so long [slots] may be this fast [1/h]: windows are closed
by then, and light houses lose a twentieth of the distance in an hour. (time constant of 20 h)"""
OLDEST_ONSET, OLDEST_CLEAR = 8, 1
"""A fall that began in the first slots of the window in which its begin is looked for went on for
three hours without being noticed: an evening or the weather, no stop, unless it is clear. [slots]
"""
STOOD_SLOTS, STOOD_DROP = 8, 0.5
"""Or unless homes have been suspected for so long [slots], and have lost so much [K] fast enough:
no evening lasts so. (simulated homes: of stops that were not found every fifth is so, and in 9
towns without any stops one building)"""
FAST_RATE = 0.006
"""A fall that is not clear and old, or smaller than usual where it comes again, or one of several,
must be this fast. So must one of a building alone that is not clear: a gust chills the windward one
like half of the heat held back. [1/h] (two-node rooms of another simulator: of 42 false episodes of
a building alone 21 were slower and faint, of 84 found stops none; in our own seasons it keeps
5 of 12 false ones away, and loses one of 485 stops)"""
DEEP_SLOTS, DEEP_RATE, DEEP_DROP = 12, 0.0085, 0.8
"""What has lost so much [K] at such a pace [1/h] for so long [slots], beyond what others did, is no
evening and no sun, however late and faintly it is noticed. (simulated homes: 0.6 to 1.0 K and
0.0075 to 0.009 1/h find the same four stops of 14 towns, and nothing in their seasons without any)
"""
YOUNGEST = 2
"""A steady fall began at least so many slots ago."""
RECENT_SLOTS = SPANS[-1]
"""Where the last hours hold more than one fall, or an evening before it, the begin of a clear one
or of one that comes again is looked for in the longest span of the evidence. [slots]"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a suspicion rests on beside the curve of its homes."""

    homes: int
    """How many fall."""
    is_clear: bool = False
    """Whether the evidence is so clear that the fall may have gone on for longer, and that of many
    homes be smaller."""
    is_repeated: bool = False
    """Whether heat was held back from them in the days before."""
    stood: int = 0
    """For how long they have been suspected. [slots]"""
    is_lone: bool = False
    """Whether they are homes with radiators of one building, which may stand in the wind alone."""


def begin_of(curve: Celsius, delta: float, standing: Standing) -> tuple[int, float | None]:
    """Return at which index homes began to fall, and how fast; None where it is no stop. [1/h]"""
    bend = onset(curve)
    rate = rate_of(curve, bend, delta, standing)
    if rate is None and (standing.is_clear or standing.is_repeated):
        bend = _recent_onset(curve)
        rate = rate_of(curve, bend, delta, standing)
        if rate is not None and rate < FAST_RATE:
            return bend, None
    return bend, rate


def deep_begin(curve: Celsius, delta: float) -> tuple[int, float | None]:
    """Return where a fall began that has gone on fast and deep, and how fast; else None. [1/h]"""
    if not float(np.nanmax(curve)) - curve[-1] >= DEEP_DROP:
        return ONSET_SLOTS, None
    bend = steady_onset(curve, YOUNGEST)
    return bend, (_pace(curve, bend, delta) if is_deep(curve, bend, delta) else None)


def is_deep(curve: Celsius, bend: int, delta: float) -> bool:
    """Say whether a fall that began long ago has gone on fast and deep; as for ``rate_of``."""
    is_long = ONSET_SLOTS - bend >= DEEP_SLOTS
    if not is_long or not curve[bend] - curve[-1] >= DEEP_DROP or _is_over(curve, bend):
        return False
    return DEEP_RATE <= _pace(curve, bend, delta) <= MOST_CUT_RATE


def likely_begin(curve: Celsius, bend: int) -> int:
    """Return the median of what three looks say of the begin of a fall that is believed.

    A bend over all hours is led away by an evening before the fall, one over the last hours cannot
    see far back, and a level with a line behind it makes of two falls one. (simulated homes: the
    begin of 772 stops in 14 towns is 0.26 h off instead of 0.30 h, more than 2 h of 2 instead of 7)

    Parameters
    ----------
    curve : float64 (ONSET_SLOTS + 1,)
        How far the homes lay above now. [K]
    bend : int
        Index at which the fall that is believed begins.
    """
    looks = [bend, _recent_onset(curve), steady_onset(curve, YOUNGEST)]
    likely = int(np.median(looks))
    return likely if curve[likely] > curve[-1] else bend


def _recent_onset(curve: Celsius) -> int:
    return ONSET_SLOTS - RECENT_SLOTS + onset(curve[-RECENT_SLOTS - 1 :])


def rate_of(curve: Celsius, bend: int, delta: float, standing: Standing) -> float | None:
    """Return the rate of a fall, None where it is none that a stop of heating can make. [1/h]

    Parameters
    ----------
    curve : float64 (ONSET_SLOTS + 1,)
        How far the homes lay above now. [K]
    bend : int
        Index at which the fall began.
    delta : float
        Distance to the outdoors. [K]
    standing : Standing
        What the suspicion rests on.
    """
    drop = float(curve[bend] - curve[-1])
    if not drop >= _least_drop(curve, bend, standing):
        return None
    if _is_over(curve, bend):
        return None
    rate = _pace(curve, bend, delta)
    is_fast = rate >= FAST_RATE
    if drop < LEAST_DROP and not (standing.is_clear or is_fast):
        return None
    has_stood = standing.stood >= STOOD_SLOTS and drop >= STOOD_DROP
    may_be_old = standing.is_clear or (has_stood and is_fast)
    if bend < (OLDEST_CLEAR if may_be_old else OLDEST_ONSET):
        return None
    lasts = standing.is_clear and ONSET_SLOTS - bend >= LASTING_SLOTS
    most = MOST_LASTING_RATE if lasts else MOST_CUT_RATE
    may_be_wind = standing.is_lone and not standing.is_clear
    least = FAST_RATE if may_be_wind else LEAST_CUT_RATE
    return rate if least <= rate <= most else None


def _pace(curve: Celsius, bend: int, delta: float) -> float:
    """Return how fast homes have fallen since a begin. [1/h]"""
    return float(curve[bend] - curve[-1]) * SLOTS_AN_HOUR / ((ONSET_SLOTS - bend) * delta)


def _is_over(curve: Celsius, bend: int) -> bool:
    """Say whether the heat is back already since a begin."""
    drop = float(curve[bend] - curve[-1])
    return bool(np.nanmin(curve[bend:]) < curve[-1] - max(REBOUND, REBOUND_SHARE * drop))


def _least_drop(curve: Celsius, bend: int, standing: Standing) -> float:
    """Return what homes must have lost since a begin. [K]"""
    if not _was_level(curve, bend):
        return LEAST_DROP
    least = LEAST_DROP
    if standing.is_clear:
        least *= float(np.sqrt(LEAST_HOMES / max(standing.homes, LEAST_HOMES)))
    return min(least, REPEATED_DROP) if standing.is_repeated else least


def _was_level(curve: Celsius, bend: int) -> bool:
    """Say whether homes did not already fall before a begin: then a little more is nothing new."""
    before = curve[max(bend - LEVEL_SLOTS, 0) : bend]
    return bool(middle(before) - curve[bend] <= LEAST_DROP)
