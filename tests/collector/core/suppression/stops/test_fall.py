"""What a fall must be to be one that a stop of heating makes."""

import numpy as np
import pytest

from heatward_collector.core.suppression.stops.episode import ONSET_SLOTS
from heatward_collector.core.suppression.stops.fall import (
    DEEP_SLOTS,
    STOOD_SLOTS,
    Standing,
    begin_of,
    deep_begin,
    is_deep,
    likely_begin,
    rate_of,
)


def curve(drop, slots):
    fallen = np.clip(np.arange(ONSET_SLOTS + 1) - (ONSET_SLOTS - slots), 0, None) / slots
    return drop * (1 - fallen)


@pytest.mark.parametrize(
    ("drop", "slots", "found"),
    [(0.5, 6, True), (0.1, 6, False), (2.0, 6, False), (0.5, 18, False)],
)
def test_a_stop_makes_rooms_neither_too_fast_nor_too_slow(drop, slots, found):
    bend = ONSET_SLOTS - slots
    assert (rate_of(curve(drop, slots), bend, 30.0, Standing(4)) is not None) is found


@pytest.mark.parametrize(
    ("drop", "is_lone", "is_clear", "found"),
    [
        (0.25, False, False, True),
        (0.25, True, False, False),
        (0.25, True, True, True),
        (0.3, True, False, True),
    ],
)
def test_what_a_gust_may_do_to_one_building_must_be_fast_or_clear(drop, is_lone, is_clear, found):
    standing = Standing(4, is_clear, is_lone=is_lone)
    assert (rate_of(curve(drop, 6), ONSET_SLOTS - 6, 30.0, standing) is not None) is found


def test_a_clear_fall_may_have_gone_on_for_longer():
    slow = curve(1.2, ONSET_SLOTS - 4)
    assert rate_of(slow, 4, 30.0, Standing(4)) is None
    assert rate_of(slow, 4, 30.0, Standing(4, is_clear=True)) == pytest.approx(1.2 / 4 / 30)
    endless = curve(1.2, ONSET_SLOTS)
    assert rate_of(endless, 0, 30.0, Standing(4, is_clear=True)) is None


@pytest.mark.parametrize(
    ("drop", "homes", "is_clear", "found"),
    [
        (0.15, 4, True, False),
        (0.163, 4, False, True),
        (0.12, 8, True, True),
        (0.12, 8, False, False),
        (0.1, 8, True, False),
        (0.09, 14, True, True),
    ],
)
def test_the_more_homes_clearly_fall_the_smaller_their_fall_may_be(drop, homes, is_clear, found):
    fallen = curve(drop, 1)
    assert (rate_of(fallen, ONSET_SLOTS - 1, 30.0, Standing(homes, is_clear)) is not None) is found


def test_but_a_little_more_of_a_fall_that_went_on_before_is_nothing_new():
    going_on = 0.1 * np.arange(ONSET_SLOTS, -1, -1.0)
    assert rate_of(going_on, ONSET_SLOTS - 1, 30.0, Standing(14, is_clear=True)) is None


def test_where_it_comes_again_the_begin_is_that_of_the_last_fall():
    """Off, on and off again within five hours: one bend fits none of it."""
    lost = np.concatenate([np.linspace(0.0, 1.2, 8), np.linspace(1.0, 0.0, 7), [0.12, 0.24, 0.36]])
    strip = (lost[-1] - np.concatenate([np.zeros(3), lost]))[-ONSET_SLOTS - 1 :]
    assert begin_of(strip, 30.0, Standing(8))[1] is None
    for standing in (Standing(8, is_repeated=True), Standing(8, is_clear=True)):
        bend, rate = begin_of(strip, 30.0, standing)
        assert ONSET_SLOTS - 4 <= bend <= ONSET_SLOTS - 2
        assert rate == pytest.approx(0.36 * 4 / 3 / 30, rel=0.4)


@pytest.mark.parametrize(
    ("stood", "drop", "found"),
    [
        (STOOD_SLOTS, 0.9, True),
        (STOOD_SLOTS - 1, 0.9, False),
        (STOOD_SLOTS, 0.6, False),
    ],
)
def test_a_suspicion_that_has_stood_for_hours_is_no_evening(stood, drop, found):
    fallen = curve(drop, ONSET_SLOTS - 4)
    assert (rate_of(fallen, 4, 30.0, Standing(4, stood=stood)) is not None) is found


