"""A simulated season through the cases: whether every true finding is answered once and remedied.

The detector's findings come to the cases as they would have come in life: each no earlier than it
was said, its end no earlier than it was. Twice a day the cases are looked at; every message goes
to the inbox.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from heatward_collector.alerts.outbox import Outbox
from heatward_collector.cases import CaseStore
from heatward_collector.cases.measured import case_days, newest_whole_day
from heatward_collector.cases.secretary import Secretary
from heatward_collector.cases.watch import CaseWatch
from heatward_collector.conclusions.findings import FindingStore, with_ids
from heatward_collector.conclusions.verdicts import VerdictStore
from heatward_collector.core import MISSING, Raw
from heatward_collector.core.cases import Case as HeatCase
from heatward_collector.core.cases import State, What
from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression import Finding, Kind, Level
from heatward_collector.evaluation.judging import WATERMARK_S, judge_day
from heatward_collector.local_days import bounds, day_of
from heatward_collector.outdoor.temperatures import OutdoorSeries, OutdoorValue
from heatward_collector.registry import Directory, Registry
from heatward_collector.rules import load_standard
from heatward_collector.rules.deadlines import load_deadlines
from heatward_collector.score.case import SLOT_S, ZONE, Case, known_outdoor, measured_raw
from heatward_collector.score.detecting import detect
from heatward_collector.score.labels import truth_of
from heatward_collector.score.matching import Outcome, match
from heatward_collector.simulate import Event, Shape, season, town
from heatward_collector.simulate.calendar import DAY_S, HOUR_S, local_midnight
from heatward_collector.simulate.places import DISTRICT, content_of

FIRST_DAY = "2026-11-20"
SOURCES = 3
QUIET_DAYS, DAYS_APART = 6, 12
"""Nobody is accused before a place was watched for some days, and a case needs three quiet nights
to close and a week to be no relapse. [d]"""
LOOK_HOURS = (8, 20)
_NIGHTS = 3


@dataclass(frozen=True, slots=True)
class CaseSeason:
    """What became of a season's findings."""

    events: int
    true_findings: int
    answered_once: int
    """True findings that lie in exactly one case."""
    right_officer: int
    """Of them, those of whose case the officer of the right source was told."""
    cases: int
    closed: int
    """Cases that closed by measured recovery."""
    still_cold: int
    """Cases that are open because their rooms are still below the standard."""
    open_without_reason: int
    of_nuisances: int
    """Cases without a true finding, opened where and while nobody held heat back."""
    of_cold: int
    """Cases of rooms below the standard, which need no event: some homes are simply cold."""
    notes: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether every true finding is answered once, by the right officer, and remedied."""
        once = self.answered_once == self.right_officer == self.true_findings
        return once and self.of_nuisances == 0 and self.open_without_reason == 0


def planned(events: int) -> tuple[int, int, Shape]:
    """Return begin [s UTC], days and places of a season with so many events, turn by turn."""
    tree = town(sources=SOURCES, buildings_per_source=2)
    start = local_midnight(FIRST_DAY)
    rounds = -(-events // SOURCES)
    some = tuple(_event(number, start) for number in range(events))
    days = QUIET_DAYS + rounds * DAYS_APART + DAYS_APART
    return start, days, Shape(tree=tree, events=some)


def simulated(seed: int, events: int) -> Case:
    """Simulate such a season, and label it."""
    start, days, shape = planned(events)
    whole = season(seed, start, days, shape=shape)
    truth = truth_of(whole, season(seed, start, days, shape=replace(shape, events=())))
    outdoor = known_outdoor(whole.time_s, whole.outdoor)
    return Case(seed, shape, start, measured_raw(whole), outdoor, truth)


def follow(case: Case, folder: Path) -> CaseSeason:
    """Let a season's findings and verdicts become cases, day by day; return what became of them."""
    findings = detect(case)
    town_cases = _Town(case, folder)
    for now_s in _looks(case):
        town_cases.look(now_s, findings)
    return _judged(case, findings, town_cases)


class _Town:
    """Registry, stores and watch of one simulated town."""

    def __init__(self, case: Case, folder: Path) -> None:
        self._case, self.now = case, float(case.start_s)
        self.registry = Registry(f"sqlite:///{folder / 'registry.sqlite'}")
        tree = case.tree
        content: dict[str, list[dict[str, Any]]] = content_of(tree, SLOT_S)
        content["person"] = _officers(case)
        self.registry.put(content)
        self.directory: Directory = self.registry.directory()
        self.findings = FindingStore(folder / "findings.sqlite")
        self.verdicts = VerdictStore(folder / "verdicts.sqlite")
        self.store = CaseStore(self.registry.database)
        self.outbox = Outbox(self.registry.database)
        self._standard: Standard = load_standard("harbin")
        secretary = Secretary(self.registry, self._standard, load_deadlines("harbin"), "")
        self._watch = CaseWatch(
            self.store,
            self.findings,
            self.verdicts,
            self.registry,
            secretary,
            self._standard,
            lambda: self.now,
        )
        self._column = [case.tree.rooms.index(point.id) for point in self.directory.points]
        self._judged_until: date = day_of(case.start_s, ZONE)
        hours = slice(11, None, 12)
        times = case.start_s + SLOT_S * np.arange(len(case.outdoor), dtype=np.int64)
        self._outdoor = OutdoorSeries(
            OutdoorValue(int(time_s), float(celsius), "simulated")
            for time_s, celsius in zip(times[hours], case.outdoor[hours], strict=True)
        )

    def look(self, now_s: int, findings: Sequence[Finding]) -> None:
        """Let what is known by now come to the cases."""
        self.now = float(now_s)
        while bounds(self._judged_until, ZONE)[1] + WATERMARK_S <= now_s:
            self._judge(self._judged_until)
            self._judged_until += timedelta(days=1)
        known = [_known(one, now_s) for one in findings if one.detected_s <= now_s]
        self.findings.record(known, (self._case.start_s, now_s + 1), now_s, batch=1)
        self._watch.look()

    def is_cold(self, case: HeatCase) -> bool:
        """Say whether the affected homes are below the standard on the newest whole day."""
        newest = newest_whole_day(self.now, ZONE)
        (day,) = case_days(case, self.verdicts, [newest])
        return not day.is_warm

    def _judge(self, day: date) -> None:
        verdicts = judge_day(
            self.directory,
            self._standard,
            day,
            self._grid,
            self.now,
            lambda district, start, end: self._outdoor,
        )
        self.verdicts.record_day(day, verdicts, int(self.now), 1)

    def _grid(self, start_s: int, count: int) -> Raw:
        first = (start_s - self._case.start_s) // SLOT_S
        rows = np.arange(first, first + count)
        inside = (rows >= 0) & (rows < len(self._case.raw))
        grid = np.full((count, len(self._column)), MISSING, np.int16)
        grid[inside] = self._case.raw[rows[inside]][:, self._column]
        return grid


