"""Falls that were not clear enough to be said, and what makes them so: that they come again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LEAD_HOURS = (22.0, 6.0)
"""Only what begins between these local hours gives a lead and is led to: people keep to the clock
as well when they get up, air and cook, and so does the sun. [h] (simulated homes: of five falls
that were led to in 9 towns two were stops, found in time without it, three a zone's mornings)"""
LEAD_HOMES = 5
"""A place with fewer judged homes gives no lead. (project rule)"""
APART_S = 3600
"""So near to the same time of a later day the same fall begins. [s]"""
AFTER_S = (18 * 3600, 74 * 3600)
"""So much later: on one of the next three days. [s]"""
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Lead:
    """A fall of many homes together that was not clear enough to be said."""

    place: str
    start_s: int
    """When it began. [s UTC]"""


def may_lead(hour: float) -> bool:
    """Say whether it means anything that a fall comes again at a local hour [h]."""
    first, last = LEAD_HOURS
    return (hour - first) % 24 < (last - first) % 24


def is_led(leads: Iterable[Lead], place: str, start_s: int) -> bool:
    """Say whether a place fell at the same hour of one of the days before."""
    return any(one.place == place and is_same_hour(one.start_s, start_s) for one in leads)


def is_same_hour(before_s: int, start_s: int) -> bool:
    """Say whether a fall begins at the same hour as one of the days before. [s UTC]"""
    first, last = AFTER_S
    since = start_s - before_s
    return first <= since <= last and off_whole_days(since) <= APART_S


def with_lead(leads: tuple[Lead, ...], place: str, start_s: int) -> tuple[Lead, ...]:
    """Return leads with one more and without those that lead nowhere; a fall gives one only."""
    first, last = AFTER_S
    kept = tuple(one for one in leads if one.start_s >= start_s - last)
    if any(one.place == place and abs(start_s - one.start_s) < first for one in kept):
        return kept
    return (*kept, Lead(place, start_s))


def off_whole_days(seconds: int) -> int:
    """Return how far some seconds are from whole days: from the same time of day. [s]"""
    return abs((seconds + DAY_S // 2) % DAY_S - DAY_S // 2)
