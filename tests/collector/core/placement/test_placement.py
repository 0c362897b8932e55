"""Doubts about where sensors hang: each kind is seen, and what households do is not."""

import numpy as np
import pytest

from heatward_collector.core.placement import DoubtKind, Rooms, doubts
from support.placed_rooms import (
    A_DAY,
    AN_HOUR,
    DAYS,
    START_S,
    building,
    coarse,
    hours,
    outdoor,
    placed,
)

ROOM = 3


def kinds(rooms: Rooms) -> list[tuple[int, str]]:
    return [(one.room, one.kind.value) for one in doubts(rooms)]


def spoilt(change: np.ndarray) -> np.ndarray:
    celsius = building()
    celsius[:, ROOM] += change
    return celsius


def compressor() -> np.ndarray:
    return 1.5 * ((np.arange(DAYS * A_DAY) % 9) < 4)


def lamp() -> np.ndarray:
    hour = hours() % 24
    return 2.5 * ((hour >= 18.5) & (hour < 22.5))


def sill() -> np.ndarray:
    return 0.12 * (outdoor() - 21)


def stops(celsius: np.ndarray, share: float) -> np.ndarray:
    """Stop the heat of eight nights; one room is warmer while it comes."""
    celsius = celsius.copy()
    celsius[:, ROOM] += share
    for day in range(5, 45, 5):
        off = slice(day * A_DAY, day * A_DAY + 5 * AN_HOUR)
        celsius[off] -= np.linspace(0, 1.5, 5 * AN_HOUR)[:, None]
        celsius[off, ROOM] -= np.minimum(np.linspace(0, 4 * share, 5 * AN_HOUR), share)
    return celsius


def test_sensors_that_hang_well_give_no_doubt():
    assert kinds(placed(building())) == []


def test_a_refrigerator_is_told_by_its_rhythm():
    (one,) = doubts(placed(spoilt(compressor())))
    assert (one.room, one.kind) == (ROOM, DoubtKind.REFRIGERATOR)
    assert one.evidence["period_minutes"] == 45
    assert 0 < one.strength < 1
    assert START_S <= one.start_s < one.end_s <= START_S + DAYS * 86_400


def test_a_rhythm_that_other_rooms_have_too_is_the_heating():
    celsius = building() + compressor()[:, None]
    assert kinds(placed(celsius)) == []


def test_a_rhythm_by_day_only_is_no_compressor():
    hour = hours() % 24
    assert kinds(placed(spoilt(compressor() * ((hour > 8) & (hour < 19))))) == []


def test_a_sill_is_cold_and_follows_the_outdoor_temperature_at_once():
    (one,) = doubts(placed(spoilt(sill())))
    assert (one.room, one.kind) == (ROOM, DoubtKind.SILL)
    assert one.evidence["slope_kelvin_per_kelvin"] == pytest.approx(0.12, abs=0.02)
    assert one.evidence["above_others_kelvin"] < -3


def test_a_cold_room_that_does_not_follow_the_weather_is_no_sill():
    assert kinds(placed(spoilt(np.full(DAYS * A_DAY, -4.0)))) == []


def test_a_window_left_open_for_two_weeks_is_no_sill():
    change = np.where(hours() < 14 * 24, sill(), 0.0)
    assert (ROOM, "sill") not in kinds(placed(spoilt(change)))


def test_a_sill_needs_outdoor_temperatures_and_other_rooms():
    celsius = spoilt(sill())
    assert kinds(placed(celsius, with_outdoor=False)) == []
    assert kinds(placed(celsius[:, ROOM - 2 : ROOM + 2])) == []


def test_a_lamp_comes_and_goes_at_the_same_hours():
    (one,) = doubts(placed(spoilt(lamp())))
    assert (one.room, one.kind) == (ROOM, DoubtKind.LAMP)
    assert one.evidence["from_hour"] == pytest.approx(18.5, abs=0.5)
    assert one.evidence["burns_hours"] == pytest.approx(4, abs=0.5)
    assert one.evidence["rise_kelvin"] == pytest.approx(2.5, abs=0.3)


def test_a_sunny_afternoon_and_three_meals_a_day_are_no_lamp():
    hour = hours() % 24
    sun = 4 * np.sin(np.pi * (hour - 11) / 6) * ((hour >= 11) & (hour < 17))
    meals = 3.0 * (((hour - 6.5) % 5.5 < 0.8) & (hour < 19))
    assert kinds(placed(spoilt(sun))) == []
    assert kinds(placed(spoilt(meals))) == []


def test_an_inner_wall_comes_hours_late_and_smoothed():
    celsius = building()
    hour = hours()
    weather = 1.5 * np.sin(2 * np.pi * hour / 24) + np.sin(2 * np.pi * hour / 17)
    people = np.random.default_rng(5).normal(0, 0.4, (DAYS * 24, celsius.shape[1]))
    celsius += weather[:, None] + np.repeat(people, AN_HOUR, axis=0)
    late = 1.1 * np.sin(2 * np.pi * (hour - 4) / 24) + 0.6 * np.sin(2 * np.pi * (hour - 3.5) / 17)
    noise = np.random.default_rng(2).normal(0, 0.03, len(hour))
    celsius[:, ROOM] = 21 + late + noise
    (one,) = doubts(placed(celsius))
    assert (one.room, one.kind) == (ROOM, DoubtKind.INNER_WALL)
    assert one.evidence["lag_hours"] in (3, 5, 8)
    assert one.evidence["correlation_with_lag"] > one.evidence["correlation_at_once"] + 0.2


