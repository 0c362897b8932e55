"""The sources of a ledger, and how far each has come: what was offered, and what is on disk."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from heatward_collector.ledger.batch import Source
from heatward_collector.ledger.growing import with_room

Numbers = npt.NDArray[np.int64]
_ROOM = 1_024
"""For so many sources at first; it is doubled when it is full."""


class Cursors:
    """Sources by their numbers; ``offered`` and ``committed`` are their last numbers, (room,)."""

    def __init__(self) -> None:
        self._keys: list[tuple[str, str, int]] = []
        self._numbers: dict[tuple[str, str, int], int] = {}
        self.offered: Numbers = np.zeros(_ROOM, np.int64)
        self.committed: Numbers = np.zeros(_ROOM, np.int64)

    def number(self, district: str, node: str, epoch: int) -> int | None:
        """Return the number of a source that is known."""
        return self._numbers.get((district, node, epoch))

    def add(self, district: str, node: str, epoch: int) -> Source:
        """Add a source that nobody has heard of."""
        key = (sys.intern(district), node, epoch)
        source = Source(len(self._keys), *key)
        self._numbers[key] = source.id
        self._keys.append(key)
        self.offered = with_room(self.offered, len(self._keys))
        self.committed = with_room(self.committed, len(self._keys))
        return source

    def source(self, number: int) -> Source:
        """Return a source by its number."""
        return Source(number, *self._keys[number])

    def sources(self) -> Iterator[Source]:
        """Yield all sources in the order of their numbers."""
        return map(self.source, range(len(self._keys)))

    def all_committed(self) -> list[int]:
        """Return the last number on disk of every source."""
        committed: list[int] = self.committed[: len(self._keys)].tolist()
        return committed

    def advance(self, sources: npt.NDArray[np.integer], reached: npt.NDArray[np.integer]) -> None:
        """Note numbers that are in the ledger, in any order."""
        np.maximum.at(self.offered, sources, reached.astype(np.int64))

    def take_runs(
        self, sources: Numbers, firsts: Numbers, counts: Numbers
    ) -> npt.NDArray[np.bool_]:
        """Move on by the runs that come next; return which they are.

        A run is of a source, or of -1 that is none, and has a first number and a count. Behind one
        that is not taken, none of its source is.
        """
        order = np.argsort(sources, kind="stable")
        source, first, count = sources[order], firsts[order], counts[order]
        begins = np.ones(len(source), np.bool_)
        begins[1:] = source[1:] != source[:-1]
        group = np.cumsum(begins) - 1
        before = np.cumsum(count) - count
        expected = self.offered[source] + 1 + before - before[begins][group]
        is_next = (first == expected) & (source >= 0)
        if not is_next.all():
            # How many were missed before the first run of a source is no fault of its own.
            missed = np.cumsum(~is_next)
            is_next = missed == (missed - ~is_next)[begins][group]
        # Of several runs of a source the last one stays.
        self.offered[source[is_next]] = (first + count - 1)[is_next]
        taken = np.empty(len(sources), np.bool_)
        taken[order] = is_next
        return taken
