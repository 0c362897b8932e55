"""Two collectors on one store of cases: each looks after the cases of its own district."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from heatward_collector.cases import CaseStore
from heatward_collector.cases.secretary import Secretary
from heatward_collector.cases.watch import CaseWatch
from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.conclusions.verdicts import DayVerdict, VerdictStore
from heatward_collector.core.cases import Case, CaseKind, State
from heatward_collector.core.suppression import Finding
from heatward_collector.rules import load_standard
from heatward_collector.rules.deadlines import load_deadlines
from support.case_world import DAY, OF_SOURCE, at
from support.postgresql import emptied
from support.two_districts import (
    BUILDINGS,
    DISTRICTS,
    HOMES,
    NORTH,
    SAMPLE_DISTRICT,
    registry_of_two,
)

ONE_DAY = timedelta(days=1)
RULE = "harbin-2021-10-29"


def finding_in(district: str) -> Finding:
    """Return what the detector of one district says of a source that heats homes of both."""
    homes = HOMES[district]
    return replace(OF_SOURCE, buildings=(BUILDINGS[district],), affected=homes)


class Office:
    """What one collector knows, and its watch over the common cases."""

    def __init__(self, folder: Path, url: str, district: str) -> None:
        folder.mkdir()
        self.district, self.now = district, float(at(DAY, 12))
        self.registry = registry_of_two(url)
        self.store = CaseStore(self.registry.database)
        self.findings = FindingStore(folder / "findings.sqlite")
        self.verdicts = VerdictStore(folder / "verdicts.sqlite")
        standard = load_standard("harbin")
        secretary = Secretary(self.registry, standard, load_deadlines("harbin"), "http://heat")
        self.watch = CaseWatch(
            self.store,
            self.findings,
            self.verdicts,
            self.registry,
            secretary,
            standard,
            lambda: self.now,
            district,
        )

    def say(self, *findings: Finding) -> None:
        """Let these be all findings of its detector."""
        span = (at(DAY - 60 * ONE_DAY), at(DAY + 60 * ONE_DAY))
        self.findings.record(findings, span, int(self.now), batch=1)

    def judge(self, day: date, verdict: str) -> None:
        """Judge a whole day of its building and homes alike."""
        building, homes = BUILDINGS[self.district], HOMES[self.district]
        facts = {"median": 17.0, "outdoor": -15.0, "homes_judged": len(homes)}
        rows = [DayVerdict("home", home, day, verdict, RULE, {}) for home in homes]
        rows.append(DayVerdict("building", building, day, verdict, RULE, facts))
        self.verdicts.record(rows, int(self.now), batch=1)

    def case(self) -> Case:
        """Return the newest case of its district."""
        mine = [one for one in self.store.cases() if BUILDINGS[self.district] in one.buildings]
        return mine[-1]

    def close(self) -> None:
        """Close every store."""
        for one in (self.findings, self.verdicts, self.registry):
            one.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def offices(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, Office]]:
    url = f"sqlite:///{tmp_path / 'registry.sqlite'}"
    if request.param == "postgresql":
        url = emptied(request.getfixturevalue("postgresql"))
    both = {name: Office(tmp_path / name, url, name) for name in DISTRICTS}
    yield both
    for one in both.values():
        one.close()


def test_a_source_of_two_districts_has_a_case_in_each_that_ends_by_itself(offices) -> None:
    mine, other = offices[SAMPLE_DISTRICT], offices[NORTH]
    for office in offices.values():
        office.say(finding_in(office.district))
        office.watch.look()
    assert {mine.case().number, other.case().number} == {1, 2}
    assert mine.case().signs[0].id == other.case().signs[0].id  # a source and a second
    assert (mine.case().homes, other.case().homes) == (HOMES[SAMPLE_DISTRICT], HOMES[NORTH])
    before = [mine.case(), other.case()]
    assert [one.watch.look() for one in (mine, other, mine, other)] == [0, 0, 0, 0]
    assert [mine.case(), other.case()] == before

    mine.say(replace(finding_in(SAMPLE_DISTRICT), end_s=at(DAY, 14)))
    for number in range(1, 5):
        mine.judge(DAY + number * ONE_DAY, "met")
        mine.now = other.now = at(DAY + (number + 1) * ONE_DAY, 2)
        mine.watch.look()
        other.watch.look()
    assert mine.case().state is State.CLOSED
    assert other.case().is_live
    assert other.case().is_judgeable
    assert [one.watch.look() for one in (mine, other)] == [0, 0]


def test_how_far_one_has_looked_hides_no_cold_day_of_the_other(offices) -> None:
    mine, other = offices[SAMPLE_DISTRICT], offices[NORTH]
    for number in range(2):
        other.judge(DAY + number * ONE_DAY, "below")
    mine.now = at(DAY + 2 * ONE_DAY, 3)
    mine.watch.look()
    mine.now = other.now = at(DAY + 2 * ONE_DAY, 20)
    mine.watch.look()
    assert mine.store.cases() == []
    other.watch.look()
    case = other.case()
    assert (case.kind, case.where.id) == (CaseKind.BELOW_STANDARD, BUILDINGS[NORTH])
    assert mine.watch.look() == 0
