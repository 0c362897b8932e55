"""Which nodes were heard lately: what the first stage of the line knows of itself."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from heatward_collector.ledger.growing import with_room

LATELY_S = 3600
"""A node speaks every 15 minutes at the least (``node.interval_seconds``): an hour is four. [s]"""
COUNT_EVERY_S = 5.0
_ROOM = 1_024
"""For so many nodes at first; it is doubled when it is full."""


class Heard:
    """When each node was last heard since this process began."""

    def __init__(self, now_s: float) -> None:
        self._began_s = now_s
        self._last_s = np.full(_ROOM, -np.inf)
        self._counted_s = float("-inf")
        self._count = 0

    def note(self, nodes: npt.NDArray[np.int64], now_s: float) -> None:
        """Note nodes from which something came, by their numbers."""
        self._last_s = with_room(self._last_s, int(nodes.max(initial=-1)) + 1, -np.inf)
        self._last_s[nodes] = now_s

    def lately(self, now_s: float) -> int:
        """Return how many nodes were heard within the last hour, counted every few seconds."""
        if now_s - self._counted_s >= COUNT_EVERY_S:
            self._counted_s = now_s
            self._count = int((self._last_s >= now_s - LATELY_S).sum())
        return self._count

    def is_silence(self, now_s: float) -> bool:
        """Say whether nobody was heard for so long that it cannot be chance."""
        return now_s - self._began_s > LATELY_S and self.lately(now_s) == 0
