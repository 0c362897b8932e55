"""The last 48 hours in a mapped file: the ledger's grid, and what a crash leaves of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.core import MISSING
from heatward_collector.core.grid import SLOT_S, to_grid
from heatward_collector.evaluation.window import Window
from heatward_collector.readings.projection import Fate, Projected

POINTS = ["a", "b", "c"]
NOW = 1_767_225_600 + 100
SLOTS = 24


def readings(*rows):
    """Rows of (seconds before NOW, point, raw)."""
    ago, point, raw = (np.array(column) for column in zip(*rows, strict=True))
    return Projected(
        NOW - ago.astype(np.int64),
        point.astype(np.int32),
        np.zeros(len(rows), np.uint64),
        raw.astype(np.int16),
        raw / 16,
        np.full(len(rows), Fate.JUDGED, np.uint8),
    )


@pytest.fixture
def window(tmp_path):
    return opened(tmp_path)


def opened(folder, points=POINTS, now=NOW):
    window = Window(folder, points, SLOTS)
    window.advance(now)
    return window


def content(window):
    return window.grid(window.start_s, SLOTS)


def test_a_reading_is_found_in_its_slot(window):
    window.put(readings((0, 1, 330)))
    grid = window.grid((NOW // SLOT_S) * SLOT_S, 1)
    assert grid.tolist() == [[MISSING, 330, MISSING]]


def test_a_node_s_clock_may_be_two_minutes_ahead(window):
    window.put(readings((-120, 0, 330)))
    late_in_slot = opened(window.directory, now=NOW + 199)
    late_in_slot.put(readings((-199 - 120, 0, 331)))
    assert 331 in content(late_in_slot)


def test_slots_that_leave_are_emptied(window):
    window.put(readings((0, 0, 330), (SLOTS * SLOT_S - 900, 0, 320)))
    window.advance(NOW + 900)
    assert 320 not in content(window)
    assert 330 in content(window)
    window.advance(NOW + 10 * SLOTS * SLOT_S)
    assert (content(window) == MISSING).all()


def test_the_head_never_moves_back(window):
    start = window.start_s
    window.advance(NOW - 10_000)
    assert window.start_s == start


def test_outside_the_window_there_is_nothing(window):
    window.put(readings((0, 0, 330)))
    assert (window.grid(window.start_s - 7200, 24) == MISSING).all()
    assert (window.grid(window.end_s, 3) == MISSING).all()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-500, SLOTS * SLOT_S + 500), st.integers(-1, 2), st.integers(-100, 900)
        ),
        min_size=1,
        max_size=50,
    ),
    st.integers(0, 2 * SLOTS * SLOT_S),
)
def test_the_ring_holds_what_the_grid_of_the_same_readings_holds(tmp_path_factory, rows, later):
    window = opened(tmp_path_factory.mktemp("window"))
    window.put(readings(*rows[::2]))
    window.advance(NOW + later)
    window.put(readings(*rows))
    put = readings(*rows)
    expected, _ = to_grid(put.time_s, put.point, put.raw, window.start_s, SLOTS, len(POINTS))
    np.testing.assert_array_equal(content(window), expected)


def test_a_saved_window_is_there_again_with_its_place_in_the_ledger(tmp_path):
    window = opened(tmp_path)
    window.put(readings((0, 0, 330), (3000, 2, 320)))
    window.save("one life", 17)
    again = Window(tmp_path, POINTS, SLOTS)
    assert (again.incarnation, again.batch, again.torn) == ("one life", 17, None)
    np.testing.assert_array_equal(content(again), content(window))


def test_what_was_put_after_the_save_is_torn_and_only_that(tmp_path):
    window = opened(tmp_path)
    window.put(readings((0, 0, 330), (3000, 2, 320)))
    window.save("one life", 17)
    window.put(readings((0, 1, 340)))
    again = Window(tmp_path, POINTS, SLOTS)
    slot = NOW // SLOT_S
    assert again.torn == (slot * SLOT_S, (slot + 1) * SLOT_S)
    assert 320 in content(again)
    assert 330 not in content(again)
    assert 340 not in content(again)


def test_one_altered_byte_empties_its_slot(tmp_path):
    window = opened(tmp_path)
    window.put(readings((0, 0, 330), (3000, 2, 320)))
    window.save("one life", 17)
    path = tmp_path / "raw.int16"
    data = bytearray(path.read_bytes())
    row = (NOW - 3000) // SLOT_S % SLOTS
    data[2 * len(POINTS) * row] ^= 1
    path.write_bytes(data)
    again = Window(tmp_path, POINTS, SLOTS)
    assert again.torn is not None
    assert 320 not in content(again)
    assert 330 in content(again)


def test_a_window_that_never_was_saved_or_is_of_other_points_begins_empty(tmp_path):
    window = opened(tmp_path)
    window.put(readings((0, 0, 330)))
    assert (content(opened(tmp_path)) == MISSING).all()
    window = opened(tmp_path)
    window.put(readings((0, 0, 330)))
    window.save("one life", 17)
    other = opened(tmp_path, ["a", "b", "d"])
    assert (other.batch, other.incarnation) == (0, "")
    assert (content(other) == MISSING).all()


def test_a_half_written_state_is_no_state(tmp_path):
    window = opened(tmp_path)
    window.put(readings((0, 0, 330)))
    window.save("one life", 17)
    (tmp_path / "state.json").write_text('{"points": 1, "crc"')
    assert opened(tmp_path).batch == 0


def test_reshaping_to_other_points_forgets(window):
    window.put(readings((0, 0, 330)))
    window.reshape(POINTS)
    assert 330 in content(window)
    window.reshape(["z", *POINTS])
    window.advance(NOW)
    assert content(window).shape == (SLOTS, 4)
    assert (content(window) == MISSING).all()


def test_without_points_there_is_a_window_of_nothing(tmp_path):
    window = opened(tmp_path, [])
    window.put(readings((0, 0, 330)))
    window.save("one life", 1)
    assert content(window).shape == (SLOTS, 0)
