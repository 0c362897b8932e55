"""Suppressed heating looked for once more: a new fold of the detector over the whole ledger.

The same follower, window and watch as in the line run on stores of their own, with a registry that
says something else. So what they find differs by nothing but what people have changed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from heatward_collector.cases.basis import unpack
from heatward_collector.cases.store import CaseStore
from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.conclusions.verdicts import VerdictStore
from heatward_collector.config import Config
from heatward_collector.core.cases import Case
from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression import Finding
from heatward_collector.errors import CaseRefused
from heatward_collector.evaluation.evaluation import Evaluation
from heatward_collector.evaluation.midnights import Midnights
from heatward_collector.evaluation.suppression_watch import SuppressionWatch
from heatward_collector.evaluation.window import Window
from heatward_collector.ledger import LedgerReader
from heatward_collector.outdoor.temperatures import OutdoorStore
from heatward_collector.readings.follow import Follower
from heatward_collector.registry import Directory, Registry, open_registry
from heatward_collector.rules import load_standard
from heatward_collector.running.event_clock import clock_of

Row = Mapping[str, Any]
Content = Mapping[str, Sequence[Row]]
_OF_HOMES = ("home", "room", "suspension", "placement", "assignment", "calibration")


@dataclass(frozen=True, slots=True)
class FoundTwice:
    """One finding about a case's buildings and time: as known then, and as known now."""

    kind: str
    place: str
    start_s: int
    then: str
    """Certainty and homes; empty where it is not found."""
    now: str

    @property
    def differs(self) -> bool:
        """Whether what people have changed since changes the finding."""
        return self.then != self.now


def found_twice(config: Config, store: CaseStore, case: Case) -> list[FoundTwice]:
    """Return the findings of two new folds, with the registry and rules of then and of now.

    Raises CaseRefused where nothing is kept of how the case was judged.
    """
    kept = store.basis(case.number)
    if not kept:
        raise CaseRefused(
            f"{case.number} 号案件没有留底 / nothing is kept of how case {case.number} was judged"
        )
    rule, rows = unpack(kept[-1][1])
    standard = load_standard(config.rules.city, config.rules.file)
    rules_then = standard if rule is None else replace(standard, rules=(rule,))
    now_s = clock_of(config)()
    registry = open_registry(config)
    _, content = registry.content()
    registry.close()
    words: dict[tuple[str, str, int], list[str]] = {}
    with tempfile.TemporaryDirectory(prefix="heatward-fold-") as folder:
        runs: tuple[tuple[Content, Standard], ...] = (
            (as_known_then(content, rows), rules_then),
            (content, standard),
        )
        for number, (registered, rules) in enumerate(runs):
            again = findings_again(config, registered, rules, now_s, Path(folder) / str(number))
            for one in again:
                if _is_about(one, case, now_s):
                    key = (one.kind.value, f"{one.level.value} {one.place}", one.start_s)
                    words.setdefault(key, ["", ""])[number] = _words(one)
    return [FoundTwice(*key, *both) for key, both in sorted(words.items(), key=lambda one: one[0])]


def lines_of(found: Sequence[FoundTwice], zone: ZoneInfo) -> Iterator[str]:
    """Yield the findings of two folds as lines."""
    for one in found:
        sign, when = "≠" if one.differs else "=", datetime.fromtimestamp(one.start_s, zone)
        yield (
            f"{sign} {when:%Y-%m-%d %H:%M} {one.kind} {one.place}: {one.then or '-'} | "
            f"{one.now or '-'}"
        )
    count = sum(one.differs for one in found)
    yield f"重新检测，不同的发现 / found again, findings that differ: {count} / {len(found)}"


