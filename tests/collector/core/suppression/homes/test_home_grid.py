"""From rooms to homes."""

import numpy as np

from heatward_collector.core import MISSING
from heatward_collector.core.suppression.homes.home_grid import (
    RoomLevels,
    home_temperatures,
    quarter_hours,
    without_stuck,
)

NAN = np.nan


def test_a_quarter_of_an_hour_is_the_median_of_what_was_read():
    raw = np.array(
        [[320, MISSING, 1360], [336, 320, 1360], [400, MISSING, 1360]]  # 85 degC is an excuse
        + [[MISSING] * 3] * 3,
        np.int16,
    )
    np.testing.assert_array_equal(
        quarter_hours(raw, np.array([0.0, 0.5, 0.0])), [[21.0, 20.5, NAN], [NAN, NAN, NAN]]
    )


def test_a_home_does_not_jump_when_one_of_its_rooms_falls_silent():
    rooms = np.tile([20.0, 24.0], (200, 1))
    rooms[150:, 1] = NAN
    homes, _ = home_temperatures(rooms, np.zeros(2, np.int32), 1, RoomLevels.unknown(2))
    assert abs(homes[160, 0] - homes[140, 0]) < 0.2


def test_a_home_of_one_room_is_that_room():
    rooms = np.array([[20.0, 19.0], [NAN, 18.0]])
    homes, _ = home_temperatures(rooms, np.array([0, 1], np.int32), 2, RoomLevels.unknown(2))
    np.testing.assert_array_equal(homes, rooms.astype(np.float32))


def test_a_sensor_that_stands_still_while_the_others_move_is_left_out_from_then_on():
    rooms = np.tile(np.linspace(20.0, 19.0, 40)[:, None], (1, 3))
    rooms[:, 2] = 21.0
    cleaned = without_stuck(rooms, np.zeros(3, np.int32))
    first = int(np.flatnonzero(np.isnan(cleaned[:, 2]))[0])
    assert first == 24 and np.isnan(cleaned[24:, 2]).all()
    np.testing.assert_array_equal(cleaned[:, :2], rooms[:, :2])


def test_sensors_may_stand_still_together():
    rooms = np.full((40, 3), 20.0)
    np.testing.assert_array_equal(without_stuck(rooms, np.zeros(3, np.int32)), rooms)
