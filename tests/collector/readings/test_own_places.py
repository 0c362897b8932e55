"""A collector of one district sees its own places; network, people and rules stay whole."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from heatward_collector.readings.own_places import OwnPlaces, directory_of
from heatward_collector.registry.chain import DOWN_FROM_DISTRICT, within
from heatward_collector.registry.tables import IMPORTED
from support.two_districts import HOMES, NORTH, SAMPLE_DISTRICT, registry_of_two


def test_each_district_has_its_homes_and_together_they_have_all(tmp_path: Path) -> None:
    registry = registry_of_two(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    whole = directory_of(registry, None)
    assert whole is registry.directory()
    own = {name: directory_of(registry, name) for name in (SAMPLE_DISTRICT, NORTH)}
    homes = {name: set(one.homes) for name, one in own.items()}
    assert homes[SAMPLE_DISTRICT] | homes[NORTH] == set(whole.homes)
    assert not homes[SAMPLE_DISTRICT] & homes[NORTH]
    for name, one in own.items():
        assert {point.district for point in one.points} == {name}
        assert homes[name] >= set(HOMES[name])
        assert set(one.tables["source"]) == set(whole.tables["source"])
        assert len(one.assignments()) == len(whole.assignments())
    registry.close()


def test_nothing_is_left_of_a_district_that_the_registry_does_not_know(tmp_path: Path) -> None:
    registry = registry_of_two(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    _, content = registry.content()
    registry.close()
    left = within(content, "nowhere")
    assert set(left) == {"district", *(table for table, _ in DOWN_FROM_DISTRICT)}
    assert not any(mask.any() for mask in left.values())
    assert all(len(mask) == len(content[name]) > 0 for name, mask in left.items())


def test_what_is_made_from_the_snapshot_before_is_what_a_new_look_finds(tmp_path: Path) -> None:
    registry = registry_of_two(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    places, other = OwnPlaces(registry, NORTH), OwnPlaces(registry, SAMPLE_DISTRICT)
    first = places.directory()
    assert places.directory() is first
    far, near = HOMES[SAMPLE_DISTRICT][0], HOMES[NORTH][0]
    street = dict(registry.directory().tables["street"]["st-bingxue"])
    sensor = dict(registry.directory().assignments()[0])
    calibrated = {"from_s": 0, "offset_kelvin": 0.5, "uncertainty_kelvin": 0.1}
    edits = [
        {"room": [{"id": "r-new", "home": near, "use": "bedroom"}]},
        {"room": [{"id": "r-far", "home": far, "use": "bedroom"}]},
        {"calibration": [{**calibrated, "sensor": sensor["sensor"], "certificate": "x"}]},
        {"assignment": [{**sensor, "from_s": sensor["from_s"] + 1, "target": "r-new"}]},
        {"suspension": [{"home": near, "from_day": date(2026, 1, 1), "to_day": None}]},
        {"street": [{**street, "district": SAMPLE_DISTRICT}]},
        {"street": [street]},
    ]
    for edit in edits:
        registry.put(edit)
        before, now = other.directory(), places.directory()
        assert_same(now, directory_of(registry, NORTH))
        assert_same(before, directory_of(registry, SAMPLE_DISTRICT))
    registry.close()


def test_an_edit_of_another_district_leaves_the_places_of_ours(tmp_path: Path) -> None:
    registry = registry_of_two(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    places = OwnPlaces(registry, NORTH)
    first = places.directory()
    far = HOMES[SAMPLE_DISTRICT][0]
    registry.put({"suspension": [{"home": far, "from_day": date(2026, 1, 1), "to_day": None}]})
    later = places.directory()
    assert later.version > first.version
    assert later.points is first.points
    registry.close()


def assert_same(one, other) -> None:
    assert one.version == other.version
    for table in IMPORTED:
        assert list(map(dict, one.rows(table.name))) == list(map(dict, other.rows(table.name)))
    assert list(one.points) == list(other.points)
    for time_s in (0, 10**9, 2 * 10**9):
        points, sensors = one.hung_at(time_s)
        assert dict(zip(points.tolist(), sensors.tolist(), strict=True)) == other.sensors_at(time_s)
        asked = np.append(sensors, np.uint64(1)), np.full(len(sensors) + 1, time_s)
        for mine, fresh in (
            (one.assign_with_node(*asked), other.assign_with_node(*asked)),
            (one.calibration(*asked), other.calibration(*asked)),
            (one.placements(time_s), other.placements(time_s)),
        ):
            np.testing.assert_array_equal(mine, fresh)
    np.testing.assert_array_equal(one.intervals, other.intervals)
