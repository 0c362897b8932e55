"""To which places no heat has come: against what other sources get on the same days."""

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.heating_duty import HeatingDuty, Season
from heatward_collector.core.suppression.by_day.history import History, Series
from heatward_collector.core.suppression.by_day.place_days import LEVELS, Hierarchy
from heatward_collector.core.suppression.by_day.today import Today
from heatward_collector.core.suppression.edges.late_heat import due_to_homes, lacks_heat
from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.simulate import town

DAY_S = 86_400
BEFORE, GIVEN, OUTDOOR = 3, 8.0, 5.0
WHOLE_KELVIN = 20.0 + 3.0 - OUTDOOR - GIVEN
"""What heating adds to what people and sun give."""
NETWORK = town(sources=3, buildings_per_source=2, homes_per_building=4).network()
PLACES = Hierarchy.of(NETWORK)


def today(mine: list[float], others: list[float], has_floor: bool = False) -> Today:
    """Return the last of some days of a season; so2 gets other shares of its heat than others."""
    days = BEFORE + len(mine)
    series = {}
    for level in LEVELS:
        share = np.zeros((days, PLACES.count(level)))
        is_mine = PLACES.source[level] == 1
        share[BEFORE:, is_mine] = np.array(mine)[:, None]
        share[BEFORE:, ~is_mine] = np.array(others)[:, None]
        nothing = Series.none(PLACES.count(level))
        series[level] = replace(nothing, heat=GIVEN + share * WHOLE_KELVIN)
    history = replace(
        History.none(PLACES),
        start_s=DAY_S * np.arange(days),
        outdoor=np.full(days, OUTDOOR),
        series=series,
    )
    network = replace(NETWORK, is_floor_heated=np.full(len(NETWORK.homes), has_floor))
    duty = HeatingDuty(Season(BEFORE * DAY_S, 200 * DAY_S), 20.0)
    return Today(history, network, PLACES, days * DAY_S + 1800, duty)


def lacks(*days: list[float], has_floor: bool = False) -> list[str]:
    found = lacks_heat(today(*days, has_floor=has_floor), Level.SOURCE, GIVEN)
    return [NETWORK.places[Level.SOURCE][place] for place in np.flatnonzero(found).tolist()]


def test_next_to_no_heat_on_two_days_is_none():
    assert lacks([0.1, 0.2], [0.9, 0.9]) == ["so2"]


@pytest.mark.parametrize(
    ("mine", "expected"),
    [([0.45, 0.4], ["so2"]), ([0.45, 0.55], []), ([0.6, 0.4], [])],
)
def test_what_the_sun_gives_on_two_clear_days_is_no_heat_beside_those_who_are_heated(
    mine, expected
):
    assert lacks(mine, [1.3, 1.1]) == expected


def test_on_mild_days_those_who_are_heated_get_little_more():
    assert lacks([0.45, 0.4], [0.9, 0.8]) == []


def test_floor_heated_rooms_follow_a_day_later():
    assert lacks([0.05, 0.45], [1.0, 1.0], has_floor=True) == []
    assert lacks([0.05, 0.25, 0.2], [1.0, 1.0, 1.0], has_floor=True) == ["so2"]


@pytest.mark.parametrize(("second", "expected"), [(0.7, []), (0.4, ["so2"])])
def test_heat_that_has_come_for_two_days_of_the_season_is_not_late(second, expected):
    """What it lacks later it has lost again; one day of sun is no heat."""
    assert lacks([0.8, second, 0.1, 0.1], [1.0, 1.0, 1.0, 1.0]) == expected


def test_two_days_of_sun_are_no_heat_beside_those_who_get_twice_as_much():
    assert lacks([0.6, 0.6, 0.1, 0.1], [1.3, 1.3, 1.0, 1.0]) == ["so2"]


@pytest.mark.parametrize(
    ("others", "due"),
    [([0.7, 0.7], 0.7), ([1.2, 1.2], 1.0), ([0.1, 0.1], 1.0)],
)
def test_what_is_due_in_mild_weather_is_what_others_get(others, due):
    """It is never more than all of it, and all of it where nobody is heated."""
    found = due_to_homes(today([0.1, 0.1], others), GIVEN, 2)
    here = NETWORK.of_home[Level.SOURCE] == 1
    assert np.allclose(found[:, here], due)
