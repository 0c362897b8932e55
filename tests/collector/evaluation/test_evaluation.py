"""From ledger and registry to verdicts: the same answer whatever the way and the order."""

import dataclasses
import shutil
import tempfile
from datetime import date
from itertools import islice
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heatward_collector.conclusions import written_verdicts
from heatward_collector.evaluation import verdict_rows
from heatward_collector.evaluation.judging import judge_day
from heatward_collector.outdoor.temperatures import OutdoorStore, OutdoorValue
from heatward_collector.pieces import whole
from heatward_collector.readings.projection import Projected
from heatward_collector.rules import load_standard
from heatward_node.reading import Quality
from support.evidence import BEDROOM, DISTRICT, LIVING, NEIGHBOUR, ON_THE_BENCH, UNKNOWN, PaperNode
from support.judged_world import DAY, HOUR, START, JudgedWorld, day_of_readings


@pytest.fixture
def world(tmp_path):
    return JudgedWorld(tmp_path)


def a_cold_day(world, celsius=17.0, sensor=BEDROOM, epoch=1, **more):
    node = PaperNode(epoch)
    world.arrive(node, [node.boot(), *day_of_readings(node, sensor, celsius, **more)])


def test_a_cold_day_is_below_with_all_that_it_rests_on(world):
    a_cold_day(world, sensor=LIVING)
    world.judge()
    verdict = world.verdict("h0001-r1")
    assert (verdict.verdict, verdict.rule) == ("below", "harbin-2021-10-29")
    assert (verdict.revision, verdict.provisional) == (1, False)
    assert verdict.facts == {
        "coverage": 1.0,
        "mean": 16.88,
        "minimum": 16.88,
        "hours_below": 20.0,
        "hours_possibly_below": 20.0,
        "degree_hours": 62.4,
        "guard": 0.5374,
        "calibrated": True,
        "offset": -0.12,
        "calibration_u": 0.08,
        "placement_u": 0.3,
        "refund_hours": {"20.0": [20.0, 20.0], "16.0": [0.0, 0.0]},
    }
    assert world.verdict("h0001", "home").verdict == "below"
    building = world.verdict("b001", "building")
    assert building.verdict == "marginal_minus"
    assert building.facts["homes_judged"] == building.facts["homes_below"] == 1


def test_a_building_says_how_cold_it_was_and_a_late_answer_makes_a_revision(world):
    a_cold_day(world)
    world.judge()
    before = world.verdict("b001", "building")
    assert (before.facts["outdoor"], before.facts["outdoor_source"]) == (None, "")
    imported = [OutdoorValue(START + HOUR * hour, -18.0, "weather") for hour in range(24)]
    OutdoorStore(world.registry).put(DISTRICT, imported)
    world.judge()
    after = world.verdict("b001", "building")
    assert (after.facts["outdoor"], after.facts["outdoor_source"]) == (-18.0, "weather")
    assert (after.verdict, after.revision) == (before.verdict, before.revision + 1)
    assert world.verdict("h0001-r2").revision == 1


def test_a_sensor_without_certificate_needs_a_wider_band(world):
    a_cold_day(world, 19.375)
    world.judge()
    assert world.verdict("h0001-r2").verdict == "marginal_minus"


def test_the_rule_of_the_day_is_used(world):
    """Before 2021-10-29 the standard was 18 degC; the recording of then arrives today."""
    five_years = (DAY - date(2021, 1, 2)).days * 86_400
    world.arrive(
        PaperNode(1),
        [
            record._replace(wall_s=record.wall_s - five_years)
            for record in day_of_readings(PaperNode(1), BEDROOM, 19.0)
        ],
    )
    world.judge()
    verdict = world.verdict("h0001-r2", day=date(2021, 1, 2))
    assert (verdict.verdict, verdict.rule) == ("met", "harbin-2012-10-20")


