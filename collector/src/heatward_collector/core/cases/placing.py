"""Which case a new sign belongs to: its own place's, that of a larger one, or a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from heatward_collector.core.cases.case import Case, size
from heatward_collector.core.cases.event import What
from heatward_collector.core.cases.kinds import Family, HeatPlace
from heatward_collector.core.suppression import Level

RELAPSE_S = 7 * 86_400
"""Heat that is missing anew within this time after the closing reopens the case. [s] (project
rule: the same fault, not remedied)"""
MERGE_BUILDINGS = 3
MERGE_SHARE = 0.5
"""From so many buildings on, and so large a share of those judged, it is the source's case.
(project rule)"""

Contains = Callable[[HeatPlace, HeatPlace], bool]
"""Whether the homes of a place are all among those of another."""


class Fate(StrEnum):
    """What becomes of a new sign."""

    NEW = "new"
    JOIN = "join"
    RAISE = "raise"
    """A case of a smaller place becomes that of this one; others are merged into it."""
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Choice:
    """The fate of a sign, with the case that takes it and those that are merged into that."""

    fate: Fate
    case: int = 0
    merged: tuple[int, ...] = ()


def choose(
    family: Family,
    where: HeatPlace,
    begun_s: int,
    cases: Iterable[Case],
    contains: Contains,
    relapse_s: int = RELAPSE_S,
) -> Choice:
    """Return which case takes a sign that no case knows yet.

    Parameters
    ----------
    family : Family
        Of the sign.
    where : HeatPlace
        The place that it names.
    begun_s : int
        When the heat began to be missing. [s UTC]
    cases : iterable of Case
        Live ones and those closed lately; others do not matter.
    contains : callable
        ``contains(larger, smaller)``.
    relapse_s : int
        How long after its closing a case is reopened. [s]
    """
    same = [case for case in cases if case.family is family]
    live = [case for case in same if case.is_live]
    around = [case for case in live if case.where == where or contains(case.where, where)]
    if around:
        # The smallest place around it: a zone before its source.
        best = min(around, key=lambda case: (size(case.where.level), case.number))
        return Choice(Fate.JOIN, best.number)
    inside = sorted(case.number for case in live if contains(where, case.where))
    if inside:
        return Choice(Fate.RAISE, inside[0], tuple(inside[1:]))
    again = [
        case for case in same if case.where == where and _may_relapse(case, begun_s, relapse_s)
    ]
    if again:
        return Choice(Fate.REOPEN, max(case.number for case in again))
    return Choice(Fate.NEW)


def source_cases(
    cases: Sequence[Case],
    source_of: Callable[[HeatPlace], str],
    judged: Callable[[str], int],
    least: int = MERGE_BUILDINGS,
    share: float = MERGE_SHARE,
) -> list[tuple[HeatPlace, Choice]]:
    """Return the buildings' cases that together are their source's.

    ``source_of`` gives the one source of a place, empty where it has none or several; ``judged``
    says how many buildings of a source can be judged at all.
    """
    groups: dict[tuple[Family, str], list[Case]] = {}
    for case in cases:
        source = source_of(case.where) if case.is_live else ""
        if source and case.where.level is Level.BUILDING:
            groups.setdefault((case.family, source), []).append(case)
    found = []
    for (_, source), group in sorted(groups.items(), key=lambda item: item[0]):
        if len(group) >= max(least, share * judged(source)):
            numbers = sorted(case.number for case in group)
            place = HeatPlace(Level.SOURCE, source)
            found.append((place, Choice(Fate.RAISE, numbers[0], tuple(numbers[1:]))))
    return found


def _may_relapse(case: Case, begun_s: int, relapse_s: int) -> bool:
    closing = case.closing
    return (
        closing is not None
        and closing.what is not What.SEASON_OVER
        and begun_s - closing.at_s <= relapse_s
    )
