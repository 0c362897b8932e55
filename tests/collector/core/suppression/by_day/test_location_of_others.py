"""The middle of all others is what a middle over each with each other gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from heatward_collector.core.suppression.by_day.home_levels import REACH_KELVIN, location
from heatward_collector.core.suppression.by_day.location_of_others import location_of_others

GROUPS = 4
SIZES = st.integers(0, 25)


def each_with_each_other(value, weight, group):
    """Take everyone out in turn, and ask for the middle of who is left."""
    told = np.full(len(value), np.nan)
    for one in np.flatnonzero(group >= 0):
        others = (group == group[one]) & (np.arange(len(value)) != one)
        members = np.zeros(int(others.sum()), np.int32)
        told[one] = location(value[others], members, 1, weight[others], rounds=100)[0][0]
    return told


@given(st.data())
def test_it_is_the_middle_without_oneself(data):
    size = data.draw(SIZES)
    celsius = st.one_of(st.floats(10, 30), st.just(np.nan), st.sampled_from([18.0, 20.0]))
    value = data.draw(arrays(np.float64, size, elements=celsius))
    weight = data.draw(arrays(np.float64, size, elements=st.floats(0.01, 10)))
    group = data.draw(arrays(np.int32, size, elements=st.integers(-1, GROUPS - 1)))
    told = location_of_others(value, weight, group, GROUPS, rounds=100)
    wanted = each_with_each_other(value, weight, group)
    # Steps end where they are small, and those of one group go on while another still moves.
    np.testing.assert_allclose(told, wanted, atol=2e-3)


def test_one_far_away_pulls_no_harder_than_from_reach():
    value, weight = np.array([20.0, 20.0, 20.0, 20.0, -40.0]), np.ones(5)
    told = location_of_others(value, weight, np.zeros(5, np.int32), 1, rounds=200)
    assert told[4] == pytest.approx(20.0)
    assert told[0] == pytest.approx(20.0 - REACH_KELVIN / 3, abs=2e-3)


def test_whoever_is_alone_or_nowhere_has_no_others():
    value, group = np.array([20.0, 21.0, np.nan, 22.0]), np.array([0, 1, 1, -1], np.int32)
    told = location_of_others(value, np.ones(4), group, 2)
    assert np.isnan(told[[0, 1, 3]]).all()
    assert told[2] == 21.0


def test_a_source_of_a_hundred_thousand_places_fits_into_memory():
    value = np.tile([19.0, 20.0, 21.0, 22.0], 25_000)
    told = location_of_others(value, np.ones(len(value)), np.zeros(len(value), np.int32), 1)
    assert told == pytest.approx(20.5, abs=1e-3)
