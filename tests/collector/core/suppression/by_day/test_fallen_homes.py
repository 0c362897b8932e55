"""Which place explains what fell, and whether it fell beyond its known parts."""

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.fallen_homes import (
    best_explanation,
    fallen_of,
    reaches_beyond,
)
from heatward_collector.core.suppression.by_day.place_days import LEVELS, Hierarchy
from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.simulate import town

PART = np.array([True, True, True, True, False, False])
ALL = np.ones(6, bool)
NOBODY = np.zeros(6, bool)


@pytest.mark.parametrize(("rest", "reaches"), [(1.9, False), (2.0, True), (4.0, True)])
def test_the_homes_beside_a_part_must_have_fallen_by_half_as_much(rest, reaches):
    falls = np.array([4.0, 4.0, 3.0, 5.0, rest, rest])
    assert reaches_beyond(falls, ALL, PART) is reaches


def test_homes_of_which_nothing_is_known_do_not_count():
    falls = np.array([4.0, np.nan, 4.0, 4.0, 0.5, np.nan])
    assert not reaches_beyond(falls, ALL, PART)
    assert reaches_beyond(np.where(PART, falls, np.nan), ALL, PART)


def test_a_place_without_a_known_part_stands_for_itself():
    falls = np.zeros(6)
    falls[:2] = 4.0
    assert reaches_beyond(falls, ALL, NOBODY)
    assert reaches_beyond(falls, PART, PART)


def test_only_places_that_may_be_named_are_named():
    """All of a source fell, one building further: that one alone is known to lack heat."""
    network = town(sources=2, buildings_per_source=2, homes_per_building=4).network()
    places = Hierarchy.of(network)
    falls = np.where(places.place[Level.SOURCE] == 0, 4.0, 0.0)
    falls[places.place[Level.BUILDING] == 1] = 5.0
    asked = (falls, 0, places, network.is_floor_heated, 3.5, 3, Level.SOURCE)
    assert best_explanation(*asked).level is Level.SOURCE
    among = {level: np.zeros(places.count(level), bool) for level in LEVELS}
    assert best_explanation(*asked, among) is None
    among[Level.BUILDING][1] = True
    found = best_explanation(*asked, among)
    assert (found.level, found.place) == (Level.BUILDING, 1)


@pytest.mark.parametrize(
    ("is_cold", "said"),
    [((0, 0, 0), None), ((0, 0, 1), (9, 10, 0.9)), ((0, 1, 0), None), ((1, 1, 1), (9, 9, 1.0))],
    ids=["none", "the one that stays", "one that falls", "all"],
)
def test_cold_homes_that_do_not_fall_tell_nothing_of_their_source(is_cold, said):
    """Two of three buildings fell but for one home; in cold ones people may have put up heaters."""
    network = town(sources=2, buildings_per_source=3, homes_per_building=5).network()
    places = Hierarchy.of(network)
    building = places.place[Level.BUILDING]
    falls = np.isin(building, [0, 1]) * 2.0
    falls[0] = 0.0
    cold = np.isin(building, np.flatnonzero(is_cold))
    among = {level: np.zeros(places.count(level), bool) for level in LEVELS}
    among[Level.SOURCE][0] = True
    asked = (falls, 0, places, network.is_floor_heated, 2.0, 3, Level.SOURCE, among)
    assert best_explanation(*asked) is None
    found = best_explanation(*asked, cold)
    assert (found and (len(found.fallen), found.judged, found.share)) == said
    assert found is None or found.judged + found.left_aside == 15


@pytest.mark.parametrize(("held", "judged"), [(4, 6), (5, 10)])
def test_where_too_many_homes_tell_nothing_all_of_them_count(held, judged):
    """Of ten homes four may be left aside, not five; of five that fell all are named still."""
    falls = np.repeat([2.0, 0.0], [10 - held, held])
    told, fallen = fallen_of(falls, np.ones(10, bool), 1.9, falls == 0.0)
    assert (len(told), len(fallen)) == (judged, 10 - held)
