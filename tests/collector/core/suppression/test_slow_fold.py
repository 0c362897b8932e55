"""Which days the slow half folds, and what the acute half tells it of them."""

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.heating_duty import HeatingDuty, Season
from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.findings.declared import Declaration
from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.core.suppression.slow_fold import (
    SlowFold,
    after_slow_day,
    slow_day,
)
from heatward_collector.core.suppression.stops.declared_hours import DeclaredHours
from heatward_collector.core.suppression.stops.episode import Episode
from heatward_collector.core.suppression.supply import SupplyMemory
from heatward_collector.simulate import town

DAY_S, HOUR_S = 86_400, 3600
WINTER = HeatingDuty(Season(100 * DAY_S, 200 * DAY_S), 20.0)
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


def day(number: int, *episodes: Episode, hours: DeclaredHours | None = None):
    celsius = np.full((48, len(NETWORK.homes)), 21.0, np.float32)
    start_s = number * DAY_S
    return slow_day(start_s, start_s + DAY_S, celsius, np.full(48, -10.0), episodes, hours)


def by_day_only(first: int, last: int) -> DeclaredHours:
    """Return hours from 5 to 21 that so1 promises between two days."""
    regime = Declaration(
        "regime", Level.SOURCE, "so1", first * DAY_S, last * DAY_S, 0, ((5.0, 21.0),)
    )
    return DeclaredHours.among([regime], NETWORK, lambda time_s: time_s % DAY_S / HOUR_S)


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


def test_what_its_supplier_does_every_day_in_declared_hours_touches_nobody():
    hours = by_day_only(90, 200)
    assert not day(120, STOP, hours=hours).is_touched.any()
    longer = replace(STOP, end_s=120 * DAY_S + 9 * HOUR_S, lowest_s=120 * DAY_S + 9 * HOUR_S)
    assert day(120, longer, hours=hours).is_touched.any()


def test_where_hours_became_others_nobody_is_compared_for_a_week():
    hours = by_day_only(110, 130)
    touched = [n for n in range(100, 150) if day(n, hours=hours).is_touched.any()]
    assert touched == [*range(110, 117), *range(130, 137)]
    assert np.flatnonzero(day(112, hours=hours).is_touched).tolist() == [0, 1, 2, 3]
    assert [n for n in range(100, 150) if day(n, hours=hours).has_new_hours.any()] == [110, 130]
    assert [n for n in range(100, 150) if day(n, hours=hours).has_hours.any()] == [*range(110, 130)]


def test_with_other_hours_the_past_is_let_go():
    fold = SlowFold(NETWORK, lambda _: WINTER)
    for number in range(100, 126):
        fold.take(day(number, hours=by_day_only(115, 200)))
    assert fold._memory is not None
    value = fold._memory.history.series[Level.SOURCE].value
    assert np.isnan(value[:, 0]).tolist() == [True] * 25 + [False]
    assert not np.isnan(value[5:, 1]).any()


def test_a_short_or_shallow_fall_touches_nobody():
    assert not day(120, replace(STOP, drop=0.4)).is_touched.any()
    assert not day(120, replace(STOP, end_s=120 * DAY_S + HOUR_S // 2)).is_touched.any()


def test_each_winter_begins_with_nothing():
    second = HeatingDuty(Season(465 * DAY_S, 565 * DAY_S), 20.0)
    fold = SlowFold(NETWORK, lambda start_s: WINTER if start_s < 300 * DAY_S else second)
    for number in (*range(100, 110), *range(465, 470)):
        fold.take(day(number))
    assert fold._memory is not None
    assert fold._memory.history.start_s.tolist() == [n * DAY_S for n in range(465, 470)]
    assert [len(memory.history.start_s) for memory, _ in fold._done] == [10]


def test_a_new_minimum_within_a_winter_leaves_what_is_known_of_it():
    later = replace(WINTER, minimum=22.0, minimum_from_s=105 * DAY_S)
    fold = SlowFold(NETWORK, lambda start_s: WINTER if start_s < 105 * DAY_S else later)
    for number in range(100, 110):
        fold.take(day(number))
    assert fold._memory is not None
    assert len(fold._memory.history.start_s) == 10
    assert fold._done == []


def accused(lawful: float, later: float, has_declared: bool = True) -> list[tuple[str, int]]:
    """Return who is accused of a cut and from when, in a town of four sources.

    On day 120 so2 begins to fire only by day: each night a stop is watched, and its rooms are at
    another level by some kelvin. On day 145 they change once more.
    """
    network = town(
        sources=4, buildings_per_source=3, homes_per_building=5, rooms_per_home=1
    ).network()
    here = network.of_home[Level.SOURCE] == network.places[Level.SOURCE].index("so2")
    mine = tuple(np.flatnonzero(here).tolist())
    night = replace(STOP, homes=mine, affected=mine)
    regime = Declaration("regime", Level.SOURCE, "so2", 120 * DAY_S, 400 * DAY_S, 0, ((5.0, 21.0),))
    declared = [regime] if has_declared else []
    hours = DeclaredHours.among(declared, network, lambda time_s: time_s % DAY_S / HOUR_S)
    fold = SlowFold(network, lambda _: WINTER)
    for number in range(92, 160):
        celsius = np.full((48, len(mine) * 4), 20.5 if number >= 100 else 14.0, np.float32)
        for kelvin, begin in ((lawful, 120), (later, 145)):
            celsius[:, here] += kelvin * (1 - np.exp(-max(number + 0.5 - begin, 0.0) / 2.5))
        times = {
            name: getattr(STOP, name) + (number - 120) * DAY_S
            for name in ("start_s", "detected_s", "lowest_s", "heard_s", "end_s")
        }
        stops = [replace(night, **times)] if number >= 120 and has_declared else []
        start_s = number * DAY_S
        outdoor = np.full(48, -18.0)
        fold.take(slow_day(start_s, start_s + DAY_S, celsius, outdoor, stops, hours))
    said = [one for one in fold.findings(declared) if one.accuses]
    return [(one.place, one.start_s // DAY_S) for one in said]


def test_a_level_that_changes_with_declared_hours_accuses_nobody():
    assert accused(-3.5, 0.0) == []
    assert accused(-3.5, 0.0, has_declared=False) == [("so2", 120)]


def test_who_has_declared_his_hours_is_seen_to_send_less_in_them():
    assert accused(0.0, -3.5) == [("so2", 145)]
    assert accused(-1.0, -3.5) == [("so2", 145)]
