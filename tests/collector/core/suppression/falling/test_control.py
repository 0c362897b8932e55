"""What homes of other sources do."""

import numpy as np

from heatward_collector.core.suppression import Level
from heatward_collector.core.suppression.falling.control import control_shares
from heatward_collector.core.suppression.falling.falls import FALLING, STEADY, VOID
from support.heated_town import HOMES, homes_of, network


def shares(falling, busy=(), void=()):
    vote = np.full(HOMES, np.int8(STEADY))
    vote[list(falling)], vote[list(void)] = FALLING, VOID
    is_busy = np.zeros(HOMES, bool)
    is_busy[list(busy)] = True
    return control_shares(vote, network().of_home[Level.SOURCE], 3, is_busy)


def test_each_source_is_held_against_the_lower_of_two_others():
    share, asked = shares([*homes_of(0, 1), *homes_of(2)])
    np.testing.assert_allclose(share, [0.0, 0.0, 0.5])
    assert asked.tolist() == [20, 20, 20]


def test_who_is_under_suspicion_or_silent_is_not_asked():
    share, asked = shares(homes_of(0, 1), busy=homes_of(0, 1), void=homes_of(4))
    np.testing.assert_allclose(share, [0.0, 0.0, 0.0])
    assert asked.tolist() == [15, 5, 10]


def test_without_another_source_nothing_is_known():
    share, asked = shares([], void=homes_of(2, 3, 4, 5))
    assert np.isnan(share[0]) and asked[0] == 0