def test_a_radiator_loses_its_warmth_with_the_heat_of_the_building():
    (one,) = doubts(placed(stops(building(), 3.0)))
    assert (one.room, one.kind) == (ROOM, DoubtKind.RADIATOR)
    assert one.evidence["falls_of_the_building"] == 8
    assert one.evidence["excess_lost_kelvin"] == pytest.approx(3, abs=0.5)


def test_a_warm_room_that_cools_as_slowly_as_the_others_is_no_radiator():
    celsius = stops(building(), 0.0)
    celsius[:, ROOM] += 3.0
    assert kinds(placed(celsius)) == []


def test_a_sensor_in_a_hand_is_warm_for_minutes_and_once():
    change = np.zeros(DAYS * A_DAY)
    begin = 20 * A_DAY + 4 * AN_HOUR
    change[begin : begin + 5] = [3.0, 6.0, 6.5, 5.0, 4.0]
    (one,) = doubts(placed(spoilt(change)))
    assert (one.room, one.kind) == (ROOM, DoubtKind.HAND_WARMED)
    assert one.start_s == START_S + begin * 300
    assert one.evidence["minutes"] == 25
    assert one.evidence["rise_kelvin"] == pytest.approx(6.5, abs=0.2)


@pytest.mark.parametrize("length", [1, 14])
def test_a_spike_and_a_warm_hour_are_no_hand(length):
    change = np.zeros(DAYS * A_DAY)
    change[20 * A_DAY : 20 * A_DAY + length] = 6.0
    assert kinds(placed(spoilt(change))) == []


def test_what_happens_every_few_days_is_a_household():
    change = np.zeros(DAYS * A_DAY)
    for day in range(3, DAYS, 4):
        change[day * A_DAY + 100 : day * A_DAY + 104] = 5.0
    assert kinds(placed(spoilt(change))) == []


def test_a_sensor_that_warms_itself_behind_a_gap_is_no_hand():
    celsius = building()
    begin = 20 * A_DAY
    celsius[begin - A_DAY : begin, ROOM] = np.nan
    celsius[begin : begin + 6, ROOM] += [4.0, 3.5, 3.0, 2.0, 1.0, 0.5]
    assert kinds(placed(celsius)) == []


def test_a_moved_sensor_is_at_another_level_at_once_and_for_days():
    change = np.where(hours() < 20 * 24 + 3, 0.0, 2.5)
    (one,) = doubts(placed(spoilt(change)))
    assert (one.room, one.kind) == (ROOM, DoubtKind.MOVED)
    assert abs(one.start_s - (START_S + 20 * 86_400 + 3 * 3600)) <= 900
    assert one.evidence["lasting_kelvin"] == pytest.approx(2.5, abs=0.3)


def test_a_valve_the_building_and_an_open_window_move_no_sensor():
    hour = hours()
    valve = 3.0 * (1 - np.exp(-np.clip(hour - 480, 0, None) / 8))
    window = np.where((hour >= 480) & (hour < 486), -3.0, 0.0)
    assert kinds(placed(spoilt(valve))) == []
    assert kinds(placed(spoilt(window))) == []
    assert kinds(placed(building() + np.where(hour < 480, 0.0, 2.0)[:, None])) == []


def test_every_quarter_of_an_hour_is_enough_for_a_sill_and_not_for_a_refrigerator():
    assert kinds(coarse(placed(spoilt(sill())))) == [(ROOM, "sill")]
    assert kinds(coarse(placed(spoilt(compressor())))) == []


def test_missing_readings_give_no_doubt():
    celsius = building()
    draw = np.random.default_rng(4)
    assert kinds(placed(np.full_like(celsius, np.nan))) == []
    celsius[draw.random(celsius.shape) < 0.5] = np.nan
    for room in range(celsius.shape[1]):
        gap = int(draw.integers(0, len(celsius) - 3 * A_DAY))
        celsius[gap : gap + 3 * A_DAY, room] = np.nan
    assert kinds(placed(celsius)) == []


@pytest.mark.parametrize("days", [0, 1, 13])
def test_a_few_days_and_no_rooms_give_no_doubt(days):
    assert kinds(placed(spoilt(sill())[: days * A_DAY])) == []
    assert kinds(placed(building()[: days * A_DAY, :0])) == []


def test_a_room_without_a_group_is_not_compared():
    rooms = placed(spoilt(sill()))
    group = rooms.group.copy()
    group[ROOM] = -1
    alone = Rooms(rooms.start_s, 300, rooms.celsius, rooms.outdoor, rooms.hour, group)
    assert kinds(alone) == []


def test_other_slots_and_other_lengths_are_refused():
    rooms = placed(building())
    with pytest.raises(ValueError, match="600"):
        Rooms(0, 600, rooms.celsius, rooms.outdoor, rooms.hour, rooms.group)
    with pytest.raises(ValueError, match="fit"):
        Rooms(0, 300, rooms.celsius, rooms.outdoor[1:], rooms.hour, rooms.group)
