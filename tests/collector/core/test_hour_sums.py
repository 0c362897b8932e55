"""Hours added up: whole ones, gaps, spikes, values that hold, and what no sensor can show."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from heatward_collector.core import MISSING, hour_sums
from heatward_collector.core.grid import hold
from heatward_collector.core.hour_sums import HOUR_SLOTS, HourSums, add_up, hourly_means
from heatward_collector.core.quality import without_spikes

INTERVALS = (60, 300, 600, 900, 3600, 7200)


def sums_of(*columns, before=0, interval_s=300):
    """Add one hour of columns up."""
    around = np.array(columns, np.int16).T
    sums = HourSums.nothing(1, len(columns)).at(0)
    add_up(around, before, np.full(len(columns), interval_s, np.int32), sums)
    return sums


def test_a_whole_hour_is_its_mean():
    sums = sums_of([320] * 6 + [336] * 6, [320] * 12)
    assert sums.means().tolist() == [20.5, 20.0]
    assert sums.is_steady.tolist() == [False, True]
    assert sums.steady_values().tolist()[1] == 320


def test_an_hour_counts_from_half_of_its_slots_on():
    gap = MISSING
    sums = sums_of([320, 321, gap, gap] * 3, [320, gap, gap, gap, gap, gap] * 2, [gap] * 12)
    assert sums.count.tolist() == [6, 2, 0]
    np.testing.assert_array_equal(sums.means(), [20.03125, np.nan, np.nan])
    assert sums.is_steady.tolist() == [False, True, False]


def test_sums_know_the_heat_and_frost_of_a_sensor_and_nothing_beyond():
    sums = sums_of([2000] * 12, [-880] * 12, [2001] * 12, [-881] * 12, [32_767] * 12)
    np.testing.assert_array_equal(sums.means(), [125.0, -55.0, np.nan, np.nan, np.nan])
    assert sums.count.tolist() == [12, 12, 0, 0, 0]


def test_a_spike_has_no_say_in_its_hour_even_where_a_neighbour_lies_in_the_next():
    last = [320] * 15 + [700, 321] + [320] * 3
    sums = sums_of(last, before=4)
    assert (sums.count[0], sums.total[0]) == (11, 11 * 320)
    alone = [MISSING] * 3 + [320, 700, 320] + [MISSING] * 14
    assert sums_of(alone, before=4).count.tolist() == [1]


def test_a_value_holds_for_its_interval_from_the_hour_before_too():
    early = [MISSING] * 3 + [320] + [MISSING] * 12
    assert sums_of(early, before=4, interval_s=900).count.tolist() == [2]
    assert sums_of(early, before=4, interval_s=300).count.tolist() == [0]


def reference(around, before, interval_s):
    """Return sums, counts and steadiness by the plain functions, over everything."""
    possible = (around >= -880) & (around <= 2000)
    clean = without_spikes(np.where(possible, around, MISSING).astype(np.int16))
    held = hold(clean, interval_s)[before : before + HOUR_SLOTS].astype(int)
    present = held != MISSING
    values = [set(column[mask].tolist()) for column, mask in zip(held.T, present.T, strict=True)]
    steady = [len(value) == 1 for value in values]
    return (held * present).sum(axis=0), present.sum(axis=0), steady


cells = st.one_of(
    st.just(MISSING),
    st.integers(300, 330),
    st.sampled_from([320, 380, 800, -880, 2000, 2001, -881, 32_767, -32_767]),
)


@settings(max_examples=100, deadline=None)
@given(
    arrays.arrays(np.int16, st.tuples(st.integers(16, 31), st.integers(1, 9)), elements=cells),
    st.sampled_from([0, 1 / 8, 2]),
    st.data(),
)
def test_every_way_of_adding_up_gives_what_the_plain_functions_give(around, few, data):
    before = data.draw(st.integers(0, len(around) - HOUR_SLOTS))
    points = around.shape[1]
    intervals = data.draw(st.lists(st.sampled_from(INTERVALS), min_size=points, max_size=points))
    interval_s = np.array(intervals, np.int32)
    sums = HourSums.nothing(1, points).at(0)
    with mock.patch.object(hour_sums, "FEW_GAPS", few):
        add_up(around, before, interval_s, sums)
    total, count, steady = reference(around, before, interval_s)
    assert sums.total.tolist() == total.tolist()
    assert sums.count.tolist() == count.tolist()
    assert sums.is_steady.tolist() == steady


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(-880, 2_000)), max_size=30))
def test_means_of_hours_are_those_of_each_hour_by_itself_to_the_last_bit(hours):
    count = np.array([[count for count, _ in hours]], np.uint8)
    total = np.array([[count * raw for count, raw in hours]], np.int16)
    plain = [count * raw / count / 16 if count >= 6 else np.nan for count, raw in hours]
    assert hourly_means(total, count).tobytes() == np.array(plain, np.float64).tobytes()


@pytest.mark.parametrize("gaps", [1, 5, 40])
def test_few_gaps_and_many_are_counted_alike(gaps):
    around = np.full((HOUR_SLOTS, 40), 320, np.int16)
    around[3, :gaps] = MISSING
    sums = HourSums.nothing(1, 40).at(0)
    add_up(around, 0, np.full(40, 300, np.int32), sums)
    assert sums.count.tolist() == [11] * gaps + [12] * (40 - gaps)
    assert set(sums.means().tolist()) == {20.0}
    assert sums.is_steady.all()
