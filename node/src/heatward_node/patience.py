"""How long a node waits for an answer of the collector before it tries again.

At first a minute. Each answer that does not come doubles the longest wait, up to half an hour, and
what is beyond the first minute is drawn anew each time, so that the nodes of a city spread out.
"""

from __future__ import annotations

from collections.abc import Callable

FIRST_PATIENCE_MS = 60_000
LONGEST_PATIENCE_MS = 30 * 60_000


class Patience:
    """Until when an answer is waited for. ``jitter`` gives numbers from 0 up to 1."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._most_ms = FIRST_PATIENCE_MS
        self.deadline_ms = 0
        """When the wait is over, since boot. [ms]"""

    def expect(self, now_ms: int) -> None:
        """Wait for an answer from now on."""
        beyond_first = max(0, self._most_ms - FIRST_PATIENCE_MS)
        first = min(self._most_ms, FIRST_PATIENCE_MS)
        self.deadline_ms = now_ms + first + int(beyond_first * self._jitter())

    def is_over(self, now_ms: int) -> bool:
        """Return whether the answer should have come."""
        return now_ms >= self.deadline_ms

    def grow(self) -> None:
        """Wait longer from the next time on: no answer came."""
        self._most_ms = min(2 * self._most_ms, LONGEST_PATIENCE_MS)

    def renew(self) -> None:
        """Wait as at first from the next time on: an answer came."""
        self._most_ms = FIRST_PATIENCE_MS

    def drawn(self, now_ms: int, spread_ms: int) -> int:
        """Return a moment within ``spread_ms``, another one at each node. [ms]"""
        return now_ms + int(spread_ms * self._jitter())
