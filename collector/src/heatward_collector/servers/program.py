"""One server process, which is waited for, ended as an administrator would, or killed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from heatward_collector.errors import HeatwardError
from heatward_collector.servers.ports import HOST

READY_SECONDS = 60.0
STOP_SECONDS = 10.0
POLL_SECONDS = 0.02
DAEMONS = "/usr/sbin:/usr/local/sbin"
"""Where Debian puts servers; the search path of a user who is not root lacks it."""


def is_listening(port: int) -> bool:
    """Say whether somebody answers on a port of the loopback address."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def find_program(name: str, packages: str) -> str:
    """Return the path of a program. Raises HeatwardError, naming Debian's packages."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{DAEMONS}")
    if found is None:
        raise HeatwardError(f"{name} is not installed: apt install {packages}")
    return found


class Program:
    """A command, the port on which it is ready, and the file of what it says."""

    def __init__(self, command: Sequence[str], port: int, log: Path, niceness: int = 0) -> None:
        self.port = port
        self.kills = 0
        self._command, self.log = list(command), log
        self._before = [find_program("nice", "coreutils"), "-n", str(niceness)] if niceness else []
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Of the process that was started last; 0 before the first."""
        return 0 if self._process is None else self._process.pid

    def start(self) -> None:
        """Start it and wait until it is ready; does nothing where it runs. Raises HeatwardError."""
        if self.is_running:
            return
        self.begin()
        deadline = time.monotonic() + READY_SECONDS
        while not self.is_ready():
            if not self.is_running or time.monotonic() > deadline:
                said = self.log.read_text(errors="replace")[-2000:]
                self.kill()
                raise HeatwardError(f"{self._command[0]} does not start:\n{said}")
            time.sleep(POLL_SECONDS)

    def begin(self) -> None:
        """Start it without waiting: some faults keep it from ever being ready."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._before, *self._command], stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    def is_ready(self) -> bool:
        """Say whether it can be used."""
        return is_listening(self.port)

    def stop(self) -> None:
        """End it as an administrator would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self.kills += self.is_running
            self._process.kill()
            self._process.wait()

    def halt(self) -> None:
        """Let it stand still, as a machine that hangs."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it run again."""
        self._signal(signal.SIGCONT)

    def reload(self) -> None:
        """Let it read again what it reads on SIGHUP: lists, certificates."""
        self._signal(signal.SIGHUP)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)


AnyProgram = TypeVar("AnyProgram", bound=Program)


@contextmanager
def running(program: AnyProgram) -> Iterator[AnyProgram]:
    """Run a program until the end of the block. Raises HeatwardError where it does not start."""
    program.start()
    try:
        yield program
    finally:
        program.stop()
