"""What one season contributes to a score: plain rows, which are kept, added up and drawn again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heatward_collector.core.suppression import Finding, Level
from heatward_collector.score.matching import Matching, Outcome, end_of
from heatward_collector.score.places import Places
from heatward_collector.score.truth import OffPeriod, right_kinds

TICK_S = 60
"""A live evaluation looks once in so long: its delay is added to what event time says. [s]"""
UNDETERMINED = "undetermined"
MISSED = "missed"


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """One off-period, and what was said of it."""

    account: str
    kind: str
    level: str
    residual: float
    lift_kelvin: float
    homes: int
    hours: float
    is_of_the_night: bool
    is_floor_heated: bool
    said: str
    """The kind that was said, ``undetermined``, ``declared``, or ``missed``."""
    delay_h: float | None
    """From the physical beginning to the emission, watermark and tick included; None for never."""
    is_level_right: bool | None
    accusations: int
    """Accusing findings that overlap it, whatever became of them."""

    @property
    def is_found(self) -> bool:
        """Whether somebody was told of it: "undetermined" is shown, but no find."""
        return self.said not in (MISSED, UNDETERMINED)


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One action of a supplier, of one or many counted periods, and what it was called."""

    kind: str
    level: str
    said: str
    is_kind_right: bool


@dataclass(frozen=True, slots=True)
class FalseRow:
    """A false finding: it counts once for every building that it names."""

    kind: str
    level: str
    place: str
    start_s: int
    detected_s: int
    buildings: int


def period_rows(
    periods: Sequence[OffPeriod],
    findings: Sequence[Finding],
    matching: Matching,
    places: tuple[Places, Places],
    tick_s: int = TICK_S,
) -> list[PeriodRow]:
    """Return a row for each period, in their order.

    ``places`` are those of homes with radiators, and those of all homes: where an action touches
    both, only the former can show in time where it acts.
    """
    rows = []
    radiators, everywhere = places
    for period, index in zip(periods, matching.of_period, strict=True):
        found = None if index is None else findings[index]
        rows.append(
            PeriodRow(
                account=period.account.value,
                kind=period.kind.value,
                level=period.level.value,
                residual=period.residual,
                lift_kelvin=period.lift_kelvin,
                homes=period.valid_homes,
                hours=(period.off_s - period.on_s) / 3600,
                is_of_the_night=period.is_of_the_night,
                is_floor_heated=period.is_floor_heated,
                said=said_of(found),
                delay_h=None if found is None else _delay_h(period, found, tick_s),
                is_level_right=None
                if found is None
                else _is_level_right(
                    period, found, everywhere if period.is_floor_heated else radiators
                ),
                accusations=_accusations(period, findings),
            )
        )
    return rows


def series_rows(
    periods: Sequence[OffPeriod], findings: Sequence[Finding], matching: Matching
) -> list[SeriesRow]:
    """Return a row for each action that has a counted period.

    What is said of it is what was said last: the first night of a series cannot be more than an
    outage yet.
    """
    rows = []
    for series in sorted({period.series for period in periods}):
        mine = [
            (period, index)
            for period, index in zip(periods, matching.of_period, strict=True)
            if period.series == series
        ]
        if not any(period.account.value == "counted" for period, _ in mine):
            continue
        found = [findings[index] for _, index in mine if index is not None]
        last = max(found, key=lambda finding: finding.detected_s, default=None)
        period, said = mine[0][0], said_of(last)
        is_right = said in {kind.value for kind in right_kinds(period.kind, len(mine))}
        rows.append(SeriesRow(period.kind.value, period.level.value, said, is_right))
    return rows


def false_rows(findings: Sequence[Finding], outcomes: Sequence[Outcome | None]) -> list[FalseRow]:
    """Return a row for each false finding."""
    return [
        FalseRow(
            finding.kind.value,
            finding.level.value,
            finding.place,
            finding.start_s,
            finding.detected_s,
            max(1, len(finding.buildings)),
        )
        for finding, outcome in zip(findings, outcomes, strict=True)
        if outcome is Outcome.FALSE
    ]


def said_of(finding: Finding | None) -> str:
    """Return what a finding says, in one word."""
    if finding is None:
        return MISSED
    return finding.kind.value if finding.accuses else finding.certainty.value


def _delay_h(period: OffPeriod, finding: Finding, tick_s: int) -> float:
    return (finding.detected_s + tick_s - period.on_s) / 3600


def _is_level_right(period: OffPeriod, finding: Finding, places: Places) -> bool:
    return places.are_one((Level(period.level), period.place), (finding.level, finding.place))


def _accusations(period: OffPeriod, findings: Sequence[Finding]) -> int:
    return sum(
        finding.accuses
        and not period.reach.isdisjoint(finding.buildings)
        and _overlap(period, finding)
        for finding in findings
    )


def _overlap(period: OffPeriod, finding: Finding) -> bool:
    return finding.start_s < period.off_s and end_of(finding) > period.on_s
