"""What a common fall must be to be taken for a stop."""

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression.stops.begin import (
    DEEP_APART_SHARE,
    are_colder,
    bears_witness,
    began_apart,
    begin_of_losing,
    fell_before,
    go_on_sinking,
    had_sunk,
    is_rest_of,
    is_too_late,
    was_said,
)
from heatward_collector.core.suppression.stops.episode import steady_onset
from support.heated_town import homes_of
from support.stops import episode


def test_homes_that_fell_already_do_not_begin_together():
    begin, now = np.full(4, 20.5), np.full(4, 20.0)
    assert fell_before(np.array([np.full(4, 21.2), begin, now]), 6)
    assert not fell_before(np.array([np.full(4, 20.5), begin, now]), 6)
    assert not fell_before(np.array([[21.2, 20.5, 20.5, np.nan], begin, now]), 6)


@pytest.mark.parametrize(
    ("before", "later", "apart"),
    [
        ((20.5, 20.5, 20.5, 20.5), (20.0, 20.0, 20.0, 20.0), False),
        ((21.0, 21.0, 20.5, 20.5), (20.0, 20.0, 20.0, 20.0), False),
        ((21.0, 21.0, 20.5, 20.5), (20.0, 20.0, 20.0, 20.5), True),
        ((20.5, 20.5, 20.5, np.nan), (20.5, 20.5, 20.5, 20.0), True),
    ],
)
def test_homes_that_lost_already_or_not_yet_follow_each_other(before, later, apart):
    rows = np.array([before, np.full(4, 20.5), later, np.full(4, 19.5)])
    assert began_apart(rows, 20) is apart


FALL = 0.1 * np.arange(1, 19)
LOSES = np.concatenate([np.zeros(5), 0.06 * np.arange(1, 9), np.full(6, 0.48), 0.48 + FALL])
"""What homes lost by each quarter of an hour: level, two hours of a fall, a rest, and on. [K]"""


def rows_of(fallen, count=4):
    """Return rows for an index of what is lost, of homes that lose it all alike."""
    known = np.concatenate([np.full(10, fallen[0]), fallen])

    def rows_at(bend):
        last = len(known) - 1
        slots = [bend, bend + 10, min(bend + 20, last), last]
        return np.repeat(21.0 - known[slots, None], count, axis=1)

    return rows_at


def test_the_begin_of_what_keeps_losing_lies_before_an_hour_of_rest():
    curve = LOSES[-1] - LOSES
    assert steady_onset(curve, 13) == 14, "the rest looks like the level"
    assert abs(begin_of_losing(curve, rows_of(LOSES)) - 5) <= 1


def test_homes_that_followed_each_other_have_no_begin():
    def apart(bend):
        return np.array([[21.0] * 4, [21.0] * 4, [20.0, 21.0, 21.0, 21.0], [19.0] * 4])

    assert begin_of_losing(LOSES[-1] - LOSES, apart) is None


def test_a_stop_that_reaches_beyond_a_begin_was_said():
    ended = [episode(hour=1.0, hours=5.0)]
    homes, end_s = np.array(homes_of(2)), ended[0].end_s
    assert was_said(ended, homes, end_s - 4 * 3600) and was_said(ended, homes, end_s + 900)
    assert not was_said(ended, homes, end_s + 3600)
    assert not was_said(ended, np.array(homes_of(4)), end_s - 3600)


@pytest.mark.parametrize(
    ("later_s", "spare", "rest"),
    [
        (-5400, 20.0, True),
        (0, 5.9, True),
        (0, 6.0, False),
        (1799, 4.0, True),
        (1800, 0.0, False),
    ],
    ids=["in the midst", "not clear", "clear", "just behind", "long behind"],
)
def test_what_begins_at_the_end_of_a_stop_is_its_rest_unless_it_is_clear(later_s, spare, rest):
    homes = np.array(homes_of(2))
    faint = episode(homes=tuple(homes.tolist()), spare=0.5)
    faint = replace(faint, end_s=faint.start_s + 3 * 3600)
    assert is_rest_of([faint], homes, faint.end_s + later_s, spare) is rest
    clear = replace(faint, spare=6.0)
    assert is_rest_of([clear], homes, faint.end_s, 10.9)
    assert not is_rest_of([clear], homes, faint.end_s, 11.0)
    assert not is_rest_of([replace(faint, end_s=None)], homes, faint.start_s, spare)


