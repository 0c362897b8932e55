"""What places have lost against other sources and against the rest of their own."""

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.history import History, Series
from heatward_collector.core.suppression.by_day.place_days import LEVELS, Hierarchy
from heatward_collector.core.suppression.edges.lost_heat import still_lacks
from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.simulate import town

DAY_S = 86_400
DAYS, STOP, GIVEN, OUTDOOR = 14, 8, 8.0, 5.0
WHOLE_KELVIN = 20.0 + 3.0 - OUTDOOR - GIVEN
"""What heating adds to what people and sun give."""
NETWORK = town(sources=3, buildings_per_source=2, homes_per_building=4).network()
PLACES = Hierarchy.of(NETWORK)


def history(lost: dict[tuple[Level, str], list[float]], heated: float = 1.0) -> History:
    """Return days on which all get a share of their heat; some lose part of it from a day on."""
    series = {}
    for level in LEVELS:
        heat = np.full((DAYS, PLACES.count(level)), GIVEN + heated * WHOLE_KELVIN)
        for (where, name), shares in lost.items():
            if where is level:
                column = NETWORK.places[level].index(name)
                heat[-len(shares) :, column] -= np.array(shares) * WHOLE_KELVIN
        nothing = Series.none(PLACES.count(level))
        series[level] = replace(nothing, heat=heat)
    return replace(
        History.none(PLACES),
        start_s=DAY_S * np.arange(DAYS),
        outdoor=np.full(DAYS, OUTDOOR),
        series=series,
    )


def lacks(level: Level, name: str, days: History) -> bool:
    place = NETWORK.places[level].index(name)
    return still_lacks(days, PLACES, GIVEN, (level, place), STOP * DAY_S, (6, 2))


@pytest.mark.parametrize(("left", "expected"), [(0.2, True), (0.1, False), (0.0, False)])
def test_a_source_is_held_against_the_best_others_and_its_own_days_before(left, expected):
    days = history({(Level.SOURCE, "so2"): [0.8, 0.7, 0.6, 0.5, left, left]})
    assert lacks(Level.SOURCE, "so2", days) is expected


def test_a_source_that_always_got_less_has_lost_nothing():
    assert not lacks(Level.SOURCE, "so2", history({(Level.SOURCE, "so2"): [0.3] * DAYS}))


def test_a_zone_is_held_against_the_other_zones_of_its_source_as_well():
    """Neighbours whose heat goes through its walls lose, too: then it lacks less against them."""
    zone = (Level.ZONE, "z2-low")
    alone = history({zone: [0.2] * 6})
    assert lacks(*zone, alone)
    together = history({zone: [0.2] * 6, (Level.ZONE, "z2-high"): [0.15] * 6})
    assert not lacks(*zone, together)


def test_where_nothing_heated_stands_beside_it_nothing_is_known():
    days = history({(Level.SOURCE, "so2"): [0.3] * 6}, heated=0.4)
    assert not lacks(Level.SOURCE, "so2", days)


def test_without_other_zones_a_building_of_a_lone_kind_is_held_against_sources():
    days = history({(Level.SUBSTATION, "ss2"): [0.3] * 6})
    assert lacks(Level.SUBSTATION, "ss2", days)
