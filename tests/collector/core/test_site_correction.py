"""What measurements on site say of a sensor."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.core.site_correction import site_correction


@pytest.mark.parametrize(("checks", "u"), [(1, 0.33), (3, 0.21)])
def test_three_checks_know_more_than_one_and_never_more_than_the_thermometer(checks, u):
    found = site_correction(np.full(checks, -0.4))
    assert found.kelvin == pytest.approx(-0.4)
    assert found.uncertainty_kelvin == pytest.approx(u, abs=0.005)


def test_checks_without_a_reading_do_not_count():
    assert site_correction(np.array([0.5, np.nan])).checks == 1
    assert site_correction(np.array([np.nan])) is None
    assert site_correction(np.zeros(0)) is None


def test_checks_that_contradict_each_other_correct_nothing():
    assert site_correction(np.array([1.5, -1.5])) is None
    assert site_correction(np.array([6.0, 6.1])) is None


@given(st.lists(st.floats(-0.9, 0.9), min_size=1, max_size=20))
def test_the_correction_lies_among_the_differences(differences):
    found = site_correction(np.array(differences))
    if found is not None:
        assert min(differences) - 1e-9 <= found.kelvin <= max(differences) + 1e-9
        assert found.uncertainty_kelvin >= 0.11
