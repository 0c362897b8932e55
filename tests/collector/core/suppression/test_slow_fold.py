"""Which days the slow half folds, and what the acute half tells it of them."""

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.edges.missing_heat import Season
from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.core.suppression.slow_fold import (
    Duty,
    SlowFold,
    after_slow_day,
    slow_day,
)
from heatward_collector.core.suppression.stops.episode import Episode
from heatward_collector.core.suppression.supply import SupplyMemory
from heatward_collector.simulate import town

DAY_S, HOUR_S = 86_400, 3600
WINTER = Duty(Season(100 * DAY_S, 200 * DAY_S), 20.0)
NETWORK = town(sources=2, buildings_per_source=1, homes_per_building=4, rooms_per_home=1).network()
PLACES = Hierarchy.of(NETWORK)
STOP = Episode(
    level=Level.BUILDING,
    place="b001",
    homes=(0, 1, 2, 3),
    affected=(0, 2),
    judged=4,
    silent=0,
    start_s=120 * DAY_S - HOUR_S,
    detected_s=120 * DAY_S,
    rule="homes_fall_together",
    gain=9.0,
    delta=30.0,
    hour=23.0,
    drop=1.0,
    reference=(21.0, 21.0),
    elsewhere=(21.0, 21.0),
    lowest=-1.0,
    lowest_s=120 * DAY_S + HOUR_S,
    heard_s=120 * DAY_S + 2 * HOUR_S,
    end_s=120 * DAY_S + HOUR_S,
)


def day(number: int, *episodes: Episode):
    celsius = np.full((48, len(NETWORK.homes)), 21.0, np.float32)
    start_s = number * DAY_S
    return slow_day(start_s, start_s + DAY_S, celsius, np.full(48, -10.0), episodes)


@pytest.mark.parametrize(("number", "is_covered"), [(85, False), (86, True), (200, True)])
def test_a_fortnight_before_the_season_and_a_day_after_it_count(number, is_covered):
    assert WINTER.covers(number * DAY_S) is is_covered


def test_a_day_outside_leaves_what_is_known_as_it_is():
    assert after_slow_day(None, day(60), NETWORK, PLACES, WINTER) is None
    memory = SupplyMemory.none(NETWORK, PLACES)
    assert after_slow_day(memory, day(201), NETWORK, PLACES, WINTER) is memory


def test_without_a_rule_nothing_is_judged():
    assert after_slow_day(None, day(120), NETWORK, PLACES, None) is None


def test_all_homes_of_a_stopped_place_are_touched_on_both_days_that_it_spans():
    """Home 1 and 3 were not seen to fall: aired, or held up by their valves for some hours."""
    assert np.flatnonzero(day(119, STOP).is_touched).tolist() == [0, 1, 2, 3]
    assert np.flatnonzero(day(120, STOP).is_touched).tolist() == [0, 1, 2, 3]
    assert not day(121, STOP).is_touched.any()


def test_a_stop_that_lasts_is_heard_of_until_now():
    lasting = replace(STOP, end_s=None)
    assert day(120, lasting).is_touched.any()


def test_a_short_or_shallow_fall_touches_nobody():
    assert not day(120, replace(STOP, drop=0.4)).is_touched.any()
    assert not day(120, replace(STOP, end_s=120 * DAY_S + HOUR_S // 2)).is_touched.any()


def test_each_winter_begins_with_nothing():
    second = Duty(Season(465 * DAY_S, 565 * DAY_S), 20.0)
    fold = SlowFold(NETWORK, lambda start_s: WINTER if start_s < 300 * DAY_S else second)
    for number in (*range(100, 110), *range(465, 470)):
        fold.take(day(number))
    assert fold._memory is not None
    assert fold._memory.history.start_s.tolist() == [n * DAY_S for n in range(465, 470)]
    assert [len(memory.history.start_s) for memory, _ in fold._done] == [10]
