"""Rooms heard in every slot: the verdicts in integers are those of the hourly means."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.core.compliance import RoomDays, Verdict, judge_rooms
from heatward_collector.core.whole_days import SCALE, Limits, judge_whole_rooms

totals = st.lists(st.integers(3_300, 4_100), min_size=24, max_size=24)


def judged(total, offset, minimum, guard, is_judged):
    limits = Limits.of(offset, minimum, guard)
    return judge_whole_rooms(np.asarray(total), limits, offset, minimum, guard, is_judged)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(totals, min_size=1, max_size=4),
    st.integers(0, 24),
    st.sampled_from([18.0, 20.0]),
    st.sampled_from([0.0, 0.05, 0.5, 0.6, 0.705, 1.0]),
    st.sampled_from([0.0, 0.1, -0.25, 0.3]),
    st.booleans(),
)
def test_whole_rooms_are_judged_as_by_their_means(days, hours, minimum, guard, offset, is_judged):
    total = np.array(days, np.int16).T[:hours]
    rooms = total.shape[1]
    facts = np.full(rooms, offset), np.full(rooms, guard), np.full(rooms, is_judged)
    fast = judged(total, facts[0], minimum, *facts[1:])
    means = total / SCALE + offset
    plain = judge_rooms(means, np.ones(hours, bool), minimum, *facts[1:])
    for name in ("verdict", "coverage", "hours_below", "hours_possibly_below", "guard"):
        np.testing.assert_array_equal(getattr(fast, name), getattr(plain, name))
    for name in ("mean", "minimum", "degree_hours"):
        np.testing.assert_allclose(getattr(fast, name), getattr(plain, name), atol=1e-9)


def test_a_mean_on_the_limit_is_on_the_same_side_as_for_means():
    total = np.array([[round(17.5 * SCALE)], [round(18.0 * SCALE)]], np.int16).repeat(12, axis=0)
    days = judged(total, np.zeros(1), 18.0, np.array([0.5]), np.array([True]))
    assert days.hours_below.tolist() == [12]
    assert days.hours_possibly_below.tolist() == [24]
    assert days.verdict.tolist() == [Verdict.BELOW]
    assert days.degree_hours.tolist() == [6.0]


def test_before_any_hour_nothing_is_known():
    days = judged(np.empty((0, 2), np.int16), np.zeros(2), 18.0, np.full(2, 0.5), np.ones(2, bool))
    assert np.isnan(days.mean).all()
    assert np.isnan(days.minimum).all()
    assert days.verdict.tolist() == [Verdict.NOT_JUDGEABLE] * 2
    assert len(RoomDays.nothing(3).verdict) == 3


@pytest.mark.parametrize("cold", [3, 200])
def test_degree_hours_are_added_hour_after_hour_however_many_rooms_are_cold(cold):
    total = np.random.default_rng(1).integers(3_700, 4_000, (24, 200)).astype(np.int16)
    total[:, :cold] -= 700
    rooms = total.shape[1]
    found = judged(total, np.full(rooms, 0.1), 18.0, np.full(rooms, 0.5), np.ones(rooms, bool))
    for room in range(rooms):
        added = 0.0
        for hour in total[:, room].tolist():
            added += max(18.0 - 0.1 - hour / SCALE, 0.0)
        assert found.degree_hours[room] == added
    assert (found.degree_hours > 0).sum() == cold
