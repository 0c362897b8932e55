"""Why a case exists, read from findings and verdicts: one sign a finding, one a cold building."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from heatward_collector.conclusions.findings import SaidFinding
from heatward_collector.conclusions.verdicts import DayVerdict, VerdictStore
from heatward_collector.core.cases import CaseKind, Event, HeatPlace, What
from heatward_collector.core.suppression import Certainty, Finding, Level
from heatward_collector.local_days import bounds

BELOW_DAYS = 2
"""A building is a case of its own from so many whole days below in a row. [d] (project rule: one
day may be a repair, and an interruption has a case already)"""
_WARM = frozenset({"met", "marginal_plus"})
LATE_NOTICE = "late_notice"
BACKLOG_DAYS = 30
"""A first look opens cases of findings and cold days that are no older. [d]"""


@dataclass(frozen=True, slots=True)
class NewSign:
    """A sign as it stands now; the same id later replaces it."""

    id: str
    kind: CaseKind
    where: HeatPlace
    revision: int
    begun_s: int
    ended_s: int | None
    is_withdrawn: bool
    homes: tuple[str, ...]
    buildings: tuple[str, ...]
    facts: Mapping[str, float | str]
    reason: str = ""

    def event(self, what: What, at_s: int, kind: CaseKind | None = None) -> Event:
        """Return the event that brings it to a case."""
        return Event(
            what,
            at_s,
            reason=self.reason,
            kind=kind or self.kind,
            where=self.where if what is What.OPENED else None,
            sign=self.id,
            revision=self.revision,
            begun_s=self.begun_s,
            ended_s=self.ended_s,
            is_withdrawn=self.is_withdrawn,
            homes=self.homes,
            buildings=self.buildings,
            facts=self.facts,
        )


def of_finding(said: SaidFinding) -> NewSign:
    """Return the sign of a finding. One that accuses nobody counts as withdrawn."""
    finding = said.finding
    is_withdrawn = said.is_withdrawn or not finding.accuses
    reason = ""
    if is_withdrawn:
        reason = "withdrawn" if said.is_withdrawn else finding.certainty.value
    return NewSign(
        said.id,
        CaseKind(finding.kind.value),
        HeatPlace(finding.level, finding.place),
        said.revision,
        finding.start_s,
        finding.end_s,
        is_withdrawn,
        finding.affected,
        finding.buildings,
        _facts(finding),
        reason,
    )


def _facts(finding: Finding) -> dict[str, float | str]:
    facts: dict[str, float | str] = {
        key: finding.evidence[key]
        for key in ("median_celsius", "drop_kelvin", "shortfall_kelvin", "outdoor_celsius")
        if key in finding.evidence
    }
    facts["homes_judged"] = finding.homes_judged
    facts["certainty"] = finding.certainty.value
    is_late = any(one.cause == LATE_NOTICE for one in finding.excluded)
    if is_late and finding.certainty is not Certainty.DECLARED:
        facts["declared_afterwards"] = 1
    return facts


def cold_buildings(
    verdicts: VerdictStore, days: Sequence[date], explained: Mapping[str, set[date]]
) -> dict[str, list[date]]:
    """Return buildings below on the last days in a row, each with those days, oldest first.

    ``days`` are whole days in a row; those in ``explained`` have a case of another family already.
    """
    found: dict[str, list[date]] = {}
    for day in days:
        today = verdicts.of_day("building", day)
        for building, one in today.items():
            if one.provisional or day in explained.get(building, ()):
                continue
            if one.verdict == "below":
                found.setdefault(building, []).append(day)
            elif one.verdict in _WARM:
                found.pop(building, None)
    return {building: some for building, some in found.items() if _are_enough(some, days)}


def _are_enough(below: Sequence[date], days: Sequence[date]) -> bool:
    """Say whether the newest days below follow each other, and are no older than the looked-at."""
    last = below[-BELOW_DAYS:]
    in_a_row = all(b - a == timedelta(days=1) for a, b in zip(last, last[1:], strict=False))
    return len(last) == BELOW_DAYS and in_a_row and last[-1] in days


def of_cold_building(
    verdicts: VerdictStore,
    building: str,
    below: Sequence[date],
    homes: Sequence[str],
    zone: ZoneInfo,
) -> NewSign:
    """Return the sign of a building that is below the standard since its first day in a row."""
    first, last = _first_in_a_row(below), below[-1]
    newest = verdicts.latest("building", building, last)
    cold = {
        home
        for home, verdict in _of_homes(verdicts, homes, last).items()
        if verdict.verdict == "below"
    }
    return NewSign(
        f"below:{building}:{first.isoformat()}",
        CaseKind.BELOW_STANDARD,
        HeatPlace(Level.BUILDING, building),
        last.toordinal(),
        bounds(first, zone)[0],
        None,
        False,
        tuple(sorted(cold)),
        (building,),
        {} if newest is None else _day_facts(newest),
    )


def warm_on(verdicts: VerdictStore, building: str, first: date, last: date) -> date | None:
    """Return the first whole day in [first, last] on which a building was not below.

    A day that nobody can judge ends nothing.
    """
    days = verdicts.of_place("building", building, first, last)
    return next((one.day for one in days if not one.provisional and one.verdict in _WARM), None)


def _first_in_a_row(days: Sequence[date]) -> date:
    first = days[-1]
    for day in reversed(days[:-1]):
        if first - day != timedelta(days=1):
            break
        first = day
    return first


def _of_homes(verdicts: VerdictStore, homes: Sequence[str], day: date) -> dict[str, DayVerdict]:
    found = ((home, verdicts.latest("home", home, day)) for home in homes)
    return {home: verdict for home, verdict in found if verdict is not None}


def _day_facts(verdict: DayVerdict) -> dict[str, float | str]:
    facts: dict[str, float | str] = {}
    for key, name in (("median", "median_celsius"), ("outdoor", "outdoor_celsius")):
        value = verdict.facts.get(key)
        if value is not None:
            facts[name] = float(value)
    facts["homes_judged"] = int(verdict.facts.get("homes_judged", 0))
    return facts
