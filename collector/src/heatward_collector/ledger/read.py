"""Reading the ledger while it grows: every room but ingest sees it through this.

Whether a day is still a file or sealed already makes no difference to who reads it.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Collection, Iterator
from itertools import zip_longest
from pathlib import Path

import numpy as np

from heatward_collector.errors import LedgerError
from heatward_collector.ledger import day_file
from heatward_collector.ledger.batch import GENESIS, Batch, Source
from heatward_collector.ledger.columns import ClockRecords, ReadingColumns
from heatward_collector.ledger.day_file import end_of, names_of_days
from heatward_collector.ledger.open_day import OpenDay
from heatward_collector.ledger.sealed_day import SEALED, SealedDay

Day = OpenDay | SealedDay
ALL_BATCHES = 2**62
MOST_SOURCES = 65_536
"""So many are held ready: of a city's millions each is asked for once."""


class LedgerReader:
    """A read-only view of a ledger directory; sees every new commit, and may exist before it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._open: dict[Path, Day] = {}
        self._listed: list[str] | None = None
        """The names of the open days, unless there were others that had not begun."""
        self._reading: Day | None = None
        self._sources: dict[int, Source] = {}

    @property
    def incarnation(self) -> str:
        """Which life of the ledger this is; empty where nothing was ever written."""
        days = self._days()
        return days[-1].incarnation if days else ""

    def head(self) -> tuple[int, bytes]:
        """Return number and hash of the newest batch; 0 and the genesis hash where none is."""
        for day in reversed(self._days()):
            head = day.head()
            if head is not None:
                return head
        return 0, GENESIS

    def received_after(self, number: int) -> float | None:
        """Return when the first batch above ``number`` was received [s UTC]; None without one."""
        for day in self._days_after(number):
            received = day.received_after(number)
            if received is not None:
                return received
        return None

    def batches(self, after: int = 0, limit: int | None = None) -> Iterator[Batch]:
        """Yield batches with a number above ``after``, in order, at most ``limit``."""
        left = limit
        for day in self._days_after(after):
            for batch in day.batches(after, left):
                yield batch
                left = None if left is None else left - 1
            if left == 0:
                return

    def batches_measured(
        self, start_s: int, end_s: int, others: Collection[int] = (), first: int = 0
    ) -> Iterator[Batch]:
        """Yield batches that may hold readings taken in [start, end) seconds UTC, in their order.

        Batches with a reading that has no wall time are always among them, and ``others``; none
        comes before batch ``first``.
        """
        left = sorted(others)
        for day, end in self._days_from(first):
            place = bisect_left(left, end)
            own, left = left[:place], left[place:]
            yield from day.batches_measured(start_s, end_s, own, first)

    def readings_measured(
        self, start_s: int, end_s: int, through: int, first: int = 0
    ) -> Iterator[Batch | ReadingColumns]:
        """Yield what may hold readings taken in [start, end), no batch above ``through``.

        What is sealed comes as columns, and not in its order of arrival; with readings that may
        hold come others, also of batches before ``first``, which need not come.
        """
        for day, _ in self._days_from(first):
            if isinstance(day, SealedDay) and day.manifest.last_number <= through:
                parts = enumerate(day.manifest.parts)
                held = [(at, part) for at, part in parts if part.may_hold(start_s, end_s)]
                yield from day.readings(*(at for at, part in held if part.last >= first))
                continue
            for batch in day.batches_measured(start_s, end_s, (), first):
                if batch.number > through:
                    return
                yield batch

    def readings_beside(self, batches: Collection[int] | None) -> Iterator[Batch | ReadingColumns]:
        """Yield what :meth:`readings_measured` does of any time; of sealed days some stretches.

        These are the ones that hold one of some batches, or all of them with None.
        """
        wanted = np.array(sorted(batches or ()))
        for day in self._days():
            self._enter(day)
            if isinstance(day, SealedDay):
                parts = day.manifest.parts
                edges = np.searchsorted(wanted, [(part.first, part.last + 1) for part in parts])
                is_held = np.diff(edges.reshape(-1, 2)).ravel() > 0
                chosen = range(len(parts)) if batches is None else np.flatnonzero(is_held).tolist()
                yield from day.readings(*chosen)
            else:
                yield from day.batches(0)

    def clock_records(self) -> Iterator[Batch | ClockRecords]:
        """Yield what may say something of clocks: of sealed days only what does, as columns."""
        for day in self._days():
            self._enter(day)
            yield from day.clock_records() if isinstance(day, SealedDay) else day.batches(0)

    def hashes(self, numbers: Collection[int]) -> dict[int, bytes]:
        """Return the hashes of some batches; those that are not there are left out."""
        found: dict[int, bytes] = {}
        for day in self._days():
            self._enter(day)
            found |= day.hashes(numbers)
        return found

    def source(self, number: int) -> Source:
        """Return a source by its number. Raises LedgerError where no batch named it."""
        known = self._sources.get(number)
        if known is not None:
            return known
        # The newest day is a file, and lists every source that there ever was.
        for day in reversed(self._days()):
            found = day.source(number)
            if found is not None:
                if len(self._sources) >= MOST_SOURCES:
                    self._sources.clear()
                self._sources[number] = found
                return found
        raise LedgerError(f"source {number} is in no file of {self._directory}")

    def first_since(self, received_s: float) -> int:
        """Return a number before which nothing was received since a moment [s UTC]."""
        days = self._days()
        for path, day in zip(self._open, days, strict=True):
            if end_of(path) > received_s:
                return day.first_number
        return days[-1].first_number if days else 0

    def close(self) -> None:
        """Close every file."""
        for day in self._open.values():
            day.close()
        self._open.clear()
        self._listed = None

    def _days_after(self, number: int) -> Iterator[Day]:
        """Yield the days that may hold batches above a number, oldest first."""
        for day, _ in self._days_from(number + 1):
            yield day

    def _days_from(self, first: int) -> Iterator[tuple[Day, int]]:
        """Yield the days that may hold batches from a number on, and before which each ends."""
        days = self._days()
        for day, following in zip_longest(days, days[1:]):
            end = ALL_BATCHES if following is None else following.first_number
            if end > first:
                self._enter(day)
                yield day, end

    def _enter(self, day: Day) -> None:
        """Read in one day at a time: a sealed one holds much while it is read."""
        if self._reading is not None and self._reading is not day:
            self._reading.release()
        self._reading = day

    def _days(self) -> list[Day]:
        """Return every day that has begun, oldest first; a sealed one instead of its file."""
        while True:
            # In this order: a file that was there and is gone was sealed before it went.
            files = names_of_days(self._directory, day_file.ENDING)
            folders = names_of_days(self._directory, SEALED)
            sealed = {name.removesuffix(SEALED) for name in folders}
            files = [name for name in files if name.removesuffix(day_file.ENDING) not in sealed]
            names = sorted(files + folders)
            if names == self._listed:  # as nearly always; a season has hundreds
                return list(self._open.values())
            chosen = [self._directory / name for name in names]
            opened = {path: day for path in chosen if (day := self._opened(path)) is not None}
            if all(path in opened or path.exists() for path in chosen):
                self._open = opened
                self._listed = names if len(opened) == len(names) else None
                return list(opened.values())

    def _opened(self, path: Path) -> Day | None:
        known = self._open.get(path)
        if known is not None:
            return known
        if path.is_dir():
            return SealedDay(path)
        try:
            return OpenDay(path) if day_file.is_begun(path) else None
        except (FileNotFoundError, sqlite3.OperationalError):
            return None
