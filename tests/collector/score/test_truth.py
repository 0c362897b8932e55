"""Which off-periods are claimed, by the floor of the scoring rules."""

import math

import pytest

from heatward_collector.core.suppression import Kind
from heatward_collector.score.truth import Account, right_kinds
from support.scored_district import HOUR, period


@pytest.mark.parametrize(
    ("on_h", "hours", "residual", "account"),
    [
        (0.0, 2.0, 0.5, "counted"),
        (0.0, 1.9, 0.0, "weak"),
        (0.0, 5.0, 0.51, "weak"),
        (-1.0, 2.0, 0.5, "counted"),  # 22:00 is night
        (-1.1, 2.0, 0.5, "weak"),
        (5.9, 2.0, 0.5, "counted"),  # 04:54
        (6.0, 2.0, 0.5, "weak"),  # 05:00 is day
        (6.0, 3.0, 0.3, "counted"),
        (6.0, 2.9, 0.3, "weak"),
        (6.0, 8.0, 0.31, "weak"),
    ],
)
def test_the_floor_is_another_one_by_night_and_by_day(on_h, hours, residual, account):
    assert period(on_h, hours, residual=residual).account == account


@pytest.mark.parametrize(
    "facts", [{"lift_kelvin": 19.9}, {"lift_kelvin": math.nan}, {"valid_homes": 3}]
)
def test_mild_weather_unknown_weather_and_few_homes_are_below_the_floor(facts):
    assert period(**facts).account is Account.WEAK


def test_floor_heating_is_apart_and_claimed_from_eight_hours_on():
    assert period(hours=8.0, is_floor_heated=True).account is Account.FLOOR_HEATING
    assert period(hours=7.9, is_floor_heated=True).account is Account.WEAK


def test_what_is_declared_has_its_own_table_however_strong():
    assert period(is_declared=True).account is Account.DECLARED
    assert period(is_declared=True, residual=0.9).account is Account.DECLARED


def test_a_period_has_a_length():
    with pytest.raises(ValueError, match="ends before it begins"):
        period(hours=-1 / HOUR)


def test_two_nights_may_be_called_an_outage_three_may_not():
    assert right_kinds(Kind.NIGHT_INTERRUPTION, 2) == {Kind.NIGHT_INTERRUPTION, Kind.OUTAGE}
    assert right_kinds(Kind.NIGHT_INTERRUPTION, 3) == {Kind.NIGHT_INTERRUPTION}
    assert right_kinds(Kind.OUTAGE, 1) == {Kind.OUTAGE}
