"""A case judged again: as known when it was opened, and as known now."""

from __future__ import annotations

from pathlib import Path

import pytest

from heatward_collector.cases import CaseStore
from heatward_collector.cases.basis import pack
from heatward_collector.cases.explained import differences
from heatward_collector.config import parse
from heatward_collector.core.cases import Case, CaseKind, Event, HeatPlace, What
from heatward_collector.core.suppression import Level
from heatward_collector.errors import CaseRefused
from support.evidence import LIVING, NEIGHBOUR, PaperNode
from support.judged_world import DAY, HOUR, START, JudgedWorld, day_of_readings

HOMES = ("h0001", "h0002")
SENSORS = ((LIVING, "n0001", 1), (NEIGHBOUR, "n0002", 2))


@pytest.fixture
def world(tmp_path: Path) -> JudgedWorld:
    """Two homes of b001 at 18 degC on one day."""
    world = JudgedWorld(tmp_path)
    for sensor, name, epoch in SENSORS:
        node = PaperNode(epoch, name)
        world.arrive(node, [node.boot(), *day_of_readings(node, sensor, 18.0, range(24))])
    world.judge()
    assert world.verdict("b001", "building").verdict == "marginal_minus"
    return world


def a_case(world: JudgedWorld) -> tuple[CaseStore, Case]:
    """Open a case on that day, with what the registry says now."""
    store = CaseStore(world.registry.database)
    event = Event(
        What.OPENED,
        START + 30 * HOUR,
        kind=CaseKind.BELOW_STANDARD,
        where=HeatPlace(Level.BUILDING, "b001"),
        sign=f"below:b001:{DAY}",
        begun_s=START,
        ended_s=START + 24 * HOUR - 1,
        homes=HOMES,
        buildings=("b001",),
    )
    with store.change() as change:
        case = change.open(event)
        content = world.registry.content()[1]
        change.keep_basis(case, pack(content, case, HOMES, world.standard.rules[-1]))
    return store, case


def explained(world: JudgedWorld, store: CaseStore, case: Case) -> list[str]:
    config = parse(f'[state]\ndirectory = "{world.folder}"')
    return list(differences(config, store, case))


def test_nothing_differs_while_nobody_has_changed_anything(world: JudgedWorld) -> None:
    lines = explained(world, *a_case(world))
    assert f"= {DAY} b001: marginal_minus | marginal_minus" in lines
    assert lines[-1].endswith("0 / 1")


def test_a_calibration_that_came_later_changes_the_judgement_and_is_named(world) -> None:
    store, case = a_case(world)
    rows = [
        {
            "sensor": sensor,
            "from_s": START - 3600,
            "offset_kelvin": 4.0,
            "uncertainty_kelvin": 0.1,
            "certificate": "2026-7",
        }
        for sensor, _, _ in SENSORS
    ]
    world.registry.put({"calibration": rows})
    lines = explained(world, store, case)
    assert f"≠ {DAY} b001: marginal_minus | met" in lines
    assert any(line.startswith(f"+ calibration {LIVING}") for line in lines)
    assert lines[-1].endswith("1 / 1")


def test_a_case_without_what_was_known_then_cannot_be_judged_so(world: JudgedWorld) -> None:
    store, case = a_case(world)
    with store.change() as change:
        other = change.open(case.history[0])
    with pytest.raises(CaseRefused, match="nothing is kept"):
        explained(world, store, other)
