"""What homes lose beyond what they themselves usually do, and beyond what the weather takes.

Where all sources of a town are without heat at once, no others are left to be compared with: then
the same homes on their earlier days are the measure.
"""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Celsius, Indices
from heatward_collector.core.suppression.falling.falls import DAY_SLOTS, SLOTS_AN_HOUR
from heatward_collector.core.suppression.falling.usual import HOURS, Past
from heatward_collector.core.suppression.homes.medians import across, middle
from heatward_collector.core.suppression.stops.episode import ONSET_SLOTS
from heatward_collector.core.suppression.stops.habit import (
    HABIT_HOURS,
    HABIT_PART,
    HABIT_SHARE,
    LEAST_HABIT_DAYS,
)
from heatward_collector.core.suppression.stops.long_look import usual_rates
from heatward_collector.core.suppression.stops.memory import Block

SUPPLY_FOLLOWS_H = 6.0
"""A supply follows the weather so far behind: what is missing meanwhile is so many times the hourly
fall of the outdoor temperature, smoothed as long. [h] (detection.md: outdoor memory of hourly work)
"""
LEAST_RATE = 0.0055
"""So fast homes fall where half of the heat is held back, beyond what the weather takes. [1/h]"""
ROOM_H = 40.0
"""What is missing cools rooms by this part of itself each hour. [h] (detection.md: time constant
for events of 1 to 8 h)"""


def above_now(block: Block, at: int, homes: Indices, course: Celsius, back: int) -> Celsius:
    """Return how far homes lay above now without what they usually lose until now. [K]

    That they usually warm up at an hour is not asked of them: the sun does not shine on every day.

    Parameters
    ----------
    block : Block
        Slots with their context.
    at : int
        The slot that is now.
    homes : int (n,)
        The homes.
    course : float64 (24, homes)
        How fast each home usually falls at each local hour, as a share of the distance to the
        outdoors. [1/h]
    back : int
        How far back. [slots]

    Returns
    -------
    float64 (back + 1, n)
    """
    usual = usual_rates(block, at, np.maximum(course[:, homes], 0.0), back)
    lost = np.cumsum(usual * float(block.delta[at]), axis=0)
    rows = block.homes[at - back : at + 1][:, homes]
    return np.asarray(rows - rows[-1] - (lost[-1] - lost))


def least_rate(block: Block, at: int, begin: int) -> float:
    """Return how fast homes must have fallen since a begin, that it is not the weather. [1/h]"""
    return LEAST_RATE + _weather_rate(block, at, begin)


def _weather_rate(block: Block, at: int, begin: int) -> float:
    """Return by how much faster homes may fall by the weather since a begin than before it. [1/h]

    A supply that follows a cold front some hours behind lets all homes of a town fall; but what the
    weather took before as well began with nothing.
    """
    first = at - ONSET_SLOTS  # further back nobody knows
    begin = max(begin, first + SLOTS_AN_HOUR)
    slots = [first, begin, at]
    if not block.has_outdoor[slots].all():
        return float("inf")
    outdoor = across(block.homes[slots]) - block.delta[slots]
    before, since = -np.diff(outdoor) * SLOTS_AN_HOUR / np.diff(slots)
    more = max(float(since) - max(float(before), 0.0), 0.0)
    return more * SUPPLY_FOLLOWS_H / ROOM_H / float(block.delta[at])


def below_lowest(block: Block, at: int, begin: int, homes: Indices) -> float:
    """Return how much colder homes are than ever in the day before a begin. [K]"""
    before = block.homes[begin - (DAY_SLOTS - ONSET_SLOTS) : begin + 1][:, homes]
    return middle(np.fmin.reduce(before, axis=0) - block.homes[at, homes])


def wander_of(past: Past, course: Celsius, homes: Indices) -> Celsius:
    """Return how much some homes usually wander together, by night and by day. [1/h]"""
    together = np.full(course.shape[1], np.int32(-1))
    together[homes] = 0
    return past.wander(course, together, 1)[:, 0]


def fell_often(past: Past, hour: float, rate: float, homes: Indices) -> bool:
    """Say whether some homes fell together on many days about a local hour [h], at half of a rate.

    Days of known stops are no part of the past.
    """
    within = [(int(hour) + one) % HOURS for one in range(HABIT_HOURS)]
    fastest = [float(np.fmax.reduce(across(day[within][:, homes]))) for day in past.rates]
    known = [one for one in fastest if one == one]
    alike = sum(one >= HABIT_PART * rate for one in known)
    return alike >= HABIT_SHARE * max(len(known), LEAST_HABIT_DAYS)
