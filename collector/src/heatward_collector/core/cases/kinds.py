"""What a case is about: its family, its kind, and the place in the heat network."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from heatward_collector.core.suppression import Kind, Level


class Family(StrEnum):
    """A place has at most one open case of each family."""

    INTERRUPTION = "interruption"
    """Heat is cut off for hours."""
    INSUFFICIENT_HEAT = "insufficient_heat"
    """Heat comes, but too little of it."""
    CALENDAR = "calendar"
    """Heat begins too late in the season, or ends too early."""


class CaseKind(StrEnum):
    """What a case says at present: the kinds of findings, and rooms that are simply too cold."""

    OUTAGE = Kind.OUTAGE.value
    NIGHT_INTERRUPTION = Kind.NIGHT_INTERRUPTION.value
    STOP_START = Kind.STOP_START.value
    THROTTLING = Kind.THROTTLING.value
    BELOW_STANDARD = "below_standard"
    """No finding, but buildings that are judged below the standard."""
    LATE_START = Kind.LATE_START.value
    EARLY_STOP = Kind.EARLY_STOP.value


_FAMILIES = {
    CaseKind.OUTAGE: Family.INTERRUPTION,
    CaseKind.NIGHT_INTERRUPTION: Family.INTERRUPTION,
    CaseKind.STOP_START: Family.INTERRUPTION,
    CaseKind.THROTTLING: Family.INSUFFICIENT_HEAT,
    CaseKind.BELOW_STANDARD: Family.INSUFFICIENT_HEAT,
    CaseKind.LATE_START: Family.CALENDAR,
    CaseKind.EARLY_STOP: Family.CALENDAR,
}
ENFORCED = frozenset({CaseKind.LATE_START, CaseKind.EARLY_STOP, CaseKind.STOP_START})
"""Kinds that heating enforcement hears of too. (the notice of 2021, 4(3))"""


def family_of(kind: CaseKind | Kind) -> Family:
    """Return the family to which a kind belongs; a case changes its kind only within it."""
    return _FAMILIES[CaseKind(kind.value)]


@dataclass(frozen=True, slots=True)
class HeatPlace:
    """A place of the heat network: a building, a zone, a source."""

    level: Level
    id: str
