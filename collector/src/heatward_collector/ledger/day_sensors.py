"""Which sensors each source of a day has: what a record says of its sensor is a place among them.

A sensor's number is eight bytes that nothing can press together. In a city each source has some
sixteen records in a row group, so that to say it once in each of them took 1.5 bytes a reading.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.errors import LedgerError
from heatward_collector.ledger.runs import run_starts, spread

Sources = npt.NDArray[np.uint32]
Sensors = npt.NDArray[np.uint64]
Places = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int64]
MOST_PLACES = 16
"""A node has at most 12 sensors; what more a source names is said with its records."""
NO_PLACE = 255
"""Of a record whose sensor is said beside it."""


@dataclass(frozen=True, slots=True)
class DaySensors:
    """The sensors of a day that is closed; ``source``, sorted, and ``sensor`` are (m,)."""

    source: Sources
    sensor: Sensors

    def rows(self, source: Sources, place: Places) -> Rows:
        """Return where records find their sensors, int64 (n,).

        ``source`` and ``place`` are (n,), in runs of a source. Raises LedgerError where a source
        has no sensor in that place.
        """
        starts = run_starts(source)
        low = np.searchsorted(self.source, source[starts], "left")
        high = np.searchsorted(self.source, source[starts], "right")
        row = spread(low, starts, len(source)) + place
        if (row >= spread(high, starts, len(source))).any():
            raise LedgerError("a record is of a sensor that its source does not have that day")
        return np.asarray(row)


NO_SENSORS = DaySensors(np.zeros(0, np.uint32), np.zeros(0, np.uint64))


class GrowingDaySensors:
    """The sensors of a day while it is written, of each source in the order in which they came."""

    def __init__(self) -> None:
        self._source: Sources = np.zeros(0, np.uint32)
        self._count: Rows = np.zeros(0, np.int64)
        self._at: list[Sensors] = []
        """By place: what each source has there; 0 where it has not so many."""

    def places(self, source: Sources, sensor: Sensors) -> Places:
        """Return the place of each sensor among those of its source, or NO_PLACE.

        New ones come behind those that are known. ``source``, sorted, and ``sensor`` are (n,).
        """
        starts = run_starts(source)
        self._know(source[starts])
        own = spread(np.searchsorted(self._source, source[starts]), starts, len(source))
        found = np.full(len(source), NO_PLACE, np.uint8)
        left = np.arange(len(source))
        for place in range(MOST_PLACES):
            if not len(left):
                break
            self._take_up(place, own[left], sensor[left])
            has_it = (self._count[own[left]] > place) & (self._at[place][own[left]] == sensor[left])
            found[left[has_it]] = place
            left = left[~has_it]
        return found

    def closed(self) -> DaySensors:
        """Return all of them."""
        if not self._at:
            return NO_SENSORS
        sensor = np.stack(self._at, axis=1)
        is_held = np.arange(len(self._at)) < self._count[:, None]
        return DaySensors(np.repeat(self._source, self._count), sensor[is_held])

    def _take_up(self, place: int, own: Rows, sensor: Sensors) -> None:
        """Give sources that have no sensor in a place yet the first one that is looked for."""
        if place == len(self._at):
            self._at.append(np.zeros(len(self._source), np.uint64))
        starts = run_starts(own)
        is_new = self._count[own[starts]] == place
        self._at[place][own[starts][is_new]] = sensor[starts][is_new]
        self._count[own[starts][is_new]] += 1

    def _know(self, source: Sources) -> None:
        """Make room for sources that were not there yet."""
        known = np.union1d(self._source, source)
        if len(known) == len(self._source):
            return
        before = np.searchsorted(known, self._source)
        count = np.zeros(len(known), np.int64)
        count[before] = self._count
        for place, held in enumerate(self._at):
            self._at[place] = np.zeros(len(known), np.uint64)
            self._at[place][before] = held
        self._source, self._count = known, count
