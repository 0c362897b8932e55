"""The last 48 hours of every point: an int16 ring of slots x points in a mapped file.

A start is the file, checked by a CRC a slot, plus the ledger's tail and what the ledger holds of
slots that were torn. A file that does not fit (other points, another ledger) is filled again from
the ledger, with the same result: every way goes through
:func:`heatward_collector.core.grid.merge_cells`.
"""

from __future__ import annotations

import json
import mmap
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from heatward_collector.core import MISSING, Indices, Raw
from heatward_collector.core.grid import SLOT_S, merge_cells
from heatward_collector.core.placing import FUTURE_S
from heatward_collector.readings.projection import Placed, Projected
from heatward_collector.registry.ids import crc_of, same
from heatward_collector.whole_file import put_whole

SLOTS = 576
"""48 hours of five minutes."""
READINGS_RESIDENT = 50_000_000
"""After so many the pages they lie in are given back: of a city's 5.8 GB most lies untouched from
one save to the next, and the kernel keeps of the file what memory there is."""

CELLS_RESIDENT = 50_000_000
"""And after so many cells were read."""


class Window:
    """The ring; the newest slot is chosen by our clock through :meth:`advance`."""

    _points: Sequence[str]

    def __init__(self, directory: Path, points: Sequence[str], slots: int = SLOTS) -> None:
        self.directory = directory
        self._slots = slots
        directory.mkdir(parents=True, exist_ok=True)
        self._state = directory / "state.json"
        self._map(points)
        self.first_slot = 0
        self.batch = 0
        self.incarnation = ""
        self.torn: tuple[int, int] | None = None
        """Seconds [from, to) whose slots were lost and must be read again, if any."""
        self._touched: set[int] = set(range(slots))
        self._crc = [0] * slots
        self._resident = self._read = 0
        if not self._restore():
            self.clear()
        self.let_go()

    @property
    def points(self) -> Sequence[str]:
        """The points that are its columns."""
        return self._points

    @property
    def start_s(self) -> int:
        """Beginning of the oldest slot. [s UTC]"""
        return self.first_slot * SLOT_S

    @property
    def end_s(self) -> int:
        """End of the newest slot. [s UTC]"""
        return (self.first_slot + self._slots) * SLOT_S

    def fits(self, points: Sequence[str]) -> bool:
        """Say whether the columns are these points."""
        if points is self._points:
            return True
        fits = same(points, self._points)
        if fits:
            # The next one who asks has most likely these, and then they need no comparing.
            self._points = points
        return fits

    def reshape(self, points: Sequence[str]) -> None:
        """Take another list of points; what was held is forgotten if it differs."""
        if not self.fits(points):
            self._map(points)
            self.clear()

    def _map(self, points: Sequence[str]) -> None:
        self._points = points
        self._print = crc_of(points)
        shape = (self._slots, len(points))
        self._raw: Raw = _mapped(self.directory / "raw.int16", shape, np.int16)
        self._offset: npt.NDArray[np.uint16] = _mapped(
            self.directory / "offset.uint16", shape, np.uint16
        )

    def clear(self) -> None:
        """Forget everything, and where the head stood; the ledger is to be read again."""
        self._raw[:] = MISSING
        self._offset[:] = 0
        self.first_slot = 0
        self.torn = None
        self.batch = 0
        self.incarnation = ""
        self._touched = set(range(self._slots))

    def advance(self, now_s: float) -> None:
        """Move on so that ``now_s`` is in it; slots that leave are emptied.

        The head is as far ahead as a node's clock may be and still be believed.
        """
        first = int((now_s + FUTURE_S) // SLOT_S) - self._slots + 1
        gone = first - self.first_slot
        if gone <= 0:
            return
        for slot in range(self.first_slot, self.first_slot + min(gone, self._slots)):
            self._empty(slot % self._slots)
        self.first_slot = first

    def put(self, readings: Projected | Placed) -> None:
        """Merge readings; those outside the 48 hours are left out."""
        inside = (readings.time_s >= self.start_s) & (readings.time_s < self.end_s)
        inside &= (readings.point >= 0) & (readings.point < len(self._points))
        readings = readings.only(inside)
        if len(readings) == 0:
            return
        slot = readings.time_s // SLOT_S
        within = (readings.time_s - slot * SLOT_S).astype(np.uint16)
        place = slot - self.first_slot
        row = (np.arange(self._slots) + self.first_slot) % self._slots
        cell = row[place] * len(self._points) + readings.point
        merge_cells(self._raw, self._offset, cell, within, readings.raw)
        self._touched.update(row[np.flatnonzero(np.bincount(place))].tolist())
        self._resident += len(readings)
        if self._resident > READINGS_RESIDENT:
            self.let_go()

    def grid(self, start_s: int, slots: int) -> Raw:
        """Return slots x points from ``start_s`` on, MISSING outside the 48 hours."""
        first = start_s // SLOT_S
        grid = np.full((slots, len(self._points)), MISSING, np.int16)
        low = max(first, self.first_slot)
        high = min(first + slots, self.first_slot + self._slots)
        if low < high:
            grid[low - first : high - first] = self._raw[np.arange(low, high) % self._slots]
        return grid

    def part(self, start_s: int, slots: int, points: slice | Indices) -> Raw:
        """Return some points' part of :meth:`grid`; it may share memory, so read it at once."""
        self._read += slots * _count(points, len(self._points))
        if self._read > CELLS_RESIDENT:
            self.let_go()
        first, row = start_s // SLOT_S, start_s // SLOT_S % self._slots
        low = max(first, self.first_slot)
        high = min(first + slots, self.first_slot + self._slots)
        if high - low == slots and row + slots <= self._slots:
            return self._raw[row : row + slots, points]
        part = np.full((slots, _count(points, len(self._points))), MISSING, np.int16)
        if low < high:
            rows = np.arange(low, high) % self._slots
            part[low - first : high - first] = self._raw[_lines(rows, points)]
        return part

    def save(self, incarnation: str, batch: int) -> None:
        """Write what changed, with its CRCs and the batch up to which it counts."""
        self.incarnation, self.batch = incarnation, batch
        for row in self._touched:
            self._crc[row] = self._crc_of(row)
        self._touched.clear()
        self.torn = None
        _flush(self._raw)
        _flush(self._offset)
        state = {
            "incarnation": incarnation,
            "batch": batch,
            "first_slot": self.first_slot,
            "points": self._print,
            "crc": self._crc,
        }
        put_whole(self._state, json.dumps(state))
        self.let_go()

    def let_go(self) -> None:
        """Let this process hold none of the files' pages; whoever needs one gets it again."""
        self._resident = self._read = 0
        for array in (self._raw, self._offset):
            if isinstance(array.base, mmap.mmap):
                array.base.madvise(mmap.MADV_DONTNEED)

    def _restore(self) -> bool:
        try:
            state = json.loads(self._state.read_text())
        except (OSError, ValueError):
            return False
        if state["points"] != self._print or len(state["crc"]) != self._slots:
            return False
        self.incarnation, self.batch = state["incarnation"], state["batch"]
        self.first_slot, self._crc = state["first_slot"], state["crc"]
        self._touched.clear()
        self._empty_torn()
        return True

    def _empty_torn(self) -> None:
        """Empty the slots that a crash left between two states."""
        slots = range(self.first_slot, self.first_slot + self._slots)
        torn = [
            slot
            for slot in slots
            if self._crc_of(slot % self._slots) != self._crc[slot % self._slots]
        ]
        for slot in torn:
            self._empty(slot % self._slots)
        if torn:
            self.torn = torn[0] * SLOT_S, (torn[-1] + 1) * SLOT_S

    def _empty(self, row: int) -> None:
        self._raw[row] = MISSING
        self._offset[row] = 0
        self._touched.add(row)

    def _crc_of(self, row: int) -> int:
        return zlib.crc32(self._offset[row].data, zlib.crc32(self._raw[row].data))


def _mapped(path: Path, shape: tuple[int, int], kind: type[Any]) -> npt.NDArray[Any]:
    size = shape[0] * shape[1] * 2
    if size == 0:
        return np.zeros(shape, kind)
    if not path.exists() or path.stat().st_size != size:
        with path.open("wb") as file:
            file.truncate(size)
    return np.memmap(path, kind, "r+", shape=shape)


def _count(points: slice | Indices, of: int) -> int:
    return len(range(*points.indices(of))) if isinstance(points, slice) else len(points)


def _lines(rows: npt.NDArray[np.int64], points: slice | Indices) -> Any:
    return (rows, points) if isinstance(points, slice) else np.ix_(rows, points)


def _flush(array: npt.NDArray[Any]) -> None:
    if isinstance(array, np.memmap):
        array.flush()
