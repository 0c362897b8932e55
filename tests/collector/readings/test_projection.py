"""Whose reading it is, by the assignment in force when it was measured."""

import numpy as np
import pytest

from heatward_collector.canary import CANARY_ROM
from heatward_collector.core.coded import Coded
from heatward_collector.core.placing import UNPLACED
from heatward_collector.ledger.columns import ReadingColumns
from heatward_collector.ledger.seal import seal
from heatward_collector.readings.clocks import Clocks
from heatward_collector.readings.projection import (
    Fate,
    batches_measured,
    gathered,
    placed,
    project,
    readings_measured,
)
from heatward_node.reading import Quality
from heatward_node.rom import kernel_name
from support.evidence import (
    BEDROOM,
    LIVING,
    ON_THE_BENCH,
    OUTDOORS,
    T0,
    UNKNOWN,
    PaperNode,
    World,
)


def projected(world, *records):
    world.arrive(PaperNode(1), records)
    (batch,) = world.reader.batches(0)
    return project(batch, Clocks(), world.registry.directory())


def test_each_reading_has_its_place_its_time_and_its_fate(tmp_path):
    world, node = World(tmp_path), PaperNode(1)
    found = projected(
        world,
        node.read(LIVING, T0, 20.0),
        node.read(OUTDOORS, T0 + 1, -20.0),
        node.read(ON_THE_BENCH, T0 + 2, 20.0),
        node.read(UNKNOWN, T0 + 3, 20.0),
        node.read(LIVING, T0 + 4, 20.0, synchronised=False),
        node.read(LIVING, T0 + 5, 20.0, quality=Quality.CRC_ERROR),
    )
    assert [Fate(fate) for fate in found.fate] == [
        Fate.JUDGED,
        Fate.JUDGED,
        Fate.BENCH,
        Fate.UNASSIGNED,
        Fate.UNPLACED,
        Fate.BAD_QUALITY,
    ]
    directory = world.registry.directory()
    assert [directory.points[point].id for point in found.judged().point] == ["h0001-r1", "out-1"]
    assert found.celsius[0] == 20.0 - 0.12
    assert found.raw[:2].tolist() == [320, -320]
    assert found.time_s.tolist() == [T0, T0 + 1, T0 + 2, T0 + 3, UNPLACED, T0 + 5]
    assert found.fates() == {
        "judged": 2,
        "bench": 1,
        "unassigned": 1,
        "unplaced": 1,
        "bad_quality": 1,
    }


def test_a_sensor_that_moved_measures_each_room_in_its_time(tmp_path):
    world, node = World(tmp_path), PaperNode(1)
    held = next(row for row in world.registry.rows("assignment") if row["sensor"] == BEDROOM)
    after = {**held, "from_s": T0 + 100, "target": "h0002-r1"}
    world.registry.put({"assignment": [{**held, "to_s": T0 + 100}, after]})
    found = projected(world, *(node.read(BEDROOM, T0 + at, 20.0) for at in (99, 100)))
    points = world.registry.directory().points
    assert [points[point].id for point in found.point] == ["h0001-r2", "h0002-r1"]


def test_the_calibration_of_the_measured_time_is_used(tmp_path):
    world, node = World(tmp_path), PaperNode(1)
    certificate = {"sensor": LIVING, "uncertainty_kelvin": 0.05, "certificate": "new"}
    row = {**certificate, "from_s": T0 + 100, "offset_kelvin": 0.5}
    world.registry.put({"calibration": [row]})
    found = projected(world, *(node.read(LIVING, T0 + at, 20.0) for at in (99, 100)))
    assert found.celsius.tolist() == [20.0 - 0.12, 20.5]


def test_the_view_shows_what_stood_under_a_time_before_its_boot_where_the_fix_puts_it(tmp_path):
    world, node = World(tmp_path), PaperNode(1)
    world.arrive(node, [node.fix(T0)])
    world.arrive(node, [node.read(LIVING, T0 + 10, 20.0)._replace(wall_s=T0 - 90_000_000)])
    world.follow()
    assert world.room("h0001-r1") == []
    world.arrive(node, [node.fix(T0 + 3600)])
    world.follow()
    assert world.room("h0001-r1") == [(10, 19.88)]
    assert world.assert_even().expected == 1


def test_a_sensor_that_another_node_sends_judges_nobody(tmp_path):
    world, elsewhere = World(tmp_path), PaperNode(2, "n0002")
    home = PaperNode(1)
    world.arrive(home, [home.boot(), home.read(LIVING, T0, 21.0)])
    world.arrive(elsewhere, [elsewhere.boot(), elsewhere.read(LIVING, T0 + 300, 15.0)])
    world.arrive(home, [home.read(LIVING, T0 + 600, 21.0)])
    clocks, fates = Clocks(), []
    for batch in world.reader.batches(0):
        clocks.learn(batch, world.reader.source)
        found = project(batch, clocks, world.registry.directory())
        fates += [Fate(fate) for fate in found.fate]
    assert fates == [Fate.JUDGED, Fate.ELSEWHERE, Fate.JUDGED]


