"""Which homes stops have cooled, and which falls were the begin of less heat for days instead."""

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.core.suppression.stops.episode import Episode
from heatward_collector.core.suppression.stops.touched_homes import TouchedHomes, touched_homes

DAY_S, HOUR_S = 86_400, 3600
HOMES = 6
MORNING_S = 120 * DAY_S + 6 * HOUR_S
FALL = Episode(
    level=Level.BUILDING,
    place="b001",
    homes=(0, 1, 2, 3),
    affected=(0, 2, 3),
    judged=4,
    silent=0,
    start_s=MORNING_S,
    detected_s=MORNING_S + HOUR_S,
    rule="homes_fall_together",
    gain=9.0,
    delta=40.0,
    hour=6.0,
    drop=2.0,
    reference=(21.0, 22.0, 21.0),
    elsewhere=(21.0,),
    lowest=-2.0,
    lowest_s=MORNING_S + 10 * HOUR_S,
    heard_s=MORNING_S + 11 * HOUR_S,
    end_s=MORNING_S + 10 * HOUR_S,
)
"""Two kelvin in ten hours: a half of what a stop would take in the cold."""
WARM, COLD = (21.0, 20.0, 22.0, 21.0, 21.0, 21.0), (19.0, 20.0, 20.0, 19.0, 21.0, 21.0)
NOBODY, ALL_OF_IT = [], [0, 1, 2, 3]


def touched(number: int, *episodes: Episode, evening=WARM) -> TouchedHomes:
    celsius = np.full((96, HOMES), 21.0, np.float32)
    celsius[-8:] = evening
    return touched_homes(number * DAY_S, (number + 1) * DAY_S, celsius, episodes)


def named(found: TouchedHomes) -> tuple[list[int], ...]:
    return tuple(np.flatnonzero(one).tolist() for one in (found.today, *found.by_past_stops))


def test_a_fast_fall_is_a_stop_however_cold_its_homes_still_are():
    fast = replace(FALL, drop=5.0)
    assert named(touched(120, fast, evening=COLD)) == (ALL_OF_IT, ALL_OF_IT, NOBODY)
    assert named(touched(121, fast, evening=COLD)) == (NOBODY, NOBODY, ALL_OF_IT)
    assert named(touched(122, fast, evening=COLD)) == (NOBODY, NOBODY, NOBODY)


def test_so_is_a_short_one():
    short = replace(FALL, drop=0.6, end_s=MORNING_S + 4 * HOUR_S, lowest_s=MORNING_S + 4 * HOUR_S)
    assert named(touched(120, short, evening=COLD)) == (ALL_OF_IT, ALL_OF_IT, NOBODY)


def test_what_fell_slowly_may_be_a_stop_until_half_a_day_later():
    assert named(touched(120, FALL, evening=COLD)) == (ALL_OF_IT, NOBODY, NOBODY)


def test_homes_that_stay_cold_have_less_heat_and_had_no_stop():
    assert named(touched(121, FALL, evening=COLD)) == (NOBODY, NOBODY, NOBODY)
    early = replace(FALL, start_s=120 * DAY_S, end_s=MORNING_S + 4 * HOUR_S)
    assert named(touched(120, early, evening=COLD)) == (NOBODY, NOBODY, NOBODY)


def test_homes_that_are_warm_again_had_one():
    assert named(touched(121, FALL)) == (NOBODY, NOBODY, ALL_OF_IT)
    early = replace(FALL, start_s=120 * DAY_S, end_s=MORNING_S + 4 * HOUR_S)
    assert named(touched(120, early)) == (ALL_OF_IT, ALL_OF_IT, NOBODY)


@pytest.mark.parametrize(("share", "is_stop"), [(0.75, True), (0.85, False)])
def test_four_fifths_of_the_fall_are_still_cold(share, is_stop):
    evening = (21.0 - 2.0 * share, 20.0, 22.0 - 2.0 * share, 21.0 - 2.0 * share, 21.0, 21.0)
    assert touched(121, FALL, evening=evening).by_past_stops[1].any() == is_stop


def test_homes_that_say_nothing_in_the_evening_had_a_stop():
    """What nobody measured takes nothing back."""
    assert touched(121, FALL, evening=(np.nan,) * HOMES).by_past_stops[1].any()


def test_a_fall_that_lasts_touches_as_long_as_it_is_heard_of():
    lasting = replace(FALL, end_s=None)
    assert named(touched(120, lasting, evening=COLD)) == (ALL_OF_IT, NOBODY, NOBODY)
    assert named(touched(122, lasting, evening=COLD)) == (NOBODY, NOBODY, NOBODY)


def test_a_stop_over_midnight_touches_both_of_its_days():
    night = replace(
        FALL, start_s=120 * DAY_S - HOUR_S, end_s=120 * DAY_S + 2 * HOUR_S, drop=1.5, hour=23.0
    )
    assert named(touched(119, night)) == (ALL_OF_IT, ALL_OF_IT, NOBODY)
    assert named(touched(120, night)) == (ALL_OF_IT, ALL_OF_IT, ALL_OF_IT)


def test_a_short_or_shallow_fall_touches_nobody():
    assert named(touched(120, replace(FALL, drop=0.4))) == (NOBODY, NOBODY, NOBODY)
    brief = replace(FALL, end_s=MORNING_S + HOUR_S)
    assert named(touched(120, brief)) == (NOBODY, NOBODY, NOBODY)


def test_homes_that_others_cooled_are_added_to_the_day():
    more = np.arange(HOMES) == 5
    assert named(touched(121, FALL).also(more)) == ([5], [5], ALL_OF_IT)
