"""What else may explain a stop: airing, where families do it at this hour."""

from __future__ import annotations

from dataclasses import replace

import pytest

from heatward_collector.core.suppression.stops.doubts import (
    came_before,
    exclusions,
    is_stop,
    is_sure,
    makes_no_habit,
    may_pass,
    stopped_lately,
)
from heatward_collector.core.suppression.stops.episode import RISE_SLOTS
from support.stops import DAY, HOUR, LONE, episode

FESTIVAL = 38
"""Two days before the lunar new year: the 8th of February of 2024."""
AWAY = LONE | {"gain": 10.0, "day": FESTIVAL, "rising": RISE_SLOTS}


def airing(one):
    return next(cause for cause in exclusions(one) if cause.cause == "airing")


@pytest.mark.parametrize(("aired", "is_accused"), [(0, True), (10, True), (11, False), (27, False)])
def test_where_more_homes_air_than_have_a_say_nobody_is_accused(aired, is_accused):
    one = episode(judged=10, aired=aired)
    assert is_sure(one) is is_accused
    assert airing(one).is_excluded is is_accused
    assert airing(one).facts.get("aired_homes", 0) == aired


def test_what_may_be_airing_may_become_a_habit():
    assert is_stop(episode(judged=10))
    assert not is_stop(episode(judged=10, aired=27))


def test_windows_are_closed_again_but_what_is_usual_stays_unknown():
    airing, unknown = {"judged": 10, "aired": 27}, {"past_days": 2}
    assert may_pass(episode(**airing)) and not may_pass(episode(judged=10))
    few = episode(judged=7, **unknown)
    assert not may_pass(few) and not may_pass(replace(few, aired=27))
    assert may_pass(episode(judged=8, **unknown))


def test_what_comes_again_need_not_be_clearer_where_little_is_usual_yet():
    assert not is_sure(episode(**LONE | {"past_days": 13, "spare": 1.1}))
    assert is_sure(episode(**LONE | {"past_days": 13, "spare": 1.2}))
    again = LONE | {"spare": 0.1, "is_repeated": True}
    assert is_sure(episode(past_days=13, **again))
    assert not is_sure(episode(past_days=4, **again)), "nobody knows anything yet"


def test_what_is_not_clear_enough_yet_of_several_buildings_may_become_so():
    """What is usual is known from ten days; of a building alone it may be its program."""
    young = {"judged": 7, "past_days": 10, "spare": 0.3}
    assert not is_sure(episode(**young)) and may_pass(episode(**young))
    assert not may_pass(episode(**young | {"delta": 15.0})), "the weather stays mild"
    assert not may_pass(episode(**young | {"past_days": 2}))
    assert not may_pass(episode(**LONE | {"past_days": 10, "spare": 0.3}))


def test_what_turned_out_faint_is_believed_to_be_a_stop_where_another_follows():
    faint = episode(is_faint=True)
    assert is_stop(faint) and is_sure(faint)
    assert [one.cause for one in exclusions(faint) if not one.is_excluded] == ["turned_down"]
    assert all(one.is_excluded for one in exclusions(episode()))


def test_families_that_leave_do_so_once():
    one = episode(**AWAY)
    assert [other.cause for other in exclusions(one) if not other.is_excluded] == ["absence"]
    assert is_sure(replace(one, came_before=True))
    assert not is_sure(replace(one, came_before=True, past_days=1)), "nobody knows its program"


def test_neither_stops_nor_families_that_left_are_a_habit():
    assert makes_no_habit(episode()) and makes_no_habit(episode(**AWAY))
    assert not is_stop(episode(**AWAY))
    assert not makes_no_habit(episode(**AWAY | {"past_days": 1}))
    assert not makes_no_habit(episode(judged=10, aired=27))


@pytest.mark.parametrize(
    ("changes", "later_s", "expected"),
    [
        ({}, DAY, True),
        ({}, 3 * DAY + HOUR, True),
        ({}, DAY + 2 * HOUR, False),
        ({}, 4 * DAY, False),
        ({"rising": 0}, DAY, False),
        ({"rising": 0, "warming": RISE_SLOTS}, DAY, True),
        ({"end_s": None}, DAY, False),
        ({"past_days": 1}, DAY, False),
        ({"homes": (10, 11, 12)}, DAY, True),
        ({"homes": (10, 11)}, DAY, False),
    ],
    ids=[
        "the next night",
        "three nights later",
        "at another hour",
        "too long ago",
        "not seen to warm up",
        "warmed up by itself",
        "lasts still",
        "another doubt",
        "most homes",
        "few homes",
    ],
)
def test_a_fall_came_before_if_its_homes_fell_at_that_hour_and_warmed_up(
    changes, later_s, expected
):
    before = episode(**AWAY | changes)
    assert came_before([before], LONE["homes"], before.start_s + later_s) is expected
    assert not came_before([], LONE["homes"], before.start_s + later_s)


def test_what_was_only_seen_because_it_was_due_lets_nothing_more_be_expected():
    one = episode()
    known = {(one.level, one.place): 1}
    now_s = one.start_s + 4 * DAY - 1
    assert stopped_lately([one], now_s) == known
    assert stopped_lately([one], now_s + 1) == {}
    due = replace(one, rule="homes_fall_when_due")
    assert stopped_lately([due], now_s) == {}
    assert stopped_lately([due, one], now_s) == known
    assert stopped_lately([one, one, due], now_s) == {(one.level, one.place): 2}
