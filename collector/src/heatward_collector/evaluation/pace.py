"""How a process parts its time: a piece of long work, then everything else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from heatward_collector.pieces import IsEnough


class Pace:
    """Leaves work after about ``piece_s``; while other work waits, it gets as much time."""

    def __init__(self, piece_s: float) -> None:
        self._piece_s, self._next_piece = piece_s, 0.0
        self.took_s = 0.0
        """What the newest piece took. [s]"""

    def is_due(self, busy: bool) -> bool:
        """Say whether the next piece may begin; ``busy`` is whether other work waits."""
        return not busy or time.perf_counter() >= self._next_piece

    @contextmanager
    def piece(self) -> Iterator[IsEnough]:
        """Time a piece; yields what says whether the rest is to wait."""
        began = time.perf_counter()
        yield lambda: time.perf_counter() - began >= self._piece_s
        self.took_s = time.perf_counter() - began
        self._next_piece = began + 2 * self.took_s
