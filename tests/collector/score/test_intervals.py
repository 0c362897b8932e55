"""Bounds and intervals against known values."""

import math

import pytest

from heatward_collector.score.intervals import (
    poisson_upper,
    quantile,
    quantile_interval,
    ratio_interval,
)


@pytest.mark.parametrize(("count", "bound"), [(0, 2.9957), (1, 4.7439), (5, 10.5130), (60, 74.39)])
def test_the_poisson_bound_is_that_of_the_tables(count, bound):
    assert poisson_upper(count) == pytest.approx(bound, rel=1e-3)


def test_a_rate_that_is_the_same_in_every_season_has_no_width():
    assert ratio_interval([9, 18, 27], [10, 20, 30]) == pytest.approx((0.9, 0.9))


def test_seasons_are_drawn_whole():
    low, high = ratio_interval([10, 0], [10, 10])
    assert (low, high) == (0.0, 1.0)


def test_the_width_shrinks_with_the_number_of_seasons():
    low, high = ratio_interval([1, 0] * 200, [1, 1] * 200)
    assert 0.44 < low < 0.46
    assert 0.54 < high < 0.56


def test_nothing_has_no_interval():
    assert all(math.isnan(one) for one in ratio_interval([0.0], [0.0]))
    assert all(math.isnan(one) for one in quantile_interval([[], []], 0.5))
    assert math.isnan(quantile([], 0.5))


def test_what_was_missed_is_an_infinite_delay():
    assert quantile([1.0, 2.0, math.inf], 0.5) == 2.0
    assert quantile([1.0, 2.0, math.inf], 0.9) == math.inf
    assert quantile([3.0, 1.0, 2.0, 4.0], 0.5) == 2.0
    low, high = quantile_interval([[1.0], [2.0], [math.inf]], 0.5)
    assert (low, high) == (1.0, math.inf)


def test_a_quantile_over_seasons_weighs_each_value_once():
    low, high = quantile_interval([[1.0] * 90, [1.0] * 90], 0.9)
    assert (low, high) == (1.0, 1.0)
