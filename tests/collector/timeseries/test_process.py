"""The view keeps up with ledger and registry, whatever comes late, is edited, or is away."""

from __future__ import annotations

import secrets
import threading
from pathlib import Path

import pytest

from heatward_collector.config import parse
from heatward_collector.errors import StoreAway
from heatward_collector.ledger import LedgerReader, LedgerWriter
from heatward_collector.readings import follow
from heatward_collector.readings.projection import batches_measured
from heatward_collector.running.status import read_status
from heatward_collector.timeseries import InfluxStore, open_timeseries, portions
from heatward_collector.timeseries import process as view
from heatward_collector.timeseries.process import RefusedLines
from support.evidence import BEDROOM, LIVING, T0, UNKNOWN, PaperNode, World
from support.influxdb import InfluxServer
from support.ports import wait_until
from support.two_districts import NORTH, SAMPLE_DISTRICT, put_two_districts

HOUR = 3600


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def assign(world: World, sensor: str, room: str, from_s: int, to_s: int | None = None) -> None:
    row = {"sensor": sensor, "from_s": from_s, "to_s": to_s, "node": "n0001"}
    world.registry.put({"assignment": [{**row, "target_kind": "room", "target": room}]})


def end_assignment(world: World, sensor: str, to_s: int) -> None:
    (row,) = [row for row in world.registry.rows("assignment") if row["sensor"] == sensor]
    world.registry.put({"assignment": [{**row, "to_s": to_s}]})


def test_readings_appear_with_their_calibration(world: World) -> None:
    node = PaperNode(1)
    world.arrive(
        node, [node.boot(), node.read(LIVING, T0, 21.0), node.read(BEDROOM, T0 + 300, 19.0625)]
    )
    world.follow()
    assert world.room("h0001-r1") == [(0, 20.88)]
    assert world.room("h0001-r2") == [(300, 19.0625)]
    world.assert_even()


def test_nothing_new_is_nothing_to_do(world: World) -> None:
    node = PaperNode(1)
    world.arrive(node, [node.boot(), node.read(LIVING, T0, 21.0)])
    world.follow()
    assert not world.view.step()
    assert world.view.counters["points"] == 1


