"""What homes do on many days about the same hour is their habit, and no stop."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from heatward_collector.core import Celsius, Indices
from heatward_collector.core.suppression.falling.usual import DAYS, Past
from heatward_collector.core.suppression.homes.medians import middle
from heatward_collector.core.suppression.stops.doubts import makes_no_habit
from heatward_collector.core.suppression.stops.episode import Episode

HABIT_SHARE, HABIT_PART, HABIT_HOURS, LEAST_HABIT_DAYS = 0.25, 0.5, 3, 3
"""It is a habit if on this share of past days, of which so many must be known, the same homes fell
at this part of the rate faster than all others within so many hours of the same time of day."""
PROGRAM_SHARE, PROGRAM_PART, PROGRAM_DAYS = 0.13, 0.3, 6
"""Of a building alone it is the program of its thermostats if in the evenings of up to 45 days they
fell so on this share of them, which must be so many, at this part of the rate. (simulated homes: of
true stops of a building 1 in 40, of programs all but one in 30)"""
DAY_S = 86_400


def is_habit(
    past: Past,
    episodes: Iterable[Episode],
    homes: Indices,
    begin: tuple[int, float],
    rate: float,
    is_alone: bool = False,
) -> bool:
    """Say whether homes fall so fast on many days about this hour.

    Parameters
    ----------
    past : Past
        The last days of all homes.
    episodes : iterable of Episode
        Known ones: days on which heat was held back from these homes do not count.
    homes : int32 (n,)
        Those that fall.
    begin : int, float
        When they began to, [s UTC] and as a local hour. [h]
    rate : float
        How fast they fall. [1/h]
    is_alone : bool
        Whether they are homes of one building.
    """
    days = _days_without_stops(past, episodes, homes, begin)
    if is_alone:
        known = days[~np.isnan(days)]
        alike = int((known >= PROGRAM_PART * rate).sum())
        if alike >= max(PROGRAM_DAYS, PROGRAM_SHARE * len(known)):
            return True
    lately = days[-DAYS:]
    known = lately[~np.isnan(lately)]
    if len(known) < LEAST_HABIT_DAYS:
        return False
    return float((known >= HABIT_PART * rate).mean()) >= HABIT_SHARE


def is_program(
    past: Past, episodes: Iterable[Episode], homes: Indices, begin: tuple[int, float], rate: float
) -> bool:
    """Say whether what homes of one building keep losing is their program; as for ``is_habit``.

    What lasts for hours is averaged over them, and known better than a fall that has just begun:
    that something fainter happens at this hour is not held against it. (simulated homes: of five
    evenings of a program each had half of the known days like it, of seven true stops of a building
    that only the long look finds the one with most 4 of 45)
    """
    days = _days_without_stops(past, episodes, homes, begin)
    known = days[~np.isnan(days)]
    alike = int((known >= HABIT_PART * rate).sum())
    return alike >= max(PROGRAM_DAYS, HABIT_SHARE * len(known))


def _days_without_stops(
    past: Past, episodes: Iterable[Episode], homes: Indices, begin: tuple[int, float]
) -> Celsius:
    """Return how much faster than all others homes fell about an hour of past days, (days,). [1/h]

    NaN where that is not known, and where heat was held back from them.
    """
    begin_s, hour = begin
    days = np.array([_beyond_others(day, homes) for day in past.fastest(hour, HABIT_HOURS)])
    ago = np.arange(len(days), 0, -1)
    midnight_s = begin_s - round(hour * 3600)
    mine = frozenset(homes.tolist())
    for episode in episodes:
        if makes_no_habit(episode) and not mine.isdisjoint(episode.homes):
            until_s = episode.lowest_s if episode.end_s is None else episode.end_s
            first, last = ((midnight_s - s) / DAY_S for s in (episode.start_s, until_s))
            days[(ago - 1 < first) & (ago >= last)] = np.nan
    return days


def _beyond_others(fastest: Celsius, homes: Indices) -> float:
    """Return by how much the median of some homes fell faster than that of all others. [1/h]"""
    others = np.delete(fastest, homes)
    return middle(fastest[homes]) - max(float(np.nan_to_num(middle(others))), 0.0)
