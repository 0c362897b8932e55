"""The watch for suppressed heating at the pace of its process: a piece, then everything else."""

from __future__ import annotations

from collections import Counter

from heatward_collector.evaluation.pace import Pace
from heatward_collector.evaluation.suppression_watch import SuppressionWatch

PIECE_SECONDS = 2.0
"""After so long a look waits until everything else was done. Of 2.5 million rooms a quarter of an
hour cannot be parted, and takes longer."""


class PacedWatch:
    """Does the looks of a watch in pieces, and counts what they took."""

    def __init__(self, watch: SuppressionWatch, piece_s: float, counters: Counter[str]) -> None:
        self._watch, self._pace, self._counters = watch, Pace(piece_s), counters
        self._looked_s = 0.0

    def look(self, now_s: float) -> None:
        """Look, if anything is due, or go on with the look that was left, for about a piece."""
        with self._pace.piece() as is_enough:
            written = self._watch.look(now_s, is_enough)
        self._looked_s += self._pace.took_s
        if written is not None:
            self._counters["findings_look_milliseconds"] = round(1000 * self._looked_s)
            self._counters["findings_written"] += written
        if not self._watch.is_looking:
            self._looked_s = 0.0

    def go_on(self, now_s: float, busy: bool) -> bool:
        """Go on with a look that was left, for a piece; return whether there was one.

        While readings wait, they get as much time as the look.
        """
        if not self._watch.is_looking:
            return False
        if self._pace.is_due(busy):
            self.look(now_s)
        return True
