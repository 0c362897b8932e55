"""What is known of the nodes' clocks: which boot an epoch belongs to, and the boots' fixes.

Learnt from BOOT and CLOCK_FIX records as batches pass; kept by whoever follows the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from heatward_collector.core.placing import NO_FIXES, Fixes, sorted_fixes
from heatward_collector.ledger import Batch, Source
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
        """Take over what a batch says; return the boots and fixes that are new."""
        boots: list[tuple[int, BootKey]] = []
        fixes: list[tuple[BootKey, Fix]] = []
        for _, source, record in batch.others:
            if record.kind == Kind.BOOT and source not in self._boot_of:
                origin = source_of(source)
                boot = (origin.district, origin.node, Boot.from_record(record).boot_id)
                self._boot_of[source] = boot
                self._sources[boot].add(source)
                boots.append((source, boot))
            elif record.kind == Kind.CLOCK_FIX and record.wall_s is not None:
                boot = self._boot(source, source_of)
                fix = _fix(record, record.wall_s)
                if fix not in self._fixes[boot]:
                    self._fixes[boot].add(fix)
                    self._sorted.pop(boot, None)
                    fixes.append((boot, fix))
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

    def _boot(self, source: int, source_of: SourceOf) -> BootKey:
        """Return the boot of a source; where its BOOT record is lost, a boot of its own."""
        if source not in self._boot_of:
            origin = source_of(source)
            own = (origin.district, origin.node, origin.epoch.to_bytes(16, "big"))
            self._boot_of[source] = own
            self._sources[own].add(source)
        return self._boot_of[source]


def _fix(record: Record, wall_s: int) -> Fix:
    return record.mono_ms, wall_s, ClockFix.from_record(record).error_ms / 1000
