"""A judgement gives readings their turn, and is through once it has done all of its pieces."""

from __future__ import annotations

import pytest

from heatward_collector.evaluation import pace
from heatward_collector.evaluation.paced_judging import PacedJudging
from heatward_collector.pieces import Pieces


class Clock:
    """A clock that moves when somebody works."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pace, "time", clock)
    return clock


def judging(clock: Clock, took_s: float, pieces: int) -> Pieces[int]:
    for _ in range(pieces):
        clock.now += took_s
        yield
    return pieces


def test_a_short_judgement_is_done_at_once(clock: Clock) -> None:
    paced = PacedJudging(lambda: judging(clock, 0.1, 3), piece_s=1.0)
    assert paced.go_on(busy=True) is None
    paced.begin()
    assert paced.go_on(busy=True) == 3
    assert not paced.is_judging


def test_a_long_one_is_left_after_a_piece_and_waits_for_as_long_while_readings_wait(
    clock: Clock,
) -> None:
    paced = PacedJudging(lambda: judging(clock, 0.5, 4), piece_s=1.0)
    paced.begin()
    assert paced.go_on(busy=True) is None
    assert clock.now == 1.0
    assert paced.go_on(busy=True) is None
    assert clock.now == 1.0
    clock.now = 2.0
    assert paced.go_on(busy=True) is None
    assert clock.now == 3.0
    assert paced.is_judging
    assert paced.go_on(busy=False) == 4


def test_what_is_under_way_is_not_begun_again(clock: Clock) -> None:
    begun = []

    def anew() -> Pieces[int]:
        begun.append(clock.now)
        return judging(clock, 1.0, 2)

    paced = PacedJudging(anew, piece_s=1.0)
    paced.begin()
    paced.go_on(busy=False)
    paced.begin()
    assert len(begun) == 1
    assert paced.go_on(busy=False) is None
    assert paced.go_on(busy=False) == 2
    paced.begin()
    assert len(begun) == 2
