"""Stops that come again at even intervals."""

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression import Level
from heatward_collector.core.suppression.falling.falls import CONTEXT_SLOTS, falls
from heatward_collector.core.suppression.falling.scan import Places
from heatward_collector.core.suppression.falling.usual import Past
from heatward_collector.core.suppression.stops.elsewhere import Elsewhere
from heatward_collector.core.suppression.stops.episode import SERIES_RULE
from heatward_collector.core.suppression.stops.memory import Block
from heatward_collector.core.suppression.stops.now import Now
from heatward_collector.core.suppression.stops.opening import Opening
from heatward_collector.core.suppression.stops.series import (
    Series,
    due_begin,
    is_due_now,
    spacing_of,
)
from support.heated_town import HOMES, MIDNIGHT, SLOTS, curves, homes_of, network, stop
from support.stops import HOUR, LONE, episode

DUE = 11.0
"""At this hour of the day a stop is due: those before began eight hours apart. [h]"""
BEFORE = (-21.0, -13.0, -5.0, 3.0)
MINE = homes_of(2)
DAY = 3


def hours(*at):
    return [round(MIDNIGHT + one * HOUR) for one in at]


@pytest.mark.parametrize(
    ("begins", "expected"),
    [
        ((0, 8, 16), 8),
        ((0, 8.25, 16), 8),
        ((0, 8, 24), 8),
        ((0, 8, 16, 26.5), None),
        ((0, 8), None),
        ((0, 3, 6, 9), None),
        ((0, 24, 48, 72), None),
        ((0, 9, 15, 29), None),
        ((), None),
    ],
    ids=[
        "even",
        "nearly even",
        "one missed",
        "the last one alone",
        "only two",
        "too dense",
        "each night",
        "uneven",
        "none",
    ],
)
def test_stops_are_a_series_if_they_begin_at_even_intervals(begins, expected):
    spacing = spacing_of(hours(*begins))
    assert (spacing is None) is (expected is None)
    assert expected is None or abs(spacing - expected * HOUR) <= HOUR / 4


@pytest.mark.parametrize(
    ("now", "expected"),
    [(25.25, None), (25.5, 24), (28.0, 24), (28.25, None), (33.5, 32), (41.5, 40)],
)
def test_a_stop_is_due_whole_intervals_after_the_last(now, expected):
    due = due_begin(hours(16, 0, 8), *hours(now))
    assert due == (None if expected is None else hours(expected)[0])
    assert due_begin(hours(0, 8), *hours(now)) is None


def ended(**changes):
    """Return the stops of a building before, eight hours apart."""
    return [episode(day=DAY, hour=hour, hours=3.0, **LONE | changes) for hour in BEFORE]


def said(celsius, hour=DUE + 2.0, before=None, told=(), has_control=True, still=()):
    """Return what is open after a slot of the day, without what a short look would find."""
    first = DAY * SLOTS - CONTEXT_SLOTS
    homes = celsius[first : (DAY + 1) * SLOTS]
    count = len(homes)
    is_told = np.zeros((count, HOMES), bool)
    is_told[:, list(told)] = True
    number, full = np.arange(first, first + count), np.ones(count, bool)
    time_s, hour_of, delta = MIDNIGHT + 900 * number, number % SLOTS / 4, np.full(count, 30.0)
    block = Block(time_s, hour_of, homes, delta, full, full, is_told)
    net, none = network(), Past.none(HOMES)
    past = replace(none, heard=np.ones_like(none.heard))
    source, places = net.of_home[Level.SOURCE], Places(net)
    scored = falls(homes, block.delta, block.hour, source, past.usual(), is_told)
    elsewhere = Elsewhere(homes, source, 3)
    series = Series(block, scored, places, elsewhere)
    at = CONTEXT_SLOTS + round(hour * 4)
    stops = ended() if before is None else before
    asked = np.full(3, 20 if has_control else 0, np.int32)
    busy = np.isin(np.arange(HOMES), MINE)
    now = Now(at, np.full(3, 0.1), asked, busy, list(still), stops)
    opening = Opening(block, scored, places, past, elsewhere, np.zeros((2, 3)))
    return series.beside(now, series.due(at, stops), opening)


def town(homes=MINE, hour=DUE, rate=0.008, **changes):
    celsius = curves(DAY + 1)
    stop(celsius, homes, **{"day": DAY, "hour": hour, "hours": 4.0, "rate": rate} | changes)
    return celsius


