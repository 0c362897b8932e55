"""A season's account, recomputed by hand for three homes across 2021-10-29."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from heatward_collector.core.refund import (
    NO_TIER,
    Notices,
    SeasonDays,
    day_fee,
    season_tiers,
    settle,
    two_part_day_fee,
)
from heatward_collector.rules import load_standard

HARBIN = load_standard("harbin")
FIRST, LAST = HARBIN.season_of(2021)
DAYS = (LAST - FIRST).days + 1
TIERS = season_tiers(HARBIN.rules, FIRST, LAST)
SHARES = np.array([tier.share for tier in TIERS])
CHANGE = (date(2021, 10, 29) - FIRST).days
"""Index of the first day under the rule of 20 degC."""


def season(homes: int) -> SeasonDays:
    """Return a season in which every home was warm every day."""
    shape = (len(TIERS), homes, DAYS)
    return SeasonDays(
        SHARES,
        np.zeros(shape, np.float32),
        np.zeros(shape, np.float32),
        np.ones(shape[1:], bool),
        np.zeros(shape[1:], bool),
        np.full(shape[1:], NO_TIER, np.int32),
    )


def cold(days: SeasonDays, home: int, day: int, celsius: float, guard: float = 0.0) -> None:
    """Let a room stand at one temperature for the twenty hours of a day that count."""
    for index, tier in enumerate(TIERS):
        if tier.first <= date.fromordinal(FIRST.toordinal() + day) <= tier.last:
            days.certain_hours[index, home, day] = 20 * (celsius <= tier.below_celsius - guard)
            days.possible_hours[index, home, day] = 20 * (celsius < tier.below_celsius + guard)


def notices(*rows: tuple[int, int, int, int]) -> Notices:
    return Notices(*(np.array(column, np.int32) for column in zip(*rows, strict=True)))


def test_the_season_of_2021_has_183_days_and_that_of_2023_one_more() -> None:
    assert HARBIN.season_of(2021) == (date(2021, 10, 20), date(2022, 4, 20))
    assert DAYS == 183
    first, last = HARBIN.season_of(2023)
    assert (last - first).days + 1 == 184


def test_the_tiers_of_both_rules_stand_side_by_side_in_the_season_of_the_change() -> None:
    assert [(tier.below_celsius, tier.down_to_celsius, tier.share) for tier in TIERS] == [
        (18.0, 16.0, 0.3),
        (16.0, 14.0, 0.5),
        (14.0, None, 1.0),
        (20.0, 16.0, 0.5),
        (16.0, None, 1.0),
    ]
    assert {tier.last for tier in TIERS[:3]} == {date(2021, 10, 28)}
    assert {tier.first for tier in TIERS[3:]} == {date(2021, 10, 29)}


def test_three_homes_across_the_change_of_the_standard_by_hand() -> None:
    days = season(3)
    # Home 0, 60 m2: told its supplier on 22 October; six days at 17, one at 13, then three at 19
    # and one at 15 under the new rule.
    for day in range(2, 8):
        cold(days, 0, day, 17.0)
    cold(days, 0, 8, 13.0)
    for day in range(9, 12):
        cold(days, 0, day, 19.0)
    cold(days, 0, 12, 15.0)
    # Home 1, 80 m2, told nobody: 28 October at 19 is warm enough, 29 and 30 October are not.
    for day in range(8, 11):
        cold(days, 1, day, 19.0)
    # Home 2, 100 m2, told its supplier on 29 October: 19.8 within a guard band of 0.5 K, twice
    # 19.0, once measured by a certified thermometer; and no heat on 20 and 21 October.
    for day, celsius in ((9, 19.8), (10, 19.8), (11, 19.0), (12, 19.0)):
        cold(days, 2, day, celsius, 0.5)
    days.official_tier[2, 12] = 3
    days.unheated[2, :2] = True
    told = notices((0, 2, 4, 5), (2, 9, 11, 12))
    fee = day_fee(38.32, np.array([60.0, 80.0, 100.0]), DAYS)
    account = settle(days, told, fee)
    # 60 x 38.32 / 183 = 12.56393; 80 x ... = 16.75191; 100 x ... = 20.93989.
    np.testing.assert_allclose(fee, [12.56393, 16.75191, 20.93989], atol=5e-6)
    assert account.days[0, 0].tolist() == [6, 0, 1, 3, 1]
    assert account.days[0, 1].tolist() == [0, 0, 0, 0, 0]
    assert account.days_not_notified[0, 1].tolist() == [0, 0, 0, 2, 0]
    assert account.days[0, 2].tolist() == [0, 0, 0, 2, 0]
    assert account.days[1, 2].tolist() == [0, 0, 0, 4, 0]
    assert account.unheated_days.tolist() == [0, 0, 2]
    # Home 0: (6 x 0.3 + 1 + 3 x 0.5 + 1) = 5.3 days. Home 2: 2 + 2 x 0.5 = 3, or 2 + 4 x 0.5 = 4.
    np.testing.assert_allclose(account.yuan[0], [66.58885, 0.0, 62.81967], atol=5e-5)
    np.testing.assert_allclose(account.yuan[1], [66.58885, 0.0, 83.75956], atol=5e-5)
    np.testing.assert_allclose(account.yuan_not_notified[0], [0.0, 16.75191, 0.0], atol=5e-5)
    np.testing.assert_allclose(account.yuan_unheated, [0.0, 0.0, 41.87978], atol=5e-5)
    np.testing.assert_allclose(account.yuan_official, [0.0, 0.0, 10.46995], atol=5e-5)


def test_the_same_seventeen_degrees_give_thirty_percent_before_and_fifty_after_the_change() -> None:
    days = season(1)
    cold(days, 0, CHANGE - 1, 17.0)
    cold(days, 0, CHANGE, 17.0)
    account = settle(days, Notices.none(), np.array([10.0]))
    assert account.days_not_notified[0, 0].tolist() == [1, 0, 0, 1, 0]
    assert account.yuan_not_notified[0, 0] == pytest.approx(3.0 + 5.0)


def test_a_day_that_could_not_be_judged_gives_nothing() -> None:
    days = season(1)
    cold(days, 0, 20, 10.0)
    days.judged[0, 20] = False
    account = settle(days, Notices.none(), np.array([10.0]))
    assert account.judged_days.tolist() == [DAYS - 1]
    assert account.yuan_not_notified.tolist() == [[0.0], [0.0]]


def test_an_unknown_area_leaves_the_amount_unknown_and_the_days_known() -> None:
    days = season(1)
    cold(days, 0, 20, 15.0)
    account = settle(days, Notices.none(), day_fee(38.32, np.array([np.nan]), DAYS))
    assert account.days_not_notified[0, 0].tolist() == [0, 0, 0, 0, 1]
    assert np.isnan(account.yuan_not_notified).all()


def test_a_city_without_tiers_gives_days_of_no_tier_and_nothing_back() -> None:
    days = SeasonDays(
        np.zeros(0),
        np.zeros((0, 2, 5), np.float32),
        np.zeros((0, 2, 5), np.float32),
        np.ones((2, 5), bool),
        np.zeros((2, 5), bool),
        np.full((2, 5), NO_TIER, np.int32),
    )
    assert settle(days, Notices.none(), np.ones(2)).yuan.tolist() == [[0, 0], [0, 0]]


def test_a_metered_home_pays_its_fixed_part_and_its_share_of_the_meter() -> None:
    # By area the day costs 12 yuan; 30 % of it is fixed; 1,830 yuan of heat over 183 days are 10.
    fee = two_part_day_fee(
        np.array([12.0, 12.0, 12.0]),
        np.array([False, True, True]),
        np.array([3.6, 3.6, 3.6]),
        np.array([np.nan, 1830.0, np.nan]),
        183,
    )
    np.testing.assert_allclose(fee.certain, [12.0, 13.6, 3.6])
    assert fee.is_partial.tolist() == [False, False, True]


def test_no_home_with_a_meter_pays_more_than_by_area_where_the_tariff_says_so() -> None:
    known = (np.array([12.0, np.nan]), np.array([True, True]), np.array([3.6, np.nan]))
    heat = np.array([1830.0, 1830.0])
    capped = two_part_day_fee(*known, heat, 183, at_most_by_area=True)
    np.testing.assert_allclose(capped.certain, [12.0, np.nan])
    free = two_part_day_fee(*known, heat, 183)
    np.testing.assert_allclose(free.certain, [13.6, np.nan])


HOURS = arrays.arrays(np.float32, (len(TIERS), 2, 40), elements=st.sampled_from([0, 2, 4, 20]))


@settings(max_examples=60, deadline=None)
@given(HOURS, HOURS, st.integers(0, 36), st.integers(0, 39))
def test_what_is_certain_is_possible_and_a_notice_never_lowers_an_amount(
    hours: np.ndarray, more: np.ndarray, told: int, unjudged: int
) -> None:
    judged = np.ones((2, 40), bool)
    judged[0, unjudged] = False
    days = SeasonDays(
        SHARES,
        hours,
        np.maximum(hours, more),
        judged,
        np.zeros((2, 40), bool),
        np.full((2, 40), NO_TIER, np.int32),
    )
    fee = np.array([10.0, 20.0])
    without = settle(days, Notices.none(), fee)
    account = settle(days, notices((0, told, told + 2, told + 3)), fee)
    assert (account.yuan[0] <= account.yuan[1] + 1e-9).all()
    assert (account.yuan_not_notified[0] <= account.yuan_not_notified[1] + 1e-9).all()
    assert (account.yuan >= without.yuan - 1e-9).all()
    # No day is lost: all that is certain is either notified, or not, or open.
    everything = without.yuan_not_notified
    assert (account.yuan[1] + account.yuan_not_notified[1] >= everything[1] - 1e-9).all()
