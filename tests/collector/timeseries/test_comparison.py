"""A view is compared with evidence point by point, and every difference has its reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.timeseries import Points
from heatward_collector.timeseries.comparison import DAY_S, runs_of_days
from heatward_collector.timeseries.protocol import ROOM, Series
from heatward_node.reading import Quality
from support.evidence import (
    BEDROOM,
    LIVING,
    NEIGHBOUR,
    ON_THE_BENCH,
    OUTDOORS,
    T0,
    UNKNOWN,
    PaperNode,
    World,
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two sensors of one node over two days, written into the view."""
    world = World(tmp_path)
    node = PaperNode(1)
    world.arrive(node, [node.boot()])
    world.now = T0 + 3 * 86_400
    for hour in range(48):
        world.arrive(
            node,
            [
                node.read(LIVING, T0 + 3600 * hour, 21.0),
                node.read(BEDROOM, T0 + 3600 * hour, 19.5),
            ],
        )
    world.follow()
    return world


def write(world: World, room: str, sensor: str, time_s: int, celsius: float) -> None:
    """Write one point behind the collector's back."""
    series = Series(ROOM, "sample", "x", "y", "z", room, sensor)
    one = np.array([time_s], np.int64)
    world.store.write(Points([series], np.zeros(1, np.int32), one, np.array([celsius])))


def test_an_untouched_view_is_equal(world: World) -> None:
    comparison = world.assert_even()
    assert (comparison.readings, comparison.expected, comparison.found) == (96, 96, 96)
    assert sum(comparison.fates.values()) == 0


def test_an_empty_ledger_expects_an_empty_view(tmp_path: Path) -> None:
    empty = World(tmp_path)
    assert empty.assert_even().expected == 0
    write(empty, "h0001-r1", LIVING, T0, 20.0)
    _, differences = empty.compare()
    assert [one.reason.split(":")[0] for one in differences] == ["extra"]


def test_a_deleted_point_is_missing(world: World) -> None:
    world.store.delete(LIVING, T0 + 7200, T0 + 7201)
    comparison, (difference,) = world.compare()
    assert difference.reason == "missing"
    assert (difference.sensor, difference.time_s) == (LIVING, T0 + 7200)
    assert difference.expected == ("h0001-r1", pytest.approx(20.88))
    assert difference.found is None
    assert comparison.differences == 1


@pytest.mark.parametrize("time_s", [T0 + 1800, T0 - 400 * 86_400, T0 + 500 * 86_400, 1, 2**32])
def test_a_point_that_no_reading_gives_is_extra_on_any_day(world: World, time_s: int) -> None:
    write(world, "h0001-r1", LIVING, time_s, 23.0)
    comparison, (difference,) = world.compare()
    assert difference.reason.startswith("extra")
    assert (difference.time_s, difference.found) == (time_s, ("h0001-r1", 23.0))
    assert comparison.found == comparison.expected + 1


@pytest.mark.parametrize("shift", [0.0625, -1.0, 1e-6])
def test_a_changed_point_has_another_value(world: World, shift: float) -> None:
    ids = world.registry.directory().points[0]
    assert ids.id == "h0001-r1"
    series = Series(ROOM, ids.district, ids.street, ids.building, ids.home, ids.id, LIVING)
    one = np.array([T0], np.int64)
    world.store.write(Points([series], np.zeros(1, np.int32), one, np.array([20.88 + shift])))
    _, (difference,) = world.compare()
    assert difference.reason == "another value"
    assert difference.expected == ("h0001-r1", pytest.approx(20.88, abs=1e-9))
    assert difference.found == ("h0001-r1", 20.88 + shift)


def test_a_point_in_a_wrong_room_is_said_so(world: World) -> None:
    world.store.delete(LIVING, T0, T0 + 1)
    write(world, "h0002-r1", LIVING, T0, 20.88)
    _, (difference,) = world.compare()
    assert difference.reason == "another room than by the assignment then"
    assert difference.found == ("h0002-r1", 20.88)


def test_a_point_that_stands_twice_is_a_difference(world: World) -> None:
    write(world, "h0001-r1", LIVING, T0, 20.88)
    comparison, differences = world.compare()
    assert comparison.found == comparison.expected + 1
    assert [one.reason.split(":")[0] for one in differences] == ["twice"]


def test_readings_that_are_no_points_are_counted_by_their_reason(world: World) -> None:
    node = PaperNode(2, boot_id=b"c" * 16)
    later = T0 + 2 * 86_400
    world.arrive(
        node,
        [
            node.boot(),
            node.read(LIVING, later, 21.0, quality=Quality.CRC_ERROR),
            node.read(LIVING, later + 1, 85.0, quality=Quality.POWER_ON_RESET),
            node.read(LIVING, later + 2, 21.0, synchronised=False),
            node.read(UNKNOWN, later + 3, 21.0),
            node.read(ON_THE_BENCH, later + 4, 21.0),
            node.read(NEIGHBOUR, later + 5, 21.0),
            node.read(BEDROOM, later + 7, 21.0),
            node.read(BEDROOM, later + 7, 22.0),
        ],
    )
    outdoors = PaperNode(3, "n9001", b"d" * 16)
    world.arrive(outdoors, [outdoors.boot(), outdoors.read(OUTDOORS, later + 6, -21.0)])
    world.follow()
    comparison = world.assert_even()
    assert dict(comparison.fates) == {
        "bad_quality": 2,
        "unplaced": 1,
        "elsewhere": 1,
        "unassigned": 1,
        "bench": 1,
        "same_second": 1,
    }
    assert comparison.readings == comparison.expected + sum(comparison.fates.values())
    assert world.room("out-1") == [(2 * 86_400 + 6, -21.0)]
    assert world.room("h0001-r2")[-1] == (2 * 86_400 + 7, 22.0)


def test_a_restored_view_is_equal_again(world: World) -> None:
    world.store.delete(LIVING, T0, T0 + 86_400)
    write(world, "h0002-r1", NEIGHBOUR, T0 + 5, 30.0)
    assert len(world.compare()[1]) == 25
    world.view.rebuild()
    world.follow()
    assert world.assert_even().found == 96


@given(
    st.dictionaries(st.integers(0, 30), st.integers(1, 9)),
    st.integers(1, 20),
)
def test_days_are_compared_together_where_they_are_few_points(
    points: dict[int, int], most: int
) -> None:
    days = dict(sorted(points.items()))
    runs = [range(start // DAY_S, end // DAY_S) for start, end in runs_of_days(days, most)]
    assert [day for run in runs for day in run] == list(days)
    assert all(len(run) == 1 or sum(days[day] for day in run) <= most for run in runs)
    for run, following in zip(runs, runs[1:], strict=False):
        is_gap = following.start > run.stop
        assert is_gap or sum(days[day] for day in run) + days[following.start] > most
