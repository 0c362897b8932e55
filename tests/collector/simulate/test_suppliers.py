"""What sources deliver: compensated with errors, late to arrive, adjusted, and held back."""

from __future__ import annotations

import numpy as np

from heatward_collector.simulate import Event, Kind, Level, town
from heatward_collector.simulate.calendar import DAY_S, HOUR_S, legal_season, local_midnight
from heatward_collector.simulate.suppliers import (
    LEAST_KELVIN,
    Adjustment,
    delayed,
    due_at,
    heat_delivered,
    heat_due,
)

JANUARY = local_midnight("2023-01-05")
TIME = JANUARY + 300 * np.arange(4 * 288)
TREE = town(sources=2, buildings_per_source=2)


def delivered(*acts: Event | Adjustment) -> np.ndarray:
    """Return the heat of each home where 30 K are due, (homes, times)."""
    heat, row = heat_delivered(
        TREE,
        TIME,
        np.full((2, len(TIME)), 30.0),
        [act for act in acts if isinstance(act, Event)],
        [act for act in acts if isinstance(act, Adjustment)],
        np.random.default_rng(1),
    )
    return np.asarray(heat[row])


def test_curves_of_sources_differ_by_six_percent_and_operators_by_half_a_kelvin() -> None:
    tree = town(sources=40, buildings_per_source=1, homes_per_building=1, rooms_per_home=1)
    outdoor = np.where(np.arange(len(TIME)) < 2 * 288, -8.0, -28.0)
    due = heat_due(tree, TIME, outdoor, np.random.default_rng(2))
    at_the_right_point, in_the_cold = due[:, 288:300].mean(axis=1), due[:, -12:].mean(axis=1)
    assert 0.25 < float(at_the_right_point.std()) < 0.8
    assert 0.04 < float((in_the_cold - at_the_right_point).std() / 20.0) < 0.09


def test_outside_the_legal_season_no_heat_is_due_and_on_mild_days_some_always() -> None:
    begin, end = legal_season(2022)
    time_s = begin - 5 * DAY_S + HOUR_S * np.arange((end - begin) // HOUR_S + 10 * 24)
    due = heat_due(TREE, time_s, np.full(len(time_s), 15.0), np.random.default_rng(3))
    is_legal = (time_s >= begin) & (time_s < end)
    assert not due[:, ~is_legal].any()
    assert due[:, is_legal].min() == LEAST_KELVIN
    assert float(due[0, is_legal][0]) > 1.5 * LEAST_KELVIN


def test_water_takes_up_to_half_an_hour_and_reaches_all_homes_of_a_building_at_once() -> None:
    stop = Event(Kind.OUTAGE, Level.SOURCE, "so1", JANUARY + DAY_S, JANUARY + 2 * DAY_S)
    heat = delivered(stop)
    first = np.argmax(heat == 0.0, axis=1).reshape(4, 5)
    assert (first == first[:, :1]).all()
    assert ((first[:2] >= 288) & (first[:2] <= 294)).all()
    assert (heat[10:] == 30.0).all()


def test_an_adjustment_comes_and_goes_over_a_day() -> None:
    higher = Adjustment(Level.BUILDING, "b001", JANUARY, JANUARY + 2 * DAY_S, 1.5, "lowered later")
    heat = delivered(higher)
    assert np.allclose(heat[:5, 300:570], 31.5)
    assert (heat[5:] == 30.0).all()
    assert np.allclose(heat[:5, -1], 30.0, atol=0.1)


def test_events_hold_back_what_adjustments_leave() -> None:
    lower = Adjustment(Level.SOURCE, "so1", JANUARY - 2 * DAY_S, JANUARY + 9 * DAY_S, -2.0, "curve")
    half = Event(Kind.THROTTLING, Level.ZONE, "z1-low", JANUARY + DAY_S, JANUARY + 9 * DAY_S, 0.5)
    heat = delivered(lower, half)
    low = np.array([home.zone == "z1-low" for home in TREE.homes])
    assert np.allclose(heat[low, -1], 14.0)
    assert np.allclose(heat[:10][~low[:10], -1], 28.0)


def test_a_curve_asks_for_more_the_colder_it_is() -> None:
    asked = due_at(np.array([-28.0, -8.0, 2.0]))
    assert (np.diff(asked) < 0).all()
    assert 24.0 < float(asked[1]) < 28.0


def test_a_delay_is_causal_and_reaches_two_thirds_after_its_hours() -> None:
    step = np.where(TIME < JANUARY + DAY_S, 0.0, 1.0)
    out = delayed(step, TIME, 6.0)
    assert not out[:288].any()
    assert abs(float(out[288 + 71]) - (1.0 - np.exp(-1.0))) < 0.01
