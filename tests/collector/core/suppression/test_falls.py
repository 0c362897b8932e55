"""What one slot says of one home."""

import numpy as np
import pytest

from heatward_collector.core.suppression.falls import (
    CONTEXT_SLOTS,
    FALLING,
    STEADY,
    VOID,
    Usual,
    falls,
)
from heatward_collector.core.suppression.usual import Past

SOURCE = np.repeat(np.arange(4, dtype=np.int32), 4)
HOMES = len(SOURCE)
SLOTS = 12
MINE = [0, 1, 2, 3]


def usual(**changes) -> Usual:
    known = Past.none(HOMES).usual()
    names = ("expected", "habit", "noise", "base_rate")
    return Usual(*(changes.get(name, getattr(known, name)) for name in names))


def scored(change, usually=None, hour=2.0, delta=30.0):
    """Let homes change (slots, homes) after a long time of 21 degC."""
    celsius = np.vstack([np.zeros((CONTEXT_SLOTS, HOMES)), change]) + 21.0
    slots = len(celsius)
    return falls(celsius, np.full(slots, delta), np.full(slots, hour), SOURCE, usually or usual())


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


def test_but_the_raw_score_sees_it():
    assert (scored(falling(range(HOMES), 0.3)).raw_score[8:] > 2).all()


def test_what_a_home_usually_does_is_no_fall():
    expected = np.full((24, HOMES), 0.01)
    assert (scored(falling(MINE, 0.3), usual(expected=expected)).vote != FALLING).all()


def test_a_home_with_a_program_has_no_say_unless_it_falls_much_faster():
    usually = usual(habit=np.full((24, HOMES), 0.008))
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


@pytest.mark.parametrize(("hour", "counts"), [(15.0, False), (2.0, True)])
def test_by_day_a_fall_of_many_may_be_the_end_of_sunshine(hour, counts):
    change = falling(range(8), 0.3)
    celsius = np.vstack([np.zeros((CONTEXT_SLOTS, HOMES)), change]) + 21.0
    celsius[30:60] -= 3.0  # yesterday was colder
    slots = len(celsius)
    result = falls(celsius, np.full(slots, 30.0), np.full(slots, hour), SOURCE, usual())
    assert bool(result.counts[-1, 0]) is counts
