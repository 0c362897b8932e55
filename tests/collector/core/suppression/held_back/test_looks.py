"""Places held against others: what may be said of a fall behind days that are not known."""

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.onset import RESPONSE_DAYS
from heatward_collector.core.suppression.by_day.weather_response import (
    contrast_prior,
    contrast_terms,
)
from heatward_collector.core.suppression.held_back.looks import Look
from heatward_collector.core.suppression.homes.network import Level

STOP = 30
"""A place falls on the day ``STOP``."""


def look(gap: int, seen: int, before: int = 0, hides: bool = True) -> Look:
    """Return two places: one is seen to fall for ``before`` days, not known for ``gap`` days, and
    seen again for ``seen`` days."""
    days = STOP + before + gap + seen
    raw = np.zeros((days, 2))
    since = np.arange(days - STOP) + 0.5
    raw[STOP:, 0] = -10.0 * (1.0 - np.exp(-since / RESPONSE_DAYS))
    learns = np.ones((days, 2), bool)
    learns[STOP + before : STOP + before + gap, 0] = False
    terms = contrast_terms(
        np.zeros((days, 7)), np.zeros((days, 2)), np.zeros((days, 2)), np.full((days, 2), 21.0)
    )
    beside, may_hide = np.full((days, 2), 21.0), np.full((days, 2), hides)
    return Look(raw, learns, beside, terms, contrast_prior(Level.SOURCE), may_hide)


@pytest.mark.parametrize(("gap", "seen", "is_told"), [(4, 2, False), (4, 3, True), (0, 2, True)])
def test_a_fall_that_began_out_of_sight_must_be_seen_for_three_days(gap, seen, is_told):
    statistic = look(gap, seen).evidence(np.ones(2)).statistic
    assert bool(statistic[0] > 4.0) is is_told
    assert abs(statistic[1]) < 1.0


@pytest.mark.parametrize(("seen", "is_told"), [(1, False), (2, False), (3, True)])
def test_what_was_seen_before_a_gap_does_not_count_behind_it(seen, is_told):
    """A stop may have begun as a fall, and what it has left fades."""
    statistic = look(4, seen, before=3).evidence(np.ones(2)).statistic
    assert bool(statistic[0] > 4.0) is is_told


def test_days_that_hide_no_stop_need_not_be_waited_for():
    known, hidden = (look(2, 2, hides=one).evidence(np.ones(2)) for one in (False, True))
    assert known.statistic[0] > 4.0
    assert hidden.statistic[0] == -np.inf
    assert abs(known.statistic[1]) < 1.0
