"""Does every source go on where it stopped? Who reads a ledger from its beginning knows.

A ledger whose oldest days were taken away is begun in the middle: what the first day says of the
sources before it is believed, as there is nothing left to hold against it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from heatward_collector.ledger.batch import Batch, Source
from heatward_node.errors import RecordError
from heatward_node.events import first_covered
from heatward_node.reading import Record

Numbers = npt.NDArray[np.int64]
_GROWTH = 256


class Altered(Exception):
    """Something is not as it was written: what, at which place, of which source."""

    def __init__(self, what: str, position: int | None = None, source: int | None = None) -> None:
        super().__init__(what)
        self.what, self.position, self.source = what, position, source


class Continuity:
    """The sources met so far, and the last number of each."""

    def __init__(self) -> None:
        self.sources: list[Source | None] = []
        """None for those from before the first day, while nothing is known of them."""
        self.through = np.zeros(0, np.int64)
        self._trusted = 0

    def trust(self, listed: Sequence[tuple[Source, int]], before: int) -> None:
        """Begin in the middle, behind ``before`` sources of which some are listed."""
        self._trusted = before
        self._room(before)
        self.fill(listed)

    def fill(self, listed: Sequence[tuple[Source, int]]) -> None:
        """Believe what is said of sources from before the middle, and their last numbers."""
        for source, through in listed:
            if source.id < self._trusted and self.sources[source.id] is None:
                self.sources[source.id] = source
                self.through[source.id] = through

    def fits(self, cursors: Mapping[int, int]) -> bool:
        """Say whether last numbers are those that were met; others than the given are 0.

        So are those of sources that nobody has met yet: a writer would take them for records.
        """
        met = len(self.sources)
        return all(
            source is None or cursors.get(source.id, 0) == through
            for source, through in zip(self.sources, self.through.tolist(), strict=False)
        ) and all(through == 0 for source, through in cursors.items() if source >= met)

    def introduce(self, source: Source) -> None:
        """Meet a source that a body names for the first time."""
        known = self.sources[source.id] if source.id < len(self.sources) else None
        if source.id < self._trusted and known in (source, None):
            # The first batch of a file introduces what its snapshot lists already.
            self.sources[source.id] = source
            return
        if source.id != len(self.sources):
            raise Altered(f"source {source.id} is introduced out of turn")
        self._room(source.id + 1)
        self.sources[source.id] = source

    def known(self, source: int) -> Source | None:
        """Return a source by its number, where it was met."""
        return self.sources[source] if source < len(self.sources) else None

    def go_on(self, source: Numbers, low: Numbers, high: Numbers) -> None:
        """Check that every source goes on where it stopped, without a gap or a repeat.

        All (n,), in the order of arrival: source, first and last number that an entry covers.
        """
        strange = np.flatnonzero(source >= len(self.sources))
        if len(strange):
            raise Altered("the record is of a source that nobody introduced", int(strange[0]))
        order = np.argsort(source, kind="stable")
        sources = source[order]
        starts = np.flatnonzero(np.diff(sources, prepend=-1))
        before = np.empty(len(order), np.int64)
        before[1:] = high[order][:-1]
        before[starts] = self.through[sources[starts]]
        wrong = order[low[order] != before + 1]
        if len(wrong):
            raise Altered("the record is not the next one of its source", int(wrong.min()))
        ends = np.append(starts[1:], len(order)) - 1
        self.through[sources[starts]] = high[order][ends]

    def _room(self, sources: int) -> None:
        self.sources += [None] * (sources - len(self.sources))
        if sources > len(self.through):
            more = np.zeros(sources - len(self.through) + _GROWTH, np.int64)
            self.through = np.concatenate((self.through, more))


def covered(batch: Batch) -> tuple[Numbers, Numbers, Numbers]:
    """Return source, first and last number that every entry accounts for, by position."""
    source, low, high = (np.zeros(batch.count, np.int64) for _ in range(3))
    readings = batch.readings
    position = readings["position"]
    source[position] = readings["source"]
    low[position] = high[position] = readings["seq"]
    for at, number, record in batch.others:
        source[at], low[at], high[at] = number, first_of(record, at), record.seq
    return source, low, high


def first_of(record: Record, position: int) -> int:
    """Return the first number that a record accounts for."""
    try:
        return first_covered(record)
    except RecordError as error:
        raise Altered(f"the record cannot be read ({error})", position) from error
