"""What homes do on many days about the same hour."""

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression import Level
from heatward_collector.core.suppression.falling.usual import DAYS, EVENING, OLDER_DAYS, Past
from heatward_collector.core.suppression.stops.doubts import is_stop
from heatward_collector.core.suppression.stops.habit import is_habit, is_program
from support.stops import LONE, episode

NOW_S, LATE = 1_709_236_800, 23.0
"""29 February 2024, 20:00 UTC less the hour of the day; the hour of the begin. [s UTC, h]"""
SINCE_FESTIVAL_S = 17 * 86_400
"""From the weeks in which families are away. [s]"""
MINE, HOMES = [0, 1, 2, 3], 12
RATE = 0.009


def past(days, rate=RATE, hour=23):
    """Return a past in which four homes fell at some rate on days so long ago, others never."""
    found = Past.none(HOMES)
    rates, older = np.zeros_like(found.rates), np.zeros_like(found.older)
    for ago in days:
        if ago <= DAYS:
            rates[-ago, hour, MINE] = rate
        else:
            older[-(ago - DAYS), EVENING.index(hour), MINE] = rate
    return replace(found, rates=rates, older=older)


def habit(one, is_alone, episodes=(), hour=LATE):
    begin = NOW_S, hour
    return is_habit(one, episodes, np.array(MINE, np.int32), begin, RATE, is_alone)


def test_what_the_same_homes_do_every_fourth_evening_is_a_habit():
    assert habit(past([1, 4, 8, 12]), is_alone=False)
    assert not habit(past([1, 4, 8]), is_alone=False)


def test_a_building_alone_is_remembered_for_longer():
    """Its thermostats have a program, which is seen on warm days only."""
    seldom = past([10, 17, 21, 27, 33, 40])
    assert habit(seldom, is_alone=True)
    assert not habit(seldom, is_alone=False)
    assert not habit(past([10, 17, 21, 27, 33]), is_alone=True)


def test_by_day_there_is_no_longer_memory():
    assert [len(day) for day in past([]).fastest(LATE, 3)] == [HOMES] * (DAYS + OLDER_DAYS)
    assert [len(day) for day in past([]).fastest(14.0, 3)] == [HOMES] * DAYS


def test_nights_without_heat_make_no_habit():
    nights = [
        episode(**(LONE | {"homes": tuple(MINE), "affected": tuple(MINE)}), hour=LATE)
        for _ in range(6)
    ]
    stops = [
        replace(one, start_s=NOW_S - ago * 86_400, end_s=NOW_S - ago * 86_400 + 3 * 3600)
        for one, ago in zip(nights, range(1, 7), strict=True)
    ]
    assert habit(past(range(1, 7)), is_alone=True)
    assert not habit(past(range(1, 7)), is_alone=True, episodes=stops)
    # Of a building that nobody knew yet, the first nights may well be its habit.
    unknown = [replace(one, past_days=1) for one in stops]
    assert habit(past(range(1, 7)), is_alone=True, episodes=unknown)
    # Families that leave for the festival do so once.
    away = [replace(one, start_s=one.start_s - SINCE_FESTIVAL_S, gain=10.0) for one in stops]
    away = [replace(one, end_s=one.start_s + 3 * 3600) for one in away]
    assert not any(is_stop(one) for one in away)
    begin = NOW_S - SINCE_FESTIVAL_S, LATE
    homes = np.array(MINE, np.int32)
    assert not is_habit(past(range(1, 7)), away, homes, begin, RATE, is_alone=True)
    of_source = [replace(one, level=Level.SOURCE, judged=8) for one in unknown]
    assert not habit(past(range(1, 7)), is_alone=True, episodes=of_source)


@pytest.mark.parametrize(
    ("evenings", "rate", "expected"),
    [(12, 0.55 * RATE, True), (12, 0.45 * RATE, False), (11, RATE, False)],
    ids=["at half the rate", "slower", "on fewer evenings"],
)
def test_what_keeps_losing_is_a_program_if_every_fourth_evening_is_like_it(
    evenings, rate, expected
):
    """Of 45 evenings that are known, 14 and 31 older ones."""
    some = past([3 * (one + 1) for one in range(evenings)], rate)
    assert is_program(some, (), np.array(MINE, np.int32), (NOW_S, LATE), RATE) is expected


def test_a_few_days_make_no_program():
    by_day = past([1, 3, 5, 7, 9], hour=14)
    assert not is_program(by_day, (), np.array(MINE, np.int32), (NOW_S, 13.0), RATE)
    by_day = past([1, 3, 5, 7, 9, 11], hour=14)
    assert is_program(by_day, (), np.array(MINE, np.int32), (NOW_S, 13.0), RATE)
