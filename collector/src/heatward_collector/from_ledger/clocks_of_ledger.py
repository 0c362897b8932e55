"""What a whole ledger says of clocks, where nobody has followed it: from columns.

A follower learns batch by batch, and keeps every fix. Here, when each boot surely began is known
from all fixes together, and the fixes themselves are held only of boots that have readings in
doubt: in a season of a city nearly none. The pass in which fixes are read tells which stretches may
hold such readings, so that only those are read again. Every reading is placed as a follower would
place it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from heatward_collector.core.placing import BEHIND_S, FUTURE_S, boot_start
from heatward_collector.ledger import Batch, LedgerReader
from heatward_collector.ledger.columns import ClockRecords, ReadingColumns, TimesBeside
from heatward_collector.readings.boots import BootKey
from heatward_collector.readings.clocks import Clocks
from heatward_collector.readings.fixes import Fix
from heatward_collector.readings.projection import times_of
from heatward_node.errors import RecordError
from heatward_node.events import Boot, ClockFix
from heatward_node.reading import NO_WALL_TIME, Kind, Quality, Record

_Event = TypeVar("_Event")


@dataclass(frozen=True, slots=True)
class _Doubtful:
    """Readings whose wall time is not believed at once."""

    readings: npt.NDArray[np.void] | ReadingColumns
    received_at_ms: npt.NDArray[np.int64]
    batch: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Fixes:
    """Clock fixes that can be read and do not lie in the future of their receipt; (n,) each."""

    source: npt.NDArray[np.uint32]
    mono_ms: npt.NDArray[np.int64]
    wall_s: npt.NDArray[np.int64]
    error_s: npt.NDArray[np.float64]


def clocks_of_ledger(reader: LedgerReader) -> tuple[Clocks, frozenset[int]]:
    """Return what is known of clocks, and the stray batches: those of unbelieved wall times."""
    book, beside = _Boots(reader), _Beside()
    for piece in reader.clock_records():
        book.learn(_of_batch(piece) if isinstance(piece, Batch) else piece)
        if isinstance(piece, ClockRecords):
            beside.note(piece.beside)
    begun = book.begun()
    clocks = Clocks(book.boot_of.items(), begun=begun)
    doubtful = list(_doubtful(reader, clocks, beside.doubtful(clocks)))
    sources = {source for one in doubtful for source in set(one.readings["source"].tolist())}
    for source in sorted(sources):
        book.boot(source)
    boots = {book.boot_of[source] for source in sources}
    wanted = {source for source, boot in book.boot_of.items() if boot in boots}
    fixes = list(_fixes_of(reader, wanted)) if wanted else []
    clocks = Clocks(book.boot_of.items(), fixes, begun=begun)
    strays: set[int] = set()
    for one in doubtful:
        wall_s = one.readings["wall_s"]
        is_strange = (wall_s > 0) & (times_of(one, clocks) != wall_s)
        strays |= set(one.batch[is_strange].tolist())
    return clocks, frozenset(strays)


class _Beside:
    """Which stretches of sealed days may hold readings whose wall time is not believed at once."""

    def __init__(self) -> None:
        self._begun: npt.NDArray[np.float64] = np.full(1, np.inf)
        self._untimely: set[int] = set()

    def note(self, times: TimesBeside) -> None:
        """Take over what the readings of some rows would say of clocks."""
        if not times.is_timely:
            self._untimely.add(times.batch)
        missing = int(times.source.max()) + 1 - len(self._begun)
        if missing > 0:
            more = missing + len(self._begun)
            self._begun = np.append(self._begun, np.full(more, np.inf))
        # Sources come in runs, each once in a piece.
        self._begun[times.source] = np.minimum(self._begun[times.source], times.begun_s)

    def doubtful(self, clocks: Clocks) -> set[int] | None:
        """Return a batch of each of these stretches; None where any may be one.

        Which stretch has a reading from before its boot is not remembered: hardly any node has one.
        """
        sources = np.arange(len(self._begun), dtype=np.uint32)
        is_before = self._begun < clocks.surely_begun(sources)
        return None if is_before.any() else self._untimely


class _Boots:
    """In which boot each source was written, and since when that surely ran."""

    def __init__(self, reader: LedgerReader) -> None:
        self._reader = reader
        self.boot_of: dict[int, BootKey] = {}
        self._latest: dict[int, float] = {}

    def learn(self, records: ClockRecords) -> None:
        """Take over what some records say; a source's BOOT comes before its fixes."""
        for at in np.flatnonzero(records.kind == Kind.BOOT).tolist():
            body = records.bodies[records.code[at]]
            boot = _parsed(body, Kind.BOOT, Boot.from_record)
            source = int(records.source[at])
            if boot is not None and source not in self.boot_of:
                origin = self._reader.source(source)
                self.boot_of[source] = (origin.district, origin.node, boot.boot_id)
        fixes = _fixes(records)
        if not len(fixes.source):
            return
        mono_ms, wall_s = fixes.mono_ms.astype(np.float64), fixes.wall_s.astype(np.float64)
        began = boot_start(mono_ms, wall_s, fixes.error_s) - BEHIND_S
        order = np.argsort(fixes.source, kind="stable")
        sources = fixes.source[order]
        starts = np.flatnonzero(np.diff(sources.astype(np.int64), prepend=-1))
        newest = np.maximum.reduceat(began[order], starts)
        for one, moment in zip(sources[starts].tolist(), newest.tolist(), strict=True):
            self.boot(one)
            self._latest[one] = max(moment, self._latest.get(one, -np.inf))

    def boot(self, source: int) -> BootKey:
        """Return the boot of a source; where its BOOT record is lost, a boot of its own."""
        if source not in self.boot_of:
            origin = self._reader.source(source)
            own = origin.epoch.to_bytes(16, "big")
            self.boot_of[source] = (origin.district, origin.node, own)
        return self.boot_of[source]

    def begun(self) -> list[tuple[int, float]]:
        """Return every source of which it is known, and since when its boot ran. [s UTC]"""
        of_boot: dict[BootKey, float] = {}
        for source, moment in self._latest.items():
            boot = self.boot_of[source]
            of_boot[boot] = max(moment, of_boot.get(boot, -np.inf))
        return [(one, of_boot[boot]) for one, boot in self.boot_of.items() if boot in of_boot]


