"""The seal process: closes the books of days that are over, one child process a day.

The child needs pyarrow and the memory of a stretch, and gives both back when it ends.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
from collections.abc import Callable
from pathlib import Path

from heatward_collector.config import Config
from heatward_collector.ledger.day_file import DAY_S
from heatward_collector.ledger.seal import due, remove_older, seal
from heatward_collector.locale import CHINESE, ENGLISH, message, texts
from heatward_collector.running.event_clock import clock_of
from heatward_collector.running.status import StatusWriter

LOOK_SECONDS = 60.0
POLL_SECONDS = 1.0
NICENESS = 10
"""Sealing waits for whoever takes readings in."""
_SPAWN = multiprocessing.get_context("spawn")

log = logging.getLogger(__name__)


class Sealing:
    """Looks which days are due, and has them sealed."""

    def __init__(self, config: Config, now: Callable[[], float], status: StatusWriter) -> None:
        self._directory = config.state.ledger
        self._settings = config.ledger
        self._now = now
        self._status = status
        self._refused: set[Path] = set()
        self.sealed = 0

    def look(self, stop: threading.Event) -> None:
        """Seal what is due and remove what need not be kept any longer."""
        now = self._now()
        for path in due(self._directory, now, 3600 * self._settings.seal_after_hours):
            if path in self._refused or stop.is_set():
                continue
            if seal_apart(path, stop):
                self.sealed += 1
            elif not stop.is_set():
                self._refused.add(path)
        if self._settings.keep_days:
            for folder in remove_older(self._directory, now - DAY_S * self._settings.keep_days):
                log.info("event=day_removed day=%s", folder.stem)
        self._report()

    def _report(self) -> None:
        self._status.stage("sealed", detail=f"{self.sealed} days sealed")
        if not self._refused:
            return
        text = message("%(days)d days of the ledger cannot be sealed; they stay as they are.")
        remedy = message("Run heatward ledger verify; restart the collector once it is mended.")
        zh, en = texts(CHINESE), texts(ENGLISH)
        days = len(self._refused)
        self._status.fault(
            "seal_refused", zh(text, days=days), en(text, days=days), zh(remedy), en(remedy)
        )


def seal_apart(path: Path, stop: threading.Event) -> bool:
    """Seal a day in a process of its own; False where it could not, or was told to stop."""
    child = _SPAWN.Process(target=_seal, args=(path,), name="heatward-seal-day", daemon=True)
    child.start()
    while child.is_alive() and not stop.is_set():
        child.join(POLL_SECONDS)
    if child.is_alive():
        child.kill()  # what it has written counts for nothing before its last step
        child.join()
        return False
    if child.exitcode != 0:
        log.error("event=seal_refused day=%s exit=%s", path.stem, child.exitcode)
    return child.exitcode == 0


def run(config: Config, stop: threading.Event) -> None:
    """Seal days until told to stop."""
    status = StatusWriter(config.state.status, "seal")
    sealing = Sealing(config, clock_of(config), status)
    waited = LOOK_SECONDS
    while not stop.is_set():
        if waited >= LOOK_SECONDS:
            sealing.look(stop)
            waited = 0.0
        status.flush()
        stop.wait(POLL_SECONDS)
        waited += POLL_SECONDS
    status.flush(force=True)


def _seal(path: Path) -> None:
    os.nice(NICENESS)
    seal(path)
