"""The view waits for a portion: longest where few points come, never for more than its patience."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.timeseries.portions import POLL_SECONDS, PORTION, Portions


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_where_nothing_comes_it_is_as_patient_as_it_can_be() -> None:
    assert Portions(Hand()).pause(0) == POLL_SECONDS


def test_in_a_flood_it_waits_until_a_portion_has_come() -> None:
    clock = Hand()
    portions = Portions(clock)
    clock.now_s = 1.0
    assert portions.pause(10 * PORTION) == 0.1
    clock.now_s = 1.5
    assert portions.pause(12 * PORTION) == 0.25
    clock.now_s = 61.5
    assert portions.pause(13 * PORTION) == POLL_SECONDS


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(-(10**9), 10**9)), max_size=20))
def test_it_never_waits_longer_than_that_nor_backwards(looks: list[tuple[float, int]]) -> None:
    clock, points = Hand(), 0
    portions = Portions(clock)
    for took_s, new in looks:
        clock.now_s += took_s
        points += new
        assert 0 <= portions.pause(points) <= POLL_SECONDS
