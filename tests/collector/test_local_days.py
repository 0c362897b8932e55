"""Local days in UTC seconds, through changes of the clock."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from heatward_collector.local_days import bounds, day_of, days_of, hours_of

HARBIN, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (date(2026, 1, 2), HARBIN, 24),
        (date(2024, 2, 29), HARBIN, 24),
        (date(2026, 3, 29), BERLIN, 23),
        (date(2026, 10, 25), BERLIN, 25),
        (date(2025, 12, 31), BERLIN, 24),
    ],
)
def test_a_day_has_23_24_or_25_hours(day, zone, hours):
    start, end = bounds(day, zone)
    assert end - start == hours * 3600
    assert len(hours_of(day, zone)) == hours
    assert bounds(day_of(end, zone), zone)[0] == end
    assert day_of(start, zone) == day_of(end - 1, zone) == day


def test_the_hour_that_comes_twice_is_there_twice():
    assert hours_of(date(2026, 10, 25), BERLIN)[1:5] == [1, 2, 2, 3]
    assert hours_of(date(2026, 3, 29), BERLIN)[1:4] == [1, 3, 4]


def test_the_days_of_many_moments_are_those_of_each():
    start, end = bounds(date(2026, 1, 2), HARBIN)
    assert days_of([start, end - 1, end], HARBIN) == {date(2026, 1, 2), date(2026, 1, 3)}
    assert days_of([], HARBIN) == set()
