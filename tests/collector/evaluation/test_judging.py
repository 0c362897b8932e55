"""One day from a grid to the rows that are kept."""

import dataclasses
import mmap
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from heatward_collector.core import MISSING
from heatward_collector.core.grid import HOLD_S, SLOT_S
from heatward_collector.evaluation.judging import (
    judge_day,
    judged_day,
    nothing_imported,
    part_of_grid,
)
from heatward_collector.local_days import bounds
from heatward_collector.registry import Registry, laid_aside, spreadsheets
from heatward_collector.rules import load_standard
from support.evidence import SAMPLE

DAY = date(2026, 1, 2)
STANDARD = load_standard("harbin")
BEFORE = HOLD_S // SLOT_S


class Day:
    """A grid of the sample district for one day, silent but for what a test writes into it."""

    def __init__(self, registry):
        self.registry = registry
        self.directory = registry.directory()
        self.start, self.end = bounds(DAY, ZoneInfo(STANDARD.timezone))
        slots = (self.end - self.start + HOLD_S) // SLOT_S
        self.grid = np.full((slots, len(self.directory.points)), MISSING, np.int16)

    def show(self, point, celsius, hours=range(24)):
        for hour in hours:
            first = BEFORE + hour * 12
            column = self.directory.point_index[point]
            self.grid[first : first + 12, column] = round(celsius * 16)

    def judge(self, now_s=None, day=DAY, standard=STANDARD):
        self.directory = self.registry.directory()
        rows = judge_day(self.directory, standard, day, self._grid_of, now_s or self.end + 86_400)
        return {(row.level, row.place): row for row in rows}

    def _grid_of(self, start_s, slots):
        assert (start_s, slots) == (self.start - HOLD_S, len(self.grid))
        return self.grid


@pytest.fixture
def day(tmp_path):
    registry = Registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    spreadsheets.import_folder(registry, SAMPLE)
    return Day(registry)


def test_places_that_were_not_heard_get_no_verdict(day):
    assert day.judge() == {}
    day.show("h0001-r1", 22.0)
    assert set(day.judge()) == {("room", "h0001-r1"), ("home", "h0001"), ("building", "b001")}


def test_outdoors_is_never_judged(day):
    day.show("out-1", -20.0)
    assert day.judge() == {}


def test_a_kitchen_is_kept_with_its_numbers_and_without_a_verdict(day):
    day.show("h0004-r3", 12.0)
    rows = day.judge()
    kitchen = rows["room", "h0004-r3"]
    assert (kitchen.verdict, kitchen.facts["not_judged"]) == ("not_judgeable", "room_use")
    assert kitchen.facts["mean"] == 12.0
    assert rows["home", "h0004"].verdict == rows["building", "b001"].verdict == "not_judgeable"
    assert rows["building", "b001"].facts["homes_judged"] == 0


def test_a_badly_placed_sensor_is_not_judged_from_that_day_on(day):
    day.show("h0001-r1", 12.0)
    placement = {"room": "h0001-r1", "documented": True, "suitable": False, "height_m": 1.4}
    day.registry.put({"placement": [{**placement, "from_s": day.end, "note": ""}]})
    assert day.judge()["room", "h0001-r1"].verdict == "below"
    day.registry.put({"placement": [{**placement, "from_s": day.start - 1, "note": ""}]})
    row = day.judge()["room", "h0001-r1"]
    assert (row.verdict, row.facts["not_judged"]) == ("not_judgeable", "unsuitable_placement")


def test_a_placement_without_record_widens_the_guard_band(day):
    day.show("h0001-r2", 19.2)
    documented = day.judge()["room", "h0001-r2"]
    placement = {"room": "h0001-r2", "from_s": 0, "documented": False, "suitable": True}
    rows = [row for row in day.registry.rows("placement") if row["room"] == "h0001-r2"]
    day.registry.put({"placement": [{**rows[0], **placement, "from_s": rows[0]["from_s"]}]})
    undocumented = day.judge()["room", "h0001-r2"]
    assert (documented.facts["guard"], undocumented.facts["guard"]) == (0.705, 0.9643)
    assert (documented.verdict, undocumented.verdict) == ("below", "marginal_minus")


def test_three_cold_homes_of_five_make_a_building_below(day):
    for home, celsius in zip((1, 2, 3, 4, 6), (17, 17, 17, 22, 22), strict=True):
        day.show(f"h{home:04}-r1", celsius)
    row = day.judge()["building", "b001"]
    assert row.verdict == "below"
    counts = {name: row.facts[name] for name in ("homes", "homes_judged", "homes_below")}
    assert counts == {"homes": 5, "homes_judged": 5, "homes_below": 3}
    assert row.facts["homes_met"] == 2