def test_bench_unknown_and_bad_readings_are_never_judged(world):
    a_cold_day(world, sensor=ON_THE_BENCH, epoch=1)
    a_cold_day(world, sensor=UNKNOWN, epoch=2)
    a_cold_day(world, quality=Quality.CRC_ERROR, epoch=3)
    world.judge()
    assert world.all_verdicts() == {}


def test_a_home_with_suspended_service_is_never_judged(world):
    world.registry.put({"suspension": [{"home": "h0001", "from_day": DAY, "to_day": DAY}]})
    a_cold_day(world)
    world.judge()
    room = world.verdict("h0001-r2")
    assert (room.verdict, room.facts["not_judged"]) == ("not_judgeable", "suspended_service")
    assert world.verdict("b001", "building").verdict == "not_judgeable"


def test_readings_without_a_clock_are_judged_once_a_fix_tells_their_time(world):
    node = PaperNode(1)
    cold = day_of_readings(node, BEDROOM, 17.0, synchronised=False)
    world.arrive(node, [PaperNode(1).boot()] + [r._replace(seq=r.seq + 1) for r in cold])
    world.judge()
    assert world.all_verdicts() == {}
    node.seq += 1
    world.arrive(node, [node.fix(START + 24 * HOUR)])
    world.judge()
    assert world.verdict("h0001-r2").verdict == "below"
    assert_window_equals_ledger(world)


def test_wall_times_from_before_the_boot_are_judged_where_the_fix_puts_them(world):
    node = PaperNode(1)
    fix = node.fix(START)
    wrong = [
        record._replace(wall_s=record.wall_s - 4000 * 86_400)
        for record in day_of_readings(node, BEDROOM, 17.0)
    ]
    world.arrive(node, [fix])
    world.arrive(node, wrong)
    world.arrive(node, [node.fix(START + 24 * HOUR)])
    world.judge()
    assert world.verdict("h0001-r2").verdict == "below"
    assert_window_equals_ledger(world)


def test_a_fix_of_an_older_log_takes_back_a_day_that_a_wrong_clock_accused(world):
    """The clock went back by half a day between two openings of one boot."""
    older, newer = PaperNode(1), PaperNode(2)
    boot, fix = newer.boot(), newer.fix(START + 12 * HOUR)
    cold = day_of_readings(newer, BEDROOM, 17.0, hours=range(12, 36))
    lagging = [one._replace(wall_s=(one.wall_s or 0) - 12 * HOUR) for one in (fix, *cold)]
    world.now = START + 40 * HOUR
    world.arrive(newer, [boot, *lagging])
    world.judge()
    assert world.verdict("h0001-r2").verdict == "below"
    world.arrive(older, [older.boot(), older.fix(START)])
    world.judge()
    assert world.verdict("h0001-r2").verdict == "not_judgeable"
    assert_window_equals_ledger(world)
    world.arrive(newer, [newer.fix(START + 37 * HOUR)])
    world.judge()
    assert world.verdict("h0001-r2").facts["coverage"] == 0.5
    assert_window_equals_ledger(world)


def test_late_data_makes_a_visible_revision_and_repeats_make_none(world):
    a_cold_day(world, hours=range(12))
    world.judge()
    assert world.verdict("h0001-r2").verdict == "not_judgeable"
    assert world.judge() == 0
    world.now += 30 * 86_400
    a_cold_day(world, hours=range(12, 24), epoch=2)
    world.judge()
    history = world.verdicts.history("room", "h0001-r2", DAY)
    assert [one.verdict for one in history] == ["not_judgeable", "below"]
    assert [one.revision for one in history] == [1, 2]
    assert world.judge() == 0


def test_an_edit_takes_back_what_rested_on_another_room_s_readings(world):
    a_cold_day(world)
    world.judge()
    moved = next(row for row in world.registry.rows("assignment") if row["sensor"] == BEDROOM)
    world.registry.put({"assignment": [{**moved, "target_kind": "bench", "target": None}]})
    world.judge()
    taken_back = world.verdict("h0001-r2")
    assert (taken_back.verdict, taken_back.revision) == ("not_judgeable", 2)
    assert taken_back.facts["not_judged"] == "no_readings"
    assert world.verdict("h0001", "home").verdict == "not_judgeable"
    assert world.verdict("b001", "building").verdict == "not_judgeable"
    assert_window_equals_ledger(world)


