"""What the nodes say themselves: what was shown and kept, and their journals."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from heatward_collector.canary import CANARY_NODE
from heatward_collector.ledger import LedgerReader
from heatward_collector.torture.line.node_life import ROUND_S
from heatward_node.events import first_covered
from heatward_node.journal_file import records_between
from heatward_node.reading import Kind, Quality, Record
from heatward_node.wire import MAX_RECORDS

Key = tuple[str, int, int]
"""Node, epoch and number of a record."""
Shown = tuple[str, int, bytes]
"""Node, round and sensor of a reading."""
JOURNAL = "journal.sqlite"


@dataclass(slots=True)
class Truth:
    """What all nodes together have shown and kept."""

    shown: dict[Shown, set[tuple[int, str]]] = field(default_factory=lambda: defaultdict(set))
    """The values of a sensor in a round, each with what was wrong with it."""
    kept: set[tuple[str, int]] = field(default_factory=set)
    """Rounds of nodes whose journal had returned."""

    def read(self, node: str, file: Path) -> None:
        """Take in what one folder of a node says; the last line may be cut off by a kill."""
        for line in file.read_text().split("\n")[:-1]:
            word, number, *rest = line.split(" ")
            if word == "show":
                rom, raw, fault = rest
                self.shown[node, int(number), bytes.fromhex(rom)].add((int(raw), fault))
            elif word == "kept":
                self.kept.add((node, int(number)))

    def owed(self) -> set[Shown]:
        """Return the readings that must be in the ledger: kept, of sensors without a fault."""
        return {
            key
            for key, values in self.shown.items()
            if key[:2] in self.kept and any(fault == "good" for _, fault in values)
        }


def shown_by(record: Record, node: str) -> Shown:
    """Return node, round and sensor of a reading."""
    return node, record.mono_ms // (ROUND_S * 1000) - 1, record.body[:8]


def is_as_shown(record: Record, values: set[tuple[int, str]]) -> bool:
    """Say whether a reading is what its sensor said: the value, or a fault that is called one."""
    raw = int.from_bytes(record.body[8:10], "little", signed=True)
    is_good = record.quality == Quality.GOOD
    return any(
        (raw == value and is_good) if fault == "good" else not is_good for value, fault in values
    )


def journal_records(card: Path) -> Iterator[tuple[int, Record]]:
    """Yield (epoch, record) of everything that a node's card holds; lost numbers as ``lost``."""
    with closing(sqlite3.connect(f"file:{card / JOURNAL}?mode=ro", uri=True)) as connection:
        logs = connection.execute("SELECT number, epoch, last_seq FROM log").fetchall()
        for number, epoch, last_seq in logs:
            for after in range(0, last_seq, MAX_RECORDS):
                end = min(after + MAX_RECORDS, last_seq)
                for record in records_between(connection, number, after, end):
                    yield epoch, record


def given_up(card: Path) -> dict[int, int]:
    """Return the oldest number still kept, by epoch, of logs whose beginning is no more there.

    A full card gives up what was acknowledged, oldest first, to go on measuring.
    """
    query = (
        "SELECT epoch, acked, coalesce((SELECT min(seq) FROM record WHERE log = number), "
        "last_seq + 1) FROM log"
    )
    with closing(sqlite3.connect(f"file:{card / JOURNAL}?mode=ro", uri=True)) as connection:
        rows = connection.execute(query).fetchall()
    return {epoch: first for epoch, acked, first in rows if 1 < first <= acked + 1}


def last_numbers(card: Path) -> dict[int, int]:
    """Return the last number of each log of a card, by epoch."""
    with closing(sqlite3.connect(f"file:{card / JOURNAL}?mode=ro", uri=True)) as connection:
        return dict(connection.execute("SELECT epoch, last_seq FROM log").fetchall())


def witnesses(card: Path) -> list[tuple[str, int, str]]:
    """Return (incarnation, batch, head) of the ledger's heads that a card keeps."""
    with closing(sqlite3.connect(f"file:{card / JOURNAL}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT incarnation, batch, head FROM witness").fetchall()


@dataclass(slots=True)
class Held:
    """What the ledger holds."""

    records: dict[Key, Record] = field(default_factory=dict)
    times: Counter[Key] = field(default_factory=Counter)
    lost: dict[tuple[str, int], list[tuple[int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Numbers that are named as lost, by node and epoch."""

    @classmethod
    def by(cls, reader: LedgerReader) -> Held:
        """Read a whole ledger."""
        held = cls()
        for batch in reader.batches():
            for position in range(batch.count):
                number, record = batch.entry(position)
                source = reader.source(number)
                key = (source.node, source.epoch, record.seq)
                held.records[key] = record
                held.times[key] += 1
                if record.kind == Kind.LOST:
                    span = first_covered(record), record.seq
                    held.lost[source.node, source.epoch].append(span)
        return held

    def readings(self) -> Iterable[tuple[str, Record]]:
        """Yield node and record of every reading of a sensor; the line's own test has none."""
        for (node, _, _), record in self.records.items():
            if record.kind == Kind.READING and node != CANARY_NODE:
                yield node, record

    def newest_rounds(self) -> dict[str, int]:
        """Return the newest round of each node of which a reading is there."""
        newest: dict[str, int] = {}
        for node, record in self.readings():
            newest[node] = max(newest.get(node, 0), shown_by(record, node)[1])
        return newest

    def names_lost(self) -> int:
        """Return how many numbers are named as lost."""
        return sum(high - low + 1 for spans in self.lost.values() for low, high in spans)
