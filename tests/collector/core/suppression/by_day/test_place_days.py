"""What stands beside a source, whoever of the others is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.core.suppression.by_day.place_days import complete_others, others

LEVELS = np.array([19.0, 20.0, 22.5, 24.0])


def sources(days: int = 20) -> np.ndarray:
    weather = np.random.default_rng(4).normal(0.0, 0.5, days).cumsum()
    return LEVELS + weather[:, None]


def test_with_all_of_them_it_is_the_median_of_the_others():
    np.testing.assert_allclose(complete_others(sources()), others(sources()))


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 3)), max_size=9))
def test_who_is_not_known_does_not_move_what_stands_beside_the_rest(gaps):
    """Each of them was known on most days."""
    value = sources()
    for day, source in gaps:
        value[day, source] = np.nan
    told = complete_others(value)
    known = ~np.isnan(told)
    np.testing.assert_allclose(told[known], others(sources())[known], atol=0.05)


def test_the_median_alone_jumps_when_one_is_missing():
    value = sources()
    value[10:, 0] = np.nan
    jump = others(value) - others(sources())
    assert np.abs(jump[10:, 1:]).min() > 0.5
    assert complete_others(value)[10:, 1:] == pytest.approx(others(sources())[10:, 1:])


def test_one_that_was_never_known_is_no_neighbour():
    value = sources()
    value[:, 3] = np.nan
    told, alone = complete_others(value), others(value[:, :3])
    np.testing.assert_allclose(told[:, :3], alone)


def test_a_source_that_falls_stays_below_the_others():
    value = sources()
    value[12:, 1] -= 3.0
    off = value - complete_others(value)
    assert off[12:, 1] == pytest.approx(off[:12, 1].mean() - 3.0, abs=1e-6)


def test_nobody_stands_beside_a_lone_source():
    assert np.isnan(complete_others(np.full((5, 1), 20.0))).all()
    assert np.isnan(complete_others(np.full((5, 3), np.nan))).all()
