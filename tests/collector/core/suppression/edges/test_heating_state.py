"""Whether heat flows: by what rooms need, and by what other sources get."""

from types import SimpleNamespace

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.edges.heating_state import (
    HeatedDay,
    HeatingState,
    beside,
    share_of_heat,
    shares_buildings,
)
from heatward_collector.core.suppression.homes.network import Level, Network


def after(state: HeatingState, heated: bool, known: bool = True, gap: float = np.nan, lost=3):
    return state.after(
        HeatedDay(np.array([heated]), np.array([known]), np.array([gap])), lost_days=lost
    )


def run(*days: bool, lost: int = 3) -> HeatingState:
    state = HeatingState.unheated(1)
    for heated in days:
        state = after(state, heated, lost=lost)
    return state


@pytest.mark.parametrize(
    ("heat", "share"), [(8.0, 0.0), (23.0, 1.0), (15.5, 0.5), (float("nan"), float("nan"))]
)
def test_people_alone_are_no_heat_and_what_holds_23_degrees_is_all_of_it(heat, share):
    """At freezing an unheated home has 8 K of people and sun, a heated one 23."""
    assert share_of_heat(np.array([heat]), 0.0, 8.0)[0] == pytest.approx(share, nan_ok=True)


def test_heat_has_come_with_its_second_day():
    assert run(True).days[0] == 1
    assert run(True, False).days[0] == 0
    assert run(True, True, False).days[0] == 3


def test_heat_is_gone_after_three_days_without():
    assert run(True, True, False, False).days[0] == 4
    assert run(True, True, False, False, False).days[0] == 0


def test_near_the_end_of_a_season_two_days_are_enough():
    assert run(True, True, False, False, lost=2).days[0] == 0


def test_an_unknown_day_is_as_the_day_before():
    state = run(True, True)
    assert after(state, False, known=False).days[0] == 3
    assert after(HeatingState.unheated(1), True, known=False).days[0] == 0


def test_how_far_a_place_lies_from_others_is_learnt_on_heated_days_only():
    state = run(*[True] * 4)
    state = after(state, True, gap=2.0)
    assert state.gap[0] == 2.0
    state = after(state, False, gap=9.0)
    assert state.gap[0] == 2.0
    assert after(state, True, gap=np.nan).gap[0] == 2.0


def test_zones_share_buildings_where_another_zone_heats_homes_of_the_same_building():
    """b1 has a low and a high zone, b2 is floor-heated by a zone of its own."""
    zone = np.array([0, 1, 2, 2, -1], np.int32)
    building = np.array([0, 0, 1, 1, 1], np.int32)
    network = Network(
        ("h1", "h2", "h3", "h4", "h5"),
        {
            Level.STAIRWELL: (),
            Level.BUILDING: ("b1", "b2"),
            Level.ZONE: ("low", "high", "floor"),
            Level.SUBSTATION: ("ss",),
            Level.SOURCE: ("so",),
        },
        {
            Level.STAIRWELL: np.full(5, -1, np.int32),
            Level.BUILDING: building,
            Level.ZONE: zone,
            Level.SUBSTATION: np.zeros(5, np.int32),
            Level.SOURCE: np.zeros(5, np.int32),
        },
        np.array([False, False, True, True, True]),
    )
    assert shares_buildings(Hierarchy.of(network)).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("heat", "expected"),
    [
        ([23.0, 22.0, 21.0, 20.0, 19.0, 18.5], [21.0, 21.0, 22.0, 22.0, 22.0, 22.0]),
        ([23.0, 20.0, 17.5, 12.0, 11.0, 10.0], [20.0, 23.0, 23.0, 23.0, 23.0, 23.0]),
        ([15.0, 12.0, 12.0, 11.0, 11.0, 10.0], [np.nan] * 6),
    ],
)
def test_where_most_sources_have_no_heat_the_best_stands_for_the_heated(heat, expected):
    """Else the second best: of one town with two sources left, one of them is half off."""
    series = {Level.SOURCE: SimpleNamespace(heat=np.array([heat]))}
    history = SimpleNamespace(series=series, outdoor=np.zeros(1))
    np.testing.assert_array_equal(beside(history, 8.0, 1), [expected])
