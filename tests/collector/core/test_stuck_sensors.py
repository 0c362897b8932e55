"""Sensors that stand still: found again only where somebody spoke, and kept elsewhere."""

from unittest import mock

import numpy as np
import pytest

from heatward_collector.core import stuck_sensors
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


@pytest.mark.parametrize("begin", [0, 1, 2])
@pytest.mark.parametrize("still", [(1,), (1, 5), (1, 3, 5)])
def test_six_hours_are_found_wherever_they_begin_and_however_many_stand_still(begin, still):
    sums = day(still=())
    hours = np.arange(begin, begin + 6)
    for point in still:
        sums.total[hours, point], sums.is_steady[hours, point] = HOUR_SLOTS * 320, True
    known = StuckSensors(BUILDING, 2)
    with mock.patch.object(stuck_sensors, "BUILDINGS_AT_ONCE", 1):
        known.look(sums, HOURS, [slice(0, POINTS)])
    assert np.flatnonzero(known.hours_of(1)).tolist() == hours.tolist()
    assert known.hours_of(5).any() == (5 in still)


def test_five_hours_are_too_few():
    sums = day(still=())
    sums.total[2:7, 1], sums.is_steady[2:7, 1] = HOUR_SLOTS * 320, True
    assert StuckSensors(BUILDING, 2).look(sums, HOURS, [slice(0, POINTS)]) == []
