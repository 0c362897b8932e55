"""Throttling by days: truth from the twin, what was said, and the clock."""

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression import Certainty, Kind
from heatward_collector.score.throttling import (
    DayCounts,
    Days,
    count_days,
    cut_row,
    day_states,
    said_days,
)
from support.scored_district import DAY, HOUR, T0, cut, finding, period

START = T0 - 23 * HOUR
"""The local midnight before T0."""
DAYS = Days(START + DAY * np.arange(20), START + DAY * np.arange(1, 21))
BUILDINGS = ("b1", "b2", "b3")
CUT = cut("b1 b2", 5 * 24.0 + 1, 10 * 24.0 + 1)
"""Days 6 to 10."""


def states(shortfall=2.0, drop=2.0, cuts=(CUT,), periods=()):
    full = np.zeros((20, 3))
    return day_states(full + shortfall, full + drop, DAYS, BUILDINGS, cuts, periods)


def test_a_day_counts_where_heat_was_held_back_and_the_rooms_felt_it():
    found = states()
    assert np.flatnonzero(found[:, 0] == 1).tolist() == [6, 7, 8, 9, 10]
    assert np.flatnonzero(found[:, 0] == -1).tolist() == [5, 11, 12, 13, 14]
    assert (found[:, 2] == 0).all()


@pytest.mark.parametrize(("shortfall", "drop"), [(0.79, 2.0), (2.0, 0.49)])
def test_a_day_of_a_cut_that_is_too_weak_is_unclear_not_clear(shortfall, drop):
    found = states(shortfall, drop)
    assert np.flatnonzero(found[:, 0] == -1).tolist() == list(range(5, 15))


def test_other_actions_spoil_days_around_them():
    stop = period(7 * 24.0, 5.0)  # the night to day 8
    found = states(periods=[stop])
    assert found[:, 0].tolist()[5:15] == [-1, 1] + [-1] * 8
    late = states(cuts=[cut("b3", -23.0, 25.0, kind=Kind.LATE_START)])
    assert found[:, 2].tolist() == [0] * 20
    assert late[:, 2].tolist() == [-1] * 6 + [0] * 14


def test_a_declared_cut_is_no_truth():
    assert not (states(cuts=[replace(CUT, is_declared=True)]) == 1).any()


def test_a_final_label_reaches_back_and_a_live_one_does_not():
    said = finding(5 * 24.0 + 1, 8 * 24.0 + 2, 10 * 24.0 + 1, kind=Kind.THROTTLING)
    final, live = (said_days([said], DAYS, BUILDINGS, live) for live in (False, True))
    assert np.flatnonzero(final[:, 0]).tolist() == [6, 7, 8, 9, 10]
    assert np.flatnonzero(live[:, 0]).tolist() == [8, 9, 10]
    assert not final[:, 2].any()
    for other in (
        replace(said, certainty=Certainty.UNDETERMINED),
        replace(said, kind=Kind.LATE_START),
    ):
        assert not said_days([other], DAYS, BUILDINGS, False).any()
    still = replace(said, end_s=None)
    assert np.flatnonzero(said_days([still], DAYS, BUILDINGS, False)[:, 0]).tolist() == list(
        range(6, 20)
    )


def test_days_are_right_wrong_or_missed_and_unclear_ones_count_nowhere():
    found = states()
    said = np.zeros((20, 3), bool)
    said[4:8] = True  # b1 and b2: one clear, one unclear, two throttled; b3: four clear
    assert count_days(found, said) == DayCounts(right=4, wrong=2 + 4, missed=6)


def ramp(cut_, **facts):
    """Let the fall of two buildings grow by half a kelvin a day from day 6 on."""
    drop = np.zeros((20, 2))
    drop[6:11] = np.array([0.6, 1.1, 1.6, 2.1, 3.1])[:, None]
    median = np.full((20, 2), 21.0)
    median[8:11] = 19.0
    said = finding(5 * 24.0 + 1, 8 * 24.0 + 2, None, kind=Kind.THROTTLING, **facts)
    return cut_row(cut_, [said], DAYS, drop, median)


def test_the_clock_of_a_cut_starts_at_noon_of_the_day_on_which_the_fall_reaches_two_kelvin():
    row = ramp(CUT)
    assert row.deepest_kelvin == pytest.approx(3.1)
    assert row.reached_clock
    assert row.days_to_find == pytest.approx((8 * 24 + 2 + 23 - 9 * 24 - 12) / 24)
    assert row.is_in_time
    assert row.is_cold


def test_the_clock_of_one_building_starts_at_three_kelvin():
    row = ramp(cut("b1", 5 * 24.0 + 1, 10 * 24.0 + 1), buildings="b1")
    assert row.days_to_find == pytest.approx((8 * 24 + 2 + 23 - 10 * 24 - 12) / 24)


def test_a_cut_that_is_found_too_late_is_found_but_not_in_time():
    row = replace(ramp(CUT), days_to_find=5.1)
    assert (row.is_found, row.is_in_time) == (True, False)
    missed = replace(ramp(CUT), said="missed", days_to_find=None)
    assert (missed.is_found, missed.is_in_time) == (False, False)


def test_where_rooms_stayed_warm_the_right_word_is_that_supply_was_reduced():
    row = ramp(CUT, certainty=Certainty.UNDETERMINED)
    assert (row.said, row.is_found) == ("undetermined", False)
    assert replace(row, is_cold=False).is_found


def test_what_was_said_before_or_after_a_cut_finds_it_not():
    drop = np.zeros((20, 2))
    for detected in (4 * 24.0, 12 * 24.0):
        said = finding(4 * 24.0, detected, None, kind=Kind.THROTTLING)
        assert cut_row(CUT, [said], DAYS, drop, drop + 21.0).said == "missed"
