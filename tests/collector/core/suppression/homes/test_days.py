"""What a day says of how people live in a room: nothing of weather, walls and gaps."""

from dataclasses import fields

import numpy as np
import pytest

from heatward_collector.core.suppression.homes.days import Day, home_day

SLOTS = 96


def stir_of(*rooms: np.ndarray) -> np.ndarray:
    celsius = np.column_stack(rooms).astype(np.float32)
    nobody = np.zeros(len(rooms), bool)
    outdoor = np.full(len(celsius), -15.0)
    told = nobody, nobody, nobody, nobody, (nobody, nobody)
    return home_day(Day(0, 86_400, celsius, outdoor, *told)).stir


def test_a_room_that_cools_all_day_is_still_and_one_that_is_aired_is_not():
    cools = np.linspace(22.0, 12.0, SLOTS)
    aired = cools.copy()
    aired[40:43] -= 3.0
    still, stirred = stir_of(cools, aired)
    assert still == pytest.approx(0.0, abs=1e-3)
    assert stirred > 0.3


def test_the_level_of_a_room_does_not_matter():
    chance = np.random.default_rng(1).normal(0.0, 0.2, SLOTS)
    warm, cold = stir_of(22.0 + chance, -5.0 + chance)
    assert warm == pytest.approx(cold, rel=1e-3)


def test_gaps_are_left_out():
    room = 20.0 + np.random.default_rng(2).normal(0.0, 0.2, SLOTS)
    gappy = room.copy()
    gappy[10:30] = np.nan
    whole, part = stir_of(room, gappy)
    assert part == pytest.approx(whole, rel=0.2)
    mostly = np.where(np.arange(SLOTS) < 60, np.nan, room)
    assert np.isnan(stir_of(mostly))[0]


@pytest.mark.parametrize("homes_at_once", [2, 3, 7])
def test_a_day_says_the_same_however_many_homes_are_looked_at_together(homes_at_once):
    random = np.random.default_rng(3)
    celsius = random.normal(20.0, 2.0, (SLOTS, 15)).astype(np.float32)
    celsius[random.random(celsius.shape) < 0.3] = np.nan
    celsius[:, 4] = np.nan
    nobody = np.zeros(15, bool)
    told = nobody, nobody, nobody, nobody, (nobody, nobody)
    day = Day(0, 86_400, celsius, np.full(SLOTS, -15.0), *told)
    whole, parts = home_day(day), home_day(day, homes_at_once=homes_at_once)
    for one in fields(whole):
        assert np.array_equal(getattr(parts, one.name), getattr(whole, one.name), equal_nan=True)
