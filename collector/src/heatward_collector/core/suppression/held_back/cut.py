"""A cut of the supply that lasts days: what is carried of it from day to day, and its finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from heatward_collector.core.suppression.findings.declared import Declaration
from heatward_collector.core.suppression.findings.finding import (
    LEAST_HOMES,
    SURE_HOMES,
    Certainty,
    Exclusion,
    Finding,
    Kind,
)
from heatward_collector.core.suppression.homes.network import Level

HOUR_S, DAY_S = 3600, 86_400
LEAST_KELVIN = 1.5
"""Nothing is said of a smaller fall. [K] (detection.md)"""
ACCUSED_MARGIN = 0.5
"""A fall of a source is said from its threshold on, and held against somebody from so much more on.
[standard deviations] (40 simulated seasons; true falls pass it within a day or two. The thresholds
of its parts are higher)"""
COLD_DAYS = 2
"""Throttling is said where the standard was missed on so many days. [d] (detection.md)"""
SURE_MARGIN = 2.0
"""With a statistic so far above its threshold, a finding of many homes is sure."""
CURVE_SHARE = 0.935
"""A supplier's heating curve is lawfully wrong by as much: of a fall that leaves more of the heat
than this, only its course tells whether it is a cut. [1] (detection.md: slopes differ by 6 %)"""
DECLARED_SHARE = 0.8
"""A declaration explains a cut of which it covers this part. (project rule)"""


class View(StrEnum):
    """What a place was held against."""

    OTHERS = "others"
    """Other sources, or the rest of its own."""
    OWN_HISTORY = "own_history"
    """What the weather lets expect of it: where all sources fell, or there is only one."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One fall of a place below what its own past and other places let expect."""

    level: Level
    place: str
    view: View
    start_s: int
    """Estimated begin, a local midnight. [s UTC]"""
    said_s: int
    """When it was first said. [s UTC]"""
    threshold: float
    statistic: float
    """The one that lay furthest above its threshold so far. [standard deviations]"""
    peak_kelvin: float
    """The deepest fall so far. [K]"""
    affected: tuple[str, ...]
    buildings: tuple[str, ...]
    judged: int
    silent: int
    firm_s: int | None = None
    """When it was clearly more than chance; until then it is only possible. [s UTC]"""
    accused_s: int | None = None
    """When the standard had been missed long enough to say throttling. [s UTC]"""
    end_s: int | None = None
    below_days: int = 0
    """Days on which the medians of half of its buildings were below the standard."""
    ending: tuple[float, ...] = ()
    """The last values of the supply's fall, from which its end is told. [K]"""
    is_limited: bool = False
    """Whether it looks like a boiler at its limit."""
    is_doubtful: bool = False
    """Whether closed valves explain it as well."""
    left_aside: int = 0
    """How many homes were not judged for they may be held up by their people's heaters."""
    looks_empty: bool = False
    """Whether nobody seemed to live in its homes, so that families who left explain it as well."""
    considered: tuple[Exclusion, ...] = ()
    evidence: dict[str, float | str] = field(default_factory=dict)

    @property
    def until_s(self) -> int:
        """Its end, or for ever."""
        return 2**62 if self.end_s is None else self.end_s

    @property
    def heat_share(self) -> float | None:
        """Share of heat that still came when the fall was deepest, if that is known. [1]"""
        lift = self.evidence.get("lift_kelvin")
        return lift / max(lift + self.peak_kelvin, 1.0) if isinstance(lift, int | float) else None

    @property
    def is_within_curve(self) -> bool:
        """Whether a fall against others takes no more heat than a heating curve may be off."""
        share = self.heat_share
        return self.view is View.OTHERS and share is not None and share > CURVE_SHARE

    def finding(self, declarations: Sequence[Declaration], now_s: int) -> Finding:
        """Return what is said of it.

        Parameters
        ----------
        declarations : sequence of Declaration
            What was declared for its place, or for one around it.
        now_s : int
            End of the last day judged. [s UTC]
        """
        certainty, rule = self._said()
        considered = self._considered()
        declared = declared_by(self, declarations, now_s)
        if declared is not None:
            certainty, rule = Certainty.DECLARED, "throttling_declared"
            considered = (*considered, Exclusion(declared.cause, False))
        return Finding(
            kind=Kind.THROTTLING,
            level=self.level,
            place=self.place,
            start_s=self.start_s,
            end_s=self.end_s,
            detected_s=self.said_s if self.firm_s is None else self.firm_s,
            certainty=certainty,
            buildings=self.buildings,
            affected=self.affected,
            homes_judged=self.judged,
            homes_silent=self.silent,
            rule=rule,
            excluded=considered,
            evidence={
                **self.evidence,
                **self._heat_ratio(),
                "drop_kelvin": round(self.peak_kelvin, 2),
                "statistic": round(self.statistic, 2),
                "below_minimum_days": self.below_days,
            },
        )

    def _considered(self) -> tuple[Exclusion, ...]:
        """Return what was considered at first, with what is doubted by now."""
        is_doubted = {"valves": self.is_doubtful, "empty_homes": self.looks_empty}
        considered = tuple(
            replace(one, is_excluded=one.is_excluded and not is_doubted.get(one.cause, False))
            for one in self.considered
        )
        if self.left_aside:
            aside = Exclusion("heaters", True, {"left_aside_homes": self.left_aside})
            considered = (*considered, aside)
        if self.view is not View.OTHERS or self.heat_share is None:
            return considered
        is_curve = self.is_within_curve and self.firm_s is None
        return (*considered, Exclusion("heating_curve", not is_curve, self._heat_ratio()))

    def _heat_ratio(self) -> dict[str, float | str]:
        share = self.heat_share
        return {} if share is None else {"heat_ratio": round(share, 2)}

    def _said(self) -> tuple[Certainty, str]:
        if self.judged < LEAST_HOMES:
            return Certainty.UNDETERMINED, "throttling_few_homes"
        if self.is_limited:
            return Certainty.UNDETERMINED, "supply_limited_intent_unknown"
        if self.accused_s is None:
            return Certainty.UNDETERMINED, "supply_reduced_standard_met"
        if self.looks_empty:
            return Certainty.UNDETERMINED, "throttling_or_empty_homes"
        if self.is_doubtful:
            return Certainty.UNDETERMINED, "throttling_or_closed_valves"
        if self.firm_s is None:
            return Certainty.UNDETERMINED, "throttling_possible"
        if self.view is View.OWN_HISTORY:
            return Certainty.LOW, "throttling_against_own_history"
        sure = self.statistic >= self.threshold + SURE_MARGIN and self.judged >= SURE_HOMES
        return (Certainty.HIGH if sure else Certainty.MEDIUM), "throttling_against_others"


def declared_by(cut: Cut, declarations: Sequence[Declaration], now_s: int) -> Declaration | None:
    """Return which of the declarations for its place explains a cut, or None.

    A cut's begin is known to the day only: what is declared to begin later on that day begins with
    it.
    """
    end_s = max(min(cut.until_s, now_s), cut.start_s + DAY_S)
    for one in declarations:
        if one.hours:
            continue
        is_first_day = cut.start_s <= one.from_s < cut.start_s + DAY_S
        begin_s = one.from_s if is_first_day else cut.start_s
        hours = np.arange(begin_s, end_s, HOUR_S, dtype=np.int64)
        if float(one.explains(hours, np.zeros(len(hours))).mean()) >= DECLARED_SHARE:
            return one
    return None
