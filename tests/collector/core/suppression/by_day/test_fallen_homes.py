"""Whether a place fell, or only its parts that are known to have fallen."""

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.fallen_homes import reaches_beyond

PART = np.array([True, True, True, True, False, False])
ALL = np.ones(6, bool)
NOBODY = np.zeros(6, bool)


@pytest.mark.parametrize(("rest", "reaches"), [(1.9, False), (2.0, True), (4.0, True)])
def test_the_homes_beside_a_part_must_have_fallen_by_half_as_much(rest, reaches):
    falls = np.array([4.0, 4.0, 3.0, 5.0, rest, rest])
    assert reaches_beyond(falls, ALL, PART) is reaches


def test_homes_of_which_nothing_is_known_do_not_count():
    falls = np.array([4.0, np.nan, 4.0, 4.0, 0.5, np.nan])
    assert not reaches_beyond(falls, ALL, PART)
    assert reaches_beyond(np.where(PART, falls, np.nan), ALL, PART)


def test_a_place_without_a_known_part_stands_for_itself():
    falls = np.zeros(6)
    falls[:2] = 4.0
    assert reaches_beyond(falls, ALL, NOBODY)
    assert reaches_beyond(falls, PART, PART)
