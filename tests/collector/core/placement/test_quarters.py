"""Medians, means and shifts with missing values."""

import numpy as np
from numpy.testing import assert_allclose

from heatward_collector.core.placement.inner_wall import delayed
from heatward_collector.core.placement.quarters import middle, running_mean, shifted
from heatward_collector.core.placement.relation import relation

NAN = np.nan


def test_a_median_leaves_out_what_is_missing():
    values = np.array([[1.0, 4.0, NAN], [3.0, NAN, NAN], [10.0, 2.0, NAN]])
    assert_allclose(middle(values, axis=0), [3.0, 3.0, NAN])


def test_a_running_mean_is_shorter_at_its_ends_and_skips_gaps():
    values = np.array([[1.0], [NAN], [5.0], [9.0]])
    assert_allclose(running_mean(values, 3), [[1.0], [3.0], [7.0], [7.0]])
    assert_allclose(running_mean(np.full((2, 1), NAN), 3), np.full((2, 1), NAN))


def test_a_shift_looks_back_or_ahead():
    values = np.array([1.0, 2.0, 3.0])
    assert_allclose(shifted(values, 1), [NAN, 1.0, 2.0])
    assert_allclose(shifted(values, -1), [2.0, 3.0, NAN])
    assert_allclose(shifted(values, 0), values)


def test_a_relation_is_a_line_through_what_counts():
    cause = np.array([[0.0], [1.0], [2.0], [9.0]])
    response = np.array([[1.0, 5.0], [3.0, 5.0], [5.0, NAN], [0.0, 5.0]])
    fit = relation(response, cause, np.array([[True], [True], [True], [False]]))
    assert_allclose(fit.slope, [2.0, NAN])
    assert_allclose(fit.correlation, [1.0, NAN])
    assert_allclose(fit.pairs, [3.0, 2.0])


def test_a_lag_goes_half_of_the_way_with_every_second_row_and_waits_in_a_gap():
    values = np.array([[0.0], [8.0], [NAN], [8.0]])
    assert_allclose(delayed(values, 2), [[0.0], [4.0], [NAN], [6.0]])
