"""To which places no heat has come since it is due, by what heated places get on the same days.

The sun of an October day gives an unheated home a third of what heats it, and in mild weather a
heated home gets little more: both are seen against other sources.
"""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.suppression.by_day.place_days import others
from heatward_collector.core.suppression.by_day.today import Today
from heatward_collector.core.suppression.edges.edge import DAY_S
from heatward_collector.core.suppression.edges.heating_state import (
    HEATED_SHARE,
    SHARED_SHARE,
    beside,
    of_places,
    share_of_heat,
    shares_buildings,
    shares_of_heat,
)
from heatward_collector.core.suppression.homes.medians import down
from heatward_collector.core.suppression.homes.network import Level

LATE_FROM_DAY = 2
"""Days of the season at whose end a missing start is said. [d]"""
SLOW_FROM_DAY = 2
"""Whole days of the season after which floor-heated places may be told of. [d] (simulated: their
first day gives 0.4 to 0.75 of what radiators do)"""
COLD_SHARE = 0.3
"""Less is no heat. [1]"""
LUKEWARM_DAYS, LESS_SHARE = 3, 0.3
"""So long it may be little heat; then a place so far behind other sources is late, too. [d] [1]"""
FAR_SHARE = 0.5
"""A place so far behind the best other sources on each of two days has no heat. [1] (simulated: of
2,127 heated places in 42 seasons none was on its first two days, the nearest 0.42)"""
COME_SHARE = 0.6
"""Heat has come where a place got so much of what the best other sources got. [1] (simulated)"""
ZONE_LESS_SHARE = 0.1
"""A zone lies below the others of its source from this on. [1] (project rule)"""


def lacks_heat(today: Today, level: Level, given: float) -> Mask:
    """Say which places get no heat, or for days clearly less than other sources, (places,).

    Parameters
    ----------
    today : Today
        A day of the season.
    level : Level
        Of which places.
    given : float
        What people and sun give. [K]
    """
    history = today.history
    share = shares_of_heat(history, level, LUKEWARM_DAYS, given)
    sources = shares_of_heat(history, Level.SOURCE, LUKEWARM_DAYS, given)
    control = others(down(sources)[None])[0]
    control = np.append(control, np.nan)[today.places.source[level]]
    days = LUKEWARM_DAYS if level is Level.ZONE else LUKEWARM_DAYS - 1
    due = today.start_s - today.duty.season.first_s >= days * DAY_S
    with np.errstate(invalid="ignore"):
        is_cold = down(share[-LATE_FROM_DAY:]) < COLD_SHARE
        least, control = _least(today, level, given, down(share), control)
        is_less = (np.fmax(down(share), share[-1]) < least) & (control - down(share) >= LESS_SHARE)
    lacks = is_cold | _is_far_behind(today, level, given) | (is_less & due)
    if today.start_s - today.duty.season.first_s < SLOW_FROM_DAY * DAY_S:
        lacks &= ~_is_slow(today, level)
    return np.asarray(lacks & ~_has_come(today, level, given))


def _is_slow(today: Today, level: Level) -> Mask:
    """Say which places are floor-heated, (places,): heat comes to their rooms a day later."""
    group, count = today.places.place[level], today.places.count(level)
    has_floor = np.bincount(group[(group >= 0) & today.network.is_floor_heated], minlength=count)
    return np.asarray(2 * has_floor > np.bincount(group[group >= 0], minlength=count))


def due_to_homes(today: Today, given: float, days: int) -> Celsius:
    """Return what is due to homes as far as the best other sources get it, (days, homes).

    In mild weather these get less, and so does a home that lacks nothing. Where no other source is
    heated it is all. [1]
    """
    history, places = today.history, today.places
    best = beside(history, given, days)
    share = share_of_heat(best, history.outdoor[-days:, None], given)
    due = np.where(np.isnan(share), 1.0, np.minimum(share, 1.0))
    due = np.hstack([due, np.ones((len(due), 1))])
    return np.asarray(due[:, places.place[Level.SOURCE]])


def _shares(today: Today, level: Level, given: float, days: int) -> tuple[Celsius, Celsius]:
    """Return the shares of places and of the best other sources, each (days, places). [1]"""
    history = today.history
    share = shares_of_heat(history, level, days, given)
    best = of_places(beside(history, given, days), today.places, level)
    return share, share_of_heat(best, history.outdoor[-days:, None], given)


def _is_far_behind(today: Today, level: Level, given: float) -> Mask:
    """Say which places got so much less than the best other sources on each of the last days."""
    share, best = _shares(today, level, given, LATE_FROM_DAY)
    with np.errstate(invalid="ignore"):
        is_behind = (share < HEATED_SHARE) & (best - share >= FAR_SHARE)
    return np.asarray(is_behind.all(axis=0))


def _has_come(today: Today, level: Level, given: float) -> Mask:
    """Say to which places heat has come on two days in a row of the season.

    What lacks it later has lost it again.
    """
    days = int((today.history.start_s >= today.duty.season.first_s).sum())
    share, best = _shares(today, level, given, days)
    with np.errstate(invalid="ignore"):
        is_heated = (share >= HEATED_SHARE) & ~(share < COME_SHARE * best)
    return np.asarray((is_heated[1:] & is_heated[:-1]).any(axis=0))


def _least(
    today: Today, level: Level, given: float, share: Celsius, control: Celsius
) -> tuple[Celsius, Celsius]:
    """Return from which share on places are not late, and what they are held against.

    A zone without heat takes some from the homes around it: where it lies below the other zones
    of its buildings, it is held against the best sources.
    """
    least = np.full(len(share), HEATED_SHARE)
    if level is not Level.ZONE:
        return least, control
    places = today.places
    _, best = _shares(today, level, given, LUKEWARM_DAYS)
    own = np.full(places.count(Level.SOURCE) + 1, -np.inf)
    np.fmax.at(own, places.source[level], share)
    shared = shares_buildings(places) & (own[places.source[level]] - share >= ZONE_LESS_SHARE)
    control = np.where(shared, np.fmax(control, down(best)), control)
    warm = SHARED_SHARE * np.minimum(control, 1.0)
    return np.where(shared, np.fmax(least, warm), least), control