def test_an_edited_assignment_moves_the_readings_of_its_range_only(world: World) -> None:
    node = PaperNode(1)
    world.arrive(node, [node.boot()])
    for hour in range(10):
        world.arrive(node, [node.read(BEDROOM, T0 + HOUR * hour, 18 + hour)])
    world.follow()
    end_assignment(world, BEDROOM, T0 + 6 * HOUR)
    assign(world, BEDROOM, "h0002-r1", T0 + 6 * HOUR)
    world.follow()
    assert [time_s // HOUR for time_s, _ in world.room("h0001-r2")] == [0, 1, 2, 3, 4, 5]
    assert [time_s // HOUR for time_s, _ in world.room("h0002-r1")] == [6, 7, 8, 9]
    world.assert_even()


def test_an_unknown_sensor_shows_up_once_it_is_assigned(world: World) -> None:
    node = PaperNode(1)
    world.arrive(node, [node.boot(), *(node.read(UNKNOWN, T0 + second, 20) for second in range(5))])
    world.follow()
    assert world.assert_even().expected == 0
    assign(world, UNKNOWN, "h0002-r1", T0 + 2)
    world.follow()
    assert [time_s for time_s, _ in world.room("h0002-r1")] == [2, 3, 4]
    world.assert_even()


def test_a_sensor_put_on_the_bench_leaves_its_room(world: World) -> None:
    node = PaperNode(1)
    world.arrive(node, [node.boot(), *(node.read(BEDROOM, T0 + HOUR * h, 20) for h in range(5))])
    world.follow()
    (row,) = [row for row in world.registry.rows("assignment") if row["sensor"] == BEDROOM]
    world.registry.put({"assignment": [{**row, "target_kind": "bench", "target": None}]})
    world.follow()
    assert world.room("h0001-r2") == []
    assert world.assert_even().fates["bench"] == 5


def test_a_new_calibration_corrects_from_its_date_on(world: World) -> None:
    node = PaperNode(1)
    world.arrive(node, [node.boot(), *(node.read(UNKNOWN, T0 + HOUR * h, 20) for h in range(4))])
    assign(world, UNKNOWN, "h0002-r1", 0)
    world.follow()
    row = {"sensor": UNKNOWN, "from_s": T0 + 2 * HOUR, "offset_kelvin": -0.25}
    world.registry.put({"calibration": [{**row, "uncertainty_kelvin": 0.1, "certificate": "c"}]})
    world.follow()
    assert [celsius for _, celsius in world.room("h0002-r1")] == [20.0, 20.0, 19.75, 19.75]
    world.assert_even()


def test_an_edit_is_not_forgotten_over_a_restart(world: World) -> None:
    node = PaperNode(1)
    world.arrive(node, [node.boot(), node.read(BEDROOM, T0, 20.0)])
    world.follow()
    world.follower.close()
    end_assignment(world, BEDROOM, T0 - HOUR)
    assign(world, BEDROOM, "h0002-r1", T0 - HOUR)
    world.restart_view()
    world.follow()
    assert world.room("h0001-r2") == []
    assert world.room("h0002-r1") == [(0, 20.0)]
    world.assert_even()


def test_a_late_clock_fix_places_what_had_no_time(world: World) -> None:
    node = PaperNode(1)
    early = [node.boot()]
    early += [node.read(LIVING, T0 + 300 * step, 21.0, synchronised=False) for step in range(5)]
    world.arrive(node, early)
    world.follow()
    assert world.room("h0001-r1") == []
    assert world.assert_even().fates["unplaced"] == 5
    world.arrive(node, [node.fix(T0 + 3 * HOUR)])
    world.follow()
    assert [time_s for time_s, _ in world.room("h0001-r1")] == [0, 300, 600, 900, 1200]
    world.assert_even()


def test_a_clock_fix_after_a_restart_still_places_earlier_readings(world: World) -> None:
    node = PaperNode(1)
    world.arrive(node, [node.boot(), node.read(LIVING, T0, 21.0, synchronised=False)])
    world.follow()
    world.follower.close()
    world.restart_view()
    world.arrive(node, [node.fix(T0 + HOUR)])
    world.follow()
    assert [time_s for time_s, _ in world.room("h0001-r1")] == [0]
    world.assert_even()


def test_a_fix_places_readings_of_an_earlier_opening_in_the_same_boot(world: World) -> None:
    first, second = PaperNode(1), PaperNode(2)
    world.arrive(first, [first.boot(), first.read(LIVING, T0, 21.0, synchronised=False)])
    world.follow()
    world.arrive(second, [second.boot(), second.fix(T0 + HOUR)])
    world.follow()
    assert [time_s for time_s, _ in world.room("h0001-r1")] == [0]
    world.assert_even()


def test_a_fix_of_another_boot_places_nothing(world: World) -> None:
    first, second = PaperNode(1), PaperNode(2, boot_id=b"z" * 16)
    world.arrive(first, [first.boot(), first.read(LIVING, T0, 21.0, synchronised=False)])
    world.arrive(second, [second.boot(), second.fix(T0 + HOUR)])
    world.follow()
    assert world.room("h0001-r1") == []
    world.assert_even()


@pytest.mark.parametrize("restarts", [False, True])
def test_a_fix_works_where_the_boot_record_is_lost(world: World, restarts: bool) -> None:
    node = PaperNode(1)
    node.seq = 7
    world.ledger.offer_pruned("sample", node.node, node.epoch, 8)
    world.arrive(node, [node.read(LIVING, T0, 21.0, synchronised=False)])
    world.follow()
    if restarts:
        world.follower.close()
        world.restart_view()
    world.arrive(node, [node.fix(T0 + HOUR)])
    world.follow()
    if restarts:
        world.follower.close()
        world.restart_view()
    world.arrive(node, [node.read(LIVING, T0 + 300, 21.0, synchronised=False)])
    world.follow()
    assert [time_s for time_s, _ in world.room("h0001-r1")] == [0, 300]
    world.assert_even()


def test_a_wall_time_in_the_future_is_not_believed_until_a_fix_says_otherwise(
    world: World,
) -> None:
    node = PaperNode(1)
    world.now = T0 + HOUR
    ahead = node.boot(), node.read(LIVING, T0, 21.0)._replace(wall_s=T0 + 9 * 86_400)
    world.arrive(node, ahead)
    world.follow()
    assert world.assert_even().fates["unplaced"] == 1
    world.arrive(node, [node.fix(T0 + 1800)])
    world.follow()
    assert [time_s for time_s, _ in world.room("h0001-r1")] == [0]
    world.assert_even()


def test_a_restart_loses_nothing_and_doubles_nothing(world: World) -> None:
    node = PaperNode(1)
    world.arrive(node, [node.boot()])
    for step in range(30):
        world.arrive(node, [node.read(LIVING, T0 + 300 * step, 20.0)])
        if step % 7 == 3:
            world.follow()
        if step % 10 == 9:
            world.follower.close()
            world.restart_view()
    world.follow()
    assert len(world.room("h0001-r1")) == 30
    assert world.view.counters["points"] < 30
    world.assert_even()


class StoreThatFails:
    """Takes some writes, then none until it is mended."""

    def __init__(self, store: object, good_writes: int) -> None:
        self._store, self.left = store, good_writes

    def write(self, points: object) -> None:
        if self.left == 0:
            raise StoreAway("away")
        self.left -= 1
        self._store.write(points)

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


@pytest.mark.parametrize("good_writes", range(6))
@pytest.mark.parametrize("restarts", [False, True])
def test_a_store_that_fails_at_any_write_is_made_up_for(
    world: World, good_writes: int, restarts: bool
) -> None:
    real = world.store
    world.store = failing = StoreThatFails(real, good_writes)
    world.restart_view()
    node = PaperNode(1)
    world.arrive(node, [node.boot(), node.read(LIVING, T0, 20.0, synchronised=False)])
    world.arrive(node, [node.read(BEDROOM, T0 + 300, 20.0)])
    world.arrive(node, [node.fix(T0 + HOUR), node.read(LIVING, T0 + 2 * HOUR, 20.0)])
    for edit in (False, True):
        if edit:
            end_assignment(world, BEDROOM, T0)
            assign(world, BEDROOM, "h0002-r1", T0)
        try:
            world.follow()
        except StoreAway:
            failing.left = 100
            if restarts:
                world.follower.close()
                world.restart_view()
    world.follow()
    assert world.assert_even().expected == 3


def test_another_ledger_begins_another_view(world: World) -> None:
    node = PaperNode(1)
    world.arrive(node, [node.boot(), node.read(LIVING, T0, 20.0), node.read(LIVING, T0 + 60, 20.0)])
    world.follow()
    world.ledger.close()
    for file in (world.folder / "ledger").iterdir():
        file.unlink()
    world.reader.close()
    world.follower.close()
    world.ledger = LedgerWriter(world.folder / "ledger", lambda: world.now)
    again = PaperNode(9)
    world.arrive(again, [again.boot(), again.read(LIVING, T0 + 60, 20.0)])
    world.restart_view()
    world.follow()
    assert [time_s for time_s, _ in world.room("h0001-r1")] == [60]
    world.assert_even()


def test_a_view_in_influxdb_that_was_away_is_equal_afterwards(
    influxdb: InfluxServer, tmp_path: Path
) -> None:
    store = InfluxStore(influxdb.url, f"t{secrets.token_hex(6)}")
    store.create_database()
    world = World(tmp_path, store)
    node = PaperNode(1)
    world.arrive(node, [node.boot()])
    for step in range(60):
        if step == 20:
            influxdb.kill()
        if step == 40:
            with pytest.raises(StoreAway):
                world.follow()
            influxdb.start()
        records = [node.read(LIVING, T0 + 60 * step, 20.0), node.read(BEDROOM, T0 + 60 * step, 19)]
        world.arrive(node, records)
        if not 20 <= step < 40:
            world.follow()
    end_assignment(world, BEDROOM, T0 + 1800)
    assign(world, BEDROOM, "h0002-r1", T0 + 1800)
    world.follow()
    comparison = world.assert_even()
    assert comparison.found == 120
    world.view.rebuild()
    world.follow()
    assert world.assert_even().found == 120
    store.close()


def test_what_one_district_rebuilds_and_compares_leaves_the_points_of_another(
    influxdb: InfluxServer, tmp_path: Path
) -> None:
    database, nodes = f"t{secrets.token_hex(6)}", {SAMPLE_DISTRICT: "n0001", NORTH: "n0018"}
    whole = InfluxStore(influxdb.url, database)
    whole.create_database()
    worlds = {}
    for district, node in nodes.items():
        store = InfluxStore(influxdb.url, database, district=district)
        worlds[district] = world = World(tmp_path / district, store, district)
        put_two_districts(world.registry)
        (sensor,) = {
            row["sensor"]
            for row in world.registry.rows("assignment")
            if (row["node"], row["target"]) == (node, f"h{node[1:]}-r1")
        }
        paper = PaperNode(1, node)
        world.arrive(paper, [paper.boot(), *(paper.read(sensor, T0 + s, 20.0) for s in (0, 60))])
        world.follow()
    assert len(whole.stored(0, 2**31).time_s) == 4
    mine, other = worlds.values()
    mine.view.rebuild()
    assert whole.stored(0, 2**31).room == ["h0018-r1"] * 2
    mine.follow()
    for world in (mine, other):
        assert world.assert_even().found == 2
        world.store.close()
    whole.close()


def test_the_process_waits_for_a_new_server_and_says_so_meanwhile(
    influxdb: InfluxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "FIRST_PAUSE_SECONDS", 0.1)
    text = f"""
        [state]
        directory = "{tmp_path}"
        [timeseries]
        url = "{influxdb.url}"
        database = "t{secrets.token_hex(6)}"
    """
    config = parse(text)
    world = World(tmp_path, open_timeseries(config))
    node = PaperNode(1)
    world.arrive(node, [node.boot(), node.read(LIVING, T0, 20.0), node.read(BEDROOM, T0, 20.0)])
    influxdb.stop()

    def status() -> dict:
        return read_status(config.state.status, "view") or {"faults": [], "stages": {}}

    stop = threading.Event()
    process = threading.Thread(target=view.run, args=(config, stop), daemon=True)
    process.start()
    try:
        wait_until(lambda: status()["faults"], "the view says that the store is away")
        assert [fault["code"] for fault in status()["faults"]] == ["store_away"]
        told_at = status()["updated_at"]
        wait_until(lambda: status()["updated_at"] > told_at, "the view still lives")
        influxdb.start()
        wait_until(lambda: "timeseries" in status()["stages"], "the view has caught up")
        assert status()["faults"] == []
    finally:
        stop.set()
        process.join(20)
    assert world.assert_even().found == 2


def test_a_view_that_is_behind_pauses_only_once_it_has_caught_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "READINGS_AT_ONCE", 2)
    monkeypatch.setattr(portions, "POLL_SECONDS", 3_600.0)
    monkeypatch.setattr(portions, "PORTION", 10**9)
    config = parse(f'[state]\ndirectory = "{tmp_path}"')
    world = World(tmp_path, open_timeseries(config))
    node = PaperNode(1)
    world.arrive(node, [node.boot()])
    for step in range(15):
        world.arrive(node, [node.read(LIVING, T0 + 60 * step, 20.0)])
    stop = threading.Event()
    process = threading.Thread(target=view.run, args=(config, stop), daemon=True)
    process.start()
    try:
        wait_until(lambda: view.behind(config)[0] == 0, "the view has caught up")
        world.arrive(node, [node.read(LIVING, T0 + 7_200, 20.0)])
        process.join(0.5)
        assert view.behind(config)[0] == 1, "it looks again for each commit"
    finally:
        stop.set()
        process.join(20)
    assert len(world.room("h0001-r1")) == 15


def test_refused_lines_are_kept_once_with_the_last_reason(tmp_path: Path) -> None:
    refused = RefusedLines(tmp_path / "refused.sqlite")
    refused.add("line", "first reason")
    refused.add("line", "second reason")
    refused.add("other", "reason")
    assert refused.count() == 2
    assert RefusedLines(tmp_path / "refused.sqlite").count() == 2


def test_an_older_batch_that_is_written_again_brings_no_replaced_reading_back(world: World) -> None:
    """Two cards with one sensor's second: the later one counts, whatever a clock fix rewrites."""
    first, second = PaperNode(1), PaperNode(2, boot_id=b"c" * 16)
    boot, without_time = first.boot(), first.read(BEDROOM, T0 + 300, 19.0, synchronised=False)
    world.arrive(first, [boot, without_time, first.read(LIVING, T0 + 300, 20.0)])
    world.arrive(second, [second.boot(), second.read(LIVING, T0 + 300, 22.0)])
    world.follow()
    assert world.room("h0001-r1") == [(300, 21.88)]
    world.arrive(first, [first.fix(T0 + 600)])
    world.follow()
    assert world.room("h0001-r1") == [(300, 21.88)]
    assert world.room("h0001-r2") == [(300, 19.0)]
    world.assert_even()


def test_batches_of_a_range_come_in_their_order_strays_among_them(world: World) -> None:
    node = PaperNode(1)
    for minute in range(3):
        boot = [node.boot()] if minute == 0 else []
        world.arrive(node, [*boot, node.read(LIVING, T0 + 60 * minute, 20.0)])
    found = batches_measured(LedgerReader(world.folder / "ledger"), T0 + 60, T0 + 300, [1, 3])
    assert [batch.number for batch in found] == [1, 2, 3]


def test_a_fix_from_before_a_reading_leaves_it_waiting_for_the_next(world: World) -> None:
    """Two openings of one boot: the older one's backlog, with its fixes, may come later."""
    older, newer = PaperNode(1), PaperNode(2)
    begun = [older.boot(), older.read(LIVING, T0 + 300, 20.0)]
    world.arrive(older, begun)
    world.arrive(newer, [newer.boot(), newer.read(BEDROOM, T0 + 3_900, 19.0, synchronised=False)])
    world.follow()
    world.arrive(older, [older.fix(T0 + 600)])
    world.follow()
    assert world.room("h0001-r2") == []
    world.arrive(newer, [newer.fix(T0 + 4_200)])
    world.follow()
    assert world.room("h0001-r2") == [(3_900, 19.0)]
    world.assert_even()


@pytest.mark.parametrize("restarts", [False, True])
def test_a_fix_that_comes_late_takes_away_a_time_that_was_believed(
    world: World, restarts: bool
) -> None:
    """A clock went back a day between two openings of one boot, and the newer log came first."""
    older, newer = PaperNode(1), PaperNode(2)
    begun = [older.boot(), older.read(LIVING, T0 + 300, 20.0), older.fix(T0 + 600)]
    boot = newer.boot()
    wrong = newer.fix(T0 + 3_900), newer.read(BEDROOM, T0 + 4_000, 19.0)
    day_before = [one._replace(wall_s=(one.wall_s or 0) - 86_400) for one in wrong]
    world.arrive(newer, [boot, *day_before])
    world.follow()
    assert world.room("h0001-r2") == [(4_000 - 86_400, 19.0)]
    if restarts:
        world.restart_view()
    world.arrive(older, begun)
    world.follow()
    assert world.room("h0001-r2") == []
    world.assert_even()
    if restarts:
        world.restart_view()
    world.arrive(newer, [newer.fix(T0 + 7_200)])
    world.follow()
    assert world.room("h0001-r2") == [(4_000, 19.0)]
    world.assert_even()
