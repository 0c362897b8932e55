"""One period without heat, while it is watched."""

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression import Level
from heatward_collector.core.suppression.stops.episode import (
    SILENT_SLOTS,
    SLOT_S,
    STILL_SLOTS,
    Episode,
    onset,
    steady_onset,
)

OPEN = Episode(
    level=Level.BUILDING,
    place="b1",
    homes=(0, 1, 2, 3),
    affected=(0, 1, 2, 3),
    judged=4,
    silent=0,
    start_s=0,
    detected_s=9000,
    rule="homes_fall_together",
    gain=12.0,
    delta=30.0,
    hour=1.0,
    drop=0.5,
    reference=(20.0, 20.0, 20.0, 20.0),
    elsewhere=(21.0,),
    lowest=-0.5,
    lowest_s=7200,
    heard_s=7200,
)


def follow(values, shift=0.0):
    now = OPEN
    for number, value in enumerate(values, 1):
        now = now.followed(value, shift, 7200 + number * SLOT_S)
        if not now.is_open:
            break
    return now


@pytest.mark.parametrize("bend", [4, 10, 15])
def test_the_begin_of_a_fall_is_where_the_curve_bends(bend):
    at = np.arange(21)
    assert abs(onset(20.0 - 0.1 * np.maximum(at - bend, 0)) - bend) <= 1


def test_of_a_curve_without_values_nothing_is_known():
    assert onset(np.full(21, np.nan)) == 20


def test_what_was_lost_until_it_was_noticed_is_its_drop():
    celsius = np.array([19.5, 19.0, np.nan, 19.5, 22.0])
    fallen = OPEN.fallen(celsius, np.array([0.7, 0.75, 0.3, 0.0]), 1, 1)
    assert (fallen.drop, fallen.lowest, fallen.silent) == (0.75, -0.75, 1)
    np.testing.assert_equal(fallen.reference, (20.25, 19.75, np.nan, 20.25))


def test_it_goes_on_as_long_as_homes_fall():
    now = follow([-0.6, -0.8, -1.0])
    assert now.is_open and now.drop == pytest.approx(1.0) and now.lowest_s == 7200 + 3 * SLOT_S


def test_it_ends_at_its_lowest_once_homes_have_risen():
    now = follow([-0.7, -0.5, -0.4, -0.3])
    assert now.end_s == 7200 + SLOT_S


def test_one_rise_does_not_end_it():
    assert follow([-0.7, -0.4, -0.7, -0.4, -0.7]).is_open


def test_homes_that_do_not_fall_any_further_have_heat_again():
    assert follow([-0.7] + [-0.65] * (STILL_SLOTS - 1)).is_open
    assert follow([-0.7] + [-0.65] * STILL_SLOTS).end_s == 7200 + SLOT_S


def test_what_others_do_meanwhile_is_taken_off():
    assert follow([-0.2, -0.2, -0.2], shift=0.5).is_open
    assert not follow([-0.5, -0.5, -0.5], shift=-0.5).is_open


@pytest.mark.parametrize(
    ("own", "moved", "is_over"),
    [(0.05, 0.05, True), (0.05, 0.1, False), (0.02, 0.02, False), (-0.05, 0.05, False)],
    ids=["heat is back in the sun", "sun on rooms without heat", "a little", "no sun"],
)
def test_who_warms_up_in_the_sun_as_others_do_has_heat_again(own, moved, is_over):
    """By so much a slot, while the rooms of others warm up [K]; against them nothing rises."""
    now = OPEN
    for number in range(7):
        value = -0.7 + own * number
        now = now.followed(value, moved * number + 0.02 * number, 8100 + number * SLOT_S)
        if not now.is_open:
            break
    assert now.is_open is not is_over
    assert now.end_s == (8100 if is_over else None)


def test_after_many_hours_without_heat_the_sun_on_rooms_is_no_heat():
    now = replace(OPEN, start_s=8100 - 6 * 3600 - 900)
    for number in range(7):
        now = now.followed(-0.7 + 0.05 * number, 0.07 * number, 8100 + number * SLOT_S)
    assert now.is_open and now.warming == 0


def test_without_the_weather_nobody_tells_the_sun_from_heat():
    now = replace(OPEN, delta=float("nan"))
    for number in range(8):
        now = now.followed(-0.7 + 0.05 * number, 0.07 * number, 8100 + number * SLOT_S)
    assert now.is_open


def test_silent_homes_end_it_after_half_a_day_with_what_they_said_last():
    assert follow([np.nan] * (SILENT_SLOTS - 1)).is_open
    assert follow([np.nan] * SILENT_SLOTS).end_s == OPEN.heard_s


def test_a_followed_episode_is_a_new_value():
    before = replace(OPEN)
    follow([-1.0])
    assert before == OPEN


def test_a_steady_fall_begins_where_the_level_ends():
    curve = np.concatenate([np.full(12, 2.0), np.linspace(2.0, 0.0, 25)])
    assert abs(steady_onset(curve, 13) - 12) <= 1


def test_an_open_window_on_the_way_is_no_begin():
    curve = np.concatenate([np.full(12, 2.0), np.linspace(2.0, 0.0, 25)])
    curve[24:27] -= 0.6
    curve[30] = np.nan
    assert abs(steady_onset(curve, 13) - 12) <= 2


@pytest.mark.parametrize("curve", [np.full(37, np.nan), np.linspace(0.0, 1.0, 37)])
def test_what_does_not_fall_began_as_late_as_it_can(curve):
    assert steady_onset(curve, 13) == 23


def test_what_has_lost_too_little_for_hours_is_faint_and_stays_so():
    hours = 3.0
    least = 0.003 * 30.0 * hours
    early = replace(OPEN, drop=0.2, lowest=-0.2, start_s=0)
    due = round(hours * 3600)
    assert early.followed(-least + 0.01, 0.0, due).is_faint
    assert not early.followed(-least - 0.01, 0.0, due).is_faint
    assert not early.followed(-0.21, 0.0, due - SLOT_S).is_faint, "one slot too early to say"
    later = early.followed(-least + 0.01, 0.0, due).followed(-2.0, 0.0, due + SLOT_S)
    assert later.is_faint, "what was said stays what it was until homes rise"


def test_what_comes_again_or_has_no_weather_is_not_faint():
    early = replace(OPEN, drop=0.2, lowest=-0.2, start_s=0)
    for one in (replace(early, is_repeated=True), replace(early, delta=float("nan"))):
        assert not one.followed(-0.22, 0.0, 4 * 3600).is_faint
    assert early.followed(-0.22, 0.0, 4 * 3600).is_faint
