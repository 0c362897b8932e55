"""Empty homes are still; only evidence of it says so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.core.suppression.by_day.presence import (
    LEAST_HOME_DAYS,
    lively_days,
    presence,
)

CALM, LIVELY = 0.05, 0.3
BEFORE, SINCE, HOMES = 30, 4, 12
HERE = np.arange(HOMES) < 5


def lived_in(seed: int = 1) -> np.ndarray:
    """Return how homes stir in which people live: on two of three days they do."""
    chance = np.random.default_rng(seed)
    stirs = chance.random((BEFORE + SINCE, HOMES)) < 2 / 3
    return np.where(stirs, LIVELY, CALM) * chance.uniform(0.9, 1.1, stirs.shape)


def test_homes_in_which_people_live_do_not_look_empty():
    found = presence(lived_in(), HERE, BEFORE)
    assert not found.looks_empty
    assert found.share == pytest.approx(found.elsewhere, abs=0.25)
    assert (found.homes, found.home_days) == (5, 5 * SINCE)


def test_homes_that_are_still_while_others_stir_look_empty():
    stir = lived_in()
    stir[BEFORE:, :5] = CALM
    found = presence(stir, HERE, BEFORE)
    assert found.looks_empty
    assert found.facts["lively_days_share"] == 0.0
    assert found.facts["lively_elsewhere_share"] > 0.5


def test_days_on_which_nobody_stirs_anywhere_leave_no_home_empty_alone():
    stir = lived_in()
    stir[BEFORE:] = CALM
    stir[BEFORE:, :5] = LIVELY
    assert not presence(stir, HERE, BEFORE).looks_empty


def test_a_restless_sensor_tells_nothing():
    stir = lived_in()
    stir[:, 0] = LIVELY
    stir[BEFORE:, 1:5] = CALM
    found = presence(stir, HERE, BEFORE)
    assert found.homes == 4
    assert found.looks_empty


@pytest.mark.parametrize("first", [0, BEFORE + SINCE])
def test_without_days_before_or_since_nothing_is_said(first):
    found = presence(lived_in(), HERE, first)
    assert not found.is_known
    assert (found.looks_empty, found.facts) == (False, {})


@given(st.integers(0, 5 * SINCE), st.integers(0, 2**32 - 1))
def test_missing_days_never_make_homes_look_empty(missing, seed):
    stir = lived_in()
    stir[BEFORE:, :5] = CALM
    days = np.random.default_rng(seed).permutation(5 * SINCE)[:missing]
    stir[BEFORE + days // 5, days % 5] = np.nan
    found = presence(stir, HERE, BEFORE)
    assert found.home_days == 5 * SINCE - missing
    assert found.looks_empty == (found.homes >= 2 and found.home_days >= LEAST_HOME_DAYS)


@pytest.mark.parametrize("homes_at_once", [1, 5, 100])
def test_what_is_said_does_not_depend_on_how_many_homes_are_looked_at_together(homes_at_once):
    stir = lived_in()
    stir[BEFORE:, :5] = CALM
    stir[::7, 3] = np.nan
    found = lively_days(stir, BEFORE, homes_at_once).of(HERE)
    assert found == presence(stir, HERE, BEFORE)
    assert found.looks_empty
    assert lively_days(stir.astype(np.float32), BEFORE).of(HERE) == found
