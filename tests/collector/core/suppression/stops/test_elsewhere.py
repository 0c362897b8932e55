"""What others did is the same however often, and in whichever order, it was asked for."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.core.suppression.stops.elsewhere import Elsewhere

SLOTS, HOMES, SOURCES = 12, 40, 3
SOURCE = (np.arange(HOMES) % (SOURCES + 1) - 1).astype(np.int32)
asked = st.tuples(
    st.integers(4, SLOTS - 1),
    st.booleans(),
    st.lists(st.integers(0, HOMES - 1), max_size=30),
)


@given(st.integers(0, 9), st.lists(asked, min_size=1, max_size=8))
def test_what_was_asked_before_changes_nothing(seed, questions):
    random = np.random.default_rng(seed)
    homes = 20.0 + random.normal(0, 1, (SLOTS, HOMES)).cumsum(axis=0)
    homes[random.random(homes.shape) < 0.1] = np.nan
    elsewhere = Elsewhere(homes, SOURCE, SOURCES)
    mine = np.flatnonzero(SOURCE == 1)
    for at, is_contrast, busy_homes in questions:
        busy = np.zeros(HOMES, np.bool_)
        busy[busy_homes] = True
        fresh = Elsewhere(homes, SOURCE, SOURCES)
        if is_contrast:
            told, wanted = (one.contrast(mine, at, busy, 4) for one in (elsewhere, fresh))
        else:
            rows = [at - 3, at - 1, at]
            told, wanted = (one.without_others(mine, rows, at, busy) for one in (elsewhere, fresh))
        np.testing.assert_array_equal(told, wanted)


def test_only_homes_of_other_sources_that_are_free_are_asked():
    homes = np.zeros((3, HOMES))
    homes[0, SOURCE == 0], homes[0, SOURCE == 2] = 1.0, 3.0
    elsewhere = Elsewhere(homes, SOURCE, SOURCES)
    mine, nobody = np.flatnonzero(SOURCE == 1), np.zeros(HOMES, np.bool_)
    assert elsewhere.contrast(mine, 2, nobody, 2).tolist() == [-2.0, 0.0, 0.0]
    assert elsewhere.contrast(mine, 2, SOURCE == 2, 2).tolist() == [-1.0, 0.0, 0.0]
    assert elsewhere.contrast(mine, 2, nobody, 2).tolist() == [-2.0, 0.0, 0.0]
