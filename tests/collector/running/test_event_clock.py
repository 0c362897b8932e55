"""One clock for everything that judges; only a demo may move it, and only ahead."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.config import parse
from heatward_collector.running.event_clock import DemoClock, clock_of


def test_outside_a_demo_a_clock_file_moves_nothing(tmp_path: Path) -> None:
    (tmp_path / "clock").write_text("3600")
    config = parse(f'[state]\ndirectory = "{tmp_path}"')
    assert clock_of(config, lambda: 100.0)() == 100.0


def test_in_a_demo_every_process_sees_the_time_that_one_of_them_set(tmp_path: Path) -> None:
    config = parse(f'[state]\ndirectory = "{tmp_path}"\n[rules]\ncity = "demo"')
    elsewhere = clock_of(config, lambda: 100.0)
    assert elsewhere() == 100.0
    DemoClock(config.state.clock, lambda: 100.0).move_to(7300.0)
    assert elsewhere() == 7300.0
    assert clock_of(config, lambda: 160.0)() == 7360.0


@given(st.lists(st.floats(0, 1e9)))
def test_a_clock_is_never_put_back(tmp_path_factory: object, moves: list[float]) -> None:
    path = tmp_path_factory.mktemp("clock") / "clock"  # type: ignore[attr-defined]
    clock = DemoClock(path, lambda: 0.0)
    seen = [clock.now()]
    for move in moves:
        clock.move_to(move)
        seen.append(clock.now())
        assert seen[-1] >= move - 0.001
    assert seen == sorted(seen)
