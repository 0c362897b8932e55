"""Which doors to visit today: by severity, gaps in the coverage, and complaints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

BELOW_POINTS = 2.0
"""For each of the last days that were certainly below. (project rule, as all weights here)"""
LACK_POINTS = 1.0
"""For each kelvin that the last day's mean lacked, up to ``MOST_LACK_KELVIN``."""
MOST_LACK_KELVIN = 4.0
CASE_POINTS = 3.0
"""Where a case is open and waits for a measurement on site."""
COMPLAINT_POINTS = 2.0
"""For each open complaint of the building, up to ``MOST_COMPLAINTS``."""
MOST_COMPLAINTS = 3
SILENT_POINTS = 1.5
"""A sensor that has said nothing for a day."""
UNMEASURED_POINTS = 1.0
"""A building with complaints in which nobody is measured: any home of it."""
MOST_OF_A_BUILDING = 4
"""More doors of one building only where no other one asks for a visit: a round should see much."""
FRESH_DAYS = 7
"""An official measurement so recent makes another one less urgent. [d]"""
FRESH_FACTOR = 0.25


@dataclass(frozen=True, slots=True)
class Door:
    """One home, or one building of which no home is measured."""

    home: str
    """Empty where any home of the building will do."""
    building: str
    estate: str
    below_days: int = 0
    """Of the last days, those that were certainly below."""
    lack_kelvin: float = 0.0
    """What the mean of the last judged day lacked to the standard. [K]"""
    has_case: bool = False
    complaints: int = 0
    is_silent: bool = False
    checked_days_ago: int | None = None
    """Since the last official measurement; None where there was none. [d]"""


def urgency(door: Door) -> float:
    """Return how urgent a visit is; 0 where nothing asks for one."""
    points = BELOW_POINTS * door.below_days
    points += LACK_POINTS * min(max(door.lack_kelvin, 0.0), MOST_LACK_KELVIN)
    points += CASE_POINTS * door.has_case
    points += COMPLAINT_POINTS * min(door.complaints, MOST_COMPLAINTS)
    points += SILENT_POINTS * door.is_silent
    points += UNMEASURED_POINTS * (not door.home and door.complaints > 0)
    is_fresh = door.checked_days_ago is not None and door.checked_days_ago < FRESH_DAYS
    return points * (FRESH_FACTOR if is_fresh else 1.0)


def plan(
    doors: Iterable[Door], most: int, most_of_a_building: int = MOST_OF_A_BUILDING
) -> list[Door]:
    """Return the doors of a round in the order of walking.

    The most urgent ones are chosen; then those of one building and of one estate are visited
    together, the most urgent estate and building first. The same doors give the same round.

    Parameters
    ----------
    doors : iterable of Door
        All that might be visited.
    most : int
        How many fit into a round.
    most_of_a_building : int
        How many of one building come before those of all others.
    """
    urgent = sorted(
        (door for door in doors if urgency(door) > 0),
        key=lambda door: (-urgency(door), door.building, door.home),
    )
    seen: Counter[str] = Counter()
    first: list[Door] = []
    later: list[Door] = []
    for door in urgent:
        seen[door.building] += 1
        (first if seen[door.building] <= most_of_a_building else later).append(door)
    chosen = [*first, *later][:most]
    estates: dict[str, float] = {}
    buildings: dict[str, float] = {}
    for door in chosen:
        for best, place in ((estates, door.estate), (buildings, door.building)):
            best[place] = max(best.get(place, 0.0), urgency(door))
    return sorted(
        chosen,
        key=lambda door: (
            -estates[door.estate],
            door.estate,
            -buildings[door.building],
            door.building,
            -urgency(door),
            door.home,
        ),
    )