def test_rooms_of_one_home_are_one_voice(day):
    for room in ("h0001-r1", "h0001-r2"):
        day.show(room, 17.0)
    day.show("h0002-r1", 22.0)
    facts = day.judge()["building", "b001"].facts
    assert (facts["homes_judged"], facts["homes_below"]) == (2, 1)


def test_hours_under_each_refund_tier_are_certain_and_possible(day):
    day.show("h0001-r2", 15.0, range(5))
    day.show("h0001-r2", 16.5, range(5, 24))
    facts = day.judge()["room", "h0001-r2"].facts
    assert facts["refund_hours"] == {"20.0": [20.0, 20.0], "16.0": [5.0, 20.0]}


def test_hours_that_are_not_over_do_not_count_yet(day):
    day.show("h0001-r2", 15.0, range(3))
    row = day.judge(now_s=day.start + 3 * 3600 + 60)["room", "h0001-r2"]
    assert row.provisional
    assert (row.facts["hours_below"], row.facts["coverage"]) == (3.0, 1.0)
    assert row.verdict == "not_judgeable"
    day.show("h0001-r2", 15.0, range(4))
    assert day.judge(now_s=day.start + 4 * 3600 + 60)["room", "h0001-r2"].verdict == "below"


def test_a_day_is_final_half_an_hour_after_its_end(day):
    day.show("h0001-r2", 15.0)
    assert day.judge(now_s=day.end + 1799)["room", "h0001-r2"].provisional
    assert not day.judge(now_s=day.end + 1800)["room", "h0001-r2"].provisional


def test_spikes_have_no_say(day):
    day.show("h0001-r2", 21.0)
    column = day.directory.point_index["h0001-r2"]
    day.grid[BEFORE + 2 :: 6, column] = -55 * 16
    row = day.judge()["room", "h0001-r2"]
    assert (row.verdict, row.facts["minimum"]) == ("met", 21.0)


def test_a_sensor_that_stopped_moving_accuses_nobody(day):
    day.show("h0001-r2", 15.0)
    for home in (2, 3, 4):
        for hour in range(24):
            day.show(f"h{home:04}-r1", 20.0 + hour / 8, [hour])
    row = day.judge()["room", "h0001-r2"]
    assert (row.verdict, row.facts["hours_stuck"]) == ("not_judgeable", 24)
    neighbour = day.judge()["room", "h0002-r1"]
    assert neighbour.facts["coverage"] == 1.0
    assert "hours_stuck" not in neighbour.facts


def test_before_the_first_known_rule_nothing_is_judged(day):
    day.show("h0001-r2", 15.0)
    rule = STANDARD.rules[-1]
    later = dataclasses.replace(rule, valid_from=date(2026, 1, 3))
    assert day.judge(standard=dataclasses.replace(STANDARD, rules=(later,))) == {}


def test_what_is_judged_and_not_heard_any_more_is_named_and_nothing_else(day):
    for room in ("h0001-r1", "h0001-r2", "h0002-r1"):
        day.show(room, 22.0)
    judged = judged_day(day.directory, STANDARD, DAY)
    part_of, now_s = part_of_grid(day.grid, day.start - HOLD_S), day.end + 86_400
    first = judged.judge(part_of, now_s, nothing_imported)
    assert first.silent is None
    assert len(list(first.verdicts)) == 3 + 2 + 1
    for gone, still in (("h0001-r1", {"h0001"}), ("h0001-r2", set())):
        point = day.directory.point_index[gone]
        day.grid[:, point] = MISSING
        judged.touch(np.arange(day.start, day.end, SLOT_S), np.full(288, point, np.int32))
        again = judged.judge(part_of, now_s, nothing_imported)
        said = {(one.level, one.place) for one in again.verdicts}
        assert set(again.silent) == {("room", gone), *{("home", "h0001")} - said}
        assert said == {("building", "b001"), *(("home", one) for one in still)}


def test_numbers_that_lie_in_files_say_the_same(day, tmp_path, monkeypatch):
    monkeypatch.setattr(laid_aside, "WRITTEN_BYTES", 1)
    for room, celsius in (("h0001-r1", 22.0), ("h0001-r2", 17.0), ("h0002-r1", 19.3)):
        day.show(room, celsius)
    part_of, now_s = part_of_grid(day.grid, day.start - HOLD_S), day.end + 86_400
    said = []
    for folder in (None, tmp_path):
        judged = judged_day(day.directory, STANDARD, DAY, folder)
        first = list(judged.judge(part_of, now_s - 86_400, nothing_imported).verdicts)
        said.append([*first, *judged.judge(part_of, now_s, nothing_imported).verdicts])
    assert len(said[0]) == 2 * (3 + 2 + 1)
    assert said[0] == said[1]
    assert isinstance(judged._running.sums.total.base.base.obj, mmap.mmap)