def test_who_only_does_not_warm_up_as_others_do_is_no_colder():
    begin = np.array([21.0, 20.0, 19.5, 22.0])
    assert are_colder(np.stack([begin, begin - [0.5, 0.0625, 0.0625, -0.5]]))
    assert not are_colder(np.stack([begin, begin - [0.5, 0.0, 0.0, -0.5]]))
    assert are_colder(np.stack([begin, [20.0, np.nan, np.nan, np.nan]]))
    assert not are_colder(np.stack([begin, np.full(4, np.nan)]))


@pytest.mark.parametrize(
    ("slots", "spare", "share", "expected"),
    [
        (8, 0.0, 0.4, False),
        (9, 2.9, 0.0, True),
        (9, 3.0, 0.0, False),
        (9, 3.0, float("nan"), False),
        (9, 5.9, 0.3, True),
        (9, 6.0, 0.3, False),
    ],
)
def test_what_is_noticed_late_by_day_must_be_clearer(slots, spare, share, expected):
    assert is_too_late(slots, spare, share) is expected


@pytest.mark.parametrize(
    ("sunk", "expected"),
    [
        ([0.9, 0.8, 3.2, 0.6], True),
        ([4.1, 1.9, 2.2, 0.0], True),
        ([0.9, 0.8, 0.3, 0.2], False),
        ([0.4, 0.4, 0.4, 0.4], False),
        ([0.9, float("nan"), 0.8, 0.7], True),
        ([float("nan")] * 4, False),
    ],
)
def test_homes_that_have_been_sinking_for_a_day_did_not_begin_to_fall_now(sunk, expected):
    begin = 20.0 - np.array(sunk)
    assert had_sunk(np.array([np.full(4, 20.0), begin + 0.3, begin])) is expected


@pytest.mark.parametrize(
    ("hours_before", "expected"),
    [([-0.3] * 4, False), ([0.3] * 4, True), ([0.0] * 4, True), ([-0.3, -0.3, 0.3, 0.3], False)]
    + [([float("nan")] * 4, True)],
    ids=["warming up", "sinking", "steady", "half of them warming up", "unknown"],
)
def test_homes_to_which_heat_came_back_are_not_sinking(hours_before, expected):
    rows = np.array([np.full(4, 21.0), 20.0 + np.array(hours_before), np.full(4, 20.0)])
    assert had_sunk(rows) is expected


@pytest.mark.parametrize(
    ("day_before", "hours_before", "expected"),
    [
        (21.1, 20.3, True),
        (20.9, 20.3, False),
        (21.1, 20.1, False),
        (float("nan"), 20.3, False),
    ],
    ids=["valve closed", "a little lower", "lower, but steady", "unknown"],
)
def test_a_home_that_was_sinking_goes_on_with_its_own_story(day_before, hours_before, expected):
    """It loses 0.3 K in 6 slots now; a quarter of that pace before is enough."""
    rows = np.array([[day_before], [hours_before], [20.0], [19.7]])
    assert go_on_sinking(rows, 6).tolist() == [expected]


@pytest.mark.parametrize(
    ("then", "lately", "now", "expected"),
    [
        (14.7, 13.44, 13.19, True),
        (14.7, 12.9, 13.4, False),
        (14.7, 13.44, 13.40, False),
        (13.3, 13.44, 13.19, False),
        (14.7, 14.6, 13.6, False),
        (14.7, float("nan"), 13.2, False),
    ],
    ids=["falls as the others", "warms up", "stays", "lost nothing", "is open still", "is silent"],
)
def test_a_home_that_aired_bears_witness_when_its_air_is_back(then, lately, now, expected):
    others = np.array([[16.8, 16.9, 15.5], [16.2, 15.7, 14.7], [15.9, 15.4, 14.4]])
    assert bears_witness(np.array([[then], [lately], [now]]), others, 31.0).tolist() == [expected]


def test_where_it_comes_again_or_is_deep_what_is_noticed_late_need_not_be_clearer():
    assert is_too_late(9, 0.5, 0.1)
    assert not is_too_late(9, 0.5, 0.1, is_plain=True)
    assert is_too_late(9, 0.5, 0.4, is_plain=True), "unless others fall as well"


def test_what_is_believed_for_its_depth_began_in_nearly_all_homes_at_once():
    """Two of four that lost nothing in the first hours are too many."""
    rows = np.array([[21.0] * 4, [21.0] * 4, [20.4, 20.4, 20.4, 21.0], [20.0] * 4])
    assert not began_apart(rows, 16)
    assert not began_apart(rows, 16, DEEP_APART_SHARE)
    rows[2, 2] = 21.0
    assert not began_apart(rows, 16) and began_apart(rows, 16, DEEP_APART_SHARE)
