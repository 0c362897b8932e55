"""What is printed of a verdict is the same, however many rooms are judged at once."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.core.compliance import judge_rooms
from heatward_collector.core.whole_days import Limits, judge_whole_rooms
from heatward_collector.evaluation.printed_numbers import all_printed, printed

NUMBERS = ("mean", "minimum", "degree_hours")
days = st.lists(
    st.lists(st.integers(3_300, 4_100), min_size=24, max_size=24), min_size=2, max_size=9
)


def whole(total: np.ndarray, offset: float) -> list[list[float | None]]:
    rooms = total.shape[1]
    offsets, guard, judged = np.full(rooms, offset), np.full(rooms, 0.5), np.ones(rooms, bool)
    limits = Limits.of(offsets, 20.0, guard)
    found = judge_whole_rooms(total, limits, offsets, 20.0, guard, judged)
    return [[printed(value) for value in getattr(found, name)] for name in NUMBERS]


def by_means(total: np.ndarray, offset: float) -> list[list[float | None]]:
    rooms = total.shape[1]
    means = total / 192 + offset
    found = judge_rooms(means, np.ones(24, bool), 20.0, np.full(rooms, 0.5), np.ones(rooms, bool))
    return [[printed(value) for value in getattr(found, name)] for name in NUMBERS]


@given(days, st.sampled_from([0.0, 0.1, -0.25, 0.313]))
def test_a_room_alone_is_printed_as_among_others(rooms: list[list[int]], offset: float) -> None:
    total = np.array(rooms, np.int16).T
    together = whole(total, offset)
    assert by_means(total, offset) == together
    for room in range(total.shape[1]):
        alone = whole(np.ascontiguousarray(total[:, [room]]), offset)
        assert alone == [[values[room]] for values in together]


def test_a_half_in_the_fifth_digit_is_rounded_by_the_value_and_not_by_its_last_bit() -> None:
    assert printed(np.nextafter(58.26875, 0)) == printed(np.nextafter(58.26875, 99))
    assert (printed(58.26874), printed(58.26876)) == (58.2687, 58.2688)
    assert printed(float("nan")) is None


@given(
    st.lists(
        st.one_of(
            st.floats(allow_infinity=False),
            st.integers(-(10**7), 10**7).map(lambda number: number / 1e5),  # also just a half
            st.integers(-(10**7), 10**7).map(lambda number: np.nextafter(number / 1e5, 1e9)),
        )
    )
)
def test_many_numbers_are_printed_as_each_of_them(values: list[float]) -> None:
    each = [printed(value) for value in values]
    together = all_printed(np.array(values, np.float64)).tolist()
    known = [None if np.isnan(one) else one for one in together]
    assert [repr(one) for one in known] == [repr(one) for one in each]
