"""A declaration does not excuse a cold home from its verdict."""

import numpy as np
import pytest

from heatward_collector.core import MISSING
from heatward_collector.score.below import below_days, true_states
from heatward_collector.score.case import Case, Truth, known_outdoor, measured_raw
from heatward_collector.score.labels import truth_of
from heatward_collector.score.throttling import DayCounts
from heatward_collector.simulate import (
    Cause,
    Declared,
    Event,
    Kind,
    Level,
    Shape,
    season,
    town,
    twin,
)
from heatward_collector.simulate.calendar import DAY_S, local_midnight

FIRST = local_midnight("2023-01-04")
TREE = town(sources=2, buildings_per_source=1, homes_per_building=4)


def rooms(*days_of_rooms):
    """Return (rooms, slots) from the hours of each room's days."""
    return np.repeat(np.array(days_of_rooms, np.float32), 12, axis=1)


def test_four_hours_two_kelvin_below_are_clearly_below_and_twenty_degrees_are_not():
    warm, edge = [20.0] * 24, [19.0] * 24
    cold = [18.0] * 4 + [20.0] * 20
    short = [17.0] * 3 + [20.0] * 21
    found = true_states(rooms(warm, edge, cold, short), np.arange(4, dtype=np.int32))
    assert found.tolist()[0][0] == 0.0
    assert np.isnan(found[0, 1])
    assert found[0, 2] == 1.0
    assert found[0, 3] == 0.0


def test_the_excluded_hours_do_not_count():
    noon = [20.0] * 10 + [10.0] * 4 + [20.0] * 10
    assert true_states(rooms(noon), np.zeros(1, np.int32)).tolist() == [[0.0]]


def test_one_cold_room_makes_a_home_cold():
    found = true_states(rooms([18.0] * 24, [22.0] * 24), np.zeros(2, np.int32))
    assert found.tolist() == [[1.0]]


@pytest.fixture(scope="module")
def case() -> Case:
    stop = Event(
        *(Kind.OUTAGE, Level.SOURCE, "so1", FIRST + 2 * DAY_S, FIRST + 4 * DAY_S),
        cause=Cause.REPAIR,
        declared=Declared.BEFORE,
    )
    whole = season(7, FIRST, 6, shape=Shape(TREE, (stop,)))
    truth = truth_of(whole, twin(whole, (stop,)))
    outdoor = known_outdoor(whole.time_s, whole.outdoor)
    return Case(7, whole.shape, FIRST, measured_raw(whole), outdoor, truth)


def test_homes_that_go_cold_in_a_declared_stop_are_called_below(case):
    found = below_days(case)
    assert found.right >= 4
    assert found.right > 9 * found.missed
    assert found.wrong == 0


def test_without_a_declaration_or_a_reading_nothing_is_counted(case):
    nothing = Truth(below=np.ones((6, 8)))
    assert below_days(Case(7, case.shape, FIRST, case.raw, case.outdoor, nothing)) == DayCounts()
    dark = np.full_like(case.raw, MISSING)
    assert below_days(Case(7, case.shape, FIRST, dark, case.outdoor, case.truth)) == DayCounts()
