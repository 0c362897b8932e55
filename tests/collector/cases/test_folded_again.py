"""Findings looked for once more: as a case was known, and as people have changed it since."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from heatward_collector.cases import CaseStore
from heatward_collector.cases.basis import pack, unpack
from heatward_collector.cases.folded_again import as_known_then, found_twice, lines_of
from heatward_collector.config import parse
from heatward_collector.core.cases import Case, CaseKind, Event, HeatPlace, What
from heatward_collector.core.suppression import Level
from heatward_collector.errors import CaseRefused
from support.judged_world import HOUR, START
from support.watched_world import DAYS, STOP, STOPPED, WatchedWorld

BEGUN_S, BACK_S = START + int(STOP[0] * HOUR), START + int(STOP[1] * HOUR)


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Iterator[WatchedWorld]:
    """Return winter days in which a substation stopped for a night."""
    world = WatchedWorld(tmp_path_factory.mktemp("world"))
    world.until(24 * DAYS)
    world.hear(world.winter())
    yield world


def zones_of_source(tables: dict) -> set[str]:
    """Return the zones of the source whose substation stopped."""
    source = {row["id"]: row["source"] for row in tables["substation"]}
    return {row["id"] for row in tables["zone"] if source[row["substation"]] == source[STOPPED]}


def a_case(world: WatchedWorld) -> tuple[CaseStore, Case]:
    """Open a case of that night, with what the registry says now."""
    tables = world.registry.content()[1]
    zones = {row["id"] for row in tables["zone"] if row["substation"] == STOPPED}
    homes = tuple(row["id"] for row in tables["home"] if row["zone"] in zones)
    stairwells = {row["id"]: row["building"] for row in tables["stairwell"]}
    touched = sorted({stairwells[row["stairwell"]] for row in tables["home"] if row["id"] in homes})
    event = Event(
        What.OPENED,
        BACK_S,
        kind=CaseKind.OUTAGE,
        where=HeatPlace(Level.SUBSTATION, STOPPED),
        sign="f-1",
        revision=1,
        begun_s=BEGUN_S,
        ended_s=BACK_S,
        homes=homes,
        buildings=tuple(touched),
    )
    store = CaseStore(world.registry.database)
    with store.change() as change:
        case = change.open(event)
        of_source = [row["id"] for row in tables["home"] if row["zone"] in zones_of_source(tables)]
        change.keep_basis(case, pack(tables, case, of_source, world.standard.rules[-1]))
    return store, case


def test_a_new_fold_finds_the_stop_again_and_not_without_the_sensors_that_told_of_it(
    world: WatchedWorld,
) -> None:
    store, case = a_case(world)
    config = parse(f'[state]\ndirectory = "{world.folder}"')
    found = found_twice(config, store, case)
    assert [(one.place, one.differs) for one in found] == [(f"substation {STOPPED}", False)]
    # Somebody finds out later that those sensors had been taken down before that night.
    tables = world.registry.content()[1]
    rooms = {row["id"] for row in tables["room"] if row["home"] in case.homes}
    down = [
        {**row, "to_s": BEGUN_S - 6 * HOUR}
        for row in tables["assignment"]
        if row["target"] in rooms and (row["to_s"] is None or row["to_s"] > BEGUN_S)
    ]
    world.registry.put({"assignment": down})
    again = found_twice(config, store, case)
    assert [one.then for one in again] == [one.then for one in found]
    assert [one.now for one in again] == [""]
    lines = list(lines_of(again, world.zone))
    assert lines[0].startswith("≠ 2026-01-05 22:")
    assert lines[-1].endswith("1 / 1")


def test_a_case_of_which_nothing_is_kept_cannot_be_looked_at_again(world: WatchedWorld) -> None:
    store, case = a_case(world)
    with store.change() as change:
        other = change.open(case.history[0])
    config = parse(f'[state]\ndirectory = "{world.folder}"')
    with pytest.raises(CaseRefused, match="nothing is kept"):
        found_twice(config, store, other)


def test_other_sources_stay_as_they_are_now_and_kept_homes_as_they_were(
    tmp_path: Path,
) -> None:
    world = WatchedWorld(tmp_path)
    store, case = a_case(world)
    now = world.registry.content()[1]
    kept = unpack(store.basis(case.number)[-1][1])[1]
    then = as_known_then(now, kept)
    hangs = {row["sensor"] for row in now["assignment"] if row["target_kind"] != "bench"}
    for name in ("home", "room", "assignment", "calibration", "placement", "building", "zone"):
        before = [row for row in now[name] if row.get("sensor") in {None, *hangs}]
        assert sorted(map(str, then[name])) == sorted(map(str, before)), name
    own = case.homes[0]
    row = next(row for row in now["home"] if row["id"] == own)
    other = next(row for row in now["home"] if row["id"] not in {one["id"] for one in kept["home"]})
    changed = {
        **now,
        "home": [
            {**row, "floor": 99},
            {**other, "floor": 98},
            {**row, "id": "h9999"},
            *(one for one in now["home"] if one["id"] not in (own, other["id"])),
        ],
    }
    floors = {one["id"]: one["floor"] for one in as_known_then(changed, kept)["home"]}
    assert floors[own] == row["floor"]
    assert floors[other["id"]] == 98
    assert "h9999" not in floors
