"""What goes out by open windows is no heat that was held back."""

import numpy as np
import pytest

from heatward_collector.core.suppression.stops.memory import Block
from heatward_collector.core.suppression.stops.windows import have_shut

SLOTS, BEGIN, AT = 134, 112, 130
HOMES = np.arange(4, dtype=np.int32)


def block_of(homes):
    """Return a block of some homes at 30 K above the outdoors."""
    yes = np.ones(SLOTS, np.bool_)
    slots = np.arange(SLOTS)
    told = np.zeros(homes.shape, np.bool_)
    return Block(900 * slots, slots / 4 % 24, homes, np.full(SLOTS, 30.0), yes, yes, told)


def losing(opened, at=BEGIN + 6, kelvin=1.0):
    """Return homes that lose 0.05 K a slot from the begin on; the first ones air for an hour."""
    homes = 21.0 - 0.05 * np.maximum(np.arange(SLOTS) - BEGIN, 0)[:, None] + np.zeros((1, 4))
    homes += 0.0625 * (np.arange(SLOTS) % 2)[:, None] / 4
    homes[at : at + 4, :opened] -= kelvin
    return homes


@pytest.mark.parametrize(("opened", "expected"), [(0, True), (2, True), (3, False), (4, False)])
def test_two_homes_at_least_must_have_lost_with_their_windows_shut(opened, expected):
    assert have_shut(block_of(losing(opened)), BEGIN, AT, HOMES) is expected


@pytest.mark.parametrize(
    ("at", "expected"), [(BEGIN - 10, True), (BEGIN - 2, False), (AT, False), (AT + 1, True)]
)
def test_only_what_was_open_since_the_begin_counts(at, expected):
    assert have_shut(block_of(losing(4, at)), BEGIN, AT, HOMES) is expected


def test_what_a_stop_can_do_is_no_window():
    assert have_shut(block_of(losing(4, kelvin=0.2)), BEGIN, AT, HOMES)


def test_a_step_of_a_coarse_sensor_is_no_window():
    coarse = np.round(losing(0) * 2) / 2
    assert have_shut(block_of(coarse), BEGIN, AT, HOMES)


def test_who_is_asked_are_the_homes_that_fall():
    assert not have_shut(block_of(losing(2)), BEGIN, AT, HOMES[:3])
