"""The weeks about the Spring Festival, by the dates of the lunar new years."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from heatward_collector.core.suppression.findings.festival import DAY_S, NEW_YEARS, is_festival
from heatward_collector.simulate.calendar import SPRING_FESTIVALS

KNOWN = (
    (2015, 2, 19),
    (2016, 2, 8),
    (2017, 1, 28),
    (2018, 2, 16),
    (2019, 2, 5),
    (2020, 1, 25),
    (2021, 2, 12),
    (2022, 2, 1),
    (2023, 1, 22),
    (2024, 2, 10),
    (2025, 1, 29),
    (2026, 2, 17),
    (2027, 2, 6),
    (2028, 1, 26),
    (2029, 2, 13),
    (2030, 2, 3),
    (2031, 1, 23),
    (2032, 2, 11),
    (2033, 1, 31),
    (2034, 2, 19),
    (2035, 2, 8),
)
"""As printed in calendars."""


def midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def test_the_new_years_are_those_of_the_calendar():
    known = tuple(date(*day).isoformat() for day in KNOWN)
    assert tuple(NEW_YEARS.split()) == known
    assert SPRING_FESTIVALS[: len(known)] == known


@pytest.mark.parametrize("day", KNOWN)
def test_ten_days_before_new_year_and_eight_after_it_many_are_away(day):
    new_year = date(*day)
    away = [
        offset
        for offset in range(-20, 20)
        if is_festival(midnight(new_year + timedelta(days=offset)))
    ]
    assert away == list(range(-10, 8))


def test_new_years_are_twelve_or_thirteen_moons_apart():
    """A slip of a digit would make a year of another length, or one outside its season."""
    days = [date(*day) for day in KNOWN]
    assert {(later - earlier).days for earlier, later in pairwise(days)} <= {
        *(353, 354, 355),
        *(383, 384, 385),
    }
    assert all((1, 21) <= (day.month, day.day) <= (2, 20) for day in days)


def test_november_is_no_festival():
    assert not is_festival(midnight(date(2026, 11, 26)))
    assert not is_festival(midnight(date(2024, 2, 10)) + 8 * DAY_S)
