"""A real server as a child process that tests stop, kill and start again."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from support.ports import is_listening, wait_until

STOP_TIMEOUT_S = 10


def find_program(name: str) -> str:
    """Return the path of a program on the search path, or among the system's daemons."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return found or missing(name)


def first_program(name: str, candidates: Iterable[Path]) -> str:
    """Return the first of some paths that is a program."""
    for candidate in candidates:
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return str(candidate)
    return missing(name)


def missing(name: str) -> NoReturn:
    """Skip the test that needs a program; in CI fail it."""
    reason = f"{name} is not installed; ./check installs it"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


class Server:
    """One process and the port on which it is ready."""

    def __init__(self, command: Sequence[str], port: int, log: Path) -> None:
        self.command = list(command)
        self.port = port
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start and wait for the port; does nothing where it runs."""
        if self.is_running:
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        wait_until(self._is_ready, f"{self.command[0]} answers on port {self.port}", 30)

    def stop(self) -> None:
        """End the process as an administrator would."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End the process as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _is_ready(self) -> bool:
        if not self.is_running:
            raise AssertionError(
                f"{self.command[0]} ended at once:\n{self._log.read_text(errors='replace')[-2000:]}"
            )
        return is_listening(self.port)
