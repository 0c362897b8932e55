"""The day that is folded now, or runs: kept from look to look with what came late for it."""

from __future__ import annotations

from datetime import date

import numpy as np

from heatward_collector.core import Indices, Seconds
from heatward_collector.core.grid import HOLD_S
from heatward_collector.evaluation.day_fold import DayFold
from heatward_collector.evaluation.judging import PartOf
from heatward_collector.evaluation.midnights import Midnight
from heatward_collector.evaluation.stretches import FOR_EVER_S
from heatward_collector.evaluation.voting import SPIKE_REACH_S
from heatward_collector.evaluation.watched_network import WatchedNetwork
from heatward_collector.pieces import Pieces

SETTLED_S = SPIKE_REACH_S
"""A reading may still change the slots before its own: as a neighbour of a lone spike. [s]"""


class RunningFold:
    """At most one day, of which only new slots are worked on."""

    def __init__(self, cells_at_once: int) -> None:
        self._cells_at_once = cells_at_once
        self._fold: DayFold | None = None
        self._late: list[Indices] = []
        """Points of which something came that was to be read already."""
        self._earliest_s = FOR_EVER_S

    @property
    def is_late(self) -> bool:
        """Whether something came late since it was gone on with."""
        return bool(self._late)

    def heard(self, time_s: Seconds, point: Indices) -> None:
        """Take notice of readings that have come in.

        What was not read yet will be, and days that are over are named to the watch.
        """
        if self._fold is None:
            return
        late = time_s < self._fold.read_until_s + SETTLED_S
        late &= time_s >= self._fold.start_s - HOLD_S
        if late.any():
            self._earliest_s = min(self._earliest_s, int(time_s[late].min()))
            self._late.append(np.unique(point[late]))

    def forget(self) -> None:
        """Have no day: the next one begins with its midnight."""
        self._fold = None
        self._late, self._earliest_s = [], FOR_EVER_S

    def of(
        self, day: date, midnight: Midnight, registry: WatchedNetwork, part_of: PartOf
    ) -> Pieces[DayFold]:
        """Return a day to be gone on with, late readings among it, or from its midnight on."""
        if self._fold is None or (self._fold.date, self._fold.registry) != (day, registry):
            self.forget()
            self._fold = yield from DayFold.begun(midnight, day, registry, self._cells_at_once)
        elif self._late:
            points, since_s = np.concatenate(self._late), self._earliest_s
            self._late, self._earliest_s = [], FOR_EVER_S
            self._fold.again(part_of, points, since_s)
            yield
        return self._fold
