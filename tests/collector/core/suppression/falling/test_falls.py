"""What one slot says of one home."""

import importlib
from dataclasses import fields, replace

import numpy as np
import pytest

from heatward_collector.core.suppression.falling.falls import (
    CONTEXT_SLOTS,
    CUT_RATES,
    FALLING,
    SPANS,
    STEADY,
    VOID,
    Usual,
    falls,
)
from heatward_collector.core.suppression.falling.usual import Past

SOURCE = np.repeat(np.arange(4, dtype=np.int32), 4)
HOMES = len(SOURCE)
SLOTS = 12
MINE = [0, 1, 2, 3]


def usual(**changes) -> Usual:
    return replace(Past.none(HOMES).usual(), **changes)


def scored(change, usually=None, hour=2.0, delta=30.0, declared=(), before=0.0):
    """Let homes change (slots, homes) after a long time of 21 degC."""
    celsius = np.vstack([np.zeros((CONTEXT_SLOTS, HOMES)) + before, change]) + 21.0
    slots = len(celsius)
    told = np.zeros(celsius.shape, bool)
    told[:, list(declared)] = True
    return falls(
        celsius, np.full(slots, delta), np.full(slots, hour), SOURCE, usually or usual(), told
    )


def falling(homes, an_hour):
    change = np.zeros((SLOTS, HOMES))
    change[:, homes] = -an_hour * np.arange(1, SLOTS + 1)[:, None] / 4
    return change


def test_homes_that_lose_a_hundredth_of_the_distance_an_hour_fall():
    vote = scored(falling(MINE, 0.3)).vote
    assert (vote[6:, MINE] == FALLING).all() and (vote[:, 4:] == STEADY).all()


def test_what_other_sources_do_too_is_no_fall():
    vote = scored(falling(range(HOMES), 0.3)).vote
    assert (vote != FALLING).all()


def test_homes_of_which_a_stop_was_declared_are_no_measure_for_others():
    vote = scored(falling(range(HOMES), 0.3), declared=range(4, HOMES)).vote
    assert (vote[6:, MINE] == FALLING).all()


def test_but_the_raw_evidence_sees_it():
    assert (scored(falling(range(HOMES), 0.3)).raw_evidence[:, 8:].max(axis=0) > 2).all()


def test_a_home_answers_the_hypothesis_that_fits_its_fall_best():
    evidence = scored(falling(MINE, 0.3)).evidence[:, -1, 0].reshape(len(SPANS), len(CUT_RATES))
    assert evidence.shape == (5, 5)
    assert CUT_RATES[evidence[-1].argmax()] in (0.0075, 0.011)
    assert evidence[-1].max() > evidence[0].max()  # three hours say more than 45 minutes


def test_homes_that_warm_up_less_than_all_others_fall():
    change = falling(MINE, -0.03)
    change[:, 4:] = 0.15 * np.arange(1, SLOTS + 1)[:, None] / 4
    assert (scored(change).vote[9:, MINE] == FALLING).all()


def test_no_home_says_more_than_its_falls_without_a_cause_allow():
    rare = scored(falling(MINE, 0.3), usual(base_rate=np.full((24, HOMES), 0.01)))
    often = scored(falling(MINE, 0.3), usual(base_rate=np.full((24, HOMES), 0.2)))
    assert often.evidence.max() == pytest.approx(-np.log(0.2), rel=1e-5)
    assert rare.evidence.max() > 3.0


def test_a_program_that_all_sources_share_takes_nobody_the_say():
    habit = np.full((24, HOMES), 0.008)
    assert (scored(falling(MINE, 0.3), usual(habit=habit)).vote[6:, MINE] == FALLING).all()


def test_what_a_home_usually_does_is_no_fall():
    expected = np.zeros((24, HOMES))
    expected[:, MINE] = 0.01
    assert (scored(falling(MINE, 0.3), usual(expected=expected)).vote != FALLING).all()


def test_a_home_with_a_program_has_no_say_unless_it_falls_much_faster():
    habit = np.zeros((24, HOMES))
    habit[:, MINE] = 0.008
    usually = usual(habit=habit)
    assert (scored(falling(MINE, 0.3), usually).vote[6:, MINE] == VOID).all()
    assert (scored(falling(MINE, 0.6), usually).vote[8:, MINE] == FALLING).all()


def test_an_open_window_takes_the_say_until_the_air_is_back():
    change = np.zeros((SLOTS, HOMES))
    change[2:4, 0] = -2.0
    result = scored(change)
    assert result.aired[2:12, 0].all() and not result.aired[:2, 0].any()
    assert (result.vote[2:, 0] != FALLING).all()


def test_a_silent_home_has_no_say():
    change = np.zeros((SLOTS, HOMES))
    change[5, 0] = np.nan
    assert scored(change).vote[5, 0] == VOID


def test_one_step_of_a_coarse_sensor_is_no_open_window():
    """Half a degree at once, as some loggers count; a window takes more of it."""
    change = np.zeros((SLOTS, HOMES))
    change[4:, 0], change[4:, 1] = -0.5, -1.5
    before = np.zeros((CONTEXT_SLOTS, HOMES))
    before[-40:-20, :2] = 0.5  # what was seen of it lately moved in such steps
    result = scored(change, before=before)
    assert not result.aired[:, 0].any() and result.aired[4:, 1].all()
    fine = before.copy()
    fine[-30:-20, 0] += 0.0625
    assert scored(change, before=fine).aired[4:, 0].all()


def test_coarse_sensors_say_less_of_a_fall():
    steps = np.zeros((CONTEXT_SLOTS, HOMES))
    steps[-60:-20, MINE] = 0.5
    change = np.zeros((SLOTS, HOMES))
    change[6:, MINE] = -0.5
    coarse, fine = scored(change, before=steps), scored(falling(MINE, 0.35))
    assert coarse.evidence.max(axis=0)[6:, 0].max() < fine.evidence.max(axis=0)[6:, 0].max() / 2


@pytest.mark.parametrize("cells", [1, 70])
def test_what_is_said_does_not_depend_on_how_many_homes_are_worked_on_together(monkeypatch, cells):
    random = np.random.default_rng(1)
    change = random.normal(0.0, 0.1, (SLOTS, HOMES)).cumsum(axis=0).round(2)
    change[5, 3] -= 2.0
    change[:, 9] = np.round(change[:, 9] * 2) / 2
    change[random.random(change.shape) < 0.1] = np.nan
    before = random.normal(0.0, 0.05, (CONTEXT_SLOTS, HOMES))
    before[:, 9] = np.round(before[:, 9])
    together = scored(change, before=before)
    module = importlib.import_module("heatward_collector.core.suppression.falling.falls")
    monkeypatch.setattr(module, "CELLS_AT_ONCE", cells)
    apart = scored(change, before=before)
    assert together.steep.any() and (together.vote == FALLING).any()
    for one in fields(together):
        mine, other = getattr(apart, one.name), getattr(together, one.name)
        np.testing.assert_array_equal(mine, other)
