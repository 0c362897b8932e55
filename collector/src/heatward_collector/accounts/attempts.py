"""How often somebody may guess: failures are counted by name and address within a time."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock

WITHIN_S = 900
"""Failures older than this are forgiven. [s]"""
MOST_KEYS = 20_000
"""Names that are counted at once; the ones not tried for longest are forgotten first."""


class Attempts:
    """Counts failures by key; used by many threads, kept in memory of one process."""

    def __init__(self, now: Callable[[], float], within_s: float = WITHIN_S) -> None:
        self._now = now
        self._within_s = within_s
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def is_allowed(self, key: str, most: int) -> bool:
        """Say whether a key has failed less often than ``most`` within the time."""
        with self._lock:
            return len(self._recent(key)) < most

    def failed(self, key: str) -> None:
        """Count a failure."""
        with self._lock:
            self._recent(key)
            self._failures.setdefault(key, deque()).append(self._now())
            self._failures.move_to_end(key)
            while len(self._failures) > MOST_KEYS:
                self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Forgive what failed before."""
        with self._lock:
            self._failures.pop(key, None)

    def _recent(self, key: str) -> deque[float]:
        failures = self._failures.get(key)
        if failures is None:
            return deque()
        since = self._now() - self._within_s
        while failures and failures[0] <= since:
            failures.popleft()
        if not failures:
            del self._failures[key]
        return failures