def test_where_it_comes_again_a_smaller_fall_is_enough():
    fallen = curve(0.12, 2)
    assert rate_of(fallen, ONSET_SLOTS - 2, 30.0, Standing(4)) is None
    assert rate_of(fallen, ONSET_SLOTS - 2, 30.0, Standing(4, is_repeated=True)) is not None
    fallen = curve(0.06, 2)
    assert rate_of(fallen, ONSET_SLOTS - 2, 30.0, Standing(4, is_repeated=True)) is None


@pytest.mark.parametrize(
    ("drop", "slots", "is_clear", "found"),
    [(2.4, 8, True, True), (2.4, 8, False, False), (1.5, 5, True, False), (4.0, 8, True, False)],
)
def test_light_houses_may_fall_fast_where_it_is_clear_and_lasts(drop, slots, is_clear, found):
    """0.04 of the distance an hour for two hours; a window is closed by then."""
    bend = ONSET_SLOTS - slots
    assert (rate_of(curve(drop, slots), bend, 30.0, Standing(8, is_clear)) is not None) is found


def test_one_of_several_falls_must_be_fast():
    rest = np.full(12, 0.6) - np.clip(np.arange(12) - 4, 0, None) * 0.043
    strip = np.concatenate([np.linspace(1.2, 0.0, 6), np.linspace(0.2, 0.6, 3), rest])
    strip -= strip[-1]
    assert begin_of(strip, 30.0, Standing(8))[1] is None
    assert begin_of(strip, 30.0, Standing(8, is_repeated=True))[1] is None
    assert begin_of(strip, 30.0, Standing(20, is_clear=True))[1] is None
    assert begin_of(1.3 * strip, 30.0, Standing(20, is_clear=True))[1] is not None


@pytest.mark.parametrize(
    ("drop", "slots", "found"),
    [(1.1, 16, True), (0.9, 16, False), (0.75, DEEP_SLOTS + 1, False)],
    ids=["deep and fast", "slow", "shallow"],
)
def test_what_is_deep_and_fast_is_found_however_faint_and_late_it_is(drop, slots, found):
    fallen = curve(drop, slots)
    assert begin_of(fallen, 30.0, Standing(4))[1] is None, "by the other rules it is nothing"
    bend, rate = deep_begin(fallen, 30.0)
    assert (rate is not None) is found
    assert is_deep(fallen, ONSET_SLOTS - slots, 30.0) is found
    if found:
        assert rate == pytest.approx(drop * 4 / slots / 30, rel=0.1)
        assert abs(bend - (ONSET_SLOTS - slots)) <= 1


def test_nothing_is_deep_that_is_short_or_over_or_too_fast_for_a_stop():
    begin = ONSET_SLOTS - DEEP_SLOTS
    assert is_deep(curve(1.0, DEEP_SLOTS), begin, 30.0)
    assert not is_deep(curve(1.0, DEEP_SLOTS - 1), begin + 1, 30.0)
    assert not is_deep(curve(2.2, DEEP_SLOTS), begin, 30.0)
    back = curve(1.0, DEEP_SLOTS)
    back[-3:-1] -= 0.2
    assert not is_deep(back, begin, 30.0)


def test_of_a_fall_behind_an_evening_the_begin_is_not_in_the_evening():
    """Rooms that lose 0.01 K a slot after sunset, and 0.12 K from 1 h ago on."""
    evening = 0.01 * np.clip(12 - np.arange(ONSET_SLOTS + 1), 0, None)
    fallen = evening + curve(0.5, 4)
    assert likely_begin(fallen, 8) == pytest.approx(ONSET_SLOTS - 4, abs=1)


def test_of_one_steady_fall_all_looks_say_the_same():
    for slots in (3, 6, 10):
        bend = ONSET_SLOTS - slots
        assert abs(likely_begin(curve(0.8, slots), bend) - bend) <= 1


def test_what_did_not_lie_above_now_is_no_begin():
    rising = np.linspace(-1.0, 0.0, ONSET_SLOTS + 1)
    assert likely_begin(rising, 5) == 5
