"""A closed day as it is kept for good: a folder of Parquet files and a manifest.

The folder gets its name by one rename once everything in it is on disk, so a day is sealed or it is
not. Its batches read as those of a day file, byte for byte.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from heatward_collector.errors import LedgerError
from heatward_collector.ledger.batch import Batch, Source
from heatward_collector.ledger.day_file import names_of_days
from heatward_collector.ledger.manifest import Fork, Manifest, Part, digest
from heatward_collector.whole_file import sync

if TYPE_CHECKING:
    from heatward_collector.ledger.columns import ClockRecords, ReadingColumns
    from heatward_collector.ledger.stretch import Stretch

SEALED, SEALING = ".sealed", ".sealing"


def sealed_days(directory: Path) -> list[Path]:
    """Return the folder of every sealed day, oldest first."""
    return [directory / name for name in names_of_days(directory, SEALED)]


class SealedDay:
    """Reading one; holds the stretch that was read last, for who reads on goes on in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = Manifest.read(folder)
        self._held: tuple[int, Stretch] | None = None
        self._sources: dict[int, Source] | None = None

    @property
    def first_number(self) -> int:
        """Number of the first batch."""
        return self.manifest.first_number

    @property
    def incarnation(self) -> str:
        """Which life of the ledger its end belongs to."""
        forks = self.manifest.forks
        return forks[-1].incarnation if forks else self.manifest.incarnation

    def head(self) -> tuple[int, bytes] | None:
        """Return number and hash of the last batch; None where there is none."""
        manifest = self.manifest
        return (manifest.last_number, manifest.head) if manifest.parts else None

    def received_after(self, number: int) -> float | None:
        """Return when the first batch above ``number`` was received. [s UTC]"""
        for index, part in enumerate(self.manifest.parts):
            if part.last > number:
                place = max(number + 1 - part.first, 0)
                return float(self.stretch(index).received_at_ms[place]) / 1000
        return None

    def batches(self, after: int, limit: int | None = None) -> Iterator[Batch]:
        """Yield batches above a number, in order, at most ``limit``."""
        return islice(self._batches(after), limit)

    def _batches(self, after: int) -> Iterator[Batch]:
        for index, part in enumerate(self.manifest.parts):
            if part.last <= after:
                continue
            stretch = self.stretch(index)
            chosen = np.arange(part.first, part.last + 1) > after
            yield from stretch.batches(chosen)

    def batches_measured(
        self, start_s: int, end_s: int, others: Sequence[int] = (), first: int = 0
    ) -> Iterator[Batch]:
        """Yield batches that may hold readings taken in [start, end) seconds UTC, and others.

        They come in their order, none before batch ``first``.
        """
        for index, part in enumerate(self.manifest.parts):
            if part.last < first:
                continue
            own = [number - part.first for number in others if part.first <= number <= part.last]
            if not own and not part.may_hold(start_s, end_s):
                continue
            stretch = self.stretch(index)
            low, high, counts = stretch.filed()
            chosen = ~counts | ((low < end_s) & (high >= start_s))
            chosen[own] = True
            chosen[: max(0, first - part.first)] = False
            yield from stretch.batches(chosen)

    def readings(self, *parts: int) -> Iterator[ReadingColumns]:
        """Yield the readings of some parts. Raises LedgerError where one cannot be read."""
        from heatward_collector.ledger.parquet_readings import read_readings

        for index, columns in read_readings(self.folder, parts):
            part = self.manifest.parts[index]
            if len(columns) and not part.first <= columns.batch[0] <= part.last:
                raise LedgerError(f"row group {index} of {self.folder} is of other batches")
            yield columns

    def clock_records(self) -> Iterator[ClockRecords]:
        """Yield its BOOT and CLOCK_FIX records. Raises LedgerError where it cannot be read."""
        from heatward_collector.ledger.parquet_readings import read_clock_records

        yield from read_clock_records(self.folder, range(len(self.manifest.parts)))

    def hashes(self, numbers: Collection[int]) -> dict[int, bytes]:
        """Return the hashes of some batches, made again from what they hold."""
        found: dict[int, bytes] = {}
        for index, part in enumerate(self.manifest.parts):
            wanted = [number for number in numbers if part.first <= number <= part.last]
            if wanted:
                heads = list(self.stretch(index).heads(self.manifest.previous(index)))
                found |= {number: heads[number - part.first] for number in wanted}
        return found

    def source(self, number: int) -> Source | None:
        """Return a source by its number, where the day has records of it."""
        if self._sources is None:
            self._sources = {one.id: one for one, _ in self.sources()}
        return self._sources.get(number)

    def sources(self) -> list[tuple[Source, int]]:
        """Return the sources of the day with their cursors at its beginning."""
        found: list[tuple[Source, int]] = parquet().read_sources(self.folder)
        return found

    def stretch(self, index: int) -> Stretch:
        """Return one part as arrays. Raises LedgerError where it cannot be read."""
        if self._held is None or self._held[0] != index:
            self._held = None  # two of them would be too much
            part, stretch = self.manifest.parts[index], parquet().read_stretch(self.folder, index)
            if (stretch.first, stretch.last) != (part.first, part.last):
                raise LedgerError(
                    f"row group {index} of {self.folder} holds batches {stretch.first} to "
                    f"{stretch.last}, not {part.first} to {part.last} as its manifest says"
                )
            self._held = index, stretch
        return self._held[1]

    def release(self) -> None:
        """Give back the memory of the stretch that was read last."""
        self._held = None

    def close(self) -> None:
        """Do what a reader of files would have to do."""
        self.release()


