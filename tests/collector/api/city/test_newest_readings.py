"""A reader that remembers the window answers as one that opens it for the first time."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.api.city.newest_readings import WindowReader, latest_readings
from heatward_collector.evaluation.window import Window
from heatward_collector.readings.projection import Fate, Projected

START = 1_764_000_000 // 300 * 300
POINTS = ["r1", "r2", "r3", "r4"]

READINGS = st.lists(
    st.tuples(st.integers(-50 * 3600, 0), st.integers(0, 3), st.integers(200, 400)), max_size=6
)
"""Seconds before now, point, 1/16 degC."""
LOOKS = st.lists(st.tuples(st.integers(0, 10 * 3600), READINGS), min_size=2, max_size=6)
"""Seconds that pass, and what has come until then, however late."""


def projected(now_s: int, readings: list[tuple[int, int, int]]) -> Projected:
    before, point, raw = (np.array(column) for column in zip(*readings, strict=True))
    sixteenths = raw.astype(np.int16)
    return Projected(
        (now_s + before).astype(np.int64),
        point.astype(np.int32),
        np.zeros(len(readings), np.uint64),
        sixteenths,
        sixteenths / 16,
        np.full(len(readings), Fate.JUDGED, np.uint8),
    )


@settings(max_examples=60, deadline=None)
@given(LOOKS)
def test_what_a_reader_remembers_changes_no_answer(
    looks: list[tuple[int, list[tuple[int, int, int]]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        window, reader = Window(Path(folder), POINTS), WindowReader(Path(folder))
        now_s = START
        for passed, readings in looks:
            now_s += passed
            window.advance(now_s)
            if readings:
                window.put(projected(now_s, readings))
            window.save("i", 1)
            kept = reader.latest(POINTS, now_s)
            fresh = latest_readings(Path(folder), POINTS, now_s)
            np.testing.assert_array_equal(kept.heard_at, fresh.heard_at)
            np.testing.assert_array_equal(kept.raw, fresh.raw)


def test_a_reader_of_other_points_begins_anew() -> None:
    with tempfile.TemporaryDirectory() as folder:
        window, reader = Window(Path(folder), POINTS), WindowReader(Path(folder))
        window.advance(START)
        window.put(projected(START, [(-20 * 3600, 1, 336)]))
        window.save("i", 1)
        assert reader.latest(POINTS, START).heard_at.tolist() == [-1, START - 20 * 3600, -1, -1]
        assert reader.latest(["other"], START).heard_at.tolist() == [-1]
        window.reshape(POINTS[1:])
        window.advance(START)
        window.put(projected(START, [(-30 * 3600, 0, 336)]))
        window.save("i", 2)
        assert reader.latest(POINTS[1:], START).heard_at.tolist() == [START - 30 * 3600, -1, -1]
