"""Faults between what is found and who is told of it."""

from __future__ import annotations

import random
import time

from heatward_collector.alerts.tables import outbox
from heatward_collector.cases.process import secretary_of
from heatward_collector.cases.store import CaseStore
from heatward_collector.conclusions.findings import FindingStore, SaidFinding
from heatward_collector.core.cases.telling import Policy
from heatward_collector.core.suppression import Certainty, Finding, Kind, Level
from heatward_collector.registry import Registry, open_registry
from heatward_collector.torture.books.case_books import case_problems
from heatward_collector.torture.faults.process_faults import crash
from heatward_collector.torture.line import crash_points
from heatward_collector.torture.line.line import Line

OFFICER = "p-officer-1"
"""The one whom the receiver reaches; everybody else reads the inbox."""


def clerk_killed(line: Line, chance: random.Random) -> None:
    """The cases process dies before a look, between case and message, and after it."""
    registry = open_registry(line.config)
    store, findings = CaseStore(registry.database), FindingStore(line.config.state.findings)
    began_s = int(time.time())
    said: list[Finding] = []
    buildings = sorted(registry.directory().tables["building"])
    for point in chance.sample(crash_points.CASES, 3):
        said.append(outage(registry, buildings[len(said)], began_s - 7_200 + len(said)))
        findings.record(said, (began_s - 86_400, began_s + 86_400), int(time.time()), 0)
        crash(line, "cases", point)
        line.wait(lambda: are_known(store, findings), "every finding has a case")
    findings.close()
    line.messages += for_the_officer(registry)
    registry.close()


def nothing_is_untold(line: Line) -> None:
    """Every finding has one case, every event of a case its messages, and no message is extra."""
    registry = open_registry(line.config)
    findings = FindingStore(line.config.state.findings)
    wrong = case_problems(registry.database, secretary_of(line.config, registry), findings.latest())
    line.claim(f"cases and messages belong together: {wrong[:3]}", not wrong)
    line.claim("somebody was told", bool(line.messages))
    findings.close()
    registry.close()


def are_known(store: CaseStore, findings: FindingStore) -> bool:
    """Say whether every finding has its case."""
    wanted: list[SaidFinding] = findings.latest()
    with store.change() as change:
        return change.holders([one.id for one in wanted]).keys() == {one.id for one in wanted}


def for_the_officer(registry: Registry) -> list[str]:
    """Return the ids of the messages that the receiver must get."""
    told = outbox.c.recipient == OFFICER
    with registry.database.snapshot() as connection:
        rows = connection.execute(
            outbox.select().where(told & (outbox.c.policy == Policy.AT_ONCE.value))
        )
        return [row.id for row in rows]


def outage(registry: Registry, building: str, begun_s: int) -> Finding:
    """Return a finding that accuses a supplier, so that there will be a case."""
    homes = tuple(sorted(registry.directory().tables["home"])[:2])
    return Finding(
        Kind.OUTAGE,
        Level.BUILDING,
        building,
        begun_s,
        None,
        begun_s + 3_600,
        Certainty.HIGH,
        (building,),
        homes,
        len(homes),
        0,
        "torture",
        evidence={"median_celsius": 14.0},
    )
