"""Arrays that grow with the numbers that are given out."""

import numpy as np
import pytest

from heatward_collector.ledger.growing import with_room


@pytest.mark.parametrize(
    ("length", "count", "grown"),
    [(0, 0, 0), (0, 1, 1), (1, 1, 1), (2, 3, 4), (3, 4, 6), (4, 33, 64), (8, 5, 8)],
)
def test_an_array_is_doubled_until_it_has_room(length: int, count: int, grown: int) -> None:
    held = np.arange(length, dtype=np.float64)
    found = with_room(held, count, -np.inf)
    assert found.tolist() == [*range(length), *[-np.inf] * (grown - length)]
    assert found.dtype == held.dtype
    assert (found is held) == (grown == length)


def test_new_places_are_nothing_unless_it_is_said() -> None:
    assert with_room(np.ones(1, np.bool_), 2).tolist() == [True, False]
    assert with_room(np.ones(1, np.int64), 2).tolist() == [1, 0]
