"""Every kill is counted once, and an end that nobody caused is noted."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from heatward_collector.torture.line.processes import Worker, preload

LONG_S = 600.0


@pytest.fixture(scope="module", autouse=True)
def _preloaded() -> None:
    preload()


def test_threads_that_kill_side_by_side_count_every_kill(tmp_path: Path) -> None:
    workers = [Worker(f"w{n}", tmp_path / f"{n}.log", time.sleep, LONG_S) for n in range(3)]

    def kill_often(worker: Worker) -> None:
        for _ in range(15):
            worker.start()
            worker.kill()

    with ThreadPoolExecutor(len(workers)) as pool:
        list(pool.map(kill_often, workers))
    assert [worker.kills for worker in workers] == [15, 15, 15]
    assert not any(worker.is_running for worker in workers)


def test_one_that_ends_by_itself_is_noted_and_is_no_kill(tmp_path: Path) -> None:
    worker = Worker("w", tmp_path / "log", os._exit, 3)
    worker.start()
    assert worker.wait_for_end(LONG_S)
    assert worker.unclean == [3]
    assert worker.kills == 0


def test_one_that_lives_on_is_not_ended_by_waiting(tmp_path: Path) -> None:
    worker = Worker("w", tmp_path / "log", time.sleep, LONG_S)
    worker.start()
    assert not worker.wait_for_end(0.05)
    assert worker.is_running
    worker.kill()
    assert worker.kills == 1
    assert worker.unclean == []


def test_one_that_ends_while_it_is_asked_to_is_stopped_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker("w", tmp_path / "log", os._exit, 0)
    worker.start()
    with monkeypatch.context() as seen_alive:
        seen_alive.setattr(Worker, "is_running", True)
        while Path(f"/proc/{worker.pid}").exists():
            time.sleep(0.01)
        worker.halt()
        worker.stop()
    assert worker.unclean == []
    assert worker.kills == 0
