"""Sensors that stand still are found as readings come, as over a whole season at once."""

from pathlib import Path

import numpy as np
import pytest

from heatward_collector.core.suppression.homes.home_grid import STUCK_SLOTS, without_stuck
from heatward_collector.evaluation.recent_rooms import RecentRooms

ROOMS, SLOTS, DAY = 12, 220, 100
BUILDING = np.repeat(np.array([0, 1, 2, -1], np.int32), 3)


@pytest.fixture
def season() -> np.ndarray:
    random = np.random.default_rng(5)
    rooms = np.round(20.0 + random.normal(0.0, 0.3, (SLOTS, ROOMS)).cumsum(axis=0), 2)
    rooms[30:90, 1] = 21.0  # within a day, and over its end
    rooms[80:180, 4] = 19.5
    rooms[110, 4] = np.nan
    rooms[40:160, 9] = 18.0  # of no building
    rooms[:, 8] = 22.0
    return rooms


def days(season: np.ndarray, steps: list[int], folder: Path | None):
    """Let days pass, so many slots at a time."""
    before, clean = np.full((STUCK_SLOTS, ROOMS), np.nan), []
    for start in range(0, SLOTS, DAY):
        day = season[start : start + DAY]
        recent, first, number = RecentRooms(before, folder), 0, 0
        while first < len(day):
            last = min(first + steps[number % len(steps)], len(day))
            heard = [
                recent.heard(some, first, day[first:last, some], BUILDING[some])
                for some in (slice(0, 6), slice(6, 12))
            ]
            clean.append(np.concatenate(heard, axis=1))
            first, number = last, number + 1
        before = recent.before(first)
    return np.concatenate(clean), before


@pytest.mark.parametrize("steps", [[1], [24], [25, 3], [100], [7, 1, 60]])
def test_what_stands_still_is_found_however_many_slots_come_at_once(
    season: np.ndarray, steps: list[int]
) -> None:
    clean, before = days(season, steps, None)
    whole = without_stuck(season, BUILDING)
    assert np.isnan(whole).sum() > np.isnan(season).sum() + 50
    np.testing.assert_array_equal(clean, whole)
    np.testing.assert_array_equal(before, season[-STUCK_SLOTS:])


def test_a_day_that_is_read_again_begins_with_what_came_before_it(season: np.ndarray) -> None:
    recent, every = RecentRooms(season[:STUCK_SLOTS], None), slice(0, ROOMS)
    day = season[STUCK_SLOTS:]
    first = recent.heard(every, 0, day, BUILDING)
    recent.begin_again(every)
    np.testing.assert_array_equal(recent.heard(every, 0, day, BUILDING), first)
    np.testing.assert_array_equal(first, without_stuck(season, BUILDING)[STUCK_SLOTS:])
