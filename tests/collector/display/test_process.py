"""What Grafana can read: whole rows about now, days, hours, findings, and never a home."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from heatward_collector.config import parse
from heatward_collector.core.suppression import Certainty, Level
from heatward_collector.display import process
from heatward_collector.display.process import Display, Written
from heatward_collector.running.stages import stages_of
from heatward_collector.running.status import read_status
from support.displayed_street import HOUR, NOON, TODAY, YESTERDAY, DisplayedStreet
from support.findings_board import finding
from support.influxdb import InfluxServer
from support.measured_street import HOMES
from support.ports import wait_until

DAY = 24 * HOUR
NOW = "ORDER BY time DESC LIMIT 1"
LARGE = [f"b-large-{number}" for number in range(6)]
SMALL = [f"b-small-{number}" for number in range(2)]
OUTAGE = finding(
    "b-large", start_s=int(NOON) - 9 * DAY, detected_s=int(NOON) - 9 * DAY + HOUR, affected=LARGE
)


@pytest.fixture
def street(tmp_path: Path, influxdb_18: InfluxServer) -> Iterator[DisplayedStreet]:
    """A street on the newer server; what old ones may do otherwise is tested on both."""
    influxdb_18.start()
    yield from _street(tmp_path, influxdb_18)


@pytest.fixture
def any_street(tmp_path: Path, influxdb: InfluxServer) -> Iterator[DisplayedStreet]:
    yield from _street(tmp_path, influxdb)


def _street(folder: Path, server: InfluxServer) -> Iterator[DisplayedStreet]:
    made = DisplayedStreet(folder, server)
    yield made
    made.store.select(f'DROP DATABASE "{made.database}"')
    made.display.close()


def state_of(street: DisplayedStreet, building: str) -> dict[str, object]:
    (row,) = street.rows(f'SELECT * FROM "building_state" WHERE "building" = \'{building}\' {NOW}')
    return row


def all_text(street: DisplayedStreet) -> str:
    """Return all that Grafana could ever read, as text."""
    return json.dumps(street.store.select("SELECT * FROM /.*/"), ensure_ascii=False)


def test_a_building_is_one_whole_row_with_its_figures(any_street: DisplayedStreet) -> None:
    any_street.warm()
    any_street.judge_homes(YESTERDAY, dict.fromkeys(LARGE, "below") | {LARGE[0]: "met"})
    any_street.display.look()
    row = state_of(any_street, "b-large")
    assert (row["state"], row["homes"], row["homes_judged"], row["homes_below"]) == (6, 6, 6, 5)
    assert row["share_below"] == pytest.approx(5 / 6)
    assert row["attention"] == pytest.approx(6.75)
    assert row["median"] == 21.625
    assert row["minimum"] == 20
    assert row["district"] == "d" and row["street"] == "s" and row["estate"] == "e"


def test_below_five_homes_a_building_shows_its_state_and_its_homes_only(
    street: DisplayedStreet,
) -> None:
    street.warm()
    street.judge_homes(YESTERDAY, dict.fromkeys(SMALL, "met"))
    street.display.look()
    row = {key: value for key, value in state_of(street, "b-small").items() if value is not None}
    told = {"state", "attention", "homes", "minimum", "sensors", "sensors_silent"}
    told |= {"below", "marginal", "silent", "met", "judged"}
    assert row.keys() - told == {"time", "district", "street", "estate", "building"}
    assert (row["state"], row["homes"]) == (0, 2)
    (day,) = street.rows('SELECT * FROM "area_day" WHERE "building" = \'b-small\'')
    assert (day["state"], day["homes"], day["minimum"]) == (0, 2, 20)
    figures = ("median", "coverage", "homes_judged", "homes_below", "homes_met", "degree_hours")
    assert [day.get(name) for name in figures] == [None] * 6


def test_no_home_and_no_room_is_named_in_the_database_of_grafana(street: DisplayedStreet) -> None:
    street.warm()
    street.judge_homes(YESTERDAY, dict.fromkeys(LARGE + SMALL, "below"))
    at_home = replace(OUTAGE, level=Level.HOME, place=LARGE[0], detected_s=int(NOON))
    street.find(OUTAGE, at_home)
    street.display.look()
    text = all_text(street)
    assert "b-large" in text
    assert "bedroom" not in text
    for home in LARGE + SMALL:
        assert f'"{home}"' not in text
    assert "28-" not in text


def test_a_building_of_few_homes_gets_the_curve_of_its_zone(street: DisplayedStreet) -> None:
    street.warm(hours=6)
    street.display.look()
    hour = f"WHERE time > {int(NOON) - 2 * HOUR}s"
    large, small = (
        street.rows(f'SELECT * FROM "building_hour" {hour} AND "building" = \'{name}\' {NOW}')[0]
        for name in ("b-large", "b-small")
    )
    assert (large["homes"], small["homes"]) == (6, 8)
    assert large["median"] == pytest.approx(21.625, abs=0.01)
    assert small["median"] == pytest.approx(21.875, abs=0.01)
    assert large["outdoor"] == pytest.approx(-15)
    assert large.get("p10") is None  # only from ten homes on
    names = street.rows('SELECT last("curve_of") FROM "place" GROUP BY "building"')
    assert {row["building"]: row["last"] for row in names if row["building"]} == {
        "b-large": "b-large-zh",
        "b-small": "z-zh",
    }


def test_an_hour_in_which_too_few_homes_report_has_no_curve(street: DisplayedStreet) -> None:
    bedrooms = {f"b-large-{home}-bedroom": 19.0 for home in range(4)}
    street.measure(bedrooms, [street.now_s - 900, street.now_s])
    street.display.look()
    assert street.rows('SELECT * FROM "building_hour"') == []


def test_three_hours_after_the_collector_stopped_nothing_is_green(street: DisplayedStreet) -> None:
    street.warm()
    street.judge_homes(YESTERDAY, dict.fromkeys(LARGE + SMALL, "met"))
    street.display.look()
    assert state_of(street, "b-large")["state"] == 0
    later = int(NOON) + 3 * HOUR
    panel = f'SELECT "state" FROM "building_state" WHERE time > {later - 2 * HOUR}s'
    assert street.rows(f'{panel} GROUP BY "building" {NOW}') == []
    street.now_s = float(later)  # and where only the readings stopped, a state says so
    street.display.look()
    assert street.column(f'{panel} GROUP BY "building" {NOW}', "state") == [3, 3]
    assert state_of(street, "b-large").get("median") is None


def test_areas_count_their_buildings_and_silent_sensors(street: DisplayedStreet) -> None:
    street.warm()
    street.judge_homes(YESTERDAY, dict.fromkeys(LARGE, "below") | dict.fromkeys(SMALL, "met"))
    street.display.look()
    for level in ("district", "street", "estate", "supplier", "source"):
        (row,) = street.rows(f'SELECT * FROM "area_state" WHERE "level" = \'{level}\' {NOW}')
        assert (row["buildings"], row["buildings_below"], row["buildings_met"]) == (2, 1, 1)
        assert row["share_below"] == 0.5
        # kitchens have a sensor too, and in this street they never measure
        assert (row["sensors"], row["sensors_silent"], row["coverage"]) == (16, 8, 0.5)


def test_a_day_says_how_many_homes_met_the_standard(street: DisplayedStreet) -> None:
    verdicts = dict.fromkeys(LARGE, "below") | {LARGE[0]: "met", LARGE[1]: "marginal_plus"}
    street.judge_homes(YESTERDAY, verdicts | {SMALL[0]: "not_judgeable"})
    street.display.look()
    (row,) = street.rows('SELECT * FROM "area_day" WHERE "level" = \'supplier\'')
    assert (row["homes"], row["homes_judged"], row["homes_below"]) == (7, 6, 4)
    assert row["pass_rate"] == pytest.approx(2 / 6)
    assert row["degree_hours"] == 6.0
    assert row["day"] == "11-24"
    assert row["time"] == int(NOON) - 36 * HOUR  # midnight in Harbin


def test_a_revised_day_is_written_again(street: DisplayedStreet) -> None:
    street.judge_homes(YESTERDAY, dict.fromkeys(LARGE, "below"))
    street.display.look()
    street.now_s += HOUR
    street.judge_homes(YESTERDAY, dict.fromkeys(LARGE, "met"))
    street.display.look()
    query = 'SELECT "state" FROM "area_day" WHERE "level" = \'building\''
    assert street.column(query, "state") == [0]


def test_a_finding_nine_days_old_and_still_open_shows_in_the_last_seven_days(
    any_street: DisplayedStreet,
) -> None:
    any_street.find(OUTAGE)
    any_street.display.look()
    since_ms = 1000 * (int(NOON) - 7 * DAY)
    week = f'SELECT * FROM "finding" WHERE time <= {int(NOON)}s AND "end" >= {since_ms}'
    (row,) = any_street.rows(week)
    assert (row["severity"], row["open"], row["end"]) == (4, 1, 1000 * int(NOON))
    assert row["title"] == "楼栋 b-large-zh，停热" or "b-large-zh" in row["title"]
    assert "b-large-en" in row["title_en"]
    any_street.now_s += 600
    any_street.display.look()
    assert any_street.column(week, "end") == [1000 * (int(NOON) + 600)]


def test_an_ended_finding_keeps_its_end_and_a_withdrawn_one_is_overwritten(
    street: DisplayedStreet,
) -> None:
    street.find(OUTAGE)
    street.display.look()
    street.find(replace(OUTAGE, end_s=int(NOON) - DAY))
    street.now_s += 600
    street.display.look()
    assert street.column('SELECT "end" FROM "finding"', "end") == [1000 * (int(NOON) - DAY)]
    street.find()
    street.now_s += 600
    street.display.look()
    (row,) = street.rows('SELECT * FROM "finding"')
    assert (row["severity"], row["open"]) == (0, 0)
    assert row["end"] == 1000 * (int(NOON) - 9 * DAY)


def test_a_finding_that_now_begins_earlier_stands_once(street: DisplayedStreet) -> None:
    street.find(OUTAGE)
    street.display.look()
    street.find(replace(OUTAGE, start_s=OUTAGE.start_s - HOUR))
    for _ in range(2):
        street.display.look()
        street.restart()
    rows = street.rows('SELECT "severity" FROM "finding" WHERE "severity" > 0')
    assert [row["time"] for row in rows] == [OUTAGE.start_s - HOUR]


def test_of_few_homes_no_number_is_told_in_a_finding(street: DisplayedStreet) -> None:
    few = replace(OUTAGE, homes_judged=3, affected=tuple(LARGE[:3]), certainty=Certainty.LOW)
    street.find(few)
    street.display.look()
    (row,) = street.rows('SELECT * FROM "finding"')
    assert "1.75" not in row["text"] + row["text_en"]
    assert row["severity"] == 3


def test_a_rename_is_a_new_name_of_the_same_place(street: DisplayedStreet) -> None:
    street.display.look()
    (row,) = [one for one in street.registry.rows("building") if one["id"] == "b-large"]
    street.registry.put({"building": [{**row, "name_zh": "新名"}]})
    street.now_s += 600
    street.display.look()
    query = 'SELECT last("label") FROM "place" WHERE "level" = \'building\' GROUP BY "building"'
    assert street.column(query, "last") == ["b-large|新名", "b-small|b-small-zh"]
    assert street.column('SHOW TAG VALUES FROM "place" WITH KEY = "building"', "value") == [*HOMES]


def test_nodes_say_who_is_silent_but_no_temperature(street: DisplayedStreet) -> None:
    street.warm()
    street.now_s += 5 * HOUR
    street.display.look()
    (row,) = street.rows('SELECT * FROM "node_health"')
    assert row["node"] == "n"
    assert (row["silent"], row["sensors"]) == (1, 16)
    assert row["heard_at"] == 1000 * (street.now_s - 5 * HOUR)
    assert row.keys() & {"celsius", "median", "home", "room"} == set()


def test_an_emptied_database_is_filled_anew(any_street: DisplayedStreet) -> None:
    any_street.judge_homes(YESTERDAY, dict.fromkeys(LARGE, "below"))
    any_street.find(OUTAGE)
    any_street.display.look()
    any_street.now_s += 2 * HOUR
    any_street.store.select(f'DROP DATABASE "{any_street.database}"')
    any_street.store.create_database()
    any_street.display.look()
    for measurement in ("place", "site", "area_day", "finding", "building_state", "pipeline"):
        assert any_street.rows(f'SELECT * FROM "{measurement}" LIMIT 1'), measurement


def test_what_was_written_is_remembered_over_a_restart(street: DisplayedStreet) -> None:
    street.judge_homes(TODAY, dict.fromkeys(LARGE, "met"), provisional=True)
    street.display.look()
    street.restart()
    assert street.display._written == Written(
        int(NOON), int(NOON), street.directory.version, "2026-11-25"
    )


def test_the_process_waits_for_a_database_that_is_away(
    tmp_path: Path, influxdb_18: InfluxServer
) -> None:
    influxdb_18.start()
    street = DisplayedStreet(tmp_path, influxdb_18)
    influxdb_18.stop()
    stop = threading.Event()
    thread = threading.Thread(target=process.run, args=(street.config, stop))
    thread.start()

    def faults() -> list[str]:
        status = read_status(street.config.state.status, "display") or {"faults": []}
        return [fault["code"] for fault in status["faults"]]

    try:
        wait_until(lambda: faults() == ["display_store"], "a fault is shown", 20)
        influxdb_18.start()
        wait_until(lambda: faults() == [] and street.rows("SHOW MEASUREMENTS"), "it goes on", 30)
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def test_a_point_of_another_type_is_counted_and_the_others_are_written(
    tmp_path: Path, influxdb_18: InfluxServer
) -> None:
    influxdb_18.start()
    street = DisplayedStreet(tmp_path, influxdb_18)
    street.store.write_lines([f"site pages_url=1 {int(NOON) - 60}"])
    refused = process.RefusedPoints()
    Display(street.config, process.open_store(street.config, refused.note), lambda: NOON).look()
    assert refused.count == 1
    assert street.rows('SELECT * FROM "building_state"')


def test_the_display_runs_only_where_a_database_is_named(tmp_path: Path) -> None:
    named = parse('[display]\nurl = "http://127.0.0.1:8086"')
    assert "display" in stages_of(named)
    assert "display" not in stages_of(parse(""))
