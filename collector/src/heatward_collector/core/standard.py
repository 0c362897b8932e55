"""A city's heating standard: dated rules, the season, and when official measurements count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Tier:
    """Below ``below_celsius`` a day gives ``share`` of its heating fee back. [degC, 0 to 1]"""

    below_celsius: float
    share: float

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ValueError(f"a refund share is above 0 and at most 1, not {self.share}")


@dataclass(frozen=True, slots=True)
class Rule:
    """What was in force from one day on, with where that is written."""

    version: str
    valid_from: date
    minimum_celsius: float
    tiers: tuple[Tier, ...]
    """From the mildest to the most severe; empty where none is known."""
    source: str
    certainty: str
    """``high``, ``medium`` or ``low``."""

    def __post_init__(self) -> None:
        limits = [tier.below_celsius for tier in self.tiers]
        if limits != sorted(limits, reverse=True):
            raise ValueError(f"{self.version}: refund tiers go from the mildest to the most severe")
        if limits and limits[0] > self.minimum_celsius:
            raise ValueError(f"{self.version}: a refund above the minimum temperature")


@dataclass(frozen=True, slots=True)
class Season:
    """Month and day on which heating begins and ends, both included."""

    first: tuple[int, int]
    last: tuple[int, int]
    all_year: bool = False

    def contains(self, day: date) -> bool:
        """Say whether a local day belongs to the season, which may run over New Year."""
        if self.all_year:
            return True
        here = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


@dataclass(frozen=True, slots=True)
class Standard:
    """Everything a verdict needs to know of a city."""

    city: str
    name_zh: str
    name_en: str
    timezone: str
    season: Season
    excluded_hours: tuple[int, int] | None
    """Local hours [from, to) in which no official measurement is taken, or None."""
    room_uses: tuple[str, ...]
    """Uses of rooms that the standard covers."""
    rules: tuple[Rule, ...]
    """Oldest first."""

    def __post_init__(self) -> None:
        days = [rule.valid_from for rule in self.rules]
        if not days or days != sorted(set(days)):
            raise ValueError(f"{self.city}: rules need dates, each once, oldest first")

    def rule_on(self, day: date) -> Rule | None:
        """Return the rule in force on a local day, or None before the first one known."""
        in_force = [rule for rule in self.rules if rule.valid_from <= day]
        return in_force[-1] if in_force else None

    def in_season(self, day: date) -> bool:
        """Say whether heating is owed on a local day."""
        return self.season.contains(day)
