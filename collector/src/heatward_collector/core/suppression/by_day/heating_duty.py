"""What is owed in a winter: from when to when heat is due, and how warm rooms must be."""

from __future__ import annotations

from dataclasses import dataclass

DAY_S = 86_400
BEFORE_DAYS = 14
"""Days before a season tell what people and sun give; earlier ones say nothing of it. [d]"""
AFTER_DAYS = 1
"""A day after a season may still show that heat had gone before its end. [d]"""


@dataclass(frozen=True, slots=True)
class Season:
    """When heat is due."""

    first_s: int
    """First local midnight of the season. [s UTC]"""
    last_s: int
    """The midnight after its last day. [s UTC]"""

    def holds(self, time_s: int) -> bool:
        """Return whether heat is due then. [s UTC]"""
        return self.first_s <= time_s < self.last_s

    def may_end(self, time_s: int, days: int) -> bool:
        """Return whether a time is among the last days, or after them. [s UTC] [d]"""
        return time_s >= self.last_s - days * DAY_S


ALWAYS = Season(0, 2**62)
"""Heat is always due: neither a late start nor an early stop can be told."""


@dataclass(frozen=True, slots=True)
class HeatingDuty:
    """When heat is due, and how warm rooms must be."""

    season: Season
    minimum: float
    """The standard. [degC]"""
    minimum_from_s: int = 0
    """From when on it is this one: earlier days are not held against it. [s UTC]"""

    def covers(self, start_s: int) -> bool:
        """Say whether the slow half looks at the day that begins then. [s UTC]"""
        first_s = self.season.first_s - BEFORE_DAYS * DAY_S
        return first_s <= start_s < self.season.last_s + AFTER_DAYS * DAY_S