def _doubtful(
    reader: LedgerReader, clocks: Clocks, beside: Collection[int] | None
) -> Iterator[_Doubtful]:
    for piece in reader.readings_beside(beside):
        mask = clocks.untimed(piece)
        if not mask.any():
            continue
        if isinstance(piece, ReadingColumns):
            some = piece.only(mask)
            yield _Doubtful(some, some.received_at_ms, some.batch)
        else:
            count = int(mask.sum())
            received = np.full(count, piece.received_at_ms)
            yield _Doubtful(piece.readings[mask], received, np.full(count, piece.number))


def _fixes_of(reader: LedgerReader, sources: Collection[int]) -> Iterator[tuple[int, Fix]]:
    wanted = np.array(sorted(sources), np.uint32)
    for piece in reader.clock_records():
        fixes = _fixes(_of_batch(piece) if isinstance(piece, Batch) else piece)
        for at in np.flatnonzero(np.isin(fixes.source, wanted)).tolist():
            fix = int(fixes.mono_ms[at]), int(fixes.wall_s[at]), float(fixes.error_s[at])
            yield int(fixes.source[at]), fix


def _fixes(records: ClockRecords) -> _Fixes:
    parsed = [_parsed(body, Kind.CLOCK_FIX, ClockFix.from_record) for body in records.bodies]
    error_s = np.array([np.nan if one is None else one.error_ms / 1000 for one in parsed])
    error_s = error_s[records.code] if parsed else np.empty(0)
    latest_s = records.received_at_ms / 1000 + FUTURE_S
    is_fix = (records.kind == Kind.CLOCK_FIX) & ~np.isnan(error_s)
    is_fix &= (records.wall_s != NO_WALL_TIME) & (records.wall_s <= latest_s)
    return _Fixes(
        records.source[is_fix], records.mono_ms[is_fix], records.wall_s[is_fix], error_s[is_fix]
    )


def _parsed(body: bytes, kind: Kind, parse: Callable[[Record], _Event]) -> _Event | None:
    try:
        return parse(Record(kind, 1, 0, None, 0, Quality.GOOD, body))
    except RecordError:
        return None


def _of_batch(batch: Batch) -> ClockRecords:
    some = [
        (source, record)
        for _, source, record in batch.others
        if record.kind in (Kind.BOOT, Kind.CLOCK_FIX)
    ]
    walls = [NO_WALL_TIME if record.wall_s is None else record.wall_s for _, record in some]
    return ClockRecords(
        np.full(len(some), batch.received_at_ms, np.int64),
        np.array([source for source, _ in some], np.uint32),
        np.array([record.kind for _, record in some], np.uint8),
        np.array([record.mono_ms for _, record in some], np.int64),
        np.array(walls, np.int64),
        [record.body for _, record in some],
        np.arange(len(some), dtype=np.int32),
        TimesBeside(batch.number, True, np.empty(0, np.uint32), np.empty(0)),
    )
