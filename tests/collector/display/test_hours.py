"""Bands of the homes of an area: never of fewer than five, and wide ones only from ten on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.display.hours import QUANTILES, band_of

NAN = np.nan
EMPTY = np.empty((0, 7))


def test_five_homes_give_median_and_quartiles_and_no_wider_band() -> None:
    band, count = band_of(np.array([[18.0, 19.0, 20.0, 21.0, 22.0]]))
    assert band[:, 0].tolist()[1:4] == [19.0, 20.0, 21.0]
    assert np.isnan(band[[0, 4], 0]).all()
    assert count.tolist() == [5]


def test_ten_homes_give_the_wide_band_too() -> None:
    band, count = band_of(np.arange(10.0)[None, :])
    assert band[:, 0].tolist() == pytest.approx([0.9, 2.25, 4.5, 6.75, 8.1])
    assert count.tolist() == [10]


def test_an_hour_of_four_homes_is_missing_and_says_so() -> None:
    band, count = band_of(np.array([[18.0, 19.0, 20.0, 21.0, NAN], [1.0, 2.0, 3.0, 4.0, 5.0]]))
    assert np.isnan(band[:, 0]).all()
    assert band[2, 1] == 3.0
    assert count.tolist() == [4, 5]


def test_no_hours_and_no_homes_are_no_trouble() -> None:
    assert band_of(EMPTY)[0].shape == (len(QUANTILES), 0)
    band, count = band_of(np.empty((3, 0)))
    assert np.isnan(band).all()
    assert count.tolist() == [0, 0, 0]


temperatures = st.lists(st.one_of(st.just(NAN), st.floats(5, 30)), min_size=1, max_size=25)


@given(temperatures)
def test_no_quantile_is_told_of_fewer_than_five_and_they_are_in_order(homes: list[float]) -> None:
    band, count = band_of(np.array([homes]))
    known = band[np.isfinite(band[:, 0]), 0]
    assert len(known) == (5 if count[0] >= 10 else 3 if count[0] >= 5 else 0)
    assert (np.diff(known) >= -1e-9).all()
