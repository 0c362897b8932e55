"""A case judged again: with rules, calibrations and assignments known then, and known now.

Then is when the case was opened or reopened: what registry and rules said is kept with the case.
Readings are those of the ledger today, so the two differ by what people have changed since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.cases.basis import unpack
from heatward_collector.cases.store import CaseStore
from heatward_collector.conclusions.findings import FindingStore, SaidFinding
from heatward_collector.config import Config
from heatward_collector.core import MISSING, Raw
from heatward_collector.core.cases import Case
from heatward_collector.core.grid import HOLD_S, SLOT_S, merge
from heatward_collector.core.standard import Standard
from heatward_collector.errors import CaseRefused
from heatward_collector.evaluation.judging import GridOf, judge_day
from heatward_collector.ledger import LedgerReader
from heatward_collector.local_days import bounds, day_of
from heatward_collector.outdoor.temperatures import OutdoorStore
from heatward_collector.readings.clocks import Clocks
from heatward_collector.readings.known_clocks import known_clocks
from heatward_collector.readings.projection import batches_measured, project
from heatward_collector.registry import Directory, open_registry, tables
from heatward_collector.rules import load_standard
from heatward_collector.running.event_clock import clock_of

MOST_DAYS = 7
"""The newest days of a case that are judged again: more would be read by nobody. [d]"""
_COMPARED = ("assignment", "calibration", "placement", "suspension", "regime", "notice")


@dataclass(frozen=True, slots=True)
class DayTwice:
    """One building on one day, judged twice; a word is empty where there is no verdict."""

    day: date
    building: str
    then: str
    now: str
    rule_then: str
    rule_now: str

    @property
    def differs(self) -> bool:
        """Whether what people have changed since changes the judgement."""
        return self.then != self.now


def differences(config: Config, store: CaseStore, case: Case) -> Iterator[str]:
    """Yield the judgement of a case as lines: days, findings, and what was changed since."""
    kept = store.basis(case.number)
    if not kept:
        raise CaseRefused(
            f"{case.number} 号案件没有留底 / nothing is kept of how case {case.number} was judged"
        )
    at_s, content = kept[-1]
    rule, rows = unpack(content)
    standard = load_standard(config.rules.city, config.rules.file)
    then = standard if rule is None else replace(standard, rules=(rule,))
    zone = ZoneInfo(standard.timezone)
    yield f"当时 / then: {day_of(at_s, zone)}; 现在 / now: {day_of(clock_of(config)(), zone)}"
    found = list(judged_twice(config, case, Directory(-1, rows), then, standard))
    for one in found:
        sign = "≠" if one.differs else "="
        yield f"{sign} {one.day} {one.building}: {one.then or '-'} | {one.now or '-'}" + (
            "" if one.rule_then == one.rule_now else f"  ({one.rule_then} | {one.rule_now})"
        )
    yield from _of_findings(config, case)
    yield from _changed(rows, open_registry(config).content()[1])
    count = sum(one.differs for one in found)
    yield f"不同的判定 / judgements that differ: {count} / {len(found)}"


def judged_twice(
    config: Config, case: Case, then: Directory, rules_then: Standard, rules_now: Standard
) -> Iterator[DayTwice]:
    """Yield each building of a case on its newest days, as known then and as known now."""
    registry = open_registry(config)
    here, zone = registry.directory(), ZoneInfo(rules_now.timezone)
    days = _days(case, clock_of(config)(), zone)
    outdoor = OutdoorStore(registry).series
    verdicts = []
    for directory, standard in ((then, rules_then), (here, rules_now)):
        grid_of = grid_of_days(config, directory, days, zone)
        end_s = bounds(days[-1], zone)[1] + 86_400
        verdicts.append(
            {
                (day, one.place): one
                for day in days
                for one in judge_day(directory, standard, day, grid_of, end_s, outdoor)
                if one.level == "building" and one.place in case.buildings
            }
        )
    for key in sorted(verdicts[0].keys() | verdicts[1].keys()):
        before, after = (some.get(key) for some in verdicts)
        yield DayTwice(
            key[0],
            key[1],
            before.verdict if before else "",
            after.verdict if after else "",
            before.rule if before else "",
            after.rule if after else "",
        )


def grid_of_days(
    config: Config, directory: Directory, days: Sequence[date], zone: ZoneInfo
) -> GridOf:
    """Return the readings of some days, by the assignments of a registry."""
    known = known_clocks(config.state.directory / "evaluate.sqlite")
    clocks, strays = known if known is not None else (Clocks(), frozenset())
    first, end = bounds(days[0], zone)[0] - HOLD_S, bounds(days[-1], zone)[1]
    shape = ((end - first) // SLOT_S, len(directory.points))
    grid, offset = np.full(shape, MISSING, np.int16), np.zeros(shape, np.uint16)
    reader = LedgerReader(config.state.ledger)
    for batch in batches_measured(reader, first, end, strays, reader.head()[0]):
        judged = project(batch, clocks, directory).judged()
        merge(grid, offset, judged.time_s, judged.point, judged.raw, first)

    def grid_of(start_s: int, wanted: int) -> Raw:
        begin = (start_s - first) // SLOT_S
        return grid[begin : begin + wanted]

    return grid_of


def _days(case: Case, now_s: float, zone: ZoneInfo) -> list[date]:
    back_s = now_s if case.heat_back_s is None else case.heat_back_s
    first, last = day_of(case.begun_s, zone), day_of(back_s, zone)
    first = max(first, last - timedelta(days=MOST_DAYS - 1))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _of_findings(config: Config, case: Case) -> Iterator[str]:
    """Yield what each finding said when it came to the case, and what it says now."""
    findings = FindingStore(config.state.findings)
    for sign in case.signs:
        history = findings.history(sign.id)
        if history:
            came = next(one.revision for one in case.history if one.sign == sign.id)
            then = next((one for one in history if one.revision == came), history[0])
            now = history[-1]
            mark = "=" if _words(then) == _words(now) else "≠"
            yield f"{mark} {sign.id}: {_words(then)} | {_words(now)}"
    findings.close()


def _words(said: SaidFinding) -> str:
    finding = said.finding
    what = "withdrawn" if said.is_withdrawn else finding.kind.value
    return f"{what}, {finding.certainty.value}, {len(finding.affected)}/{finding.homes_judged}"


def _changed(
    then: Mapping[str, Sequence[Mapping[str, Any]]], now: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Iterator[str]:
    """Yield the dated facts that were added, changed or removed since, of sensors known then."""
    for name in _COMPARED:
        table = tables.METADATA.tables[name]
        before = {tables.key(table, row): dict(row) for row in then[name]}
        after = {tables.key(table, row): dict(row) for row in now[name]}
        of_case = {key[0] for key in before}
        for key in sorted(before.keys() | after.keys(), key=str):
            if key[0] in of_case and before.get(key) != after.get(key):
                sign = "~" if key in before and key in after else "+" if key in after else "-"
                yield f"{sign} {name} {' '.join(map(str, key))}"
