"""From verdicts, cases, complaints and earlier measurements to today's doors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from heatward_collector.cases import CaseStore
from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.core.cases import What
from heatward_collector.core.rounds import Door, plan
from heatward_collector.core.standard import Standard
from heatward_collector.local_days import day_of
from heatward_collector.refund import Books
from heatward_collector.refund.measured import official_of
from heatward_collector.refund.selection import above

LAST_DAYS = 3
"""Days before today that are looked at. [d]"""
COMPLAINT_DAYS = 14
"""An open complaint older than this no longer asks for a visit by itself. [d]"""
USUAL_DOORS = 12
"""What two people manage in the four hours of an evening."""
FIRST_HOUR, LAST_HOUR = 6, 20
"""Nobody rings at a door earlier or later. [h, local]"""


@dataclass(frozen=True, slots=True)
class Round:
    """Today's doors, in the order of walking."""

    day: date
    street: str | None
    doors: tuple[Door, ...]


def plan_round(
    books: Books,
    cases: CaseStore,
    now_s: float,
    street: str | None = None,
    most: int = USUAL_DOORS,
    within: Callable[[str], bool] = lambda _building: True,
) -> Round:
    """Return the doors to visit today, of one street or of all, in the buildings that count."""
    today = day_of(now_s, books.zone)
    doors = [
        door
        for door in _doors(books, cases, today, now_s)
        if within(door.building) and street in (None, _street(books, door.building))
    ]
    return Round(today, street, tuple(plan(doors, most)))


def _doors(books: Books, cases: CaseStore, today: date, now_s: float) -> Iterator[Door]:
    directory = books.directory
    days = [today - timedelta(days=back) for back in range(1, LAST_DAYS + 1)]
    verdicts = [books.verdicts.of_day("home", day) for day in days]
    complaints = _complaints(books, now_s)
    waiting = {
        home
        for case in cases.cases(live_only=True)
        if case.first(What.MEASURED_ON_SITE) is None
        for home in case.homes
    }
    checked = {one.home: (today - one.day).days for one in official_of(books)}
    heard = {home for of_day in verdicts for home in of_day}
    known = heard | waiting | _with_sensors(books)
    for home in directory.homes:
        building = above(directory, "building", home)
        if home not in known or directory.is_suspended(home, today):
            continue
        yield Door(
            home=home,
            building=building,
            estate=above(directory, "estate", home),
            below_days=sum(
                of_day[home].verdict == "below" for of_day in verdicts if home in of_day
            ),
            lack_kelvin=_lack(books, [of_day[home] for of_day in verdicts if home in of_day]),
            has_case=home in waiting,
            complaints=complaints[building],
            is_silent=home not in verdicts[0],
            checked_days_ago=checked.get(home),
        )
    measured = {above(directory, "building", home) for home in heard}
    for building in sorted(complaints.keys() - measured):
        estate = str(directory.tables["building"][building]["estate"])
        yield Door("", building, estate, complaints=complaints[building])


def _with_sensors(books: Books) -> set[str]:
    """Return the homes in which a sensor hangs."""
    rooms = books.directory.tables["room"]
    return {
        str(rooms[row["target"]]["home"])
        for row in books.tables["assignment"]
        if row["to_s"] is None and row["target"] in rooms
    }


def _lack(books: Books, verdicts: list[DayVerdict]) -> float:
    """Return what the newest judged day's median lacked to the standard. [K]"""
    for one in verdicts:
        median, rule = one.facts.get("median"), books.standard.rule_on(one.day)
        if median is not None and rule is not None:
            return max(rule.minimum_celsius - float(median), 0.0)
    return 0.0


def _complaints(books: Books, now_s: float) -> Counter[str]:
    return Counter(
        row["building"]
        for row in books.tables["complaint"]
        if row["building"] is not None
        and row["state"] == "open"
        and row["received_s"] > now_s - 86_400 * COMPLAINT_DAYS
    )


def _street(books: Books, building: str) -> str:
    tables = books.directory.tables
    return str(tables["estate"][tables["building"][building]["estate"]]["street"])


def hours_of_round(standard: Standard) -> list[tuple[int, int]]:
    """Return the local hours in which a round may measure officially, morning and evening."""
    hours = standard.round_hours
    if hours:
        return list(hours)
    excluded = standard.excluded_hours
    whole = (FIRST_HOUR, LAST_HOUR)
    if excluded is None:
        return [whole]
    return [
        span for span in ((whole[0], excluded[0]), (excluded[1], whole[1])) if span[0] < span[1]
    ]
