"""What a detector sees of sensors that measure seldom."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from heatward_collector.core import MISSING
from heatward_collector.from_files.sampling import between, margin, usual_distances, waits

__ = MISSING


def grid(*values):
    return np.array(values, np.int16)[:, None]


def every(slots, count=40, value=320):
    column = np.full(slots * count, MISSING, np.int16)
    column[::slots] = value
    return column[:, None]


def filled(column, slots):
    return between(column, np.array([300 * slots]))[:, 0].tolist()


def test_how_often_a_sensor_measures_is_told_from_its_readings():
    both = np.hstack([every(1, 120), every(2, 60), every(12, 10), every(6, 20)])
    assert usual_distances(both).tolist() == [300, 600, 300, 1800], "ten readings are too few"
    assert usual_distances(every(40)).tolist() == [3600], "no value says more than an hour"
    lossy = every(3)
    lossy[30:45] = MISSING
    assert usual_distances(lossy).tolist() == [900]


def test_a_value_stands_for_a_quarter_of_an_hour_until_the_next_one():
    assert filled(grid(320, __, 330, __, __, __, 340), 2) == [320, 320, 330, 330, __, __, 340]
    assert filled(grid(__, 320, __, __, 350, __, __), 3) == [__, 320, 320, 320, 350, 350, 350]


def test_between_readings_of_a_slower_sensor_lies_a_line():
    slow = grid(320, __, __, __, 328, __, __, __, __, __, 310, __)
    assert filled(slow, 4) == [320, 322, 324, 326, 328, 325, 322, 319, 316, 313, 310, __]
    missed = grid(320, __, __, __, __, __, __, __, 328)
    assert filled(missed, 4) == [320, __, __, __, __, __, __, __, 328], "one is missing between"


def test_what_measures_every_five_minutes_is_left_as_it_is():
    column = grid(320, __, 322)
    assert between(column, np.array([300])) is column
    assert margin(np.array([300, 300])) == 0


def test_only_lines_must_be_waited_for():
    assert waits(np.array([300, 600, 900, 1200, 3600])).tolist() == [0, 0, 0, 1200, 3600]


@given(
    arrays(np.int16, (30, 2), elements=st.sampled_from([MISSING, 300, 310, 400])),
    st.integers(1, 12),
)
def test_readings_stay_and_nothing_lies_beyond_its_neighbours(column, slots):
    result = between(column, np.full(2, 300 * slots))
    has = column != MISSING
    assert (result[has] == column[has]).all()
    for point in range(2):
        values = column[has[:, point], point]
        put = result[(result[:, point] != MISSING), point]
        assert put.size == 0 or (values.min() <= put.min() and put.max() <= values.max())


@given(arrays(np.int16, (60, 1), elements=st.sampled_from([MISSING, MISSING, 300, 330])))
def test_a_part_with_its_margin_says_what_the_whole_says(column):
    distance = np.array([1800])
    beside = margin(distance)
    whole = between(column, distance)
    part = between(column[20 - beside : 40 + beside], distance)[beside : beside + 20]
    assert (part == whole[20:40]).all()
