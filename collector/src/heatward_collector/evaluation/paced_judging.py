"""A judgement at the pace of its process: a piece, then everything else."""

from __future__ import annotations

import time
from collections.abc import Callable

from heatward_collector.evaluation.pieces import Pieces, go_on

PIECE_SECONDS = 1.0
"""After so long a judgement waits until everything else was done."""


class PacedJudging:
    """Does a judgement in pieces, between which readings have their turn."""

    def __init__(self, judging: Callable[[], Pieces[int]], piece_s: float = PIECE_SECONDS) -> None:
        self._judging, self._piece_s = judging, piece_s
        self._pieces: Pieces[int] | None = None
        self._next_piece = 0.0

    @property
    def is_judging(self) -> bool:
        """Whether there are pieces left."""
        return self._pieces is not None

    def begin(self) -> None:
        """Begin a judgement, if none is under way."""
        if self._pieces is None:
            self._pieces = self._judging()

    def go_on(self, busy: bool) -> int | None:
        """Go on for about a piece; return how many verdicts are new or changed once it is through.

        While readings wait, they get as much time.
        """
        began = time.perf_counter()
        if self._pieces is None or (busy and began < self._next_piece):
            return None
        written = go_on(self._pieces, lambda: time.perf_counter() - began >= self._piece_s)
        self._next_piece = 2 * time.perf_counter() - began
        if written is not None:
            self._pieces = None
        return written
