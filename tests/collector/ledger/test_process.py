"""The seal process: it seals what is over, says so, and leaves for later what a stop cuts off."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from heatward_collector.config import Config, parse
from heatward_collector.ledger import LedgerReader, process
from heatward_collector.ledger.seal import seal
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


class Child:
    """A process that ends with a code at once, or lives until it is killed and waited for."""

    def __init__(self, code: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
        self.exitcode = code
        self.is_daemon = self.is_killed = False
        monkeypatch.setattr(process, "_SPAWN", SimpleNamespace(Process=self._made))

    def _made(self, daemon: bool, **_: object) -> Child:
        self.is_daemon = daemon
        return self

    def start(self) -> None:
        pass

    def is_alive(self) -> bool:
        return self.exitcode is None

    def kill(self) -> None:
        self.is_killed = True

    def join(self, timeout: float | None = None) -> None:
        if self.is_killed:
            self.exitcode = -9


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


def test_every_look_is_a_minute_after_the_one_before(
    config: Config, monkeypatch: pytest.MonkeyPatch
):
    left: list[int] = []
    monkeypatch.setattr(process.Sealing, "look", lambda self, stop: left.append(stop._left))
    process.run(config, EndsAfter(181))
    assert left == [181, 121, 61, 1]


def test_what_is_sealed_is_said_while_it_runs_and_the_last_of_it_at_the_end(
    config: Config, monkeypatch: pytest.MonkeyPatch
):
    def said() -> str | None:
        status = read_status(config.state.status, "seal")
        return status and status["stages"]["sealed"]["detail"]

    class Asking(EndsAfter):
        heard: list[str | None] = []

        def wait(self, timeout: float | None = None) -> bool:
            self.heard.append(said())
            return super().wait(timeout)

    def look(sealing: process.Sealing, stop: threading.Event) -> None:
        sealing.sealed += 1
        sealing._report()

    monkeypatch.setattr(process.Sealing, "look", look)
    process.run(config, Asking(61))  # its last look is just before it ends
    assert Asking.heard[0] == "1 days sealed"
    assert said() == "2 days sealed"


def test_a_day_is_due_so_long_after_its_end_and_one_that_was_refused_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    config = parse(f'[state]\ndirectory = "{tmp_path}"\n[ledger]\nseal_after_hours = 2\n')
    write(config.state.ledger)
    tried: list[str] = []
    monkeypatch.setattr(process, "seal_apart", lambda path, stop: tried.append(path.name))
    now = [T0 + 86_400 + 2 * 3600 - 1.0]
    sealing = process.Sealing(config, lambda: now[0], StatusWriter(config.state.status, "seal"))
    sealing.look(threading.Event())
    assert tried == []
    now[0] += 1
    for _ in range(2):
        sealing.look(threading.Event())
    assert tried == [FILES[0]]
    assert sealing.sealed == 0


def test_a_day_is_removed_when_it_was_kept_for_so_long_and_that_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO, process.__name__)
    config = parse(f'[state]\ndirectory = "{tmp_path}"\n[ledger]\nkeep_days = 3\n')
    write(config.state.ledger)
    seal(config.state.ledger / FILES[0])
    monkeypatch.setattr(process, "seal_apart", lambda path, stop: False)
    now = [T0 + 4 * 86_400 - 1.0]
    sealing = process.Sealing(config, lambda: now[0], StatusWriter(config.state.status, "seal"))
    sealing.look(threading.Event())
    assert len(sealed_days(config.state.ledger)) == 1
    assert caplog.messages == []
    now[0] += 1
    sealing.look(threading.Event())
    assert sealed_days(config.state.ledger) == []
    assert caplog.messages == ["event=day_removed day=2026-01-01"]


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


def test_a_child_that_is_told_to_stop_is_gone_before_its_day_is_left_for_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """It would go on writing where the next start begins anew; and it ends with its parent."""
    child, stop = Child(None, monkeypatch), threading.Event()
    stop.set()
    assert process.seal_apart(Path(FILES[0]), stop) is False
    assert not child.is_alive()
    assert child.is_daemon
    assert caplog.messages == []


@pytest.mark.parametrize("code", [0, 1, -9])
def test_how_the_child_of_a_day_that_cannot_be_sealed_ended_is_logged(
    code: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    Child(code, monkeypatch)
    assert process.seal_apart(Path(FILES[0]), threading.Event()) is (code == 0)
    told = [f"event=seal_refused day=2026-01-01 exit={code}"] if code else []
    assert caplog.messages == told
