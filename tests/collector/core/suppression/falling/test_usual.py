"""What homes usually do."""

import numpy as np

from heatward_collector.core.suppression.falling.falls import FALLING, STEADY, Falls
from heatward_collector.core.suppression.falling.usual import (
    DAYS,
    FIRST_DAYS,
    MOST_BASE_RATE,
    MOST_EXPECTED,
    Past,
    class_of,
)

HOUR = np.arange(96) / 4
NOT_TOLD = np.zeros((96, 2), bool)


def day(rate, vote=STEADY):
    """Return a day on which two homes fall at some rate at night."""
    night = (HOUR < 5)[:, None]
    rates = np.where(night, rate, 0.0) * np.ones((96, 2))
    votes = np.where(night, np.int8(vote), np.int8(STEADY)) * np.ones((96, 2), np.int8)
    zero = np.zeros((96, 2), np.float32)
    return Falls(zero[None], votes, zero[None], rates, zero > 1, zero > 1)


def after(days, celsius=20.0):
    past = Past.none(2)
    for index, one in enumerate(days):
        level = celsius if np.isscalar(celsius) else celsius[index]
        past = past.after(one, HOUR, np.full((96, 2), level), NOT_TOLD)
    return past


BOTH = np.arange(2, dtype=np.int32)


def warm_days(celsius):
    past = after([day(0.0)] * len(celsius), celsius)
    return past.warm_days(BOTH[1:]).item()


def test_nothing_is_usual_before_some_days_are_known():
    usual = after([day(0.01)] * 2).usual()
    assert (usual.expected == 0).all() and (usual.habit == 0).all()


def test_a_few_nights_do_not_become_usual():
    usual = after([day(0.0)] * (DAYS - 6) + [day(0.012, FALLING)] * 6).usual()
    assert (usual.expected[:5] == 0).all() and (usual.habit[:4] == 0).all()
    assert (usual.base_rate[2] <= MOST_BASE_RATE[0]).all()


def test_what_happens_every_night_is_a_habit_but_is_expected_only_up_to_a_bound():
    usual = after([day(0.012)] * DAYS).usual()
    np.testing.assert_allclose(usual.habit[2], 0.012, rtol=1e-5)
    assert (usual.expected[2] == MOST_EXPECTED).all() and (usual.expected[12] == 0).all()


def test_the_hour_next_to_a_habit_shares_it():
    habit = after([day(0.012)] * DAYS).usual().habit
    assert (habit[5] > 0.01).all() and (habit[7] == 0).all()


def test_a_home_that_spoke_this_week_is_missed_today():
    homes = np.column_stack([np.full(96, 20.0), [np.nan] * 96])
    past = Past.none(2).after(day(0.0), HOUR, homes, NOT_TOLD)
    assert past.was_heard().tolist() == [True, False]
    assert past.days(BOTH).tolist() == [1, 0]


def test_hours_are_of_the_night_of_the_morning_or_of_the_day():
    assert class_of(np.array([23.5, 3.0, 6.0, 9.9, 10.0, 21.9])).tolist() == [0, 0, 1, 1, 2, 2]


def test_hours_of_a_declared_stop_are_no_habit():
    past, told = Past.none(2), NOT_TOLD.copy()
    told[:20, 0] = True
    for _ in range(4):
        past = past.after(day(0.012, FALLING), HOUR, np.full((96, 2), 20.0), told)
    usual = past.usual()
    assert (usual.habit[:4, 0] == 0).all() and (usual.habit[:4, 1] > 0.01).all()
    assert past.days(BOTH).tolist() == [4, 4]


def wandering(rates):
    """Return how much three sources wander whose two homes each do so on all days (days, hours)."""
    past = Past.none(6)
    past.rates[:] = np.repeat(rates, 2, axis=2)
    source = np.repeat(np.arange(3, dtype=np.int32), 2)
    return past.wander(np.zeros((24, 6)), source, 3)


def test_a_supply_that_is_not_steady_moves_all_its_homes():
    rates = np.zeros((DAYS, 24, 3))
    rates[:, ::2, 0], rates[:, 1::2, 0] = 0.004, -0.004
    night, by_day = wandering(rates)
    np.testing.assert_allclose(night, [1.48 * 0.004, 1.48 * 0.002, 1.48 * 0.002], rtol=1e-5)
    np.testing.assert_allclose(by_day, night)
    np.testing.assert_allclose(wandering(rates + 0.003)[0], night, err_msg="the weather")
    assert (Past.none(6).wander(np.zeros((24, 6)), np.zeros(6, np.int32), 1) == 0).all()


def test_a_day_with_a_stop_says_nothing_of_a_steady_supply():
    """Its hours are left out, and those behind it are of homes that warm up."""
    rates = np.full((DAYS, 24, 3), 0.0005)
    rates[:4, 4:, 0] = -0.02
    rates[:4, :4, 0] = np.nan
    assert wandering(rates).max() < 0.001


def test_days_before_the_heat_came_tell_nothing_of_thermostats():
    assert warm_days([16.0] * 5 + [18.5, 19.0, 19.0]) == 3
    assert warm_days([16.0] * 5) == 5, "who has had no heat yet is compared with nothing warmer"
    assert warm_days([19.0, 18.0, 19.5, 19.0]) == 4, "weather moves rooms less than that"
    assert warm_days([19.0] * 5 + [14.0] + [19.0] * 2) == 8, "one cold day later on is a stop"


def test_of_homes_that_are_known_for_long_every_day_counts():
    assert warm_days([19.0] * DAYS + [16.0] * 10 + [19.0] * 4) == DAYS


def test_a_silent_day_is_none_and_hides_no_other():
    nan = float("nan")
    assert warm_days([16.0, 16.0, nan, 19.0, nan]) == 1
    assert warm_days([16.0, 16.0, nan, nan]) == 2


def test_homes_are_new_for_some_weeks():
    past, first = after([day(0.0)] * FIRST_DAYS), BOTH[:1]
    assert past.are_new(BOTH).tolist() == [True, True]
    past = past.after(day(0.0), HOUR, np.full((96, 2), 20.0), NOT_TOLD)
    assert past.are_new(first).tolist() == [False]
    assert past.are_new(first, FIRST_DAYS + 1).tolist() == [True]
