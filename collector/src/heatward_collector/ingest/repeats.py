"""Repeated records are compared with what the ledger holds: other bytes are a conflict.

Most repeats follow a reconnect and were stored a moment ago, so recent batches are searched,
newest first, within a budget. What the budget did not reach is counted, never guessed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from heatward_collector.ingest.quarantine import Quarantine
from heatward_collector.ledger import LedgerReader, LedgerWriter
from heatward_node.reading import Record

SEARCHED_BATCHES = 200
NOTED_RECORDS = 10_000


class Repeats:
    """Repeats of the current commit, and their comparison."""

    def __init__(self, ledger: LedgerWriter, quarantine: Quarantine) -> None:
        self._ledger = ledger
        self._quarantine = quarantine
        self._reader = LedgerReader(ledger.directory)
        self._noted: dict[int, dict[int, bytes]] = defaultdict(dict)
        self._count = 0
        self._counters: Counter[str] = Counter()

    def note(self, source: int, records: Iterable[Record]) -> None:
        """Take note of records that were there already."""
        for record in records:
            self._counters["repeats"] += 1
            if self._count >= NOTED_RECORDS:
                self._counters["repeats_not_compared"] += 1
                continue
            data = record.to_bytes()
            held = self._noted[source].setdefault(record.seq, data)
            self._count += 1
            if held != data:
                self._counters["repeats_not_compared"] += 1

    def compare(self) -> None:
        """Compare what was noted with the newest batches."""
        if not self._noted:
            return
        newest, _ = self._ledger.head
        for number in range(newest, max(0, newest - SEARCHED_BATCHES), -1):
            if not self._noted:
                break
            self._compare_with(number)
        left = sum(map(len, self._noted.values()))
        self._counters["repeats_not_compared"] += left
        self._noted.clear()
        self._count = 0

    def take_counters(self) -> Counter[str]:
        """Return what was counted since the last call."""
        taken, self._counters = self._counters, Counter()
        return taken

    def _compare_with(self, number: int) -> None:
        for batch in self._reader.batches(after=number - 1, limit=1):
            for source, record in batch.records_of(tuple(self._noted)):
                other = self._noted[source].pop(record.seq, None)
                kept = record.to_bytes()
                if other is not None and other != kept:
                    self._conflict(source, record.seq, kept, other)
        for source in [source for source, left in self._noted.items() if not left]:
            del self._noted[source]

    def _conflict(self, source: int, seq: int, kept: bytes, other: bytes) -> None:
        origin = self._ledger.source(source)
        key = (origin.district, origin.node, origin.epoch)
        if self._quarantine.conflict(key, seq, kept, other):
            self._counters["conflicts"] += 1
