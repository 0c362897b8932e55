"""Medians and means of groups, against the obvious way."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.core.groups import means, medians, medians_by_row, members_of

members = st.lists(
    st.tuples(st.integers(-1, 4), st.none() | st.integers(-500, 500)), min_size=0, max_size=40
)


def obvious(function, pairs, group):
    votes = [value for member, value in pairs if member == group and value is not None]
    return function(votes) if votes else np.nan


@given(members)
def test_groups_agree_with_the_obvious_way(pairs):
    group = np.array([member for member, _ in pairs], np.int32)
    value = np.array([np.nan if one is None else one for _, one in pairs], float)
    for function, of_groups in ((np.median, medians), (np.mean, means)):
        expected = [obvious(function, pairs, one) for one in range(5)]
        np.testing.assert_allclose(of_groups(value, group, 5), expected)


votes = st.one_of(st.just(np.nan), st.integers(-500, 500).map(lambda raw: raw / 16))


@given(st.integers(0, 30), st.data())
def test_medians_of_rows_are_those_of_each_row_to_the_last_bit(count, data):
    group = np.array(
        data.draw(st.lists(st.integers(-1, 4), min_size=count, max_size=count)), np.int32
    )
    rows = [data.draw(st.lists(votes, min_size=count, max_size=count)) for _ in range(3)]
    value = np.array(rows, float).reshape(3, count)
    found = medians_by_row(value, group, 5)
    for row, medians_of_row in zip(value, found, strict=True):
        np.testing.assert_array_equal(medians_of_row, medians(row, group, 5))


def test_a_group_without_members_has_no_median():
    assert np.isnan(medians(np.array([1.0]), np.array([1], np.int32), 3)[[0, 2]]).all()


@given(st.lists(st.integers(-1, 3), max_size=12), st.integers(0, 5))
def test_members_of_a_group_keep_their_order_and_those_of_none_are_nowhere(group, groups):
    found = members_of(np.array(group, np.int32), groups)
    expected = [[place for place, one in enumerate(group) if one == name] for name in range(groups)]
    assert [one.tolist() for one in found] == expected
