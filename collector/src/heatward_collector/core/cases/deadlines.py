"""Deadlines as dated rules: each runs from the delivery to the supplier, never from detection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from heatward_collector.core.cases.case import Case
from heatward_collector.core.cases.event import What
from heatward_collector.core.cases.kinds import CaseKind

HOUR_S = 3600


class Duty(StrEnum):
    """What is due."""

    ON_SITE = "on_site"
    """Somebody has measured in the rooms."""
    IMPROVED = "improved"
    """The rooms are warm again, where the supplier does not dispute it."""
    DEPARTMENT_MEASURES = "department_measures"
    """It is disputed: the department measures in the supplier's stead."""
    REPAIRED = "repaired"
    """An outage is mended."""


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """How long a duty may take, from a day on, and where that is written."""

    duty: Duty
    hours: int
    valid_from: date
    source: str
    certainty: str
    """``high``, ``medium`` or ``low``."""
    outages_only: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.hours <= 24 * 60:
            raise ValueError(f"{self.duty}: a deadline of {self.hours} h")


@dataclass(frozen=True, slots=True)
class Deadline:
    """One duty of one case."""

    duty: Duty
    due_s: int
    done_s: int | None
    """When it was fulfilled; None until then. [s UTC]"""
    rule: DeadlineRule
    ended_s: int | None = None
    """When its case was closed or merged: from then on it is asked of nobody. [s UTC]"""

    def is_missed(self, now_s: float) -> bool:
        """Whether it was not fulfilled in time, or before its case ended."""
        until_s = self.done_s if self.done_s is not None else self.ended_s
        return (now_s if until_s is None else until_s) > self.due_s

    def is_pending(self) -> bool:
        """Whether it still waits to be fulfilled."""
        return self.done_s is None and self.ended_s is None


def deadlines_of(
    case: Case, rules: Sequence[DeadlineRule], delivered_on: date | None
) -> tuple[Deadline, ...]:
    """Return the deadlines of a case, the earliest first; none before the supplier was reached.

    Parameters
    ----------
    case : Case
        Any case.
    rules : sequence of DeadlineRule
        Of a city, in any order; the newest one in force on that day counts.
    delivered_on : date or None
        The local day on which the supplier was reached; None where it was not.
    """
    reached = case.first(What.REACHED_SUPPLIER)
    if reached is None or delivered_on is None:
        return ()
    found = []
    for duty, rule in _in_force(rules, delivered_on).items():
        if rule.outages_only != (case.kind is CaseKind.OUTAGE) and duty in _REMEDIES:
            continue
        shown = duty
        if duty is Duty.IMPROVED and case.last(What.DISPUTED) is not None:
            shown = Duty.DEPARTMENT_MEASURES
        due_s = reached.at_s + rule.hours * HOUR_S
        found.append(Deadline(shown, due_s, _done_s(case, shown), rule, case.ended_s))
    return tuple(sorted(found, key=lambda one: (one.due_s, one.duty)))


_REMEDIES = (Duty.IMPROVED, Duty.REPAIRED)


def _in_force(rules: Sequence[DeadlineRule], day: date) -> dict[Duty, DeadlineRule]:
    ordered = sorted(rules, key=lambda rule: rule.valid_from)
    return {rule.duty: rule for rule in ordered if rule.valid_from <= day}


def _done_s(case: Case, duty: Duty) -> int | None:
    if duty in _REMEDIES:
        return _recovered_s(case)
    measured = case.first(What.MEASURED_ON_SITE)
    if duty is Duty.DEPARTMENT_MEASURES:
        disputed = case.last(What.DISPUTED)
        later = [
            one.at_s
            for one in case.round
            if one.what is What.MEASURED_ON_SITE
            and disputed is not None
            and one.at_s >= disputed.at_s
        ]
        return min(later, default=None)
    return None if measured is None else measured.at_s


def _recovered_s(case: Case) -> int | None:
    """Return when it was remedied: when heat was back, where that has been measured since."""
    closing = case.closing
    if closing is None or closing.what is not What.RECOVERED:
        return None
    return case.heat_back_s
