"""What of a finding a reader may know: below five homes no numbers; homes for few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from heatward_collector.conclusions.findings import SaidFinding

from ...core.suppression import Finding, Level
from ..city.standing import HOMES_FOR_FIGURES

_HOME_LEVELS = (Level.HOME, Level.ROOM)


def visible(findings: Sequence[SaidFinding], sees_homes: bool) -> list[SaidFinding]:
    """Return the findings that a reader may know of."""
    return [one for one in findings if sees_homes or one.finding.level not in _HOME_LEVELS]


def told(finding: Finding, sees_homes: bool) -> Finding:
    """Return a finding without the numbers that a reader may not know."""
    if sees_homes or finding.homes_judged >= HOMES_FOR_FIGURES:
        return finding
    excluded = tuple(replace(one, facts={}) for one in finding.excluded)
    return replace(finding, evidence={}, excluded=excluded)


def shows_plot(finding: Finding, sees_homes: bool) -> bool:
    """Say whether a reader may see the curves of a finding."""
    return sees_homes or len(finding.affected) >= HOMES_FOR_FIGURES
