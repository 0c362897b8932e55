"""What is known of the nodes' clocks: which boot an epoch belongs to, and the boots' fixes.

Learnt from BOOT and CLOCK_FIX records as batches pass; kept by whoever follows the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Mask
from heatward_collector.core.placing import (
    BEHIND_S,
    FUTURE_S,
    NO_FIXES,
    Fixes,
    begun_since,
    boot_start,
    is_timely,
    sorted_fixes,
)
from heatward_collector.ledger import Batch, Source
from heatward_collector.ledger.columns import ReadingColumns
from heatward_collector.readings.boots import NONE, BootKey, Boots
from heatward_collector.readings.fixes import Fix, FixBook, HeldFixes
from heatward_collector.registry.dated import node_number
from heatward_node.errors import RecordError
from heatward_node.events import Boot, ClockFix
from heatward_node.reading import Kind, Record

SORTED_AT_ONCE = 1_000
"""Of so many boots the fixes are held ready to be looked up."""
SourceOf = Callable[[int], Source]


class Received(Protocol):
    """Readings and when they came: those of a batch, or of many together."""

    @property
    def readings(self) -> npt.NDArray[np.void] | ReadingColumns:
        """The readings, READING_DTYPE (n,), or their columns."""
        ...

    @property
    def received_at_ms(self) -> int | npt.NDArray[np.int64]:
        """When they were received, (n,) where not all at once. [ms UTC]"""
        ...


class Clocks:
    """Boots and clock fixes of every node.

    Of each fix only what it says of its boot's beginning is held here; the fixes themselves, a
    node's 24 a day, are in a book and asked for where a reading needs them.
    """

    def __init__(
        self,
        boots: Iterable[tuple[int, BootKey]] = (),
        fixes: Iterable[tuple[int, Fix]] = (),
        book: FixBook | None = None,
        begun: Iterable[tuple[int, float]] = (),
    ) -> None:
        """Take over boots by their sources, then fixes; ``begun`` is of fixes already in a book."""
        self._boots = Boots()
        self._book: FixBook = HeldFixes() if book is None else book
        self._sorted: dict[BootKey, Fixes] = {}
        self._begun: npt.NDArray[np.float64] = np.full(1, -np.inf)
        self._nodes: npt.NDArray[np.uint64] = np.zeros(1, np.uint64)
        self._raised: set[int] = set()
        for source, boot in boots:
            self._link(source, boot)
        for source, began in begun:
            self._begun[source] = began
        for source, fix in fixes:
            self._book.add(source, fix)
            known = self._boots.of(source)
            if known is None:
                raise KeyError(source)
            self._note_start(known, fix)

    def learn(
        self, batch: Batch, source_of: SourceOf
    ) -> tuple[list[tuple[int, BootKey]], list[tuple[int, Fix]]]:
        """Take over what a batch says; return the boots and fixes that are new, by their sources.

        What cannot be read, or lies in the future of its receipt, teaches nothing: it is evidence
        of a fault, not of time.
        """
        boots: list[tuple[int, BootKey]] = []
        fixes: list[tuple[int, Fix]] = []
        latest_s = batch.received_at_ms / 1000 + FUTURE_S
        for _, source, record in batch.others:
            if record.kind == Kind.BOOT and source not in self._boots:
                boot = _boot_key(source_of(source), record)
                if boot is not None:
                    boots.append(self._link(source, boot))
            elif record.kind == Kind.CLOCK_FIX:
                fix = _fix(record)
                if fix is None or fix[1] > latest_s:
                    continue
                boot = self._boot(source, source_of, boots)
                if self._book.add(source, fix):
                    self._sorted.pop(boot, None)
                    fixes.append((source, fix))
                    self._note_start(boot, fix)
        if self._has_unheard(batch):
            for source in set(batch.readings["source"][self.untimed(batch)].tolist()):
                self._boot(source, source_of, boots)
        return boots, fixes

    def _has_unheard(self, batch: Batch) -> bool:
        """Say whether a source of the readings has no boot yet: of nearly all batches none."""
        return bool((self.nodes(batch.packed[1]["source"]) == 0).any())

    def fixes_of(self, source: int) -> Fixes:
        """Return the clock fixes of the boot in which a source was written."""
        boot = self._boots.of(source)
        if boot is None:
            return NO_FIXES
        if boot not in self._sorted:
            if len(self._sorted) >= SORTED_AT_ONCE:
                self._sorted.clear()
            self._sorted[boot] = sorted_fixes(set(self._book.of(self._boots.sources(boot))))
        return self._sorted[boot]

    def begun_later(self) -> list[tuple[int, float]]:
        """Return the sources that are known to have begun later than before, and since when.

        Only those are named about which this changed since it was asked for last. [s UTC]
        """
        raised = [(source, float(self._begun[source])) for source in sorted(self._raised)]
        self._raised.clear()
        return raised

    def surely_begun(self, source: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
        """Return since when each source's boot ran by all of its fixes; -inf without any. [s UTC]

        Wall times that would let it begin earlier need a closer look,
        :func:`heatward_collector.core.placing.place`.
        """
        # The last place stands for every source that has no fix yet.
        return self._begun[np.minimum(source, len(self._begun) - 1)]

    def nodes(self, source: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
        """Return the number of the node of each source (``node_number``); 0 for an unknown one.

        It is known with the boot: of an epoch whose first record is lost it may stay unknown.
        """
        # The last place stands for every source that was not heard of yet.
        return self._nodes[np.minimum(source, len(self._nodes) - 1)]

    def untimed(self, batch: Received) -> Mask:
        """Say which readings have no wall time to believe at once: none, or one out of bounds."""
        readings = batch.readings
        wall_s = readings["wall_s"]
        believed = is_timely(readings["sync"], wall_s, batch.received_at_ms)
        began = begun_since(wall_s, readings["mono_ms"])
        return np.asarray(~believed | (began < self.surely_begun(readings["source"])))

    def boot_of(self, source: int) -> BootKey | None:
        """Return the boot in which a source was written, where it is known."""
        return self._boots.of(source)

    def sources_of(self, boot: BootKey) -> frozenset[int]:
        """Return every source written in a boot."""
        return frozenset(self._boots.sources(boot))

    def _boot(self, source: int, source_of: SourceOf, boots: list[tuple[int, BootKey]]) -> BootKey:
        """Return the boot of a source; where its BOOT record is lost, a boot of its own."""
        boot = self._boots.of(source)
        if boot is None:
            origin = source_of(source)
            boot = (origin.district, origin.node, origin.epoch.to_bytes(16, "big"))
            boots.append(self._link(source, boot))
        return boot

    def _link(self, source: int, boot: BootKey) -> tuple[int, BootKey]:
        other = self._boots.link(source, boot)
        self._make_room(source)
        self._nodes[source] = node_number(boot[1])
        if other != NONE:
            self._begin(source, float(self._begun[other]))
        return source, boot

    def _note_start(self, boot: BootKey, fix: Fix) -> None:
        began = boot_start(*fix) - BEHIND_S
        for source in self._boots.sources(boot):
            self._begin(source, began)

    def _begin(self, source: int, began: float) -> None:
        if began > self._begun[source]:
            self._begun[source] = began
            self._raised.add(source)

    def _make_room(self, source: int) -> None:
        missing = source + 2 - len(self._begun)
        if missing > 0:
            more = missing + len(self._begun)
            self._begun = np.append(self._begun, np.full(more, -np.inf))
            self._nodes = np.append(self._nodes, np.zeros(more, np.uint64))


def _boot_key(origin: Source, record: Record) -> BootKey | None:
    try:
        return origin.district, origin.node, Boot.from_record(record).boot_id
    except RecordError:
        return None


def _fix(record: Record) -> Fix | None:
    if record.wall_s is None:
        return None
    try:
        return record.mono_ms, record.wall_s, ClockFix.from_record(record).error_ms / 1000
    except RecordError:
        return None
