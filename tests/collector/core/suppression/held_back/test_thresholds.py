"""From which statistic on a place has fallen, and what its two comparisons say together."""

from types import SimpleNamespace as Some
from typing import Any

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.place_days import LEVELS, Hierarchy
from heatward_collector.core.suppression.held_back.looks import Verdict
from heatward_collector.core.suppression.held_back.thresholds import threshold_of, with_both
from heatward_collector.core.suppression.homes.network import Level

PLACES = {
    Level.SOURCE: [0, 0, 0, 0, 0, 0],
    Level.SUBSTATION: [0, 0, 0, 0, 1, 1],
    Level.ZONE: [0, -1, 0, -1, 1, 1],
    Level.BUILDING: [0, 0, 1, 1, 2, 2],
}
"""The place of each of six homes, two in each building."""


def told(part: float, source: float) -> dict[Level, list[float]]:
    """Return the statistics of a town in which all parts, and their source, show so much."""
    network: Any = Some(
        of_home={level: np.array(homes, np.int32) for level, homes in PLACES.items()},
        places={level: range(max(homes) + 1) for level, homes in PLACES.items()},
    )
    count = {level: max(homes) + 1 for level, homes in PLACES.items()}
    shown = {level: source if level is Level.SOURCE else part for level in LEVELS}
    verdicts = {
        level: Verdict(np.full(count[level], shown[level]), *[np.zeros(count[level])] * 6)
        for level in LEVELS
    }
    both = with_both(verdicts, Hierarchy.of(network))
    return {level: np.round(both[level].statistic, 2).tolist() for level in LEVELS}


def test_a_fall_of_several_buildings_that_pulls_its_source_down_counts_twice():
    """Each of its own looks is below 5.5."""
    found = told(part=4.2, source=3.9)
    assert found[Level.SUBSTATION] == found[Level.ZONE] == [5.73, 4.2]
    assert found[Level.BUILDING] == [4.2, 4.2, 4.2]
    assert found[Level.SOURCE] == [3.9]


@pytest.mark.parametrize(
    ("part", "source"),
    [(5.0, 2.4), (2.4, 5.0), (5.0, -np.inf), (-np.inf, 5.0), (9.0, 3.0)],
    ids=str,
)
def test_what_only_one_comparison_shows_stays_as_that_one_shows_it(part, source):
    assert told(part, source)[Level.SUBSTATION] == [part, part]


@pytest.mark.parametrize(
    ("level", "places", "expected"),
    [(Level.SOURCE, 4, 4.0), (Level.SOURCE, 60, 4.54), (Level.BUILDING, 18, 5.5)],
)
def test_the_threshold_rises_with_the_places_that_are_tested(level, places, expected):
    assert threshold_of(level, places) == pytest.approx(expected, abs=0.01)
