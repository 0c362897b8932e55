"""Readings from a file in the rooms where their sensors hung when they measured."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from heatward_collector.core import MISSING
from heatward_collector.core.grid import to_grid
from heatward_collector.errors import ImportRefused
from heatward_collector.from_files.district import read_directory
from heatward_collector.from_files.reading_file import Readings
from heatward_collector.from_files.recording import HISTORY_DAYS, gather
from heatward_collector.local_days import bounds
from heatward_collector.registry import Directory, Registry, sensor_number, spreadsheets
from support.evidence import BEDROOM, LIVING, ON_THE_BENCH, OUTDOORS, SAMPLE, UNKNOWN

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 1, 2)
START, END = bounds(DAY, ZONE)
DIRECTORY = read_directory(SAMPLE, ZONE)


def readings(*rows):
    """Return readings of (sensor, seconds after the day's midnight, celsius)."""
    return Readings(
        np.array([START + second for _, second, _ in rows], np.int64),
        np.array([sensor_number(sensor) for sensor, _, _ in rows], np.uint64),
        np.array([round(celsius * 16) for _, _, celsius in rows], np.int16),
    )


def at(recording, point, second):
    raw = recording.cut(START + second // 300 * 300, 1)[0, DIRECTORY.point_index[point]]
    return None if raw == MISSING else raw / 16


def test_a_reading_lies_in_the_room_of_its_sensor():
    found = gather([readings((LIVING, 0, 21.0), (BEDROOM, 3599, 19.5))], DIRECTORY, ZONE)
    assert at(found, "h0001-r1", 0) == 21.0
    assert at(found, "h0001-r2", 3599) == 19.5
    assert at(found, "h0001-r2", 0) is None
    assert (found.first, found.last, found.days()) == (DAY, DAY, [DAY])


def test_what_becomes_of_every_reading_is_counted():
    rows = [(LIVING, 0, 21.0), (UNKNOWN, 0, 20.0), (ON_THE_BENCH, 0, 20.0), (OUTDOORS, 0, -20.0)]
    rows += [(LIVING, 86_400, 21.0), (LIVING, -86_400 * 100, 21.0)]
    found = gather([readings(*rows)], DIRECTORY, ZONE, DAY, DAY)
    assert found.fates == {"judged": 2, "unassigned": 1, "bench": 1, "outside": 2}


def test_a_sensor_that_moved_speaks_for_the_room_where_it_hung(tmp_path):
    registry = Registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    spreadsheets.import_folder(registry, SAMPLE)
    content = registry.content()[1]
    rows = {row["sensor"]: dict(row) for row in content["assignment"]}
    rows[LIVING]["to_s"] = START + 3600
    moved = {**rows[LIVING], "from_s": START + 7200, "to_s": None, "target": "h0002-r2"}
    content["assignment"] = [*rows.values(), moved]
    content["room"] = [*content["room"], {"id": "h0002-r2", "home": "h0002", "use": "bedroom"}]
    directory = Directory(0, content)
    found = gather(
        [readings((LIVING, 3599, 21.0), (LIVING, 3600, 22.0), (LIVING, 7200, 23.0))],
        directory,
        ZONE,
    )
    values = {
        point: found.cut(START, 288)[:, directory.point_index[point]]
        for point in ("h0001-r1", "h0002-r2")
    }
    assert {name: (v[v != MISSING] / 16).tolist() for name, v in values.items()} == {
        "h0001-r1": [21.0],
        "h0002-r2": [23.0],
    }
    assert found.fates["unassigned"] == 1


def test_order_pieces_and_repeats_change_nothing():
    random = np.random.default_rng(1)
    rows = [
        (sensor, int(second), float(celsius))
        for sensor in (LIVING, BEDROOM)
        for second, celsius in zip(
            random.integers(0, 86_400, 400), random.uniform(15, 25, 400), strict=True
        )
    ]
    whole = gather([readings(*rows)], DIRECTORY, ZONE).grid
    shuffled = [rows[index] for index in random.permutation(len(rows))]
    pieces = [readings(*part) for part in (shuffled[:100], shuffled[50:], shuffled[:700])]
    assert np.array_equal(gather(pieces, DIRECTORY, ZONE).grid, whole)


def test_the_grid_is_that_of_the_live_line():
    one = readings((LIVING, 10, 21.0), (LIVING, 299, 22.0), (LIVING, 299, 21.5), (BEDROOM, 0, 18.0))
    found = gather([one], DIRECTORY, ZONE)
    point = DIRECTORY.assign(one.sensor, one.time_s)
    grid, _ = to_grid(one.time_s, point, one.raw, START, 288, len(DIRECTORY.points))
    assert np.array_equal(found.cut(START, 288), grid)


def test_beyond_its_ends_the_grid_is_missing():
    found = gather([readings((LIVING, 0, 21.0))], DIRECTORY, ZONE)
    before = found.cut(START - 7200, 25)
    assert (before[:24] == MISSING).all()
    assert before[24, DIRECTORY.point_index["h0001-r1"]] == 21 * 16
    assert (found.cut(END, 10) == MISSING).all()
    assert (found.cut(START - 90_000, 3) == MISSING).all()


def test_earlier_readings_are_kept_for_comparison_up_to_a_limit():
    rows = [(LIVING, 0, 21.0), (LIVING, -86_400 * HISTORY_DAYS, 20.0)]
    found = gather([readings(*rows)], DIRECTORY, ZONE, DAY, DAY)
    assert found.first == DAY - timedelta(days=HISTORY_DAYS)
    early = [(LIVING, 0, 21.0), (LIVING, -86_400 * HISTORY_DAYS - 1, 20.0)]
    assert gather([readings(*early)], DIRECTORY, ZONE, DAY, DAY).first == DAY


def test_days_without_a_reading_are_judged_too_if_asked_for():
    last = DAY + timedelta(days=3)
    found = gather([readings((LIVING, 86_400, 21.0))], DIRECTORY, ZONE, DAY, last)
    assert (found.first, found.last, len(found.grid)) == (DAY, last, 4 * 288 + 12)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([(UNKNOWN, 0, 20.0)], "no reading belongs to a room.*1 unassigned"),
        ([(UNKNOWN, 0, 20.0)], f"assignment.csv lacks these sensors.*{UNKNOWN}"),
        ([(LIVING, 0, 20.0), (LIVING, -86_400 * 500, 20.0)], "say with --from and --to"),
        ([], "no reading belongs to a room.*: 0$"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_its_reason(rows, reason):
    with pytest.raises(ImportRefused, match=reason):
        gather([readings(*rows)], DIRECTORY, ZONE)


def test_shaded_outdoor_sensors_serve_where_no_file_is_given():
    found = gather(
        [readings((OUTDOORS, 0, -20.0), (OUTDOORS, 900, -21.0), (OUTDOORS, 1800, 60.0))],
        DIRECTORY,
        ZONE,
    ).outdoors(ZONE)
    assert found.time_s.tolist() == [START + 300, START + 1200]
    assert found.celsius.tolist() == [-20.0, -21.0]
    alone = gather([readings((LIVING, 0, 21.0))], DIRECTORY, ZONE).outdoors(ZONE)
    assert len(alone.time_s) == 0
