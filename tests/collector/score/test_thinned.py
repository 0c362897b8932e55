"""Half of the rooms or hours of a season fall silent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core import MISSING
from heatward_collector.score.case import Case, Truth
from heatward_collector.score.thinned import Missing, thinned
from heatward_collector.simulate import Shape, town

SLOTS, ROOMS = 40 * 288, 60


@pytest.fixture(name="case")
def whole() -> Case:
    shape = Shape(town(sources=1, buildings_per_source=3, rooms_per_home=4))
    raw = np.full((SLOTS, ROOMS), np.int16(336))
    return Case(5, shape, 0, raw, np.zeros(SLOTS), Truth())


def test_half_of_the_rooms_fall_silent_for_good(case):
    silent = thinned(case, Missing.ROOMS).raw == MISSING
    assert (silent.all(axis=0) == silent.any(axis=0)).all()
    assert 15 <= silent[0].sum() <= 45


def test_half_of_the_hours_fall_silent_each_room_by_itself(case):
    silent = thinned(case, Missing.HOURS).raw == MISSING
    hours = silent.reshape(-1, 12, ROOMS)
    assert (hours.all(axis=1) == hours.any(axis=1)).all()
    np.testing.assert_allclose(silent.mean(axis=0), 0.5, atol=0.06)
    assert not np.array_equal(hours[:, 0, 0], hours[:, 0, 1])


def test_the_same_seed_leaves_out_the_same(case):
    again = thinned(case, Missing.HOURS)
    assert np.array_equal(thinned(case, Missing.HOURS).raw, again.raw)
    assert not np.array_equal(thinned(replace(case, seed=6), Missing.HOURS).raw, again.raw)
    assert (case.raw != MISSING).all()
