"""Days one by one: together they are what a whole season is, and they do not look ahead."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from heatward_collector.core.suppression.falling.falls import CONTEXT_SLOTS
from heatward_collector.core.suppression.season import Grid
from heatward_collector.evaluation.home_days import HomeDays
from heatward_collector.evaluation.judging import part_of_grid
from heatward_collector.evaluation.known_weather import latest_before
from heatward_collector.evaluation.older_days import grid_from_ledger
from heatward_collector.evaluation.voting import home_season, room_day
from heatward_collector.local_days import bounds
from heatward_collector.outdoor.temperatures import OutdoorSeries, OutdoorStore, OutdoorValue
from support.evidence import DISTRICT, OUTDOORS
from support.home_grids import grid_of_day, read_at_once
from support.judged_world import DAY, HOUR, START
from support.watched_world import DAYS, FROST, WatchedWorld

FOR_EVER = 2**62


@pytest.fixture
def world(tmp_path: Path) -> WatchedWorld:
    world = WatchedWorld(tmp_path)
    world.until(24 * DAYS + 1)
    return world


def folded(world: WatchedWorld, until_s: int = FOR_EVER):
    """Return the days of the winter as grids, one by one, without their context."""
    while world.evaluation.step():
        pass
    grid_of = grid_from_ledger(world.follower, world.days(), world.zone)
    days = HomeDays(world.follower.directory, world.standard, world.evaluation._outdoor.series)
    carried, grids = days.nothing(), []
    for day in world.days():
        grid, carried = read_at_once(days, carried, day, grid_of, until_s)
        grids.append(grid)
        if bounds(day, world.zone)[1] > until_s:
            break
    return grids, grid_of


def new(grids, name: str) -> np.ndarray:
    return np.concatenate([getattr(grid, name)[CONTEXT_SLOTS:] for grid in grids])


def test_days_one_by_one_are_the_season_as_a_whole(world: WatchedWorld) -> None:
    readings = world.winter()
    stuck = [r for r in readings if r[0] == "28-0000545227f3"]
    rest = [r for r in readings if r[0] != "28-0000545227f3"]
    world.hear(rest)
    world.hear([(sensor, when, 21.0) for sensor, when, _ in stuck])
    grids, grid_of = folded(world)
    directory = world.follower.directory
    rooms = [room_day(directory, world.standard, day, grid_of) for day in world.days()]
    np.testing.assert_array_equal(new(grids, "homes"), home_season(directory, rooms))
    neighbour = directory.home_index["h0002"]
    silenced = np.isnan(new(grids, "homes")[:, neighbour])
    assert silenced.any()
    assert not silenced.all()


@pytest.mark.parametrize("rooms_at_once", [1, 7, 20])
def test_a_day_is_the_same_however_many_rooms_and_slots_are_read_at_once(
    world: WatchedWorld, rooms_at_once: int
) -> None:
    readings = [r for r in world.winter((0, 48)) if r[1] % 7000 > 900]
    readings += [(sensor, when + 300, 26.0) for sensor, when, _ in readings[::97]]
    readings += [(sensor, when + 300, 21.0) for sensor, when, _ in readings[5000:6000]]
    world.hear(readings)
    while world.evaluation.step():
        pass
    grid_of = grid_from_ledger(world.follower, world.days(), world.zone)
    asked = world.follower.directory, world.standard, world.evaluation._outdoor.series
    whole, some = HomeDays(*asked), HomeDays(*asked, rooms_at_once=rooms_at_once)
    one = other = whole.nothing()
    for day in world.days()[:2]:
        start, end = bounds(day, world.zone)
        grid, one = read_at_once(whole, one, day, grid_of, end)
        running = some.begin(other, day)
        raw = grid_of(start - HOUR, 300)
        for quarters in (1, 2, 3, 7, 40, 41, 95, 96):
            running.go_on(part_of_grid(raw, start - HOUR), start + 900 * quarters)
        other = running.carried()
        assert_same(grid, grid_of_day(running))
        # Of a room that is alone in its home 0 and not known are the same.
        np.testing.assert_array_equal(
            np.nan_to_num(one.above_home), np.nan_to_num(other.above_home)
        )
        for name in ("rooms", "homes", "outdoor", "hour", "is_season", "weather_s", "weather"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)


def assert_same(one: Grid, other: Grid) -> None:
    for name in ("start_s", "slot_s", "homes", "outdoor", "hour", "is_season"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)


def test_each_day_begins_with_the_end_of_the_day_before(world: WatchedWorld) -> None:
    world.hear(world.winter())
    grids, _ = folded(world)
    assert np.isnan(grids[0].homes[:CONTEXT_SLOTS]).all()
    for name in ("homes", "outdoor", "hour", "is_season"):
        whole = new(grids[:2], name)
        context = getattr(grids[2], name)[:CONTEXT_SLOTS]
        np.testing.assert_array_equal(context, whole[-CONTEXT_SLOTS:])
    assert grids[2].time_s[CONTEXT_SLOTS] == bounds(world.days()[2], world.zone)[0]


def test_an_unfinished_day_is_the_begin_of_the_finished_one(world: WatchedWorld) -> None:
    world.hear(world.winter())
    whole, _ = folded(world)
    until_s = START + 24 * HOUR + 9 * HOUR
    part, _ = folded(world, until_s)
    assert len(part) == 2
    slots = len(part[1].homes)
    assert slots == CONTEXT_SLOTS + 36
    np.testing.assert_array_equal(part[1].homes, whole[1].homes[:slots])
    np.testing.assert_array_equal(part[1].outdoor, whole[1].outdoor[:slots])


def test_hours_are_local_and_quarters_count(world: WatchedWorld) -> None:
    world.hear(world.winter((0, 1)))
    grids, _ = folded(world)
    hour = grids[0].hour[CONTEXT_SLOTS:]
    assert hour[:5].tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert hour[-1] == 23.75


def test_homes_without_service_and_badly_placed_sensors_have_no_say(world: WatchedWorld) -> None:
    suspended = {"home": "h0002", "from_day": DAY + timedelta(days=1), "to_day": None}
    placements = [
        {**row, "suitable": False}
        for row in world.registry.rows("placement")
        if row["room"].startswith("h0003")
    ]
    world.registry.put({"suspension": [suspended], "placement": placements})
    world.hear(world.winter())
    grids, _ = folded(world)
    homes = world.follower.directory.home_index
    assert np.isfinite(grids[0].homes[CONTEXT_SLOTS:, homes["h0002"]]).all()
    assert np.isnan(grids[1].homes[CONTEXT_SLOTS:, homes["h0002"]]).all()
    assert np.isnan(new(grids, "homes")[:, homes["h0003"]]).all()


def test_our_own_shaded_sensors_tell_the_weather_once_it_was_measured(world: WatchedWorld) -> None:
    world.hear([r for r in world.winter((1, 24)) if r[0] == OUTDOORS])
    grids, _ = folded(world)
    outdoor = new(grids, "outdoor")
    assert np.isnan(outdoor[:4]).all()
    assert (outdoor[4:96] == FROST).all()
    # A value speaks for an hour and a half; then nobody knows.
    assert np.flatnonzero(np.isnan(outdoor))[4] == 96 + 5


def test_imported_weather_speaks_where_no_sensor_does_and_never_of_the_future(
    world: WatchedWorld,
) -> None:
    world.hear([r for r in world.winter((6, 7)) if r[0] == OUTDOORS])
    values = [OutdoorValue(START + hour * HOUR, -10.0 - hour, "service") for hour in range(24)]
    OutdoorStore(world.registry).put(DISTRICT, values)
    grids, _ = folded(world)
    outdoor = new(grids, "outdoor")
    assert outdoor[3] == -10.0
    assert outdoor[4] == -11.0
    assert (outdoor[24:28] == FROST).all()
    assert outdoor[40] == -20.0


def test_the_latest_value_before_a_moment_counts_while_it_is_fresh() -> None:
    series = OutdoorSeries([OutdoorValue(100, 1.0, "a"), OutdoorValue(200, 2.0, "a")])
    moments = np.array([100, 101, 200, 201, 260, 261])
    found = latest_before(moments, series.time_s, series.celsius, fresh_s=60)
    np.testing.assert_array_equal(found, [np.nan, 1.0, np.nan, 2.0, 2.0, np.nan])
    empty = latest_before(moments, np.array([-(2**62)]), np.array([np.nan]))
    assert np.isnan(empty).all()
