"""Outdoor sensors against each other: sunshine, warm walls, and offsets that are neither."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.core.outdoor_places import OutdoorDoubt, outdoor_doubts

DAYS = 7
HOURS = np.tile(np.arange(24), DAYS)
AIR = -15 + 5 * np.cos((HOURS - 14) / 24 * 2 * np.pi)
NOON = (HOURS >= 11) & (HOURS <= 14)


def district(*extras):
    """Return the air at three sensors and more, each with what it feels besides."""
    return np.stack([AIR + extra for extra in (0.0, 0.2, -0.2, *extras)], axis=1)


def test_sensors_that_feel_the_same_air_are_not_doubted():
    assert outdoor_doubts(district(0.1), HOURS) == [OutdoorDoubt.NONE] * 4


def test_sunshine_on_some_days_is_seen():
    sunny = NOON & (np.arange(len(HOURS)) // 24 % 3 == 0)
    assert outdoor_doubts(district(np.where(sunny, 6.0, 0.0)), HOURS)[3] is OutdoorDoubt.SUN


def test_a_warm_wall_is_seen_day_and_night():
    found = outdoor_doubts(district(2.0), HOURS)
    assert found == [OutdoorDoubt.NONE] * 3 + [OutdoorDoubt.WALL]


def test_a_wall_that_is_sunlit_too_is_a_wall():
    assert outdoor_doubts(district(np.where(NOON, 8.0, 2.0)), HOURS)[3] is OutdoorDoubt.WALL


@pytest.mark.parametrize("offset", [-1.0, 1.0])
def test_the_offset_of_a_part_is_neither(offset):
    assert outdoor_doubts(district(offset), HOURS)[3] is OutdoorDoubt.NONE


def test_one_cold_sensor_accuses_no_other():
    assert outdoor_doubts(district(-8.0), HOURS) == [OutdoorDoubt.NONE] * 4


def test_two_sensors_and_two_nights_are_too_few():
    two = district()[:, :2]
    assert outdoor_doubts(two, HOURS) == [OutdoorDoubt.UNKNOWN] * 2
    assert outdoor_doubts(district()[:48], HOURS[:48]) == [OutdoorDoubt.UNKNOWN] * 3


def test_missing_hours_are_left_out_and_nothing_is_nothing():
    celsius = district(np.where(NOON, 6.0, 0.0))
    celsius[::5] = np.nan
    assert outdoor_doubts(celsius, HOURS)[3] is OutdoorDoubt.SUN
    celsius[:] = np.nan
    assert outdoor_doubts(celsius, HOURS) == [OutdoorDoubt.UNKNOWN] * 4
    assert outdoor_doubts(np.empty((0, 0)), np.empty(0, np.int64)) == []


def test_axes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="hours"):
        outdoor_doubts(district(), HOURS[:-1])


@given(st.permutations(range(4)), st.floats(-20, 20))
def test_order_of_sensors_and_the_weather_change_nothing(order, shift):
    celsius = district(np.where(NOON, 6.0, 0.0))
    found = outdoor_doubts(celsius, HOURS)
    again = outdoor_doubts(celsius[:, order] + shift, HOURS)
    assert again == [found[one] for one in order]
