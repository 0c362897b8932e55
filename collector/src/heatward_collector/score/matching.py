"""One finding to one off-period: what was found, what was found twice, and what is false."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from heatward_collector.core.suppression import Certainty, Finding, Kind
from heatward_collector.score.truth import HOUR_S, Account, LongCut, OffPeriod

ACUTE = frozenset({Kind.OUTAGE, Kind.NIGHT_INTERRUPTION, Kind.STOP_START})
LEAST_SHARE = 0.5
"""A finding covers at least this share of a period's buildings."""
LATE_S = 2 * HOUR_S
"""How long after its end a period may still be found. [s]"""
APART_S = 2 * HOUR_S
"""How far the beginning of a finding may lie from that of the period. [s]"""


class Outcome(StrEnum):
    """What became of a finding."""

    MATCHED = "matched"
    FRAGMENT = "fragment"
    """A further finding on a period: too many of them, but not wrong."""
    NEITHER = "neither"
    """On a period below the floor, or on a long cut: neither right nor wrong."""
    SILENT = "silent"
    """It accuses nobody."""
    FALSE = "false"


@dataclass(frozen=True, slots=True)
class Matching:
    """The result for the acute findings of a season."""

    of_period: tuple[int | None, ...]
    """The index of each period's finding."""
    outcome: tuple[Outcome | None, ...]
    """Of each finding; None for those of other kinds, which are matched elsewhere."""

    def indices(self, outcome: Outcome) -> list[int]:
        """Return the findings with an outcome."""
        return [index for index, one in enumerate(self.outcome) if one is outcome]


def match(
    periods: Sequence[OffPeriod], findings: Sequence[Finding], cuts: Sequence[LongCut] = ()
) -> Matching:
    """Match one to one, earliest first.

    Parameters
    ----------
    periods : sequence of OffPeriod
        In any order; those of one series may be interleaved with others.
    findings : sequence of Finding
        All of a season; kinds that are not acute are left out.
    cuts : sequence of LongCut
        Long cuts, on which an acute finding is neither right nor wrong.

    Returns
    -------
    Matching
        A period takes the finding that was said first; one that accuses before one that says
        "undetermined". A declared period takes only a finding that says "declared".
    """
    of_period: list[int | None] = [None] * len(periods)
    order = sorted(range(len(findings)), key=lambda i: (findings[i].detected_s, i))
    free = [index for index in order if findings[index].kind in ACUTE]
    for number in sorted(range(len(periods)), key=lambda i: (periods[i].on_s, i)):
        candidates = [index for index in free if meets(periods[number], findings[index])]
        candidates.sort(key=lambda index: not findings[index].accuses)
        if candidates:
            of_period[number] = candidates[0]
            free.remove(candidates[0])
    taken = {index for index in of_period if index is not None}
    outcome: list[Outcome | None] = [
        None
        if finding.kind not in ACUTE
        else Outcome.MATCHED
        if index in taken
        else _of_unmatched(finding, periods, cuts)
        for index, finding in enumerate(findings)
    ]
    return Matching(tuple(of_period), tuple(outcome))


def meets(period: OffPeriod, finding: Finding) -> bool:
    """Say whether a finding may be the one of a period."""
    says_declared = finding.certainty is Certainty.DECLARED
    return (
        says_declared == (period.account is Account.DECLARED)
        and covers(finding, period.buildings, period.reach)
        and period.on_s <= finding.detected_s <= period.off_s + LATE_S
        and abs(finding.start_s - period.on_s) <= APART_S
    )


def covers(finding: Finding, buildings: frozenset[str], reach: frozenset[str]) -> bool:
    """Say whether a finding names at least half of some buildings, and none beyond a reach."""
    named = frozenset(finding.buildings)
    half = LEAST_SHARE * len(buildings)
    return named <= reach and len(named & buildings) >= half > 0


def _of_unmatched(
    finding: Finding, periods: Sequence[OffPeriod], cuts: Sequence[LongCut]
) -> Outcome:
    if not finding.accuses:
        return Outcome.SILENT
    touched = [period for period in periods if not period.is_declared and overlaps(finding, period)]
    counted = frozenset[str]().union(
        *(one.buildings for one in touched if one.account is Account.COUNTED)
    )
    explained = counted.union(
        *(one.reach for one in touched),
        *(one.buildings for one in cuts if not one.is_declared and _is_within(finding, one)),
    )
    if not finding.buildings or not explained.issuperset(finding.buildings):
        return Outcome.FALSE
    return Outcome.FRAGMENT if counted.intersection(finding.buildings) else Outcome.NEITHER


def overlaps(finding: Finding, period: OffPeriod) -> bool:
    """Say whether finding and period lie at the same time, within the tolerances of a match."""
    is_begun = finding.start_s <= period.off_s + LATE_S
    return is_begun and end_of(finding) >= period.on_s - APART_S


def _is_within(finding: Finding, cut: LongCut) -> bool:
    return finding.start_s <= cut.to_s and end_of(finding) >= cut.from_s


def end_of(finding: Finding) -> int:
    """Return the end of a finding, or until when an open one was seen for sure. [s UTC]"""
    return finding.detected_s if finding.end_s is None else finding.end_s
