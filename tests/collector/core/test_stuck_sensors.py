"""Sensors that stand still: found again only where somebody spoke, and kept elsewhere."""

import numpy as np

from heatward_collector.core.hour_sums import HOUR_SLOTS, HourSums
from heatward_collector.core.stuck_sensors import StuckSensors

HOURS, POINTS = 8, 8
BUILDING = np.array([0, 0, 0, -1, 1, 1, 1, 1], np.int32)


def day(still=(1, 5)):
    """Return hours in which everybody warms by an eighth of a degree an hour, but for some."""
    sums = HourSums.nothing(HOURS, POINTS)
    sums.total[:] = HOUR_SLOTS * (320 + 2 * np.arange(HOURS, dtype=np.int16))[:, None]
    sums.count[:] = HOUR_SLOTS
    for point in still:
        sums.total[:, point], sums.is_steady[:, point] = HOUR_SLOTS * 320, True
    return sums


def test_who_stands_still_in_a_building_that_moves_is_found_with_its_hours():
    known = StuckSensors(BUILDING, 2)
    assert sorted(known.look(day(), HOURS, [slice(0, 4), slice(4, 8)])) == [1, 5]
    assert known.hours_of(5).tolist() == [True] * HOURS
    assert not known.hours_of(0).any()


def test_who_has_no_building_is_never_stuck():
    known = StuckSensors(BUILDING, 2)
    assert known.look(day(still=(3,)), HOURS, [slice(0, POINTS)]) == []


def test_only_buildings_of_who_was_heard_anew_are_looked_at_and_others_stay():
    known = StuckSensors(BUILDING, 2)
    known.look(day(), HOURS, [slice(0, POINTS)])
    assert known.look(day(still=()), HOURS, [slice(0, 3)]) == [1]
    assert known.hours_of(5).all()
    assert known.look(day(still=()), HOURS, [slice(4, 8)]) == [5]


def test_with_less_than_six_hours_nobody_stands_still():
    known = StuckSensors(BUILDING, 2)
    assert known.look(day(), 5, [slice(0, POINTS)]) == []