def findings_again(
    config: Config, content: Content, standard: Standard, now_s: float, folder: Path
) -> list[Finding]:
    """Return what the detector finds in the ledger by what a registry says.

    ``folder`` is empty, and may be removed afterwards.
    """
    folder.mkdir(parents=True)
    registry = Registry(f"sqlite:///{folder / 'registry.sqlite'}")
    registry.put(content)
    _copy_weather(config, registry, content)
    reader = LedgerReader(config.state.ledger)
    follower = Follower(folder / "follower.sqlite", reader, registry, config.mqtt.district)
    window = Window(folder / "window", [point.id for point in follower.directory.points])
    findings = FindingStore(folder / "findings.sqlite")
    watch = SuppressionWatch(follower, window, findings, Midnights(folder / "midnights"), standard)
    verdicts = VerdictStore(folder / "verdicts.sqlite")
    evaluation = Evaluation(follower, window, verdicts, standard, lambda: now_s, watch)
    while evaluation.step():
        pass
    watch.note(follower.days())
    watch.look(now_s)
    found = [one.finding for one in findings.latest() if not one.is_withdrawn]
    for store in (findings, verdicts, registry):
        store.close()
    return found


def as_known_then(now: Content, kept: Content) -> dict[str, list[Row]]:
    """Return a registry in which what concerns the kept homes stands as it did when it was kept.

    All else, such as the homes of other sources, stands as it does now: they are the control group
    of the detector. Homes that hang on the kept ones' sources only now are left out.
    """
    others = _others(now, kept)
    content: dict[str, list[Row]] = {}
    for name, rows in now.items():
        if name in _OF_HOMES:
            content[name] = [*kept[name], *(row for row in rows if _is_of(name, row, others))]
        elif kept.get(name):
            known = {row["id"] for row in kept[name] if "id" in row}
            newer = [row for row in rows if "id" in row and row["id"] not in known]
            content[name] = [*kept[name], *(newer if name not in ("regime", "notice") else ())]
        else:
            content[name] = [] if name in ("regime", "notice") else list(rows)
    return content


def _is_about(finding: Finding, case: Case, now_s: float) -> bool:
    back_s = now_s if case.heat_back_s is None else case.heat_back_s
    ended_s = now_s if finding.end_s is None else finding.end_s
    is_then = finding.start_s <= back_s and ended_s >= case.begun_s
    return is_then and bool(set(finding.buildings) & set(case.buildings))


def _words(finding: Finding) -> str:
    homes = f"{len(finding.affected)}/{finding.homes_judged}"
    accuses = "" if finding.accuses else ", accuses nobody"
    return f"{finding.certainty.value}, {homes}{accuses}"


def _others(now: Content, kept: Content) -> Mapping[str, set[str]]:
    """Return homes, rooms and sensors of today that have nothing to do with the kept ones."""
    directory = Directory(-1, {name: list(rows) for name, rows in now.items()})
    sources = {_source(directory, row) for row in now["home"]} - {
        _source(directory, row) for row in kept["home"] if row["zone"] in directory.tables["zone"]
    }
    known = {row["id"] for row in kept["home"]}
    homes = {
        row["id"]
        for row in now["home"]
        if row["id"] not in known and _source(directory, row) in sources
    }
    rooms = {row["id"] for row in now["room"] if row["home"] in homes}
    held = {row["sensor"] for row in kept["assignment"]}
    sensors = {
        row["sensor"]
        for row in now["assignment"]
        if row["target"] in rooms and row["sensor"] not in held
    }
    return {"home": homes, "room": rooms, "sensor": sensors}


def _source(directory: Directory, home: Row) -> str:
    substation = directory.tables["zone"][home["zone"]]["substation"]
    return str(directory.tables["substation"][substation]["source"])


def _is_of(name: str, row: Row, others: Mapping[str, set[str]]) -> bool:
    if name == "home":
        return row["id"] in others["home"]
    if name in ("room", "suspension"):
        return row["home"] in others["home"]
    if name == "placement":
        return row["room"] in others["room"]
    return row["sensor"] in others["sensor"]


def _copy_weather(config: Config, registry: Registry, content: Content) -> None:
    """Let the new registry hold the outdoor temperatures that were imported."""
    known = open_registry(config)
    for row in content["district"]:
        values = OutdoorStore(known).values(row["id"], 0, 2**40)
        if values:
            OutdoorStore(registry).put(row["id"], values)
    known.close()
