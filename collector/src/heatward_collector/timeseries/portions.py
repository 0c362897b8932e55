"""How long the view waits until as much lies ahead as is best written together.

A portion costs the store little more than a few readings; many at once take every processor from
the broker and from ingest, which then stand still for a moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from heatward_collector.timeseries.influxdb import LINES_AT_ONCE, POSTS_AT_ONCE

POLL_SECONDS = 0.5
"""The longest pause, where few points come."""
PORTION = POSTS_AT_ONCE * LINES_AT_ONCE
"""Points: as many as are under way to InfluxDB together; 0.2 s of 80,000 a second."""


class Portions:
    """Knows how fast points come. ``now`` returns monotonic seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._at_s, self._points = now(), 0

    def pause(self, points: int) -> float:
        """Return for how long to wait [s], where ``points`` were written since the beginning."""
        now_s = self._now()
        new, took_s = points - self._points, now_s - self._at_s
        self._at_s, self._points = now_s, points
        return POLL_SECONDS if new <= 0 else min(POLL_SECONDS, PORTION * took_s / new)
