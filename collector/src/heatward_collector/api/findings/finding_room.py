"""The door through which pages and API look at findings: four questions, no writing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from heatward_collector.conclusions.findings import SaidFinding, Watched

from ...core.suppression import Finding
from ...explain import Names
from ...explain.plot import Curves


@dataclass(frozen=True, slots=True)
class Board:
    """What is said of suppressed heating now and lately, and what that rests on."""

    findings: tuple[SaidFinding, ...]
    """Newest revisions, those that last first."""
    watched: Watched | None
    names: Names

    def of_building(self, building: str) -> tuple[SaidFinding, ...]:
        """Return the findings that touch a building."""
        return tuple(one for one in self.findings if building in one.finding.buildings)


class FindingRoom(Protocol):
    """Answers what a page asks of findings; an unknown id is answered with nothing."""

    def board(self) -> Board:
        """Return the findings of the last weeks."""

    def history(self, key: str) -> tuple[SaidFinding, ...]:
        """Return every revision of a finding, oldest first."""

    def names(self) -> Names:
        """Return what places are called."""

    def curves(self, finding: Finding) -> Curves:
        """Return what its homes, homes elsewhere and the weather did around a finding."""
