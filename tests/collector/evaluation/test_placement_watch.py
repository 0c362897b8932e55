"""A sensor that was carried elsewhere is doubted the day after it can be told, and once a day."""

from __future__ import annotations

from pathlib import Path

import pytest

from heatward_collector.conclusions.placements import PlacementStore
from heatward_collector.core.placement import DoubtKind
from heatward_collector.evaluation import placement_watch
from heatward_collector.evaluation.placement_watch import PlacementWatch
from support.judged_world import HOUR, START
from support.watched_world import WatchedWorld

CARRIED = START + 5 * 24 * HOUR + 14 * HOUR
DAYS = 10


@pytest.fixture
def world(tmp_path: Path) -> WatchedWorld:
    """Ten quiet days; on the sixth a sensor is carried to where it is 5 K warmer."""
    world = WatchedWorld(tmp_path)
    world.until(24 * DAYS + 0.6)
    never = (9_999.0, 9_999.0)
    readings = world.winter((0, 24 * DAYS), never)
    carried = readings[0][0]
    world.hear(
        (sensor, time_s, celsius + 5 * (sensor == carried and time_s >= CARRIED))
        for sensor, time_s, celsius in readings
    )
    while world.evaluation.step():
        pass
    return world


def test_a_sensor_that_was_carried_is_doubted(world: WatchedWorld, tmp_path: Path) -> None:
    store = PlacementStore(tmp_path / "placements.sqlite")
    watch = PlacementWatch(world.follower, store, world.standard)
    assert watch.look(world.now) == 1
    (said,) = store.since(START)
    assert said.kind is DoubtKind.MOVED
    assert abs(said.start_s - CARRIED) <= HOUR
    assert said.evidence["lasting_kelvin"] == pytest.approx(5, abs=0.3)
    assert (said.first_said_s, said.last_said_s) == (int(world.now), int(world.now))


def test_a_day_is_looked_at_once(world: WatchedWorld, tmp_path: Path) -> None:
    store = PlacementStore(tmp_path / "placements.sqlite")
    watch = PlacementWatch(world.follower, store, world.standard)
    assert watch.look(world.now) == 1
    assert watch.look(world.now + 6 * HOUR) is None
    assert watch.look(world.now + 24 * HOUR) == 1
    (said,) = store.since(START)
    assert said.last_said_s - said.first_said_s == 24 * HOUR


def test_rooms_that_do_not_fit_into_memory_are_counted(
    world: WatchedWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placement_watch, "CELLS_AT_ONCE", 100_000)
    watch = PlacementWatch(
        world.follower, PlacementStore(tmp_path / "placements.sqlite"), world.standard
    )
    assert watch.look(world.now) is None
    assert watch.left_out == len(world.follower.directory.points)