def test_a_new_certificate_judges_again(world):
    a_cold_day(world, 19.375)
    world.judge()
    certificate = {"sensor": BEDROOM, "from_s": 0, "uncertainty_kelvin": 0.05, "certificate": "c"}
    world.registry.put({"calibration": [{**certificate, "offset_kelvin": -0.5}]})
    world.judge()
    assert world.verdict("h0001-r2").verdict == "below"
    assert world.verdict("h0001-r2").revision == 2


def test_a_certificate_that_begins_within_a_day_changes_only_its_hours(world):
    a_cold_day(world, 20.0)
    certificate = {"sensor": BEDROOM, "uncertainty_kelvin": 0.05, "certificate": "c"}
    row = {**certificate, "from_s": START + 18 * HOUR, "offset_kelvin": -4.0}
    world.registry.put({"calibration": [row]})
    world.judge()
    facts = world.verdict("h0001-r2").facts
    assert (facts["hours_below"], facts["minimum"], facts["offset"]) == (6.0, 16.0, -4.0)
    assert facts["calibrated"] is False


def test_today_is_provisional_and_becomes_final_though_nobody_ran_at_midnight(world):
    world.now = float(START + 15 * HOUR)
    a_cold_day(world, hours=range(15))
    world.judge()
    assert world.verdict("h0001-r2").provisional
    assert world.verdict("h0001-r2").facts["coverage"] == 1.0
    world.now = float(START + 5 * 86_400)
    world.restart()
    world.judge()
    final = world.verdict("h0001-r2")
    assert (final.provisional, final.revision, final.verdict) == (False, 1, "not_judgeable")
    assert world.verdicts.provisional_days() == []


def test_a_value_of_the_evening_reaches_into_the_next_day(world):
    world.registry.put({"node": [{"id": "n0001", "district": "sample", "interval_seconds": 3600}]})
    node = PaperNode(1)
    world.arrive(node, [node.read(BEDROOM, START - 600, 21.0)])
    world.judge()
    assert world.verdict("h0001-r2").facts["coverage"] == 0.05


def test_out_of_season_nothing_is_judged(tmp_path):
    season = dataclasses.replace(load_standard("harbin").season, first=(6, 1), last=(7, 1))
    world = JudgedWorld(tmp_path, dataclasses.replace(load_standard("harbin"), season=season))
    a_cold_day(world)
    world.judge()
    assert world.all_verdicts() == {}


def assert_window_equals_ledger(world):
    """Judge the day once more from the ledger alone, in the same place."""
    world.judge()
    from_window = world.all_verdicts()
    assert world.evaluation._covers(DAY)
    before, world.now = world.now, world.now + 20 * 86_400
    world.follower.note_days([DAY])
    world.judge()
    assert world.all_verdicts() == from_window
    assert not world.evaluation._covers(DAY)
    world.now = before


def test_a_kill_at_any_moment_leaves_window_and_verdicts_whole(world):
    world.now = float(START + 12 * HOUR)
    a_cold_day(world, hours=range(6), epoch=1)
    world.judge()
    world.evaluation.save()
    a_cold_day(world, sensor=NEIGHBOUR, hours=range(12), epoch=2)
    a_cold_day(world, hours=range(6, 12), epoch=3)
    world.evaluation.step()
    world.restart()
    assert world.evaluation.counters["window_refills"] == 0
    world.now = float(START + 25 * HOUR)
    a_cold_day(world, hours=range(12, 24), epoch=4)
    world.judge()
    assert world.verdict("h0001-r2").verdict == "below"
    assert_window_equals_ledger(world)


