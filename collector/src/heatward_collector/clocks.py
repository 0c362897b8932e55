"""What is known of the nodes' clocks: which boot an epoch belongs to, and the boots' fixes.

Learnt from BOOT and CLOCK_FIX records as batches pass; kept by whoever follows the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

import numpy as np

from heatward_collector.core import Mask
from heatward_collector.core.placing import FUTURE_S, NO_FIXES, Fixes, sorted_fixes
from heatward_collector.ledger import Batch, Source
from heatward_node.errors import RecordError
from heatward_node.events import Boot, ClockFix
from heatward_node.reading import Kind, Record

BootKey = tuple[str, str, bytes]
"""District, node and boot id."""
Fix = tuple[int, int, float]
"""Monotonic time [ms], wall time [s UTC], error [s]."""
SourceOf = Callable[[int], Source]


class Clocks:
    """Boots and clock fixes of every node."""

    def __init__(
        self,
        boots: Iterable[tuple[int, BootKey]] = (),
        fixes: Iterable[tuple[BootKey, Fix]] = (),
    ) -> None:
        self._boot_of: dict[int, BootKey] = dict(boots)
        self._sources: dict[BootKey, set[int]] = defaultdict(set)
        self._fixes: dict[BootKey, set[Fix]] = defaultdict(set)
        self._sorted: dict[BootKey, Fixes] = {}
        for source, boot in self._boot_of.items():
            self._sources[boot].add(source)
        for boot, fix in fixes:
            self._fixes[boot].add(fix)

    def learn(
        self, batch: Batch, source_of: SourceOf
    ) -> tuple[list[tuple[int, BootKey]], list[tuple[BootKey, Fix]]]:
        """Take over what a batch says; return the boots and fixes that are new.

        What cannot be read, or lies in the future of its receipt, teaches nothing: it is evidence
        of a fault, not of time.
        """
        boots: list[tuple[int, BootKey]] = []
        fixes: list[tuple[BootKey, Fix]] = []
        latest_s = batch.received_at_ms / 1000 + FUTURE_S
        for _, source, record in batch.others:
            if record.kind == Kind.BOOT and source not in self._boot_of:
                boot = _boot_key(source_of(source), record)
                if boot is not None:
                    boots.append(self._link(source, boot))
            elif record.kind == Kind.CLOCK_FIX:
                fix = _fix(record)
                if fix is None or fix[1] > latest_s:
                    continue
                boot = self._boot(source, source_of, boots)
                if fix not in self._fixes[boot]:
                    self._fixes[boot].add(fix)
                    self._sorted.pop(boot, None)
                    fixes.append((boot, fix))
        for source in set(batch.readings["source"][untimed(batch)].tolist()):
            self._boot(source, source_of, boots)
        return boots, fixes

    def fixes_of(self, source: int) -> Fixes:
        """Return the clock fixes of the boot in which a source was written."""
        boot = self._boot_of.get(source)
        if boot is None or not self._fixes.get(boot):
            return NO_FIXES
        if boot not in self._sorted:
            self._sorted[boot] = sorted_fixes(self._fixes[boot])
        return self._sorted[boot]

    def boot_of(self, source: int) -> BootKey | None:
        """Return the boot in which a source was written, where it is known."""
        return self._boot_of.get(source)

    def sources_of(self, boot: BootKey) -> frozenset[int]:
        """Return every source written in a boot."""
        return frozenset(self._sources.get(boot, ()))

    def _boot(self, source: int, source_of: SourceOf, boots: list[tuple[int, BootKey]]) -> BootKey:
        """Return the boot of a source; where its BOOT record is lost, a boot of its own."""
        if source not in self._boot_of:
            origin = source_of(source)
            own = (origin.district, origin.node, origin.epoch.to_bytes(16, "big"))
            boots.append(self._link(source, own))
        return self._boot_of[source]

    def _link(self, source: int, boot: BootKey) -> tuple[int, BootKey]:
        self._boot_of[source] = boot
        self._sources[boot].add(source)
        return source, boot


def _boot_key(origin: Source, record: Record) -> BootKey | None:
    try:
        return origin.district, origin.node, Boot.from_record(record).boot_id
    except RecordError:
        return None


def untimed(batch: Batch) -> Mask:
    """Say which readings of a batch have no wall time to believe: none, or one in the future."""
    readings = batch.readings
    latest = batch.received_at_ms / 1000 + FUTURE_S
    wall_s = readings["wall_s"]
    return np.asarray((readings["sync"] != 1) | (wall_s <= 0) | (wall_s > latest))


def _fix(record: Record) -> Fix | None:
    if record.wall_s is None:
        return None
    try:
        return record.mono_ms, record.wall_s, ClockFix.from_record(record).error_ms / 1000
    except RecordError:
        return None