class SealedDayWriter:
    """Writing one, stretch by stretch; nothing of it counts before :meth:`finish`."""

    def __init__(self, folder: Path, incarnation: str, first_number: int, previous: bytes) -> None:
        self._folder = folder
        self._sealing = folder.with_suffix(SEALING)
        shutil.rmtree(self._sealing, ignore_errors=True)  # of a crash
        self._sealing.mkdir(parents=True)
        self._files = parquet().ParquetDay(self._sealing)
        self._incarnation, self._first, self._previous = incarnation, first_number, previous
        self._head = previous
        self._parts: list[Part] = []

    def add(self, stretch: Stretch) -> bytes:
        """Take the batches that come next; return the hash of the last of them."""
        for head in stretch.heads(self._head):
            self._head = head
        self._files.add(stretch)
        self._parts.append(
            Part(
                stretch.first,
                stretch.last,
                len(stretch.packed),
                self._head.hex(),
                *filing(stretch),
            )
        )
        return self._head

    def finish(
        self,
        sources: Collection[tuple[Source, int]],
        sources_before: int,
        forks: Collection[Fork] = (),
        is_right: Callable[[SealedDay], None] = lambda _: None,
    ) -> SealedDay:
        """Put the day in its place; ``is_right`` raises where it does not read as it should."""
        self._files.close(sources)
        manifest = Manifest(
            self._incarnation,
            self._first,
            self._previous.hex(),
            sources_before,
            tuple(self._parts),
            {path.name: digest(path) for path in sorted(self._sealing.iterdir())},
            tuple(forks),
        )
        manifest.write(self._sealing)
        for name in (*self._sealing.iterdir(), self._sealing):
            sync(name)
        is_right(SealedDay(self._sealing))
        self._sealing.rename(self._folder)
        sync(self._folder.parent)
        return SealedDay(self._folder)

    def abandon(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self._sealing, ignore_errors=True)


def filing(stretch: Stretch) -> tuple[int | None, int | None, bool]:
    """Return between which times the readings of a stretch lie, and whether all are known."""
    low, high, counts = stretch.filed()
    inside = counts & (low <= high)
    is_timed = bool(counts.all())
    if not inside.any():
        return None, None, is_timed
    return int(low[inside].min()), int(high[inside].max()), is_timed


def parquet() -> ModuleType:
    """Return the module that needs pyarrow; most processes never ask for it."""
    from heatward_collector.ledger import parquet as module

    return module
