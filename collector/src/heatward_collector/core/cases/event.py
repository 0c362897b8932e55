"""What happens to a case, each with when and by whom: the lines of its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from heatward_collector.core.cases.kinds import CaseKind, HeatPlace

OURSELVES = "heatward"
"""Who did what no person did."""


class What(StrEnum):
    """The kinds of events."""

    OPENED = "opened"
    SIGN = "sign"
    """A finding or a day below the standard: it came, grew, ended or was withdrawn."""
    RAISED = "raised"
    """The place is a larger one now."""
    TOOK_OVER = "took_over"
    """Another case was merged into this one."""
    NOTIFIED = "notified"
    """A message reached somebody who must act."""
    REACHED_SUPPLIER = "reached_supplier"
    """A message reached the supplier, or a person told it: deadlines run from here."""
    ACKNOWLEDGED = "acknowledged"
    CLIMBED = "climbed"
    """Nobody answered: the next rung of the ladder is told."""
    DISPATCHED = "dispatched"
    """A person has given it to the supplier."""
    MEASURED_ON_SITE = "measured_on_site"
    DISPUTED = "disputed"
    """The supplier disagrees: the department measures."""
    CLAIMED_FIXED = "claimed_fixed"
    CLAIM_REFUTED = "claim_refuted"
    """Heat was missing again after the claim."""
    NOT_JUDGEABLE = "recovery_not_judgeable"
    JUDGEABLE_AGAIN = "judgeable_again"
    RECOVERED = "recovered"
    SEASON_OVER = "season_over"
    CLOSED_BY_PERSON = "closed_by_person"
    MERGED = "merged"
    RELAPSED = "relapsed"
    OVERDUE = "overdue"
    CONSENT = "consent"
    """A resident lets the supplier know the address, for this case."""
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a history. What a field does not concern stays empty."""

    what: What
    at_s: int
    """When it happened, by the clock of the line. [s UTC]"""
    by: str = OURSELVES
    reason: str = ""
    kind: CaseKind | None = None
    where: HeatPlace | None = None
    sign: str = ""
    """The id of the finding, or ``below:BUILDING``."""
    revision: int = 0
    begun_s: int = 0
    """When the heat began to be missing. [s UTC]"""
    ended_s: int | None = None
    """When it came back; None while it is missing. [s UTC]"""
    is_withdrawn: bool = False
    other: int = 0
    """The number of another case."""
    homes: tuple[str, ...] = ()
    buildings: tuple[str, ...] = ()
    facts: Mapping[str, float | str] = field(default_factory=dict)
    """Numbers and words for its sentence, units in the names."""