def test_a_stop_that_is_due_and_comes_is_said_with_the_begin_that_was_due():
    (one,) = said(town())
    assert (one.level, one.place, one.start_s) == (Level.BUILDING, "b2", hours(DAY * 24 + DUE)[0])
    assert one.affected == one.homes == tuple(MINE) and one.judged == 5 and one.is_repeated
    assert one.rule == SERIES_RULE
    assert abs(one.drop - 30 * 0.008 * 2) < 0.15
    assert one.detected_s == one.start_s + 2 * HOUR + 900 + 1800


@pytest.mark.parametrize("hour", [1.0, DUE + 1.25, DUE + 4.25])
def test_nothing_is_said_where_nothing_is_due(hour):
    assert said(town(hour=hour - 2.0), hour) == []


@pytest.mark.parametrize(
    "celsius",
    [
        curves(DAY + 1),
        town(rate=0.003),
        town(rate=0.035),
        town(hour=DUE - 1.5),
        town(hour=DUE + 1.5),
        town(MINE[:2]),
        town(range(HOMES)),
    ],
    ids=["warm", "slow", "windows", "earlier", "later", "two homes", "everywhere"],
)
def test_what_was_due_and_did_not_come_is_not_said(celsius):
    assert said(celsius) == []


def test_three_of_five_homes_are_enough():
    (one,) = said(town(MINE[:3], rate=0.012))
    assert one.affected == tuple(MINE[:3]) and one.judged == 5


def test_who_only_does_not_warm_up_with_others_has_heat():
    celsius = town()
    lost = celsius[DAY * SLOTS + round(DUE * 4), MINE] - celsius[DAY * SLOTS + 52, MINE]
    celsius[DAY * SLOTS + 52 :] += float(np.median(lost))
    assert said(celsius) == []


def test_few_homes_accuse_nobody():
    celsius = town()
    celsius[:, MINE[:2]] = np.nan
    assert said(celsius) == []


def test_a_home_that_airs_does_not_hide_it_but_three_must_not():
    celsius = town()
    for count in (2, 3):
        celsius[DAY * SLOTS + 50, MINE[:count]] -= 1.5
        assert len(said(celsius)) == (1 if count == 2 else 0)


def test_what_was_declared_or_has_no_other_source_is_not_said():
    assert said(town(), told=MINE) == []
    assert said(town(), has_control=False) == []


def test_what_is_open_already_stays_as_it_is():
    (one,) = said(town())
    assert said(town(), still=[one]) == [one]


def test_only_stops_of_the_last_days_that_nothing_else_explains_make_a_series():
    doubtful = [replace(one, past_days=1) for one in ended()]
    assert said(town(), before=doubtful) == []
    assert said(town(), before=[*ended()[:2], *doubtful[2:]]) == []
    older = [replace(one, start_s=one.start_s - 4 * 24 * HOUR) for one in ended()]
    assert said(town(), before=older) == []


def test_what_begins_before_the_last_one_is_over_is_its_rest():
    late = [*ended()[:-1], episode(day=DAY, hour=BEFORE[-1], hours=9.0, **LONE)]
    assert said(town(), before=late) == []


@pytest.mark.parametrize(
    ("begins", "now", "expected"),
    [
        ((-1.0,), 23.75, True),
        ((-25.0, -49.0), 23.5, True),
        ((-1.0,), 23.25, False),
        ((-1.0,), 25.0, False),
        ((-97.0,), 23.75, False),
        ((-11.0,), 13.75, False),
        ((-13.0, -5.0, 3.0), 11.75, True),
        ((-13.0, -5.0, 3.0), 10.0, False),
        ((3.0,), 3.75, False),
    ],
    ids=[
        "the same hour of last night",
        "of the nights before",
        "too soon to be seen",
        "long over",
        "too many nights ago",
        "the same hour by day",
        "a series by day",
        "a series, too soon",
        "that stop itself",
    ],
)
def test_a_stop_is_due_by_the_clock_of_a_series_or_of_the_nights_before(begins, now, expected):
    assert is_due_now(hours(*begins), hours(now)[0], now % 24) is expected


def test_of_a_building_alone_the_same_hour_of_each_night_is_nothing():
    """Its thermostats have a program; only a series is a supplier's."""
    assert not is_due_now(hours(-25.0, -1.0), hours(23.75)[0], None)
    assert is_due_now(hours(-13.0, -5.0, 3.0), hours(11.75)[0], None)
