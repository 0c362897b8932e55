"""Places held against others: what may be said of a fall behind days that are not known."""

from types import SimpleNamespace as Some
from typing import Any

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.onset import RESPONSE_DAYS
from heatward_collector.core.suppression.by_day.weather_response import (
    contrast_prior,
    contrast_terms,
)
from heatward_collector.core.suppression.held_back.cut import DAY_S, Cut, View
from heatward_collector.core.suppression.held_back.looks import QUIET_DAYS, Look, masked_days
from heatward_collector.core.suppression.homes.network import Level
from support.two_substations import NETWORK

STOP = 30
"""A place falls on the day ``STOP``."""


def look(gap: int, seen: int, before: int = 0) -> Look:
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
    return Look(raw, learns, np.full((days, 2), 21.0), terms, contrast_prior(Level.SOURCE))


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


@pytest.mark.parametrize(
    ("place", "end_day", "is_masked"),
    [("ss1", 20, True), ("ss1", None, False), ("ss2", 20, False)],
    ids=["most of it", "still down", "the smaller part"],
)
def test_nothing_is_learnt_of_a_source_from_days_on_which_most_of_it_was_cut(
    place: str, end_day: int | None, is_masked: bool
) -> None:
    """While that lasts all of the source may be down, and it is looked at as before."""
    history: Any = Some(start_s=np.arange(40) * DAY_S)
    end_s = None if end_day is None else end_day * DAY_S
    cut = Cut(
        *(Level.SUBSTATION, place, View.OTHERS, 10 * DAY_S, 12 * DAY_S, 5.5, 9.0, 3.0),
        *((), (), 10, 0),
        end_s=end_s,
    )
    masked = masked_days(history, (cut,), NETWORK, Level.SOURCE)
    assert not masked[:, 1].any(), "nothing was done to the other source"
    days = np.arange(9, 20 + QUIET_DAYS) if is_masked else []
    assert np.flatnonzero(masked[:, 0]).tolist() == list(days)
