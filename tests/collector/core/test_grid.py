"""Readings on a grid: a function of their set, and values that hold for their interval."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.core import MISSING
from heatward_collector.core.grid import hold, merge, to_grid

START = 1_767_225_600
SLOTS, POINTS = 6, 3


def grid_of(readings):
    time_s, point, raw = (np.array(column) for column in zip(*readings, strict=True))
    return to_grid(time_s, point.astype(np.int32), raw.astype(np.int16), START, SLOTS, POINTS)


def test_a_slot_holds_the_latest_reading_in_it():
    grid, offset = grid_of([(START + 10, 0, 330), (START + 299, 0, 320), (START + 20, 0, 310)])
    assert (grid[0, 0], offset[0, 0]) == (320, 299)
    assert (grid == MISSING).sum() == SLOTS * POINTS - 1


def test_of_one_second_the_warmer_reading_counts_even_below_zero():
    assert grid_of([(START, 1, -20), (START, 1, -10), (START, 1, -30)])[0][0, 1] == -10


def test_an_older_or_colder_reading_that_comes_later_changes_nothing():
    grid, offset = grid_of([(START + 100, 0, 330)])
    for late in ((START + 99, 0, 400), (START + 100, 0, 329)):
        time_s, point, raw = (np.array([value]) for value in late)
        merge(grid, offset, time_s, point.astype(np.int32), raw.astype(np.int16), START)
    assert (grid[0, 0], offset[0, 0]) == (330, 100)


def test_what_lies_outside_is_left_out():
    grid, _ = grid_of(
        [(START - 1, 0, 1), (START + SLOTS * 300, 0, 1), (START, -1, 1), (START, POINTS, 1)]
    )
    assert (grid == MISSING).all()


def test_no_readings_make_an_empty_grid():
    empty = np.empty(0, np.int64)
    grid, _ = to_grid(empty, empty.astype(np.int32), empty.astype(np.int16), START, 2, 2)
    assert (grid == MISSING).all()


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(START - 400, START + SLOTS * 300 + 400),
            st.integers(-2, POINTS),
            st.integers(-880, 2000),
        ),
        min_size=1,
        max_size=60,
    ),
    st.randoms(),
    st.integers(1, 4),
)
def test_order_duplicates_and_portions_change_nothing(readings, random, portions):
    expected, expected_offset = grid_of(readings)
    again = readings + readings[: len(readings) // 2]
    random.shuffle(again)
    grid, offset = np.full((SLOTS, POINTS), MISSING, np.int16), np.zeros((SLOTS, POINTS), np.uint16)
    for part in range(portions):
        some = again[part::portions]
        if some:
            time_s, point, raw = (np.array(column) for column in zip(*some, strict=True))
            merge(grid, offset, time_s, point.astype(np.int32), raw.astype(np.int16), START)
    assert (grid == expected).all()
    assert (offset == expected_offset).all()


def held(column, interval_s):
    grid = np.array(column, np.int16)[:, None]
    return hold(grid, np.array([interval_s], np.int32))[:, 0].tolist()


def test_a_value_holds_for_its_interval_and_no_longer():
    assert held([5, MISSING, MISSING, MISSING, 7], 900) == [5, 5, 5, MISSING, 7]
    assert held([5, MISSING, MISSING], 300) == [5, MISSING, MISSING]


def test_a_value_holds_for_an_hour_at_most():
    column = held([5] + [MISSING] * 20, 86_400)
    assert column.count(5) == 12


def test_a_newer_value_ends_an_older_one():
    assert held([5, 6, MISSING, MISSING], 900) == [5, 6, 6, 6]
    assert held([MISSING, MISSING], 900) == [MISSING, MISSING]


def test_many_readings_of_a_slot_leave_the_latest_whatever_their_order():
    """More of a cell than rounds: those left over are sorted."""
    for step in (1, -1):
        seconds = list(range(0, 40))[::step]
        grid, offset = grid_of([(START + second, 1, 300 + second) for second in seconds])
        assert (grid[0, 1], offset[0, 1]) == (339, 39)
        assert (grid == MISSING).sum() == SLOTS * POINTS - 1
