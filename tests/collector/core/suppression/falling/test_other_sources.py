"""What homes of other sources do at the same time."""

import numpy as np
import pytest

from heatward_collector.core.suppression.falling.other_sources import (
    are_unheated,
    of_other_sources,
)


def rates(*of_sources, homes=4):
    """Return one slot in which all homes of each source fall so fast, and whose they are."""
    return np.repeat([of_sources], homes, axis=1), np.repeat(np.arange(len(of_sources)), homes)


def others(*of_sources, **more):
    """Return what stands beside the first home of each source. [1/h]"""
    rate, source = rates(*of_sources)
    return of_other_sources(rate, source, **more)[0, ::4].tolist()


@pytest.mark.parametrize(
    ("of_sources", "beside"),
    [
        ((0.01, 0.002, 0.004, 0.006), [0.004, 0.006, 0.006, 0.004]),
        ((-0.02, -0.02, -0.02, -0.02), [-0.008] * 4),
        ((0.01, 0.004), [0.004, 0.01]),
        ((0.01, 0.004, 0.006), [0.004, 0.006, 0.004]),
        ((0.01, -0.004), [0.0, 0.01]),
        ((0.01,), [0.0]),
        ((0.01, np.nan), [0.0, 0.01]),
    ],
    ids=["middle", "at least", "one other", "two", "no rise of few", "nobody", "silent"],
)
def test_each_source_counts_once_and_few_count_by_the_smallest_fall(of_sources, beside):
    np.testing.assert_allclose(others(*of_sources), beside)


def test_how_far_a_rise_of_all_is_believed_is_told():
    assert others(-0.02, -0.02, -0.02, -0.02, least=0.0) == [0.0] * 4


def test_a_source_of_few_homes_is_no_measure_and_a_home_of_none_has_none():
    rate, source = rates(0.01, 0.006, homes=3)
    assert of_other_sources(rate, source).tolist() == [[0.0] * 6]
    rate, source = rates(0.01, 0.006)
    source[0] = -1
    assert of_other_sources(rate, source)[0].tolist() == [0.0, *[0.006] * 3, *[0.0] * 4]


def test_a_source_whose_median_home_was_cold_the_day_before_has_no_heat_yet():
    level = np.array([9.0, 21.0, 8.0, 21.0, 9.0, 20.0, np.nan, np.nan, 5.0])
    source = np.array([0, 0, 0, 1, 1, 1, 2, 2, -1], np.int32)
    assert are_unheated(level, source).tolist() == [True] * 3 + [False] * 6
    assert are_unheated(level, np.full(9, -1, np.int32)).tolist() == [False] * 9
