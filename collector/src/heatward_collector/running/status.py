"""What a process says of itself: one small file, replaced whole about once a second."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from heatward_collector.whole_file import put_whole

WRITE_EVERY_S = 1.0


class StatusWriter:
    """The status file of one process; cheap to call from a loop."""

    def __init__(self, directory: Path, process: str, now: Callable[[], float] = time.time) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._path = directory / f"{process}.json"
        self._process = process
        self._now = now
        self._stages: dict[str, dict[str, Any]] = {}
        self._faults: dict[str, dict[str, str]] = {}
        self._written_at = float("-inf")
        self.counters: Counter[str] = Counter()

    def stage(self, name: str, lag_seconds: float | None = None, detail: str = "") -> None:
        """Note that a stage has just succeeded, and how far it is behind."""
        self._stages[name] = {
            "last_success": self._now(),
            "lag_seconds": lag_seconds,
            "detail": detail,
        }

    def expect(self, name: str) -> None:
        """List a stage from the beginning, though it has not succeeded yet."""
        self._stages.setdefault(name, {"last_success": None, "lag_seconds": None, "detail": ""})

    def count(self, counters: Mapping[str, int]) -> None:
        """Set counters to their totals since the process started."""
        self.counters.update({key: value - self.counters[key] for key, value in counters.items()})

    def fault(self, code: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> None:
        """Raise a fault until it is cleared; each comes with what to do."""
        self._faults[code] = {
            "code": code,
            "text_zh": zh,
            "text_en": en,
            "remedy_zh": remedy_zh,
            "remedy_en": remedy_en,
        }

    def clear_fault(self, code: str) -> None:
        """Take a fault back."""
        self._faults.pop(code, None)

    def flush(self, force: bool = False) -> None:
        """Write the file where the last one is a second old."""
        now = self._now()
        if not force and now - self._written_at < WRITE_EVERY_S:
            return
        self._written_at = now
        status = {
            "process": self._process,
            "pid": os.getpid(),
            "updated_at": now,
            "stages": self._stages,
            "counters": dict(self.counters),
            "faults": list(self._faults.values()),
        }
        put_whole(self._path, json.dumps(status, ensure_ascii=False))

    def wait(self, stop: threading.Event, seconds: float) -> None:
        """Pause until told to stop, but go on saying that this process lives."""
        end = time.monotonic() + seconds
        self.flush(force=True)
        while not stop.is_set() and (left := end - time.monotonic()) > 0:
            stop.wait(min(left, WRITE_EVERY_S))
            self.flush()


def read_status(directory: Path, process: str) -> dict[str, Any] | None:
    """Return what a process last said, or None where it said nothing readable."""
    try:
        status: dict[str, Any] = json.loads((directory / f"{process}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return status
