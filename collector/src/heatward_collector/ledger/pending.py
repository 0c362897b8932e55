"""What was offered to the ledger since its last commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from heatward_collector.ledger.batch import (
    PACKED_DTYPE,
    Source,
    join_body,
    pack_entry,
    source_table,
)
from heatward_collector.ledger.stretch import (
    ENTRY_BYTES,
    Packed,
    entry,
    entry_crcs,
    laid_out,
)
from heatward_node.reading import Record


@dataclass(slots=True)
class Pending:
    """Records in their order, new sources, and the span of wall times."""

    sources: list[Source] = field(default_factory=list)
    count: int = 0
    """How many records."""
    measured_from: int | None = None
    measured_to: int | None = None
    all_timed: bool = True
    _runs: list[bytes | memoryview] = field(default_factory=list)
    """Their entries in the length of a reading's: of others only the source counts there."""
    _others: dict[int, bytes] = field(default_factory=dict)
    """Entries of another length, by their place."""

    def take(self, packed: Packed, bodies: Mapping[int, bytes]) -> None:
        """Add records with wall times; of those in ``bodies`` there is the header in ``packed``.

        ``packed`` must not be changed afterwards; its CRCs are not looked at.
        """
        for place, body in bodies.items():
            self._others[self.count + place] = entry(packed[place : place + 1], body)
        self._runs.append(packed.view(np.uint8).data)
        self.count += len(packed)
        wall_s = packed["wall_s"]
        for edge_s in (wall_s.min(), wall_s.max()):
            self.note_wall(int(edge_s))

    def add(self, source: int, records: Sequence[Record]) -> None:
        """Add records of a source, of any kind."""
        for record in records:
            data = pack_entry(source, record.to_bytes())
            if len(data) != ENTRY_BYTES:
                self._others[self.count] = data
                data = data[:ENTRY_BYTES].ljust(ENTRY_BYTES, b"\0")
            self._runs.append(data)
            self.count += 1
            self.note_wall(record.wall_s)

    def advanced(self) -> npt.NDArray[np.uint32]:
        """Return the source of every record, in their order."""
        return self._packed()["source"]

    def body(self) -> bytes:
        """Return what a batch keeps: the records by their sources, those of one in their order.

        Nobody needs to know who came first within a commit, and what can be foreseen weighs
        nothing.
        """
        packed = self._packed()
        order = np.argsort(packed["source"], kind="stable")
        packed = packed.take(order)
        packed["crc"] = entry_crcs(packed)
        others = self._others
        if others:
            place = np.argsort(order)
            others = dict(sorted((int(place[at]), data) for at, data in others.items()))
        lengths, data = laid_out(packed, others)
        return join_body(source_table(self.sources), lengths.astype("<u2").tobytes(), data)

    def note_wall(self, wall_s: int | None) -> None:
        """Widen the span by a record's wall time."""
        if wall_s is None:
            self.all_timed = False
        elif self.measured_from is None or self.measured_to is None:
            self.measured_from = self.measured_to = wall_s
        elif wall_s < self.measured_from:
            self.measured_from = wall_s
        elif wall_s > self.measured_to:
            self.measured_to = wall_s

    def _packed(self) -> Packed:
        # What was joined once stays joined: of one piece of bytes, join() gives that piece.
        self._runs = [b"".join(self._runs)]
        return np.frombuffer(self._runs[0], PACKED_DTYPE)
