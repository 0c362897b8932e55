"""Which homes stops have cooled, and which falls were the begin of less heat for days instead.

A supply that is held back at once lets homes fall like a stop at first. Of a stop, homes are not
compared for some days; so a cut would hide itself. What tells them apart is seen half a day later:
after a stop the homes are warm again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Mask
from heatward_collector.core.suppression.homes.home_grid import HomeTemperatures
from heatward_collector.core.suppression.homes.medians import down, middle
from heatward_collector.core.suppression.stops.episode import Episode

TOUCH_KELVIN, TOUCH_S = 0.5, 2 * 3600
"""A shorter or shallower fall leaves the median of a day as it is. [K] [s] (project rule)"""
SLOW_RATE, SLOW_S = 0.0075, 5 * 3600
"""Homes that fell for so long [s], and lost less of the distance to the outdoors each hour, may
have less heat and not none. [1/h] (simulated two-node homes: of 698 stops 177 fell so slowly, 65 of
them so long, of 25 cuts of the supply that were seen as stops 23; a whole stop is at 0.011)"""
BACK_S = 12 * 3600
"""So long after such a fall it is seen whether heat came back. [s] (project rule)"""
STILL_COLD_SHARE = 0.8
"""It did not where homes then lie by this part of their fall below where they began. [1] (the same
homes: 12 of the 698 stops, 20 of the 25 cuts)"""
EVENING_S = 2 * 3600
"""The level of a home is the median of so much of the day's end. [s]"""
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class TouchedHomes:
    """Which homes stops have cooled, (homes,) each."""

    today: Mask
    """By what is a stop, or may be one yet."""
    by_past_stops: tuple[Mask, Mask]
    """By what was one, on this day, and on the day before."""

    @classmethod
    def nobody(cls, homes: int) -> TouchedHomes:
        """Return a day on which nothing stopped."""
        today, before = np.zeros((2, homes), bool)
        return cls(today.copy(), (today, before))

    def also(self, touched: Mask) -> TouchedHomes:
        """Return the same with other homes, too, that were cooled on this day."""
        today, before = self.by_past_stops
        return TouchedHomes(self.today | touched, (today | touched, before))


def touched_homes(
    start_s: int, end_s: int, celsius: HomeTemperatures, episodes: Iterable[Episode]
) -> TouchedHomes:
    """Return which homes the stops of a day, and of the day before, have cooled.

    All homes of a place are, whether they were seen to fall within hours or not.

    Parameters
    ----------
    start_s, end_s : int
        Local midnights. [s UTC]
    celsius : float32 (slots, homes)
        Of the day, NaN missing. [degC]
    episodes : iterable of Episode
        Those that are known at the end of the day.
    """
    found = TouchedHomes.nobody(celsius.shape[1])
    evening = celsius[-max(round(EVENING_S / (end_s - start_s) * len(celsius)), 1) :]
    for one in episodes:
        until_s = one.heard_s if one.end_s is None else one.end_s
        is_felt = one.drop >= TOUCH_KELVIN and until_s - one.start_s >= TOUCH_S
        if not is_felt or one.start_s >= end_s or until_s <= start_s - DAY_S:
            continue
        mine = list(one.homes)
        is_slow = not one.is_open and _fell_slowly(one, until_s)
        is_undecided = one.is_open or (is_slow and end_s - until_s < BACK_S)
        if is_undecided:
            found.today[mine] = True
        elif not (is_slow and _is_still_cold(one, evening)):
            found.today[mine] |= until_s > start_s
            for ago, touched in enumerate(found.by_past_stops):
                first_s, last_s = start_s - ago * DAY_S, end_s - ago * DAY_S
                touched[mine] |= one.start_s < last_s and until_s > first_s
    return found


def _fell_slowly(one: Episode, until_s: int) -> bool:
    fallen_s = until_s - one.start_s
    return fallen_s >= SLOW_S and one.drop < SLOW_RATE * one.delta * fallen_s / 3600


def _is_still_cold(one: Episode, evening: HomeTemperatures) -> bool:
    """Say whether the homes that fell are still as cold in the evening; false if silent."""
    below = middle(np.array(one.reference) - down(evening[:, list(one.affected)]))
    return bool(below >= STILL_COLD_SHARE * one.drop)