def _judged(case: Case, findings: Sequence[Finding], town_cases: _Town) -> CaseSeason:
    matching = match(case.truth.periods, findings, case.truth.cuts)
    good = {Outcome.MATCHED, Outcome.FRAGMENT, Outcome.NEITHER}
    keys = [key for key, _ in with_ids(findings)]
    order = sorted(range(len(findings)), key=lambda index: findings[index].start_s)
    key_of = {index: key for index, key in zip(order, keys, strict=True)}
    true = [
        index
        for index, outcome in enumerate(matching.outcome)
        if outcome in good and findings[index].accuses
    ]
    cases = [one for one in town_cases.store.cases() if one.state is not State.MERGED]
    holders = {index: [one for one in cases if _holds(one, key_of[index])] for index in true}
    once = [index for index, some in holders.items() if len(some) == 1]
    right = [index for index in once if _is_told(town_cases, holders[index][0])]
    rest = [one for one in cases if not any(one in some for some in holders.values())]
    cold = [one for one in rest if one.kind.value == "below_standard"]
    still = [one for one in cases if one.is_live]
    still_cold = [one for one in still if town_cases.is_cold(one)]
    closed = [
        one for one in cases if one.closing is not None and one.closing.what is What.RECOVERED
    ]
    notes = [f"{one.number} {one.kind} {one.where.id} {one.state}" for one in (*rest, *still)]
    return CaseSeason(
        len({period.series for period in case.truth.periods}),
        len(true),
        len(once),
        len(right),
        len(cases),
        len(closed),
        len(still_cold),
        len(still) - len(still_cold),
        len(rest) - len(cold),
        len(cold),
        tuple(notes),
    )


def _holds(case: HeatCase, key: str) -> bool:
    return any(event.sign == key for event in case.history)


def _is_told(town_cases: _Town, case: HeatCase) -> bool:
    """Say whether the officers of all sources of a case were told, and no other officer."""
    wanted = {f"officer-{source}" for source in _sources(town_cases, case)}
    told = {
        kept.message.recipient
        for kept in town_cases.outbox.of_case(case.number)
        if kept.message.audience == "officer"
    }
    return told == wanted


def _sources(town_cases: _Town, case: HeatCase) -> set[str]:
    """Return the sources that heat the homes of a case."""
    directory = town_cases.directory
    found = set()
    for home in case.homes:
        zone = directory.tables["home"][home]["zone"]
        substation = directory.tables["zone"][zone]["substation"]
        found.add(str(directory.tables["substation"][substation]["source"]))
    return found


def _officers(case: Case) -> list[dict[str, Any]]:
    roles = [("responsible_officer", source) for source in case.tree.source_supplier]
    roles += [("street_office", "st1"), ("district_department", DISTRICT)]
    roles += [("duty_phone", one) for one in sorted(set(case.tree.source_supplier.values()))]
    return [
        {
            "id": f"officer-{subject}" if role == "responsible_officer" else f"{role}-{subject}",
            "role": role,
            "subject": subject,
            "name": subject,
        }
        for role, subject in roles
    ]


def _known(finding: Finding, now_s: int) -> Finding:
    """Return a finding as it was known at a time: without an end that was still to come."""
    is_over = finding.end_s is not None and finding.end_s <= now_s
    return finding if is_over else replace(finding, end_s=None)


def _looks(case: Case) -> Iterator[int]:
    for day in range(len(case.raw) * SLOT_S // DAY_S):
        for hour in LOOK_HOURS:
            yield case.start_s + day * DAY_S + hour * HOUR_S


def _event(number: int, start_s: int) -> Event:
    """Return one of three kinds in turn, at a source or at one of its buildings."""
    turn, source = divmod(number, SOURCES)
    # Sources act on different nights: others must be there to compare with.
    day = QUIET_DAYS + turn * DAYS_APART + 4 * source
    begin = start_s + day * DAY_S
    place, level = f"so{source + 1}", Level.SOURCE
    if number % 3 == 1:
        return Event(
            Kind.NIGHT_INTERRUPTION, level, place, begin + 20 * HOUR_S, begin + _NIGHTS * DAY_S
        )
    if number % 3 == 2:
        return Event(
            Kind.STOP_START,
            level,
            place,
            begin,
            begin + 2 * DAY_S,
            hours_off=(5.0, 3.0),
        )
    return Event(Kind.OUTAGE, level, place, begin + HOUR_S, begin + 9 * HOUR_S)
