"""A late start or an early stop: what is carried of it from day to day, and its finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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

DAY_S = 86_400
CLEAR_KELVIN = 10.0
"""Nearer to the outdoors than this nobody is accused. [K] (measured: dates 1 to 6 days off)"""
COOL_CELSIUS = 8.0
"""On warmer days heat may lawfully pause. [degC] (warm spells put stops 5 to 18 days early)"""


@dataclass(frozen=True, slots=True)
class Edge:
    """Heat that came after the day on which it was due, or went before."""

    kind: Kind
    level: Level
    place: str
    start_s: int
    """The day on which heat was due, or the first one without. [s UTC]"""
    said_s: int
    affected: tuple[str, ...]
    buildings: tuple[str, ...]
    judged: int
    silent: int
    lift_kelvin: float
    """What the minimum is above the outdoors. [K]"""
    outdoor_celsius: float
    """When it was said, or on the first day without heat if that was cooler."""
    heat_share: float
    """Of what a heated home gets, on the day on which it was said. [1]"""
    control_share: float
    """The same of all other sources; NaN where there are none. [1]"""
    is_clear: bool
    """Whether the weather allows a claim."""
    was_met: bool = False
    """Whether the standard was still met when it was said."""
    end_s: int | None = None
    heat_on_s: int | None = None
    standard_reached_s: int | None = None

    @property
    def lasts(self) -> bool:
        """Return whether it has no end yet."""
        return self.end_s is None

    @property
    def accuses(self) -> bool:
        """Return whether weather and homes allow a claim."""
        return self.judged >= LEAST_HOMES and self.is_clear

    def finding(self, declarations: Sequence[Declaration]) -> Finding:
        """Return what is said of it, with what was declared for its place or one around it."""
        certainty, considered = self._certainty(), self._considered()
        rule = "heat_late" if self.kind is Kind.LATE_START else "heat_gone_early"
        if self.heat_on_s is not None and self.end_s is not None and self.heat_on_s < self.end_s:
            rule = "heat_lukewarm"
        for one in declarations:
            if one.hours:
                continue
            if one.was_recorded_before and one.from_s <= self.start_s < one.to_s:
                certainty = Certainty.DECLARED
                considered = (*considered, Exclusion(one.cause, False))
        return Finding(
            kind=self.kind,
            level=self.level,
            place=self.place,
            start_s=self.start_s,
            end_s=self.end_s,
            detected_s=self.said_s,
            certainty=certainty,
            buildings=self.buildings,
            affected=self.affected,
            homes_judged=self.judged,
            homes_silent=self.silent,
            rule=rule,
            excluded=considered,
            evidence=self._evidence(),
        )

    def _certainty(self) -> Certainty:
        if not self.accuses:
            return Certainty.UNDETERMINED
        has_control = self.control_share == self.control_share
        if has_control and self.judged >= SURE_HOMES:
            return Certainty.HIGH
        return Certainty.MEDIUM

    def _considered(self) -> tuple[Exclusion, ...]:
        is_late = self.kind is Kind.LATE_START
        warm = {"outdoor_celsius": round(self.outdoor_celsius, 1)}
        lift = {"lift_kelvin": round(self.lift_kelvin, 1)}
        falling = {"homes_falling_share": round(len(self.affected) / max(self.judged, 1), 2)}
        result = [
            Exclusion("low_lift", self.lift_kelvin >= CLEAR_KELVIN, lift),
            Exclusion("few_homes", self.judged >= LEAST_HOMES, {"judged_homes": self.judged}),
            Exclusion("valves", True, falling),
        ]
        if not is_late:
            result.append(Exclusion("warm_spell", self.outdoor_celsius <= COOL_CELSIUS, warm))
        if self.control_share == self.control_share:
            share = {"control_share": round(self.control_share, 2)}
            result.append(Exclusion("other_sources", True, share))
        else:
            result.append(Exclusion("no_control", False))
        return tuple(result)

    def _evidence(self) -> dict[str, float | str]:
        result: dict[str, float | str] = {
            "heat_ratio": round(max(self.heat_share, 0.0), 2),
            "outdoor_celsius": round(self.outdoor_celsius, 1),
            "lift_kelvin": round(self.lift_kelvin, 1),
        }
        if self.kind is Kind.EARLY_STOP:
            result |= {"heat_off_s": self.start_s, "standard_met": int(self.was_met)}
            if self.end_s is not None:
                result["early_days"] = round((self.end_s - self.start_s) / DAY_S, 1)
            return result
        if self.heat_on_s is not None:
            result["heat_on_s"] = self.heat_on_s
            result["delay_days"] = round((self.heat_on_s - self.start_s) / DAY_S, 1)
        if self.standard_reached_s is not None:
            result["standard_reached_s"] = self.standard_reached_s
        return result
