"""Who measured where, when: lookups over one snapshot of the registry."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.core.coded import Coded
from heatward_collector.registry import sensor_number, spreadsheets
from heatward_collector.registry.dated import Dated
from heatward_collector.registry.directory import (
    BENCH,
    UNASSIGNED,
    UNCALIBRATED_U,
    Directory,
)
from heatward_collector.registry.tables import IMPORTED
from heatward_node.rom import kernel_name

SENSORS = [kernel_name(b"\x28" + bytes([n]) + b"\0" * 6) for n in range(4)]
EMPTY = {table.name: [] for table in IMPORTED}


def numbers(*names):
    return np.array([sensor_number(name) for name in names], np.uint64)


def times(*values):
    return np.array(values, np.int64)


@pytest.fixture
def place(registry):
    """Move a sensor of the sample from room to bench to nowhere, and read the directory."""
    row = next(one for one in registry.rows("assignment") if one["target"] == "h0001-r1")
    benched = {**row, "from_s": 2_000_000_000, "to_s": 2_000_001_000}
    benched |= {"target_kind": "bench", "target": None}
    registry.put({"assignment": [{**row, "to_s": 2_000_000_000}, benched]})
    return row["sensor"], registry.directory()


def test_a_sensor_is_where_it_was_when_it_measured(place):
    sensor, directory = place
    home = directory.point_index["h0001-r1"]
    when = times(0, 1_999_999_999, 2_000_000_000, 2_000_000_999, 2_000_001_000, -(2**63))
    found = directory.assign(numbers(*[sensor] * 6), when)
    assert found.tolist() == [UNASSIGNED, home, BENCH, BENCH, UNASSIGNED, UNASSIGNED]
    assert directory.sensors_at(1_999_999_999)[home] == sensor_number(sensor)
    assert home not in directory.sensors_at(2_000_000_000)


def test_an_unknown_sensor_is_nowhere_and_uncalibrated(place):
    _, directory = place
    stranger = numbers("28-0000ffffffff")
    assert directory.assign(stranger, times(1_700_000_000)).tolist() == [UNASSIGNED]
    offset, uncertainty = directory.calibration(stranger, times(1_700_000_000))
    assert (offset[0], uncertainty[0]) == (0.0, UNCALIBRATED_U)


def test_a_calibration_counts_from_its_date_until_the_next(registry):
    row = registry.rows("calibration")[0]
    later = {**row, "from_s": 2_000_000_000, "offset_kelvin": 0.5, "uncertainty_kelvin": 0.05}
    registry.put({"calibration": [later]})
    sensor = numbers(*[row["sensor"]] * 3)
    offset, uncertainty = registry.directory().calibration(
        sensor, times(0, 1_999_999_999, 2_000_000_000)
    )
    assert offset.tolist() == [0.0, row["offset_kelvin"], 0.5]
    assert uncertainty.tolist() == [UNCALIBRATED_U, row["uncertainty_kelvin"], 0.05]


def test_an_empty_registry_answers_too():
    directory = Directory(1, EMPTY)
    assert directory.assign(numbers(SENSORS[0]), times(0)).tolist() == [UNASSIGNED]
    assert directory.assign(numbers(), times()).tolist() == []
    assert directory.points == ()


ROWS = st.lists(
    st.tuples(st.sampled_from(SENSORS), st.integers(0, 30), st.integers(1, 6) | st.none()),
    max_size=12,
)


def without_overlaps(rows):
    kept = []
    for sensor, start, length in sorted(rows, key=lambda row: (row[0], row[1])):
        end = 10**9 if length is None else start + length
        if not kept or kept[-1][0] != sensor or kept[-1][2] <= start:
            kept.append((sensor, start, end))
    return kept


@given(ROWS, st.lists(st.tuples(st.sampled_from(SENSORS), st.integers(-2, 40)), max_size=20))
def test_the_vectorised_lookup_agrees_with_reading_every_row(rows, asked):
    kept = without_overlaps(rows)
    dated = Dated(
        [{"sensor": s, "from_s": a, "to_s": None if b == 10**9 else b} for s, a, b in kept],
        {"row": list(range(len(kept)))},
    )
    sensor, time_s = numbers(*[s for s, _ in asked]), times(*[t for _, t in asked])
    found = dated.row_at(sensor, time_s)
    column = np.append(dated.columns["row"], -1)
    expected = [
        next((i for i, (s, a, b) in enumerate(kept) if s == name and a <= when < b), -1)
        for name, when in asked
    ]
    assert column[found].tolist() == expected
    named, code = np.unique(sensor, return_inverse=True)
    for one in (sensor, Coded(named, code.astype(np.int32))):
        (values,) = dated.values_at(one, time_s, {"row": -1})
        assert values.tolist() == expected


def test_places_above_a_room_are_known(place):
    _, directory = place
    point = directory.points[directory.point_index["h0001-r1"]]
    assert (point.use, point.home, point.building) == ("living_room", "h0001", "b001")
    assert (point.street, point.district, point.zone) == ("st-songhua", "sample", "z-jiangpan-low")
    home = directory.point_home[point.index]
    assert directory.homes[home] == "h0001"
    assert directory.buildings[directory.home_building[home]] == "b001"
    assert directory.intervals[point.index] == 300
    assert directory.name("building", "b001") == "江畔小区1号楼"
    assert directory.name("building", "b001", english=True) == "Riverside Estate, No. 1"
    assert directory.name("building", "unknown") == "unknown"


def test_outdoor_points_belong_to_a_district_and_no_home(place):
    _, directory = place
    (outdoor,) = directory.outdoor_points("sample")
    assert directory.points[outdoor].is_outdoor
    assert directory.point_home[outdoor] == -1
    assert directory.outdoor_points("elsewhere") == []


def test_a_placement_counts_from_its_date(registry):
    start = 2_000_000_000
    row = {"room": "h0001-r1", "from_s": start, "documented": True, "suitable": False}
    registry.put({"placement": [row]})
    directory = registry.directory()
    point = directory.point_index["h0001-r1"]
    assert directory.placement(point, start - 1) == (True, True)
    assert directory.placement(point, start) == (True, False)
    assert directory.placement(point, 0) == (False, True)


def test_both_days_of_a_suspension_belong_to_it(registry):
    row = {"home": "h0001", "from_day": date(2026, 1, 2), "to_day": date(2026, 1, 3)}
    registry.put({"suspension": [row]})
    directory = registry.directory()
    days = [date(2026, 1, day) for day in (1, 2, 3, 4)]
    assert [directory.is_suspended("h0001", day) for day in days] == [False, True, True, False]


def test_a_snapshot_does_not_move_with_the_registry(registry):
    directory = registry.directory()
    registry.put({"room": [{"id": "a-first", "home": "h0001", "use": "other"}]})
    assert "a-first" not in directory.point_index
    assert registry.directory().version == directory.version + 1


def test_an_export_of_the_sample_keeps_every_lookup(registry, tmp_path):
    spreadsheets.export_folder(registry, tmp_path)
    content = spreadsheets.read_folder(tmp_path)
    assert Directory(1, content).points == registry.directory().points
