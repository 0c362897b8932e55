"""Pass rates: denominators, bounds over buildings, and samples that prove nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from heatward_collector.core.assessment import lacking_strata, pass_rate
from heatward_collector.core.compliance import Verdict

MET, PLUS, MINUS, BELOW, NOT = (
    Verdict.MET,
    Verdict.MARGINAL_PLUS,
    Verdict.MARGINAL_MINUS,
    Verdict.BELOW,
    Verdict.NOT_JUDGEABLE,
)


def rate(*rows, building=None):
    homes = np.array(rows, np.int8)
    return pass_rate(homes, np.arange(len(rows)) if building is None else np.array(building))


def test_marginal_days_count_as_what_is_more_likely_and_silent_ones_not_at_all():
    found = rate([MET, PLUS, MINUS, BELOW, NOT], [MET, MET, MET, BELOW, NOT])
    assert (found.judged, found.met, found.likely_met, found.likely_below, found.below) == (
        8, 4, 1, 1, 2,
    )  # fmt: skip
    assert found.rate == pytest.approx(5 / 8)
    assert found.low <= 4 / 8
    assert found.high >= 6 / 8


def test_equal_buildings_leave_only_the_marginal_days_open():
    found = rate(*[[MET, PLUS, MINUS, BELOW]] * 6)
    assert (found.low, found.rate, found.high) == (0.25, 0.5, 0.75)


def test_unequal_buildings_widen_the_bounds_and_their_homes_count_together():
    apart = rate(*[[MET] * 9] * 5, *[[BELOW] * 9] * 5)
    together = rate(*[[MET] * 9] * 5, *[[BELOW] * 9] * 5, building=[0] * 5 + [1] * 5)
    assert (together.low, together.high) == (0.0, 1.0)
    assert 0.0 < apart.low < 0.5 < apart.high < 1.0
    assert together.buildings == 2


def test_one_building_has_no_bounds_and_nothing_has_no_rate():
    one = rate([MET, BELOW])
    assert one.rate == 0.5
    assert np.isnan([one.low, one.high]).all()
    nothing = rate([NOT], [NOT])
    assert nothing.judged == 0
    assert np.isnan(nothing.rate)
    assert rate([MET], [MET], [NOT]).buildings == 2


@settings(max_examples=40, deadline=None)
@given(arrays.arrays(np.int8, (6, 5), elements=st.integers(0, 4)))
def test_the_rate_lies_between_its_bounds_and_more_cold_never_raises_it(verdict):
    building = np.array([0, 0, 1, 1, 2, 2])
    found = pass_rate(verdict, building)
    if found.buildings >= 2:
        assert found.low <= found.met / found.judged + 1e-9
        assert found.high >= 1 - found.below / found.judged - 1e-9
    colder = np.where(verdict == MET, BELOW, verdict)
    again = pass_rate(colder, building)
    if found.judged:
        assert again.rate <= found.rate
    if found.buildings >= 2:
        assert again.high <= found.high + 1e-9


def test_strata_with_fewer_than_three_homes_are_named():
    homes = [{"reach": "near", "position": "top"}] * 3 + [{"reach": "far", "position": ""}] * 2
    strata = {"reach": ("near", "far"), "position": ("top",)}
    assert lacking_strata(homes, strata) == ("reach:far",)
    assert lacking_strata([], strata) == ("reach:near", "reach:far", "position:top")
