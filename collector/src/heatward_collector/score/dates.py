"""Late starts and early stops: whether the day was named rightly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from heatward_collector.core.suppression import Finding, Kind
from heatward_collector.local_days import day_of
from heatward_collector.score.rows import said_of
from heatward_collector.score.slow import first_of
from heatward_collector.score.truth import LongCut

LEAST_LIFT_KELVIN = 10.0
"""How much warmer than the outdoors (48 h) homes must be on the day itself. [K]"""
MOST_RESIDUAL = 0.2
LEAST_HOMES = 4
"""With fewer valid homes at the place the cause stays open, as everywhere."""
DAYS_OFF = 1
"""A date may be wrong by so much. [d]"""
EDGES = frozenset({Kind.LATE_START, Kind.EARLY_STOP})
SECOND_DATE = {Kind.LATE_START: "standard_reached_s", Kind.EARLY_STOP: "heat_off_s"}
"""The evidence that gives the other date of each kind."""


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """One late start or early stop, and what was said of it."""

    kind: str
    level: str
    residual: float
    lift_kelvin: float
    is_counted: bool
    said: str
    days_off: int | None
    """How far the date that was said lies behind the true one; None where none was said. [d]"""
    has_second_date: bool

    @property
    def is_right(self) -> bool:
        return (
            self.said == self.kind and self.days_off is not None and abs(self.days_off) <= DAYS_OFF
        )


def edge_row(
    cut: LongCut,
    findings: Sequence[Finding],
    lift_kelvin: float,
    valid_homes: int,
    zone: ZoneInfo,
) -> EdgeRow:
    """Return what was said of a late start (when heat came on) or an early stop (when it ended).

    ``valid_homes`` are those of the place that were heard about the day itself.
    """
    found = first_of(findings, cut)
    is_late = cut.kind is Kind.LATE_START
    true_s = cut.to_s if is_late else cut.from_s
    said_s = None if found is None else found.end_s if is_late else found.start_s
    days_off = None
    if said_s is not None:
        days_off = (day_of(said_s, zone) - day_of(true_s, zone)) // timedelta(days=1)
    return EdgeRow(
        kind=cut.kind.value,
        level=cut.level.value,
        residual=cut.residual,
        lift_kelvin=lift_kelvin,
        is_counted=lift_kelvin >= LEAST_LIFT_KELVIN
        and cut.residual <= MOST_RESIDUAL
        and valid_homes >= LEAST_HOMES,
        said=said_of(found),
        days_off=days_off,
        has_second_date=found is not None and SECOND_DATE[cut.kind] in found.evidence,
    )
