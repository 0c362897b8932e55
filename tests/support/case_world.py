"""The sample district with findings and verdicts by hand, and a watch that makes cases of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from heatward_collector.alerts.message import Kept
from heatward_collector.alerts.outbox import Outbox
from heatward_collector.cases import CaseStore
from heatward_collector.cases.secretary import Secretary
from heatward_collector.cases.watch import CaseWatch
from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.conclusions.verdicts import DayVerdict, VerdictStore
from heatward_collector.core.cases import Case, Event
from heatward_collector.core.suppression import Certainty, Finding, Kind, Level
from heatward_collector.local_days import bounds
from heatward_collector.registry import Registry, spreadsheets
from heatward_collector.rules import load_standard
from heatward_collector.rules.deadlines import load_deadlines

SAMPLE = Path(spreadsheets.__file__).with_name("sample")
ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 1, 10)
HOUR, DAY_S = 3600, 86_400
B4 = ("h0018", "h0019", "h0020", "h0021", "h0022", "h0023")
B5 = ("h0024", "h0025", "h0026", "h0027", "h0028")
B9 = ("h0038", "h0039", "h0040", "h0041", "h0042", "h0043")
HOMES = {"b004": B4, "b005": B5, "b009": B9}


def at(day: date, hour: float = 0.0) -> int:
    """Return a local hour of a day. [s UTC]"""
    return bounds(day, ZONE)[0] + int(hour * HOUR)


class CaseWorld:
    """Stores in one folder and one database; ``now`` is set by the test."""

    def __init__(self, folder: Path, url: str) -> None:
        self.now = float(at(DAY, 12))
        self.registry = Registry(url)
        if not self.registry.rows("district"):
            spreadsheets.import_folder(self.registry, SAMPLE)
        self.findings = FindingStore(folder / "findings.sqlite")
        self.verdicts = VerdictStore(folder / "verdicts.sqlite")
        self.store = CaseStore(self.registry.database)
        self.outbox = Outbox(self.registry.database)
        self.standard = load_standard("harbin")
        self.secretary = Secretary(
            self.registry, self.standard, load_deadlines("harbin"), "http://heat.example"
        )
        self.watch = CaseWatch(
            self.store,
            self.findings,
            self.verdicts,
            self.registry,
            self.secretary,
            self.standard,
            lambda: self.now,
        )
        self._said: list[Finding] = []

    def close(self) -> None:
        """Close every store."""
        self.findings.close()
        self.verdicts.close()
        self.registry.close()

    def say(self, *findings: Finding) -> None:
        """Let these be all findings that the evaluation holds."""
        span = (at(DAY - timedelta(days=60)), at(DAY + timedelta(days=60)))
        self.findings.record(findings, span, int(self.now), batch=1)

    def judge(
        self,
        day: date,
        verdict: str = "met",
        homes: dict[str, Iterable[str]] | None = None,
        outdoor: float | None = -15.0,
        median: float = 21.0,
    ) -> None:
        """Judge a whole day: all buildings of ``homes``, and their homes, alike."""
        some = HOMES if homes is None else homes
        rows = [
            DayVerdict("home", home, day, verdict, "harbin-2021-10-29", {})
            for group in some.values()
            for home in group
        ]
        facts = {"median": median, "outdoor": outdoor, "homes_judged": 5}
        rows += [
            DayVerdict("building", one, day, verdict, "harbin-2021-10-29", facts) for one in some
        ]
        self.verdicts.record(rows, int(self.now), batch=1)

    def look(self) -> list[Case]:
        """Look once; return all cases."""
        self.watch.look()
        return self.store.cases()

    def later(self, days: float = 0, hours: float = 0) -> None:
        """Let time pass."""
        self.now += days * DAY_S + hours * HOUR

    def do(self, number: int, event: Event) -> Case:
        """Let something happen to a case by hand."""
        with self.store.change() as change:
            return change.record(number, event)

    def messages(self, number: int) -> list[Kept]:
        """Return the messages about a case."""
        return self.outbox.of_case(number)


OUTAGE = Finding(
    kind=Kind.OUTAGE,
    level=Level.BUILDING,
    place="b004",
    start_s=at(DAY, 9),
    end_s=None,
    detected_s=at(DAY, 11),
    certainty=Certainty.HIGH,
    buildings=("b004",),
    affected=B4,
    homes_judged=6,
    homes_silent=0,
    rule="homes_fall_together",
    evidence={"median_celsius": 17.4, "drop_kelvin": 2.1},
)
OF_SOURCE = replace(
    OUTAGE,
    level=Level.SOURCE,
    place="so-qingsong",
    detected_s=at(DAY, 11.5),
    buildings=("b004", "b005"),
    affected=(*B4, *B5),
)
