"""What time it is for rooms and verdicts: now, except in a demo that has been moved ahead.

``/demo`` plays a night in seconds. The processes then have to agree that it is over, so the demo
keeps a file that says how far its clock is ahead, and every process that judges asks it. Whether a
process lives is a matter of real time, and never asked here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from heatward_collector.config import Config
from heatward_collector.whole_file import put_whole

Now = Callable[[], float]
"""Returns seconds UTC."""


def clock_of(config: Config, real: Now = time.time) -> Now:
    """Return the clock by which a collector judges: outside a demo the real one."""
    return DemoClock(config.state.clock, real).now if config.demo else real


class DemoClock:
    """A clock that runs like the real one, and as far ahead as its file says."""

    def __init__(self, path: Path, real: Now = time.time) -> None:
        self._path = path
        self._real = real
        self._seen: tuple[int, int] | None = None
        self._ahead_s = 0.0

    def now(self) -> float:
        """Return the time of the demo. [s UTC]"""
        return self._real() + self.ahead_s()

    def ahead_s(self) -> float:
        """Return how far the demo is ahead of us. [s]"""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return 0.0
        seen = found.st_mtime_ns, found.st_ino
        if seen != self._seen:
            self._ahead_s = float(self._path.read_text(encoding="ascii"))
            self._seen = seen
        return self._ahead_s

    def move_to(self, time_s: float) -> None:
        """Let it be a later time for everybody; a clock is never put back."""
        ahead = max(time_s - self._real(), self.ahead_s())
        put_whole(self._path, f"{ahead:.3f}")
