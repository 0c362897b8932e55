"""The seal process: it seals what is over, says so, and leaves for later what a stop cuts off."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from heatward_collector.config import Config, parse
from heatward_collector.ledger import LedgerReader, process
from heatward_collector.ledger.sealed_day import sealed_days
from heatward_collector.running.status import StatusWriter, read_status
from support.evidence import T0

from .test_verify import FILES, write


class EndsAfter(threading.Event):
    """A stop that comes with the so-many-th wait for it."""

    def __init__(self, waits: int) -> None:
        super().__init__()
        self._left = waits

    def wait(self, timeout: float | None = None) -> bool:
        """Wait no time at all."""
        self._left -= 1
        if self._left == 0:
            self.set()
        return self.is_set()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    config = parse(f'[state]\ndirectory = "{tmp_path}"\n')
    write(config.state.ledger)
    return config


def test_days_that_are_over_are_sealed_in_processes_of_their_own_until_the_stop(config: Config):
    head = LedgerReader(config.state.ledger).head()
    process.run(config, EndsAfter(3))
    assert [path.stem for path in sealed_days(config.state.ledger)] == ["2026-01-01", "2026-01-02"]
    assert LedgerReader(config.state.ledger).head() == head
    said = read_status(config.state.status, "seal")
    assert said is not None
    assert said["stages"]["sealed"]["detail"] == "2 days sealed"
    assert said["faults"] == []


def test_it_looks_once_a_minute(config: Config, monkeypatch: pytest.MonkeyPatch):
    looks = []
    monkeypatch.setattr(process.Sealing, "look", lambda self, stop: looks.append(stop))
    process.run(config, EndsAfter(121))
    assert len(looks) == 3


def test_a_day_whose_sealing_a_stop_cut_off_is_neither_refused_nor_followed_by_another(
    config: Config, monkeypatch: pytest.MonkeyPatch
):
    stop, tried = threading.Event(), []

    def cut_off(path: Path, stop: threading.Event) -> bool:
        tried.append(path.name)
        stop.set()
        return False

    monkeypatch.setattr(process, "seal_apart", cut_off)
    status = StatusWriter(config.state.status, "seal")
    sealing = process.Sealing(config, lambda: T0 + 30 * 86_400.0, status)
    sealing.look(stop)
    assert tried == [FILES[0]]
    status.flush(force=True)
    said = read_status(config.state.status, "seal")
    assert said is not None
    assert said["faults"] == []
    monkeypatch.setattr(process, "seal_apart", lambda path, stop: True)
    sealing.look(threading.Event())
    assert sealing.sealed == 2


def test_the_child_gives_way_to_whoever_takes_readings_in(
    config: Config, monkeypatch: pytest.MonkeyPatch
):
    nicer = []
    monkeypatch.setattr(os, "nice", nicer.append)
    process._seal(config.state.ledger / FILES[0])
    assert nicer == [10]
    assert [path.stem for path in sealed_days(config.state.ledger)] == ["2026-01-01"]
