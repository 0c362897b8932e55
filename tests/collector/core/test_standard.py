"""Which rule is in force on a day, and whether heating is owed."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.core.standard import DatedSeason, Rule, Season, Standard, Tier

OLD = Rule("old", date(2012, 10, 20), 18.0, (Tier(18.0, 0.3), Tier(14.0, 1.0)), "s", "medium")
NEW = Rule("new", date(2021, 10, 29), 20.0, (Tier(20.0, 0.5), Tier(16.0, 1.0)), "s", "high")
CITY = Standard(
    city="c",
    name_zh="城",
    name_en="City",
    timezone="Asia/Shanghai",
    season=Season((10, 20), (4, 20)),
    excluded_hours=(10, 14),
    room_uses=("bedroom",),
    rules=(OLD, NEW),
)


def test_the_rule_changes_inside_a_season_on_its_day():
    assert CITY.rule_on(date(2021, 10, 28)) is OLD
    assert CITY.rule_on(date(2021, 10, 29)) is NEW
    assert CITY.rule_on(date(2012, 10, 19)) is None


@pytest.mark.parametrize(
    ("day", "owed"),
    [
        (date(2025, 10, 19), False),
        (date(2025, 10, 20), True),
        (date(2025, 12, 31), True),
        (date(2026, 1, 1), True),
        (date(2026, 4, 20), True),
        (date(2026, 4, 21), False),
    ],
)
def test_a_season_runs_over_new_year_with_both_ends(day, owed):
    assert CITY.in_season(day) is owed


def test_a_season_may_lie_within_a_year():
    assert Season((1, 10), (3, 1)).contains(date(2026, 1, 10))
    assert not Season((1, 10), (3, 1)).contains(date(2026, 12, 31))


def test_a_winter_of_its_own_replaces_the_usual_days_whole():
    late = DatedSeason(date(2024, 10, 25), date(2025, 4, 25), "s")
    city = dataclasses.replace(CITY, winters=(late,))
    days = [date(2024, 10, 24), date(2024, 10, 25), date(2025, 4, 25), date(2025, 4, 26)]
    assert [city.in_season(day) for day in days] == [False, True, True, False]
    assert city.in_season(date(2023, 10, 20))
    assert not city.in_season(date(2026, 4, 21))


@given(st.dates(date(2013, 1, 1), date(2040, 1, 1)))
def test_there_is_one_season_a_year_and_always_a_rule(day):
    year = [day + timedelta(days=n) for n in range(365)]
    owed = [CITY.in_season(one) for one in year]
    assert sum(a != b for a, b in zip(owed, owed[1:], strict=False)) in (1, 2)
    assert CITY.rule_on(day) is (NEW if day >= NEW.valid_from else OLD)


@pytest.mark.parametrize(
    "fault",
    [
        lambda: Tier(20.0, 0.0),
        lambda: Tier(20.0, 1.5),
        lambda: Tier(float("nan"), 0.5),
        lambda: dataclasses.replace(NEW, minimum_celsius=200.0),
        lambda: dataclasses.replace(NEW, tiers=NEW.tiers[::-1]),
        lambda: dataclasses.replace(NEW, tiers=(Tier(20.0, 1.0), Tier(16.0, 0.5))),
        lambda: dataclasses.replace(NEW, tiers=(Tier(21.0, 0.5),)),
        lambda: dataclasses.replace(CITY, rules=()),
        lambda: dataclasses.replace(CITY, rules=(NEW, OLD)),
        lambda: dataclasses.replace(CITY, excluded_hours=(14, 10)),
        lambda: dataclasses.replace(CITY, room_uses=()),
        lambda: DatedSeason(date(2024, 10, 20), date(2025, 10, 20), "s"),
        lambda: dataclasses.replace(
            CITY, winters=(DatedSeason(date(2024, 11, 1), date(2025, 3, 1), "s"),) * 2
        ),
    ],
)
def test_what_contradicts_itself_cannot_be_made(fault):
    with pytest.raises(ValueError, match=r"\w"):
        fault()
