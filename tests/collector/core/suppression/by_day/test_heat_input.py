"""When heat flows, told from a room and the weather: held against a real heat meter."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.heat_input import (
    adequacy,
    followed,
    heat_input,
    heating_hours,
)

HOUSE = (
    Path(__file__).parents[4] / "data" / "recordings" / "uk_darkgreybox_2020" / "demo_hourly.csv"
)


def house() -> dict[str, np.ndarray]:
    """Return hourly room and outdoor temperature [degC] and metered heat of one house."""
    with HOUSE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in ("Ti", "Ta", "Ph")}


def test_a_heat_meter_agrees_with_the_hours_in_which_a_room_was_heated():
    measured = house()
    said = heating_hours(measured["Ti"], measured["Ta"])
    true = measured["Ph"] > 0
    both = (said & true).sum()
    assert both / said.sum() >= 0.90
    assert both / true.sum() >= 0.80


def test_a_room_that_holds_its_temperature_gets_what_it_loses():
    assert heat_input(20.0, 0.0, -20.0) == pytest.approx(40.0)


def test_a_room_that_cools_with_its_time_constant_gets_nothing():
    tau = 80.0
    assert heat_input(20.0, -40.0 / tau, -20.0, tau) == pytest.approx(0.0)


def test_an_hour_beside_a_gap_is_never_heated():
    celsius = np.array([20.0, 20.5, np.nan, 20.5, 21.0])
    said = heating_hours(celsius, np.full(5, -10.0))
    assert not said[1:3].any()
    assert not said[-1]


def test_no_hour_is_heated_without_an_outdoor_temperature():
    celsius = np.linspace(18, 22, 10)
    assert not heating_hours(celsius, np.full(10, np.nan)).any()


def test_a_followed_temperature_waits_at_a_gap_and_never_looks_ahead():
    outdoor = np.array([0.0, 10.0, np.nan, 10.0])
    whole = followed(outdoor, 2.0)
    assert whole[2] == whole[1]
    for end in range(1, 5):
        assert followed(outdoor[:end], 2.0) == pytest.approx(whole[:end])


def test_adequacy_is_unknown_where_no_heat_is_needed():
    assert np.isnan(adequacy(np.array([5.0]), 19.5))
    assert adequacy(np.array([20.0]), -20.0) == pytest.approx([0.5])
