"""A day folded some slots and some homes at a time says what the core says of it as a whole."""

from dataclasses import fields
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heatward_collector.conclusions.frozen_values import encode
from heatward_collector.core import MISSING
from heatward_collector.core.suppression.falling.falls import CONTEXT_SLOTS
from heatward_collector.core.suppression.season import Grid, after_day, block_of
from heatward_collector.core.suppression.slow_fold import after_slow_day, slow_day
from heatward_collector.core.suppression.stops.declared_hours import DeclaredHours
from heatward_collector.core.suppression.stops.memory import Memory
from heatward_collector.evaluation import past_of_homes
from heatward_collector.evaluation.day_fold import DayFold
from heatward_collector.evaluation.heating_duty import duty_at
from heatward_collector.evaluation.home_days import HomeDays
from heatward_collector.evaluation.judging import PartOf, part_of_grid
from heatward_collector.evaluation.midnights import Midnight
from heatward_collector.evaluation.older_days import grid_from_ledger
from heatward_collector.evaluation.watched_network import watched_network
from heatward_collector.local_days import bounds
from heatward_collector.pieces import whole
from heatward_collector.registry import laid_aside
from support.home_grids import read_at_once
from support.judged_world import HOUR, START
from support.watched_world import WatchedWorld

FOLDED = 5


@pytest.fixture
def world(tmp_path: Path) -> WatchedWorld:
    world = WatchedWorld(tmp_path)
    world.until(24 * FOLDED + 1)
    readings = world.winter((0, 24 * FOLDED))
    notice = {
        "id": "nt-stop",
        "kind": "reported_stop",
        "source": None,
        "zone": sorted(world.registry.directory().tables["zone"])[0],
        "from_s": START + 30 * HOUR,
        "to_s": START + 40 * HOUR,
        "recorded_s": START,
        "text": "",
    }
    regime = {
        "source": sorted(world.registry.directory().tables["source"])[0],
        "from_s": START + 24 * HOUR,
        "to_s": None,
        "hours": "05:00-21:00",
    }
    world.registry.put({"notice": [notice], "regime": [regime]})
    world.hear([one for one in readings if (one[1] - START) % 31 < 29])
    while world.evaluation.step():
        pass
    return world


def values(of: Any) -> tuple[Any, list[np.ndarray]]:
    arrays: list[np.ndarray] = []
    return encode(of, arrays), arrays


def assert_same(one: Any, other: Any) -> None:
    (text, arrays), (other_text, other_arrays) = values(one), values(other)
    assert text == other_text or str(text) == str(other_text)  # NaN is not NaN
    for array, like in zip(arrays, other_arrays, strict=True):
        assert array.dtype == like.dtype
        np.testing.assert_array_equal(array, like)


def test_days_in_parts_are_the_days_of_the_core(
    world: WatchedWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_of_homes, "HOMES_AT_ONCE", 7)
    monkeypatch.setattr(laid_aside, "WRITTEN_BYTES", 1)
    directory, series = world.follower.directory, world.evaluation._outdoor.series
    registry = watched_network(directory, world.standard, series, tmp_path)
    network, declarations = registry.network, registry.declarations
    maker = HomeDays(directory, world.standard, series)
    grid_of = grid_from_ledger(world.follower, world.days()[:FOLDED], world.zone)
    memory, carried, supply = Memory.none(len(network.homes)), maker.nothing(), None
    midnight, stops = registry.nothing(), 0
    for day in world.days()[:FOLDED]:
        start, end = bounds(day, world.zone)
        grid, carried = read_at_once(maker, carried, day, grid_of, end)
        memory = after_day(memory, block_of(grid, network, declarations), registry.places)
        duty = duty_at(world.standard, start)
        now, stops_of_day = slice(CONTEXT_SLOTS, None), (*memory.recent, *memory.open)
        hours = DeclaredHours.among(declarations, network, grid.hour_of)
        slow = slow_day(start, end, grid.homes[now], grid.outdoor[now], stops_of_day, hours)
        supply = after_slow_day(supply, slow, network, registry.hierarchy, duty)
        fold = whole(DayFold.begun(midnight, day, registry, cells_at_once=90))
        part_of = part_of_grid(grid_of(start - HOUR, 300), start - HOUR)
        for hours in (0.5, 7, 7.25, 23, 24):
            go_on(fold, part_of, start + round(hours * HOUR))
        assert fold.heard() == heard(grid)
        midnight = whole(fold.over((), duty))
        assert midnight.memory.usual is None
        for one in fields(Memory):
            assert_same(getattr(memory, one.name), getattr(midnight.memory, one.name))
        assert_same(supply, midnight.supply)
        stops += len(memory.open) + len(memory.recent)
    assert stops > 0


