"""Weather is Harbin's, repeatable, and does what it is asked."""

from __future__ import annotations

import numpy as np

from heatward_collector.simulate.calendar import DAY_S, HOUR_S, local_midnight
from heatward_collector.simulate.weather import Conditions, Front, Weather, sun_on_facades, weather

SOUTH, NORTH, EAST, WEST = range(4)
JANUARY = local_midnight("2023-01-05")


def days(count: int, conditions: Conditions | None = None, seed: int = 1) -> Weather:
    time_s = JANUARY + 300 * np.arange(288 * count)
    return weather(time_s, np.random.default_rng(seed), conditions)


def test_the_sun_stands_south_at_noon_and_never_on_a_north_wall_in_winter() -> None:
    time_s = local_midnight("2022-12-21") + HOUR_S * np.arange(24)
    sun = sun_on_facades(time_s)
    assert sun[:, 11].argmax() == SOUTH
    assert 0.9 < sun[SOUTH, 11] < 1.2
    assert sun[NORTH].max() < 0.2
    assert sun[EAST, :11].max() > sun[WEST, :11].max()
    assert sun[EAST, 13:].max() < sun[WEST, 13:].max()
    assert not sun[:, :6].any()
    assert not sun[:, 17:].any()


def test_clear_days_have_full_sun_and_storms_full_wind() -> None:
    spans = ((JANUARY + 2 * DAY_S, JANUARY + 3 * DAY_S),)
    asked = days(4, Conditions(clear=spans, storms=spans))
    inside = slice(2 * 288, 3 * 288)
    assert np.allclose(asked.sun[:, inside], sun_on_facades(asked.time_s[inside]))
    assert asked.wind[:, inside].max(axis=0).min() > 0.7


def test_a_front_falls_holds_and_goes() -> None:
    front = Front(JANUARY + 2 * DAY_S, 15.0, 12.0, hold_h=24.0, recovery_h=24.0)
    fall = days(8).celsius - days(8, Conditions(fronts=(front,))).celsius
    assert np.allclose(fall[: 2 * 288], 0.0)
    assert np.allclose(fall[2 * 288 + 144 : 3 * 288 + 144], 15.0)
    assert np.isclose(fall[4 * 288 + 144], 15.0 / np.e)


def test_a_level_keeps_the_mean_and_leaves_the_daily_swing() -> None:
    steady = days(10, Conditions(level_celsius=-8.5)).celsius
    assert abs(float(steady.mean()) + 8.5) < 0.2
    assert 3.0 < float(np.ptp(steady)) < 12.0


def test_winters_are_harbins() -> None:
    time_s = local_midnight("2022-10-20") + 3600 * np.arange(24 * 183)
    january = (time_s >= JANUARY) & (time_s < JANUARY + 25 * DAY_S)
    winters = [weather(time_s, np.random.default_rng(seed)).celsius for seed in range(20)]
    means = [float(one[january].mean()) for one in winters]
    assert -21.0 < float(np.median(means)) < -15.0
    assert min(float(one.min()) for one in winters) > -45.0
    assert float(np.median([one[:240].mean() for one in winters])) > -3.0


def test_cold_waves_of_ten_kelvin_and_more_come_within_a_day() -> None:
    fell = []
    for seed in range(20):
        celsius = days(60, seed=seed).celsius
        fell.append(float((celsius[:-288] - celsius[288:]).max()))
    assert float(np.median(fell)) > 10.0
