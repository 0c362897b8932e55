"""A judgement at the pace of its process: a piece, then everything else."""

from __future__ import annotations

from collections.abc import Callable

from heatward_collector.evaluation.pace import Pace
from heatward_collector.pieces import Pieces, go_on

PIECE_SECONDS = 1.0
"""After so long a judgement waits until everything else was done."""


class PacedJudging:
    """Does a judgement in pieces, between which readings have their turn."""

    def __init__(self, judging: Callable[[], Pieces[int]], piece_s: float = PIECE_SECONDS) -> None:
        self._judging, self._pace = judging, Pace(piece_s)
        self._pieces: Pieces[int] | None = None

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
        if self._pieces is None or not self._pace.is_due(busy):
            return None
        with self._pace.piece() as is_enough:
            written = go_on(self._pieces, is_enough)
        if written is not None:
            self._pieces = None
        return written
