"""What was offered to the ledger since its last commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from heatward_collector.ledger.batch import Source, by_source
from heatward_collector.ledger.stretch import Packed, entries_of


@dataclass(slots=True)
class Pending:
    """Packed entries in their order, new sources, who goes on, and the span of wall times."""

    entries: list[bytes] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    advanced: set[int] = field(default_factory=set)
    """Sources with an entry: of a city's, only these have another last number."""
    measured_from: int | None = None
    measured_to: int | None = None
    all_timed: bool = True

    def take(self, packed: Packed, bodies: Mapping[int, bytes]) -> None:
        """Add records with wall times; of those in ``bodies`` there is the header in ``packed``."""
        self.entries += entries_of(packed, bodies)
        self.advanced.update(packed["source"].tolist())
        for wall_s in (packed["wall_s"].min(), packed["wall_s"].max()):
            self.note_wall(int(wall_s))

    def carry(self, numbers: list[int], into: list[int]) -> None:
        """Take the last numbers of the sources with an entry over."""
        for source in self.advanced:
            into[source] = numbers[source]

    def by_source(self) -> Sequence[bytes]:
        """Return the entries as a batch keeps them."""
        return by_source(self.entries)

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
