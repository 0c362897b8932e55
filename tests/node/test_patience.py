"""How long a node waits: never less than a minute, never more than half an hour, spread out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_node.patience import FIRST_PATIENCE_MS, LONGEST_PATIENCE_MS, Patience

JITTERS = st.floats(0, 1, exclude_max=True)


@given(JITTERS, st.integers(0, 20), st.integers(0, 10**12))
def test_every_wait_lies_between_the_first_and_the_longest(jitter: float, missed: int, now: int):
    patience = Patience(lambda: jitter)
    for _ in range(missed):
        patience.grow()
    patience.expect(now)
    assert now + FIRST_PATIENCE_MS <= patience.deadline_ms <= now + LONGEST_PATIENCE_MS
    assert not patience.is_over(patience.deadline_ms - 1)
    assert patience.is_over(patience.deadline_ms)


@pytest.mark.parametrize(("missed", "minutes"), [(0, 1), (1, 2), (2, 4), (4, 16), (5, 30), (9, 30)])
def test_each_answer_that_did_not_come_doubles_the_longest_wait(missed: int, minutes: int) -> None:
    patience = Patience(lambda: 1.0)
    for _ in range(missed):
        patience.grow()
    patience.expect(1000)
    assert patience.deadline_ms == 1000 + minutes * 60_000


def test_an_answer_makes_the_wait_as_short_as_at_first() -> None:
    patience = Patience(lambda: 1.0)
    for _ in range(5):
        patience.grow()
    patience.renew()
    patience.expect(0)
    assert patience.deadline_ms == FIRST_PATIENCE_MS


def test_nodes_that_waited_long_do_not_come_back_together() -> None:
    draws = iter([0.0, 0.25, 0.75])
    patience = Patience(lambda: next(draws))
    for _ in range(9):
        patience.grow()
    ends = []
    for _ in range(3):
        patience.expect(0)
        ends.append(patience.deadline_ms)
    assert ends == [FIRST_PATIENCE_MS, 495_000, 1_365_000]


@given(JITTERS, st.integers(0, 10**9), st.integers(0, 10**7))
def test_a_drawn_moment_lies_within_the_spread(jitter: float, now: int, spread: int) -> None:
    moment = Patience(lambda: jitter).drawn(now, spread)
    assert now <= moment <= now + spread
