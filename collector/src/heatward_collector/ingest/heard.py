"""Which nodes were heard lately: what the first stage of the line knows of itself."""

from __future__ import annotations

from collections.abc import Iterable

LATELY_S = 3600
"""A node speaks every 15 minutes at the least (``node.interval_seconds``): an hour is four. [s]"""
COUNT_EVERY_S = 5.0


class Heard:
    """When each node was last heard since this process began."""

    def __init__(self, now_s: float) -> None:
        self._began_s = now_s
        self._last_s: dict[str, float] = {}
        self._counted_s = float("-inf")
        self._count = 0

    def note(self, topics: Iterable[str], now_s: float) -> None:
        """Note the topics on which something came; a node has several."""
        for topic in topics:
            self._last_s[topic.rpartition("/")[0]] = now_s

    def lately(self, now_s: float) -> int:
        """Return how many nodes were heard within the last hour, counted every few seconds."""
        if now_s - self._counted_s >= COUNT_EVERY_S:
            self._counted_s = now_s
            since = now_s - LATELY_S
            self._count = sum(heard_s >= since for heard_s in self._last_s.values())
        return self._count

    def is_silence(self, now_s: float) -> bool:
        """Say whether nobody was heard for so long that it cannot be chance."""
        return now_s - self._began_s > LATELY_S and self.lately(now_s) == 0
