"""What places have lost against other sources and against the rest of their own."""

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.history import History, Series
from heatward_collector.core.suppression.by_day.place_days import LEVELS, Hierarchy
from heatward_collector.core.suppression.edges.lost_heat import still_lacks, stopped_s
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


def stopped_day(days: History, level: Level = Level.SOURCE, name: str = "so2") -> int:
    place = NETWORK.places[level].index(name)
    return stopped_s(days, PLACES, GIVEN, (level, place), 3) // DAY_S


@pytest.mark.parametrize("lost", [[0.9, 0.8], [0.3, 0.8, 0.9], [0.9] * 6])
def test_a_stop_is_dated_by_the_day_from_which_most_heat_is_lost(lost):
    first = DAYS - len(lost) + (lost[0] < 0.5)
    assert stopped_day(history({(Level.SOURCE, "so2"): lost})) == first


def test_a_stop_that_is_seen_late_is_dated_all_the_same():
    """A zone between heated ones loses a third of its heat for days before it is seen to."""
    zone = (Level.ZONE, "z2-low")
    days = history({zone: [0.35, 0.4, 0.35, 0.4, 0.4, 0.45, 0.6, 0.6]})
    assert stopped_day(days, *zone) == DAYS - 8


@pytest.mark.parametrize(("lost", "earliest"), [(0.1, DAYS - 5), (0.3, DAYS - 8)])
def test_only_a_clear_fall_is_dated_far_back(lost, earliest):
    assert stopped_day(history({(Level.SOURCE, "so2"): [lost] * 8})) == earliest


def test_on_the_day_of_a_cold_front_the_best_others_still_tell():
    """Nobody gets what is due that day: the source has lost no more than all of them."""
    everyone = {(Level.SOURCE, f"so{number}"): [0.6, 0.0, 0.0] for number in (1, 3)}
    days = history({**everyone, (Level.SOURCE, "so2"): [0.6, 0.9, 0.9]})
    assert stopped_day(days) == DAYS - 2


def test_where_nobody_is_heated_milder_days_that_need_less_heat_are_no_stop():
    outdoor = np.full(DAYS, OUTDOOR)
    outdoor[-6:] += 6.0
    days = history({(Level.SOURCE, f"so{number}"): [0.8, 0.8] for number in (1, 2, 3)})
    series = dict(days.series)
    series[Level.SOURCE] = replace(
        series[Level.SOURCE], heat=series[Level.SOURCE].heat - (outdoor - OUTDOOR)[:, None]
    )
    assert stopped_day(replace(days, outdoor=outdoor, series=series)) == DAYS - 2


def test_heat_that_comes_back_after_a_cut_is_no_stop():
    cut = [0.7, 0.7, 0.7, 0.7, 0.1, 0.1, 0.2, 0.3, 0.3, 0.3, 0.3, 0.8, 0.8, 0.8]
    assert stopped_day(history({(Level.SOURCE, "so2"): cut})) == DAYS - 3
