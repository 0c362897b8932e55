"""Findings of the slow kinds against long cuts: whose they are, and which are false."""

from __future__ import annotations

from collections.abc import Sequence

from heatward_collector.core.suppression import Certainty, Finding
from heatward_collector.score.matching import ACUTE, Outcome, covers, end_of
from heatward_collector.score.truth import LongCut, OffPeriod

DAY_S = 86_400
BEFORE_S, AFTER_S = DAY_S, 4 * DAY_S
"""Around anything that was done to a building, a slow finding on it is excused. [s]"""


def slow_outcomes(
    findings: Sequence[Finding], cuts: Sequence[LongCut], periods: Sequence[OffPeriod]
) -> list[Outcome | None]:
    """Return what became of each finding of a slow kind; None for the acute ones.

    One that names no building beyond a cut of its kind is matched, or a fragment where another
    one was said earlier. On anything else that was done to its buildings, a day before to four
    days after, it is neither right nor wrong. A declared action excuses nothing.
    """
    order = sorted(range(len(findings)), key=lambda index: findings[index].detected_s)
    outcomes: list[Outcome | None] = [None] * len(findings)
    taken: set[int] = set()
    for index in order:
        finding = findings[index]
        if finding.kind in ACUTE:
            continue
        mine = [number for number, cut in enumerate(cuts) if is_of(finding, cut)]
        if mine and set(mine) - taken:
            taken.add(min(set(mine) - taken))
            outcomes[index] = Outcome.MATCHED
        elif not finding.accuses:
            outcomes[index] = Outcome.SILENT
        elif mine:
            outcomes[index] = Outcome.FRAGMENT
        else:
            outcomes[index] = _of_unmatched(finding, cuts, periods)
    return outcomes


def is_of(finding: Finding, cut: LongCut) -> bool:
    """Say whether a finding is one of a cut: of its kind, place and time."""
    says_declared = finding.certainty is Certainty.DECLARED
    return (
        finding.kind is cut.kind
        and says_declared == cut.is_declared
        and covers(finding, cut.buildings, cut.buildings)
        and _touches(finding, cut.from_s, cut.to_s)
    )


def first_of(findings: Sequence[Finding], cut: LongCut) -> Finding | None:
    """Return the accusing finding of a cut that was said first, else another that was."""
    mine = [finding for finding in findings if is_of(finding, cut)]
    return min(mine, key=lambda one: (not one.accuses, one.detected_s), default=None)


def _of_unmatched(
    finding: Finding, cuts: Sequence[LongCut], periods: Sequence[OffPeriod]
) -> Outcome:
    done = [(cut.buildings, cut.from_s, cut.to_s) for cut in cuts if not cut.is_declared]
    done += [(one.reach, one.on_s, one.off_s) for one in periods if not one.is_declared]
    explained = frozenset[str]().union(
        *(
            buildings
            for buildings, from_s, to_s in done
            if _touches(finding, from_s - BEFORE_S, to_s + AFTER_S)
        )
    )
    is_explained = bool(finding.buildings) and explained.issuperset(finding.buildings)
    return Outcome.NEITHER if is_explained else Outcome.FALSE


def _touches(finding: Finding, from_s: int, to_s: int) -> bool:
    return finding.start_s <= to_s and end_of(finding) >= from_s
