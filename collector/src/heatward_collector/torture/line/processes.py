"""Processes of nodes and of the collector, as ``heatward run`` starts them, to be hit one by one.

They come from a fork server that has imported what they need: a kill then costs some milliseconds
and not the seconds of an import, and still nothing of one process is in another.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import wait as wait_for_any
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from heatward_collector.config import Config
from heatward_collector.errors import HeatwardError
from heatward_collector.running.stages import STAGES, run_stage
from heatward_collector.running.status import read_status
from heatward_collector.torture.line.crash_points import CrashPoint, die_at
from heatward_collector.torture.line.node_life import ORDERS, STATE, NodePlan, live
from heatward_collector.whole_file import put_whole

STOP_SECONDS = 60.0
"""One that does not end within so long hangs; on a busy machine a look lasts more than ten. [s]"""
_CONTEXT = multiprocessing.get_context("forkserver")
_ONE_AT_A_TIME = threading.Lock()
"""Whoever starts a process also asks what became of all others. Of two threads that ask at once for
the same exit code one would get none, and call it 255."""
PLAYED_STAGES = (
    *("ingest", "view", "evaluate", "cases", "notify"),
    *("seal", "watch", "web", "display"),
)


def preload() -> None:
    """Let the fork server import what its children will use; call it before the first process."""
    _CONTEXT.set_forkserver_preload(
        [*(STAGES[stage] for stage in PLAYED_STAGES), "heatward_collector.torture.line.processes"]
    )
    first = _CONTEXT.Process(target=time.sleep, args=(0,))
    first.start()
    first.join()


class Worker:
    """One process after the other, of the same kind."""

    def __init__(self, name: str, log: Path, target: Callable[..., None], *arguments: Any) -> None:
        self.name = name
        self.peak_bytes = 0
        """The most memory that any life of it had resident."""
        self.most_files = 0
        self.kills = 0
        """How many lives were ended by a kill -9, its own at a crash point among them."""
        self.unclean: list[int | None] = []
        """Exit codes of lives that were asked to end and did not end well."""
        self._log, self._target, self._arguments = log, target, arguments
        self._process: ForkServerProcess | None = None

    @property
    def is_running(self) -> bool:
        """Whether it lives."""
        with _ONE_AT_A_TIME:
            return self._process is not None and self._process.is_alive()

    @property
    def pid(self) -> int:
        """Its process id, 0 where none runs."""
        return 0 if self._process is None else self._process.pid or 0

    def start(self, *more: Any) -> None:
        """Begin a life; does nothing where one runs."""
        if self.is_running:
            return
        arguments = (self._log, self._target, *self._arguments, *more)
        self._process = _CONTEXT.Process(target=_begin, args=arguments, name=self.name)
        with _ONE_AT_A_TIME:
            self._process.start()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self.measure()
            self._process.kill()
            _has_ended(self._process)
            self.kills += _exit_code(self._process) == -signal.SIGKILL
            self._process = None

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self._process is not None:
            self.go_on()
            self._process.terminate()

    def stop(self) -> None:
        """End it as an administrator would, and note where that is not orderly."""
        if self._process is None:
            return
        self.measure()
        self.ask_to_stop()
        _has_ended(self._process, STOP_SECONDS)
        # One that SIGTERM found before it had a handler had not begun anything.
        if (code := _exit_code(self._process)) not in (0, -signal.SIGTERM):
            self.unclean.append(code)
            self._process.kill()
            _has_ended(self._process)
        self._process = None

    def halt(self) -> None:
        """Let it stand still, as a process that hangs; what it is in the middle of is over then."""
        if self.is_running:
            self._signal(signal.SIGSTOP)
            while not _stands_still(self.pid):
                time.sleep(0.001)

    def go_on(self) -> None:
        """Let it run again."""
        if self.is_running:
            self._signal(signal.SIGCONT)

    def _signal(self, one: signal.Signals) -> None:
        # Since it was last seen alive it may have ended by itself.
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, one)

    def wait_for_end(self, seconds: float) -> bool:
        """Wait until it has ended by itself; say whether it did, and note where no kill did it."""
        if self._process is None:
            return True
        if not _has_ended(self._process, seconds):
            return False
        if (code := _exit_code(self._process)) == -signal.SIGKILL:
            self.kills += 1
        else:
            self.unclean.append(code)
        self._process = None
        return True

    def measure(self) -> None:
        """Note what it has of memory and open files."""
        if self.is_running:
            try:
                status = Path(f"/proc/{self.pid}/status").read_text()
                files = sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir())
            except OSError:
                return  # it has ended this very moment
            peak = next((one for one in status.splitlines() if one.startswith("VmHWM")), "VmHWM 0")
            self.peak_bytes = max(self.peak_bytes, int(peak.split()[1]) * 1024)
            self.most_files = max(self.most_files, files)


class Stage(Worker):
    """One process of the collector."""

    def __init__(self, stage: str, config: Config, folder: Path) -> None:
        super().__init__(stage, folder / f"{stage}.log", _run_stage, stage, config)
        self._config = config

    def counters(self) -> dict[str, int]:
        """Return what its newest life has counted, as it last wrote it down."""
        status = read_status(self._config.state.status, self.name)
        return {} if status is None else dict(status["counters"])

    def is_ready(self) -> bool:
        """Say whether this life has written its status."""
        status = read_status(self._config.state.status, self.name)
        return status is not None and status["pid"] == self.pid and bool(status["stages"])


class Node(Worker):
    """One node."""

    def __init__(self, plan: NodePlan, log: Path) -> None:
        super().__init__(plan.identity.node, log, live, plan)
        self.plan = plan
        self.orders: dict[str, Any] = {}
        plan.folder.mkdir(parents=True, exist_ok=True)

    def order(self, **orders: Any) -> None:
        """Tell it what to do from now on, in later lives too."""
        self.orders |= orders
        put_whole(self.plan.folder / ORDERS, json.dumps(self.orders))

    def state(self) -> dict[str, Any]:
        """Return what its newest life says of itself."""
        try:
            state: dict[str, Any] = json.loads((self.plan.folder / STATE).read_text())
        except FileNotFoundError:
            return {}
        return state

    @property
    def is_done(self) -> bool:
        """Whether it measures no more and the collector has all that it wrote."""
        state = self.state()
        return bool(state.get("is_done")) and not state["measures"] and state["pid"] == self.pid


def wait(condition: Callable[[], object], until: float, what: str) -> None:
    """Wait until something is true, or a moment of the monotonic clock. Raises HeatwardError."""
    while not condition():
        if time.monotonic() > until:
            raise HeatwardError(f"in time it did not come to be that {what}")
        time.sleep(0.02)


def _stands_still(pid: int) -> bool:
    """Say whether every thread of a process was stopped, or is gone."""
    return all(_state(thread) in "TZX" for thread in Path(f"/proc/{pid}/task").glob("*/stat"))


def _state(thread: Path) -> str:
    try:
        return thread.read_text().rpartition(") ")[2][:1]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


def _has_ended(process: ForkServerProcess, seconds: float | None = None) -> bool:
    """Wait for an end; say whether it came."""
    if not wait_for_any([process.sentinel], seconds):
        return False
    with _ONE_AT_A_TIME:
        process.join()
    return True


def _exit_code(process: ForkServerProcess) -> int | None:
    with _ONE_AT_A_TIME:
        return process.exitcode


def _begin(log: Path, target: Callable[..., None], *arguments: Any) -> None:
    """Let a process write into its own log, and go."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(file, stream.fileno())
    os.setpgid(0, 0)  # Ctrl-C is for the one who conducts
    target(*arguments)


def _run_stage(stage: str, config: Config, point: CrashPoint | None = None) -> None:
    if point is not None:
        die_at(point)
    run_stage(stage, config)
