"""When a case is over: only where the rooms themselves are measured warm again.

A claim that something was repaired closes nothing, and neither does a thaw: warm rooms count only
while it is about as cold outdoors as it was when they were cold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from heatward_collector.core.cases.kinds import Family

REPORTING_SHARE = 0.75
"""So much of the affected homes must report. [0 to 1] (project rule)"""
WARM_SHARE = 0.75
"""So many of those that report must be at or above the standard for 24 hours; the rest may be cold
for reasons of their own. [0 to 1] (project rule)"""
QUIET_NIGHTS = 3
"""Nights without an interruption after the last one. (project rule)"""
THAW_KELVIN = 5.0
"""Warm rooms on a day so much milder than the cold ones say nothing of the supply. [K] (project
rule)"""
JUDGE_DAYS = 2
"""Where the newest whole days are this many without enough homes, nobody can judge. [d]"""


@dataclass(frozen=True, slots=True)
class CaseDay:
    """What the affected homes measured on one whole local day."""

    day: date
    homes: int
    """Affected homes."""
    reporting: int
    """Of them, those with a verdict."""
    warm: int
    """Of them, those that met the standard."""
    outdoor_celsius: float | None = None

    @property
    def is_heard(self) -> bool:
        """Whether enough homes report."""
        return self.homes > 0 and self.reporting >= REPORTING_SHARE * self.homes

    @property
    def is_warm(self) -> bool:
        """Whether enough homes report, and enough of them are warm."""
        return self.is_heard and self.warm >= WARM_SHARE * self.reporting


class Outcome(StrEnum):
    """What measurements say of a case."""

    RECOVERED = "recovered"
    STILL_MISSING = "still_missing"
    """Heat is missing by a sign that lasts."""
    NOT_YET = "not_yet"
    """The homes are not at the standard for 24 hours yet, or the nights are too few."""
    THAW = "thaw"
    """The rooms are warm, but it is much milder than when they were cold."""
    NOT_JUDGEABLE = "not_judgeable"
    """Too few sensors report, or nobody knows how cold it was outdoors."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """An outcome and what it rests on."""

    outcome: Outcome
    homes: int = 0
    reporting: int = 0
    warm: int = 0
    quiet_nights: int = 0
    day: date | None = None
    """The newest whole day that was looked at."""


def judge_recovery(
    family: Family,
    lasts: bool,
    since: Sequence[CaseDay],
    cold_celsius: float | None,
    quiet_nights: int = QUIET_NIGHTS,
    thaw_kelvin: float = THAW_KELVIN,
) -> Recovery:
    """Return what whole days since the heat came back say of a case.

    Parameters
    ----------
    family : Family
        Of the case. Only an interruption needs quiet nights, only insufficient heat the weather.
    lasts : bool
        Whether heat is missing by a sign.
    since : sequence of CaseDay
        Whole days that began after the heat was back, oldest first, without a day left out.
    cold_celsius : float or None
        Outdoor mean of the days on which rooms were cold; None where it is not known. [degC]
    quiet_nights : int
        How many nights must pass after an interruption.
    thaw_kelvin : float
        How much milder it may be. [K]
    """
    if lasts:
        return Recovery(Outcome.STILL_MISSING)
    if not since:
        return Recovery(Outcome.NOT_YET)
    newest = since[-1]
    nights = _nights(since)
    base = (newest.homes, newest.reporting, newest.warm, nights, newest.day)
    recent = since[-JUDGE_DAYS:]
    if len(recent) == JUDGE_DAYS and not any(day.is_heard for day in recent):
        return Recovery(Outcome.NOT_JUDGEABLE, *base)
    if not newest.is_warm or nights < (quiet_nights if family is Family.INTERRUPTION else 0):
        return Recovery(Outcome.NOT_YET, *base)
    if family is Family.INSUFFICIENT_HEAT:
        outdoor = newest.outdoor_celsius
        if outdoor is None or cold_celsius is None:
            return Recovery(Outcome.NOT_JUDGEABLE, *base)
        if outdoor > cold_celsius + thaw_kelvin:
            return Recovery(Outcome.THAW, *base)
    return Recovery(Outcome.RECOVERED, *base)


def _nights(since: Sequence[CaseDay]) -> int:
    """Return how many of the newest nights in a row were watched; none was broken, by the signs."""
    count = 0
    for day in reversed(since):
        if not day.is_heard:
            break
        count += 1
    return count
