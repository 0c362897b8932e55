"""Curves of a pack: rooms that can be told apart, and the median of many."""

from __future__ import annotations

import numpy as np
import pytest

from heatward_collector.evidence.picture import COLOURS, _Axes, _of_rooms
from heatward_collector.locale import ENGLISH, texts

AXES = _Axes(0, 10 * 3600, 0, 100, 15, 25)
TIME_S = np.arange(10) * 3600


def rooms(count: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return so many rooms, of which the first, coldest one is silent in the last hours."""
    curves = {f"r{number}": np.full(10, 18.0 + number) for number in range(count)}
    curves["r0"][7:] = np.nan
    return {room: (TIME_S, celsius) for room, celsius in curves.items()}


def test_few_rooms_have_a_colour_and_a_name_each():
    lines, legend = _of_rooms(rooms(len(COLOURS)), AXES, texts(ENGLISH))
    assert [name for _, name in legend] == list(rooms(len(COLOURS)))
    assert len({kind for kind, _ in legend}) == len(lines) == len(COLOURS)


def test_more_rooms_are_thin_lines_beside_their_median():
    count = len(COLOURS) + 1
    lines, legend = _of_rooms(rooms(count), AXES, texts(ENGLISH))
    assert [kind for kind, _ in legend] == ["each", "middle"]
    assert f"{count} rooms" in legend[0][1]
    assert sum('class="each"' in line for line in lines) == count
    heights = [float(corner.split(",")[1]) for corner in lines[-1].split('"')[3].split()]
    assert heights[0] == pytest.approx(AXES.y(21.0))
    assert heights[-1] == pytest.approx(AXES.y(21.5))  # of the six that are still heard