def test_a_power_cut_that_takes_the_window_back_to_its_last_save_costs_nothing(world):
    a_cold_day(world, hours=range(6), epoch=1)
    world.judge()
    world.evaluation.save()
    shutil.copytree(world.folder / "window", world.folder / "on_disk")
    a_cold_day(world, hours=range(6, 24), epoch=2)
    world.evaluation.step()
    shutil.rmtree(world.folder / "window")
    shutil.move(world.folder / "on_disk", world.folder / "window")
    world.restart()
    world.judge()
    assert world.evaluation.counters["window_refills"] == 0
    assert world.verdict("h0001-r2").verdict == "below"
    assert_window_equals_ledger(world)


@pytest.mark.parametrize(("incarnation", "batch"), [("another life", 1), (None, 99), ("", 0)])
def test_a_window_of_another_ledger_or_of_its_future_is_said_and_filled_again(
    world, caplog, incarnation, batch
):
    a_cold_day(world)
    world.judge()
    said = world.all_verdicts()
    own = world.follower.incarnation if incarnation is None else incarnation
    one = np.array([1], np.int64)
    raw = np.array([-80], np.int16)
    foreign = Projected(START * one, 0 * one, one, raw, -5.0 * one, 0 * one)
    world.window.put(foreign)
    world.window.save(own, batch)
    world.restart()
    assert "window_filled_again" in caplog.text
    assert_window_equals_ledger(world)
    assert world.judge() == 0
    assert world.all_verdicts() == said


def test_our_clock_may_jump_a_day_ahead_and_back(world):
    a_cold_day(world, hours=range(20), epoch=1)
    world.judge()
    right = world.now
    world.now = right + 400 * 86_400
    world.judge()
    world.now = right
    a_cold_day(world, hours=range(20, 24), epoch=2)
    world.judge()
    assert world.evaluation._covers(DAY)
    assert_window_equals_ledger(world)


def test_a_new_room_moves_the_columns_of_the_window(world):
    a_cold_day(world, hours=range(12), epoch=1)
    world.judge()
    world.registry.put({"room": [{"id": "a-first", "home": "h0002", "use": "bedroom"}]})
    a_cold_day(world, hours=range(12, 24), epoch=2)
    world.judge()
    assert set(world.verdicts.of_day("room", DAY)) == {"h0001-r2"}
    assert world.verdict("h0001-r2").verdict == "below"
    assert_window_equals_ledger(world)


PIECES = st.lists(
    st.tuples(
        st.sampled_from([LIVING, BEDROOM, NEIGHBOUR]),
        st.integers(0, 23),
        st.integers(16, 24),
        st.booleans(),
    ),
    min_size=1,
    max_size=25,
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(PIECES, st.randoms())
def test_order_repeats_and_way_change_no_verdict(pieces, random):
    """Hours of readings arrive in any order, some twice, in one go or one by one."""
    shuffled = list(pieces) + pieces[: len(pieces) // 2]
    random.shuffle(shuffled)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        in_order = arrived(JudgedWorld(Path(one)), sorted(pieces), at_once=True)
        at_random = arrived(JudgedWorld(Path(two)), shuffled, at_once=False)
        assert at_random.all_verdicts() == in_order.all_verdicts()
        assert_window_equals_ledger(at_random)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(0, 26), PIECES), min_size=1, max_size=5))
