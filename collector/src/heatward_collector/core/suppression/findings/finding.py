"""What is said of suppressed heating: a finding, how sure it is, and what else was considered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from heatward_collector.core.suppression.homes.network import Level

LEAST_HOMES = 4
"""With fewer judged homes a closed valve and a supplier's cut look the same. (measured: recall
0.32 with 3 homes, 0.97 with 4)"""
SURE_HOMES = 8
"""With so many judged homes a finding can be sure."""


class Kind(StrEnum):
    """How heating is suppressed, in the words of the notice."""

    OUTAGE = "outage"
    NIGHT_INTERRUPTION = "night_interruption"
    STOP_START = "stop_start"
    THROTTLING = "throttling"
    LATE_START = "late_start"
    EARLY_STOP = "early_stop"


class Certainty(StrEnum):
    """How sure a finding is; the last two accuse nobody."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNDETERMINED = "undetermined"
    """The rooms fell, but temperatures alone do not say why."""
    DECLARED = "declared"
    """A regime or notice that was recorded before it began explains it."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Another cause that was considered."""

    cause: str
    """A word that the catalogue of texts knows: ``airing``, ``sun``, ``cold_front``, ..."""
    is_excluded: bool
    """False where it could not be excluded: it then lowers the certainty."""
    facts: Mapping[str, float | str] = field(default_factory=dict)
    """Numbers for its sentence."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One period in which heat was held back from one place.

    Its identity is (kind's family, level, place, start): a later evaluation may lengthen it, change
    its kind or raise its level, and then replaces it.
    """

    kind: Kind
    level: Level
    place: str
    start_s: int
    """Estimated begin. [s UTC]"""
    end_s: int | None
    """Estimated end, None while it lasts. [s UTC]"""
    detected_s: int
    """The event time at which a live evaluation first said so, watermark included. [s UTC]"""
    certainty: Certainty
    buildings: tuple[str, ...]
    """All buildings of which homes fell."""
    affected: tuple[str, ...]
    """Homes that fell."""
    homes_judged: int
    """Homes of the place that could be judged: the denominator."""
    homes_silent: int
    rule: str
    """The name of the rule that fired."""
    excluded: tuple[Exclusion, ...] = ()
    evidence: Mapping[str, float | str] = field(default_factory=dict)
    """Numbers with their unit in the name: ``drop_kelvin``, ``heat_ratio``, ``p_value``, ..."""

    @property
    def accuses(self) -> bool:
        """Whether it says that somebody held heat back."""
        return self.certainty not in (Certainty.UNDETERMINED, Certainty.DECLARED)
