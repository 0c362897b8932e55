"""Harbin's days: local hours, the legal season, and festivals that fall on new moons."""

from __future__ import annotations

import numpy as np
import pytest

from heatward_collector.simulate.calendar import (
    DAY_S,
    HOUR_S,
    SPRING_FESTIVALS,
    is_heat_due,
    is_within_hours,
    legal_season,
    local_hour,
    local_midnight,
    simulated_season,
)

LUNATION_D = 29.530588853
KNOWN_NEW_MOON = np.datetime64("2000-01-06T18:14", "s")


def test_a_local_day_begins_eight_hours_before_that_of_utc() -> None:
    assert local_midnight("2021-01-05") == int(
        np.datetime64("2021-01-04T16:00:00", "s").astype(int)
    )
    assert local_hour(np.array([local_midnight("2021-01-05") + 5400])).tolist() == [1.5]


def test_hours_may_pass_midnight() -> None:
    time_s = local_midnight("2021-01-05") + HOUR_S * np.arange(24)
    assert np.flatnonzero(is_within_hours(time_s, 22.0, 3.0)).tolist() == [0, 1, 2, 22, 23]


def test_heat_is_due_from_the_twentieth_of_october_through_the_twentieth_of_april() -> None:
    begin, end = legal_season(2023)
    edges = np.array([begin - 1, begin, end - 1, end, local_midnight("2024-02-29")])
    assert is_heat_due(edges).tolist() == [False, True, True, False, True]
    assert (end - begin) // DAY_S == 184


def test_a_simulated_season_shows_unheated_days_on_both_sides() -> None:
    start, days = simulated_season(2022)
    begin, end = legal_season(2022)
    assert (begin - start) // DAY_S == 12
    assert (start + days * DAY_S - end) // DAY_S == 16


@pytest.mark.parametrize("day", SPRING_FESTIVALS)
def test_every_spring_festival_is_at_a_new_moon_after_the_great_cold(day: str) -> None:
    noon = np.datetime64(day, "s") + np.timedelta64(4, "h")
    phase = (noon - KNOWN_NEW_MOON).astype(float) / DAY_S / LUNATION_D % 1.0
    assert min(phase, 1.0 - phase) * LUNATION_D < 1.2
    assert "01-20" < day[5:] < "02-22"


def test_the_festivals_leave_out_no_year() -> None:
    assert [int(day[:4]) for day in SPRING_FESTIVALS] == list(range(2015, 2041))