def test_what_a_tick_changes_is_what_a_process_that_just_began_says(ticks):
    """Readings of any hours come while the day passes; nothing is left for a fresh start."""
    with tempfile.TemporaryDirectory() as folder:
        world, epoch = JudgedWorld(Path(folder)), 0
        for hour, pieces in sorted(ticks):
            world.now = float(START + hour * HOUR + 600)
            for sensor, of_hour, celsius, _ in pieces[:4]:
                epoch += 1
                node = PaperNode(epoch)
                readings = day_of_readings(node, sensor, celsius, [min(of_hour, hour)])
                world.arrive(node, [reading for reading in readings if reading.wall_s < world.now])
            world.judge()
            said = world.all_verdicts()
            assert world.evaluation.judge() == 0
            world.restart()
            assert world.judge() == 0
            assert world.all_verdicts() == said


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(0, 30), PIECES), min_size=2, max_size=5), st.randoms())
def test_readings_and_kills_between_two_pieces_of_a_judgement_change_no_verdict(ticks, random):
    """A transaction a row, two rooms a block; readings come, and it begins again, anywhere."""
    with (
        tempfile.TemporaryDirectory() as first,
        tempfile.TemporaryDirectory() as second,
        mock.patch.object(written_verdicts, "ROWS_AT_ONCE", 1),
        mock.patch.object(verdict_rows, "PLACES_A_BLOCK", 2),
    ):
        world, plain, epoch = JudgedWorld(Path(first)), JudgedWorld(Path(second)), 0
        judging = None
        for hour, pieces in sorted(ticks):
            for sensor, of_hour, celsius, _ in pieces[:3]:
                epoch += 1
                for some in (world, plain):
                    some.now = float(START + hour * HOUR + 600)
                    node = PaperNode(epoch)
                    readings = day_of_readings(node, sensor, celsius, [min(of_hour, hour)])
                    some.arrive(node, [one for one in readings if one.wall_s < some.now])
                while world.evaluation.step():
                    continue
                if judging is None:
                    judging = world.evaluation.judging()
                if random.random() < 0.2:
                    judging = None
                    world.restart()
                    continue
                wanted = random.randrange(1, 4)
                if len(list(islice(judging, wanted))) < wanted:
                    judging = None
        if judging is not None and random.random() < 0.5:
            whole(judging)
        elif judging is not None:
            judging.close()
        world.judge()
        plain.judge()
        assert world.all_verdicts() == plain.all_verdicts()
        assert world.judge() == 0
        assert world.verdicts.provisional_days() == plain.verdicts.provisional_days()
        world.restart()
        assert world.judge() == 0
        assert world.all_verdicts() == plain.all_verdicts()


def test_what_comes_for_a_day_that_is_over_while_it_is_judged_is_judged_by_a_process_that_begins(
    world, monkeypatch
):
    monkeypatch.setattr(written_verdicts, "ROWS_AT_ONCE", 1)
    a_cold_day(world, hours=range(12))
    while world.evaluation.step():
        continue
    judging = world.evaluation.judging()
    next(judging)
    a_cold_day(world, hours=range(12, 24), epoch=2)
    while world.evaluation.step():
        continue
    assert whole(judging) > 0
    assert world.verdict("h0001-r2").verdict == "not_judgeable"
    world.restart()
    world.judge()
    assert world.verdict("h0001-r2").verdict == "below"
    assert world.evaluation.waiting == 0


def test_the_verdicts_of_a_running_day_lie_in_blocks_and_say_what_rows_say(world):
    world.now = float(START + 15 * HOUR)
    a_cold_day(world, hours=range(15))
    world.judge()
    (count,) = world.verdicts._connection.execute("SELECT count(*) FROM running_verdict").fetchone()
    assert count == 2
    directory = world.follower.directory
    grid_of = world.window.grid
    rows = judge_day(directory, world.standard, DAY, grid_of, world.now)
    for one in rows:
        assert world.verdict(one.place, one.level).says_the_same(one)
    assert len(rows) == len(world.all_verdicts())
    assert world.evaluation.judge() == 0


def arrived(world, pieces, at_once):
    for epoch, (sensor, hour, celsius, synchronised) in enumerate(pieces, start=1):
        node = PaperNode(epoch, boot_id=epoch.to_bytes(16, "big"))
        hours = day_of_readings(node, sensor, celsius, [hour], synchronised=synchronised)
        world.arrive(node, [*hours, node.fix(START + (hour + 1) * HOUR)])
        if not at_once:
            world.judge()
    world.judge()
    return world
