"""Columns come back as they were, to the last bit, and take few bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from heatward_collector.conclusions.packed_columns import is_same, packed, unpacked

ROWS = 1_000
shapes = st.sampled_from([(0,), (1,), (7,), (3, 2)])
numbers = st.one_of(
    st.floats(),
    st.integers(-(2**40), 2**40).map(lambda number: number / 1e4),
    st.sampled_from([0.0, -0.0, float("nan"), 20.0]),
)
columns = st.one_of(
    shapes.flatmap(lambda shape: arrays.arrays(np.float64, shape, elements=numbers)),
    shapes.flatmap(lambda shape: arrays.arrays(np.int64, shape)),
    shapes.flatmap(lambda shape: arrays.arrays(np.uint8, shape)),
    shapes.flatmap(lambda shape: arrays.arrays(bool, shape)),
)


@given(st.dictionaries(st.sampled_from("abc"), columns), st.text())
def test_columns_come_back_bit_for_bit(some: dict[str, np.ndarray], text: str) -> None:
    header, found = unpacked(packed({"text": text}, some))
    assert header == {"text": text}
    assert found.keys() == some.keys()
    for name, column in some.items():
        assert (found[name].dtype, found[name].shape) == (column.dtype, column.shape)
        is_none = np.isnan(column) if column.dtype.kind == "f" else np.zeros(column.shape, bool)
        np.testing.assert_array_equal(found[name], column)
        assert found[name][~is_none].tobytes() == column[~is_none].tobytes()


@pytest.mark.parametrize(
    ("column", "most"),
    [
        (np.full(ROWS, 20.0), 8),
        (np.full(ROWS, np.nan), 8),
        (np.full((ROWS, 2), 3.5), 16),
        (np.arange(ROWS) / 16 - 10, 4 * ROWS),
        (np.where(np.arange(ROWS) % 2, np.nan, 18.0625), 4 * ROWS),
        (np.arange(ROWS) % 2 == 0, ROWS),
    ],
)
def test_what_is_said_of_rooms_takes_few_bytes(column: np.ndarray, most: int) -> None:
    assert len(packed({}, {"mean": column})) <= most + 100


def test_rows_are_the_same_where_both_hold_the_same_or_nothing() -> None:
    nothing = np.nan
    one = np.array([[1.0, nothing], [nothing, 2.0], [1.0, 2.0]])
    other = np.array([[1.0, nothing], [0.0, 2.0], [1.0, 3.0]])
    assert is_same(one, other).tolist() == [True, False, False]
    assert is_same(np.array([1, 2]), np.array([1, 3])).tolist() == [True, False]
