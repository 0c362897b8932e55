"""What was offered to the ledger since its last commit."""

from __future__ import annotations

from dataclasses import dataclass, field

from heatward_collector.ledger.batch import Source


@dataclass(slots=True)
class Pending:
    """Packed entries in their order, new sources, and the span of their wall times."""

    entries: list[bytes] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    measured_from: int | None = None
    measured_to: int | None = None
    all_timed: bool = True

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
