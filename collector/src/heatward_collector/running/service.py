"""The supervisor: starts the processes of the collector and restarts each one that ends.

Processes are spawned, never forked: no thread or open file of one leaks into another, and each
imports only what it needs. When the supervisor dies, however violently, its children notice and
end too, so that a restart finds the ledger free.
"""

from __future__ import annotations

import fcntl
import logging
import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import IO

from heatward_collector.config import Config
from heatward_collector.errors import HeatwardError
from heatward_collector.locale import CHINESE, ENGLISH, message, texts
from heatward_collector.running.stages import run_stage, stages_of
from heatward_collector.running.status import StatusWriter
from heatward_node.errors import EXIT_CONFIGURATION, ConfigurationError

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0
STEADY_AFTER_SECONDS = 60.0
"""A process that lived this long is healthy again: its next pause is the first one."""
STOP_SECONDS = 20.0
"""How long processes may take to finish what they hold before they are killed."""
_TICK_SECONDS = 0.2


class ServiceHeld(HeatwardError):
    """Another ``heatward run`` uses this state folder."""


@dataclass(slots=True)
class Child:
    """One supervised process and its history."""

    stage: str
    process: SpawnProcess | None = None
    started_at: float = 0.0
    resume_at: float = 0.0
    pause_seconds: float = FIRST_PAUSE_SECONDS
    restarts: int = 0
    reported_away: bool = field(default=False)


class Supervisor:
    """Runs the stages of one configuration until it is told to stop."""

    def __init__(
        self,
        config: Config,
        stages: Sequence[str] | None = None,
        target: Callable[[str, Config], None] = run_stage,
    ) -> None:
        self._config = config
        self._target = target
        self._children = [Child(stage) for stage in stages or stages_of(config)]
        self._context = multiprocessing.get_context("spawn")

    @property
    def restarts(self) -> dict[str, int]:
        """How often each process had to be started again."""
        return {child.stage: child.restarts for child in self._children}

    @property
    def pids(self) -> dict[str, int]:
        """The running processes by stage."""
        return {
            child.stage: child.process.pid
            for child in self._children
            if child.process is not None and child.process.pid is not None
        }

    def run(self, stop: threading.Event) -> None:
        """Start everything, keep it running until ``stop`` is set, then end it."""
        self._config.state.directory.mkdir(parents=True, exist_ok=True)
        status = StatusWriter(self._config.state.status, "service")
        with HeldFile(self._config.state.directory / "service.lock"):
            try:
                notify_systemd("READY=1")
                while not stop.wait(_TICK_SECONDS):
                    for child in self._children:
                        self._watch(child, time.monotonic())
                    self._report(status)
                    notify_systemd("WATCHDOG=1")
            finally:
                notify_systemd("STOPPING=1")
                self._end_all()

    def _report(self, status: StatusWriter) -> None:
        for child in self._children:
            if child.reported_away:
                _say_away(status, child.stage)
            else:
                status.clear_fault(f"{child.stage}_away")
        status.count({f"restarts_{child.stage}": child.restarts for child in self._children})
        status.flush()

    def _watch(self, child: Child, now: float) -> None:
        if child.process is None:
            if now >= child.resume_at:
                self._start(child, now)
            return
        if child.process.is_alive():
            self._note_return(child, now)
            return
        code = child.process.exitcode
        child.process.close()
        child.process = None
        if code == EXIT_CONFIGURATION:
            problem = f"the {child.stage} process refused it; its log line names every problem"
            raise ConfigurationError("configuration", [problem])
        if now - child.started_at >= STEADY_AFTER_SECONDS:
            child.pause_seconds = FIRST_PAUSE_SECONDS
        child.resume_at = now + child.pause_seconds
        if not child.reported_away:
            child.reported_away = True
            log.error(
                "event=process_ended stage=%s exit=%s; restarting it until it stays",
                child.stage,
                code,
            )
        child.pause_seconds = min(child.pause_seconds * 2, LONGEST_PAUSE_SECONDS)
        child.restarts += 1

    def _start(self, child: Child, now: float) -> None:
        child.process = self._context.Process(
            target=self._target, args=(child.stage, self._config), name=f"heatward-{child.stage}"
        )
        child.process.start()
        child.started_at = now

    def _note_return(self, child: Child, now: float) -> None:
        lived = now - child.started_at
        if child.reported_away and lived >= min(child.pause_seconds * 2, STEADY_AFTER_SECONDS):
            child.reported_away = False
            log.warning("event=process_back stage=%s restarts=%d", child.stage, child.restarts)

    def _end_all(self) -> None:
        """Ask all to stop at once, and kill what does not in time."""
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            process.join(max(deadline - time.monotonic(), 0.1))
            if process.is_alive():
                log.error("event=process_killed name=%s; it did not stop in time", process.name)
                process.kill()
                process.join()


def _say_away(status: StatusWriter, stage: str) -> None:
    text = message("The %(stage)s process ends again and again.")
    remedy = message("See its last log line; it is started again after a pause.")
    zh, en = texts(CHINESE), texts(ENGLISH)
    status.fault(
        f"{stage}_away", zh(text, stage=stage), en(text, stage=stage), zh(remedy), en(remedy)
    )


def notify_systemd(state: str) -> None:
    """Tell systemd how we are, where it listens; elsewhere nothing happens."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        try:
            sender.sendto(state.encode(), address.replace("@", "\0", 1))
        except OSError as error:
            log.warning("event=systemd_unreachable state=%s error=%s", state, error)


class HeldFile:
    """Holds a lock file that the system releases even when we are killed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def __enter__(self) -> None:
        self._file = self._path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            owner = self._file.read().strip() or "unknown"
            self._file.close()
            raise ServiceHeld(
                f"another heatward run (process {owner}) uses {self._path.parent}; "
                "stop it, or name another state.directory"
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def __exit__(self, *reason: object) -> None:
        if self._file is not None:
            self._file.close()
