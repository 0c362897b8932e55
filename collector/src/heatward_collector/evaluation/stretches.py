"""Local days that are watched together: a heating season, or what of it there are readings of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, pairwise
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.core.suppression.homes.home_grid import SLOT_S
from heatward_collector.core.suppression.season import Grid
from heatward_collector.evaluation.voting import SLOTS_AN_HOUR
from heatward_collector.local_days import bounds, hours_of

FOR_EVER_S = 2**62
MOST_SILENT_DAYS = 14
"""After a longer silence the watch begins anew: nothing older is remembered anyway. [d]"""
YEAR_BEGINS = (7, 1)
"""Month and day at which the watch begins anew each year: nobody owes heat then. (project rule)"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Local days that are folded together, and when the next stretch begins."""

    first: date
    last: date
    next_s: int
    """[s UTC]"""


def stretches(heard: Sequence[date], today: date, zone: ZoneInfo) -> list[Stretch]:
    """Return the stretches of days with readings until today, each with one day after them."""
    days = sorted(day for day in heard if day <= today)
    if not days:
        return []
    breaks = [(one, two) for one, two in pairwise(days) if _is_break(one, two)]
    firsts = [days[0], *(later for _, later in breaks)]
    lasts = [*(earlier for earlier, _ in breaks), days[-1]]
    ends = [*firsts[1:], today + timedelta(days=1)]
    return [
        Stretch(
            first,
            min(last, end - timedelta(days=2)) + timedelta(days=1),
            bounds(end, zone)[0] if end <= today else FOR_EVER_S,
        )
        for first, last, end in zip(firsts, lasts, ends, strict=True)
    ]


def local_hours(stretch: Stretch, zone: ZoneInfo) -> Grid:
    """Return a grid without homes, for the local hours of a stretch and the day after it."""
    count = (stretch.last - stretch.first).days + 2
    days = [stretch.first + timedelta(days=number) for number in range(count)]
    hours = np.array(list(chain.from_iterable(hours_of(day, zone) for day in days)))
    quarter = np.arange(len(hours) * SLOTS_AN_HOUR) % SLOTS_AN_HOUR / SLOTS_AN_HOUR
    hour = np.repeat(hours, SLOTS_AN_HOUR) + quarter
    slots = len(hour)
    return Grid(
        bounds(stretch.first, zone)[0],
        SLOT_S,
        np.zeros((slots, 0), np.float32),
        np.full(slots, np.nan),
        hour,
        np.ones(slots, bool),
    )


def _is_break(earlier: date, later: date) -> bool:
    is_long = (later - earlier).days > MOST_SILENT_DAYS
    return is_long or _heating_year(earlier) != _heating_year(later)


def _heating_year(day: date) -> int:
    return day.year if (day.month, day.day) >= YEAR_BEGINS else day.year - 1
