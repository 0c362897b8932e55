"""What is owed in the winter of a day."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from heatward_collector.core.standard import DatedSeason
from heatward_collector.core.standard import Season as Legal
from heatward_collector.evaluation.heating_duty import duty_at, duty_on
from heatward_collector.rules import load_standard

HARBIN = load_standard("harbin")
ZONE = ZoneInfo("Asia/Shanghai")


def midnight(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=ZONE).timestamp())


@pytest.mark.parametrize("day", [date(2023, 10, 1), date(2024, 1, 15), date(2024, 6, 30)])
def test_all_days_from_july_to_june_belong_to_one_winter(day):
    duty = duty_on(HARBIN, day)
    assert duty is not None
    assert (duty.season.first_s, duty.season.last_s) == (
        midnight(2023, 10, 20),
        midnight(2024, 4, 21),
    )
    assert duty.minimum == 20.0


@pytest.mark.parametrize(
    ("day", "minimum"),
    [
        (date(2021, 10, 6), 18.0),
        (date(2021, 10, 28), 18.0),
        (date(2021, 10, 29), 20.0),
        (date(2022, 4, 1), 20.0),
    ],
)
def test_a_minimum_that_changes_within_a_winter_is_that_of_the_day(day, minimum):
    duty = duty_on(HARBIN, day)
    assert duty is not None
    assert duty.minimum == minimum
    assert duty.season.first_s == midnight(2021, 10, 20)
    if minimum == 20.0:
        assert duty.minimum_from_s == midnight(2021, 10, 29)


def test_before_the_season_the_minimum_is_that_of_its_first_day():
    duty = duty_on(replace(HARBIN, rules=HARBIN.rules[-1:]), date(2021, 10, 6))
    assert duty is None
    early = replace(HARBIN.rules[-1], valid_from=date(2021, 10, 20))
    duty = duty_on(replace(HARBIN, rules=(early,)), date(2021, 10, 6))
    assert duty is not None
    assert duty.minimum == early.minimum_celsius


def test_an_early_start_of_one_winter_moves_its_first_day():
    early = DatedSeason(date(2023, 10, 17), date(2024, 4, 20), "notice")
    duty = duty_on(replace(HARBIN, winters=(early,)), date(2024, 1, 1))
    assert duty is not None
    assert duty.season.first_s == midnight(2023, 10, 17)


def test_where_heat_is_owed_all_year_no_edge_is_late():
    always = replace(HARBIN, season=Legal((1, 1), (12, 31), all_year=True))
    duty = duty_at(always, midnight(2024, 1, 1))
    assert duty is not None
    assert duty.season.first_s == 0


def test_before_the_first_rule_nothing_is_owed():
    late = replace(HARBIN, rules=HARBIN.rules[-1:])
    assert duty_on(late, date(2001, 1, 1)) is None