def go_on(fold: DayFold, part_of: PartOf, until_s: int) -> None:
    """Watch everything that ends by a time."""
    while fold.go_on(part_of, until_s):
        pass


def heard(grid: Grid) -> tuple[int, float]:
    last = grid.homes[-96:]
    spoke = int((~np.isnan(last)).any(axis=0).sum())
    return spoke, float((~np.isnan(grid.outdoor[-96:])).mean())


def test_a_midnight_that_was_kept_is_the_one_that_was_made(
    world: WatchedWorld, tmp_path: Path
) -> None:
    directory, series = world.follower.directory, world.evaluation._outdoor.series
    registry = watched_network(directory, world.standard, series)
    day = world.days()[0]
    start, end = bounds(day, world.zone)
    fold = whole(DayFold.begun(registry.nothing(), day, registry))
    raw = grid_from_ledger(world.follower, [day], world.zone)(start - HOUR, 300)
    go_on(fold, part_of_grid(raw, start - HOUR), end)
    made = whole(fold.over((), duty_at(world.standard, start)))
    kept = world.watch._midnights.keep(day + timedelta(days=1), made, "print")
    assert_same(made, kept)
    assert isinstance(kept, Midnight)
    found = world.watch._midnights.latest(day, day + timedelta(days=1), lambda _: "print")
    assert found is not None
    assert_same(made, found[1])


@pytest.mark.parametrize("since_h", [0.0, 3.4, 13.9, 14.9])
def test_late_readings_change_a_day_as_if_they_had_come_in_time(
    world: WatchedWorld, since_h: float
) -> None:
    directory, series = world.follower.directory, world.evaluation._outdoor.series
    registry = watched_network(directory, world.standard, series)
    day = world.days()[1]
    start, _ = bounds(day, world.zone)
    raw = grid_from_ledger(world.follower, [day], world.zone)(start - HOUR, 300)
    since_s, outdoors = start + round(since_h * HOUR), np.flatnonzero(directory.points.is_outdoor)
    late = np.array([3, 17, 40, outdoors[0]], np.int32)
    early = raw.copy()
    early[(since_s - start + HOUR) // 300 :, late] = MISSING
    begun = partial(DayFold.begun, registry.nothing(), day, registry)
    once, part = whole(begun()), whole(begun(cells_at_once=200))
    go_on(once, part_of_grid(raw, start - HOUR), start + 16 * HOUR)
    for hours in (4.5, 9, 9.25, 15):
        go_on(part, part_of_grid(early, start - HOUR), start + round(hours * HOUR))
    part.again(part_of_grid(raw, start - HOUR), late, since_s)
    go_on(part, part_of_grid(raw, start - HOUR), start + 16 * HOUR)
    assert_same(once.memory, part.memory)
    assert once.heard() == part.heard()
    for one in (once, part):
        go_on(one, part_of_grid(raw, start - HOUR), start + 24 * HOUR)
    duty = duty_at(world.standard, start)
    assert_same(whole(once.over((), duty)), whole(part.over((), duty)))
