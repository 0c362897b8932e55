"""Medians with holes are numpy's; those of all others are those of a table without the column."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from heatward_collector.core.suppression.homes.medians import across, across_others, middle

tables = st.tuples(st.integers(1, 4), st.integers(2, 7)).flatmap(
    lambda shape: arrays(
        float, shape, elements=st.sampled_from([np.nan, -1.5, 0.0, 0.25, 2.0, 7.0])
    )
)


@given(tables)
def test_the_median_of_a_row_leaves_holes_out(table):
    expected = [
        np.median(row[~np.isnan(row)]) if (~np.isnan(row)).any() else np.nan for row in table
    ]
    np.testing.assert_array_equal(across(table), expected)


@given(tables)
def test_the_middle_of_a_row_is_its_median(table):
    np.testing.assert_array_equal([middle(row) for row in table], across(table))


@given(tables)
def test_the_median_of_all_others_is_that_of_the_table_without_the_column(table):
    expected = [across(np.delete(table, column, axis=1)) for column in range(table.shape[1])]
    np.testing.assert_array_equal(across_others(table), np.transpose(expected))


def test_a_single_column_has_no_others():
    assert np.isnan(across_others(np.array([[1.0], [2.0]]))).all()