def test_an_assignment_that_names_no_node_holds_whoever_sends_it(tmp_path):
    world, node = World(tmp_path), PaperNode(2, "n0002")
    held = next(row for row in world.registry.rows("assignment") if row["sensor"] == LIVING)
    world.registry.put({"assignment": [{**held, "node": None}]})
    world.arrive(node, [node.boot(), node.read(LIVING, T0, 20.0)])
    clocks = Clocks()
    (batch,) = world.reader.batches(0)
    clocks.learn(batch, world.reader.source)
    assert project(batch, clocks, world.registry.directory()).fates() == {"judged": 1}


@pytest.mark.parametrize("sealed", [False, True])
def test_what_came_before_a_time_is_not_read_for_it_whatever_it_holds(tmp_path, sealed):
    """Each day somebody has no time; a night's backlog and an hour of a wrong clock are there."""
    world, node, day_s = World(tmp_path), PaperNode(1), 86_400
    boot = [node.boot()]
    for day in range(4):
        world.now = float(T0 + day * day_s + 60)
        timeless = node.read(LIVING, T0 + day * day_s, 18.0, synchronised=False)
        late = node.read(BEDROOM, T0 + max(0, day - 1) * day_s + 50_000, 19.0 + day)
        world.arrive(node, [*boot, timeless, late, node.fix(T0 + day * day_s + 30)])
        boot = []
    if sealed:
        for path in sorted((tmp_path / "ledger").glob("*.sqlite"))[:3]:
            seal(path)
    clocks, directory = Clocks(), world.registry.directory()
    for batch in world.reader.batches():
        clocks.learn(batch, world.reader.source)

    def inside(pieces, start_s):
        found = [project(some, clocks, directory).judged() for some in gathered(pieces)]
        return sorted(
            (second, float(celsius))
            for one in found
            for second, celsius in zip(one.time_s.tolist(), one.celsius.tolist(), strict=True)
            if start_s <= second < start_s + day_s
        )

    for day in range(4):
        span = T0 + day * day_s, T0 + (day + 1) * day_s
        everything = inside(world.reader.batches(), span[0])
        given = list(batches_measured(world.reader, *span, ()))
        assert inside(given, span[0]) == everything != []
        assert inside(readings_measured(world.reader, *span, ()), span[0]) == everything
        assert min(batch.number for batch in given) == max(1, day)  # a clock may be ahead


NAMES = ("source", "sync", "quality", "mono_ms", "wall_s", "raw")


def as_columns(batch):
    """Return a batch as a sealed day gives it."""
    readings = batch.readings
    numbers, code = np.unique(readings["sensor"], return_inverse=True)
    received = np.full(len(readings), batch.received_at_ms)
    return ReadingColumns(
        np.full(len(readings), batch.number),
        received,
        *(np.ascontiguousarray(readings[name]) for name in NAMES),
        Coded(numbers, code.astype(np.int32)),
    )


def test_grids_get_the_readings_that_are_judged_and_no_others(tmp_path):
    """Sensors that moved, strangers, another's node, bad readings, without a time, the test."""
    world, node, other = World(tmp_path), PaperNode(1), PaperNode(2, "n0002")
    held = next(row for row in world.registry.rows("assignment") if row["sensor"] == BEDROOM)
    after = {**held, "from_s": T0 + 100, "target": "h0002-r1"}
    world.registry.put({"assignment": [{**held, "to_s": T0 + 50}, after]})
    test, boot, world.now = kernel_name(CANARY_ROM), node.boot(), float(T0 + 400)
    moments = [
        (sensor, at)
        for at in (0, 49, 50, 99, 100, 300)
        for sensor in (LIVING, BEDROOM, OUTDOORS, ON_THE_BENCH, UNKNOWN, test)
    ]
    read = [node.read(sensor, T0 + at, 20.0 + at / 100) for sensor, at in moments]
    read += [node.read(LIVING, T0 + 5, 20.0, quality=Quality.CRC_ERROR)]
    untimed = node.read(LIVING, T0 + 7, 20.0, synchronised=False)
    world.arrive(node, [boot, *read])
    world.arrive(node, [untimed, node.read(BEDROOM, T0 + 310, 20.0)])
    world.arrive(other, [other.boot(), other.read(LIVING, T0, 15.0), other.read(UNKNOWN, T0, 15.0)])
    clocks, directory, judged = Clocks(), world.registry.directory(), 0
    for batch in world.reader.batches(0):
        clocks.learn(batch, world.reader.source)
        expected = project(batch, clocks, directory).judged()
        columns = as_columns(batch)
        for found in (
            placed(batch, clocks, directory),
            placed(columns, clocks, directory),
            project(columns, clocks, directory).judged(),
        ):
            for name in ("time_s", "point", "raw"):
                assert getattr(found, name).tolist() == getattr(expected, name).tolist(), name
        judged += len(expected)
    # The living room six times, the bedroom four times and once later; outdoors hangs elsewhere.
    assert judged == 6 + 4 + 1
