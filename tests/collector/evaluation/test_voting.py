"""Which rooms speak for their homes, and how warm they are."""

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from heatward_collector.core import MISSING
from heatward_collector.evaluation import voting
from heatward_collector.evaluation.voting import home_season, room_day
from heatward_collector.local_days import bounds
from heatward_collector.registry import Registry, spreadsheets
from heatward_collector.rules import load_standard
from support.evidence import SAMPLE

DAY = date(2026, 1, 2)
STANDARD = load_standard("harbin")
START, END = bounds(DAY, ZoneInfo(STANDARD.timezone))


@pytest.fixture
def registry(tmp_path):
    registry = Registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    spreadsheets.import_folder(registry, SAMPLE)
    return registry


def rooms(registry, celsius=20.0, change=None):
    directory = registry.directory()

    def grid_of(start_s, slots):
        assert (start_s, slots) == (START - 3600, 300)
        grid = np.full((slots, len(directory.points)), round(celsius * 16), np.int16)
        if change is not None:
            change(grid[12:], directory.point_index)
        return grid

    return directory, room_day(directory, STANDARD, DAY, grid_of)


def column(directory, day, point):
    return day[:, directory.point_index[point]]


def test_a_room_speaks_in_quarters_of_an_hour_after_calibration(registry):
    directory, day = rooms(registry)
    assert day.shape == (96, len(directory.points))
    assert np.allclose(column(directory, day, "h0001-r1"), 20.0 - 0.12)
    assert np.allclose(column(directory, day, "h0001-r2"), 20.0)


def test_kitchens_suspended_homes_and_the_outdoors_have_no_say(registry):
    directory, day = rooms(registry)
    silent = {point.id for point in directory.points if np.isnan(day[:, point.index]).all()}
    expected = {
        point.id
        for point in directory.points
        if point.is_outdoor or point.use not in STANDARD.room_uses or point.home == "h0005"
    }
    unsuitable = {"h0045-r1"}
    assert silent == expected | unsuitable
    assert {"out-1", "h0004-r3"} <= expected


def test_a_badly_placed_sensor_has_no_say_from_that_day_on(registry):
    placement = {"room": "h0001-r1", "documented": True, "suitable": False, "height_m": 1.4}
    registry.put({"placement": [{**placement, "from_s": END, "note": ""}]})
    directory, day = rooms(registry)
    assert not np.isnan(column(directory, day, "h0001-r1")).any()
    registry.put({"placement": [{**placement, "from_s": START, "note": ""}]})
    directory, day = rooms(registry)
    assert np.isnan(column(directory, day, "h0001-r1")).all()


def test_a_calibration_holds_from_its_hour_on(registry):
    sensor = "28-00008aa020f2"  # in h0001-r2
    registry.put(
        {
            "calibration": [
                {
                    **{"sensor": sensor, "from_s": START + 6 * 3600, "offset_kelvin": 0.5},
                    **{"uncertainty_kelvin": 0.1, "certificate": "x"},
                }
            ]
        }
    )
    directory, day = rooms(registry)
    found = column(directory, day, "h0001-r2")
    assert np.allclose(found[:24], 20.0)
    assert np.allclose(found[24:], 20.5)


def test_gaps_are_missing_and_lone_spikes_do_not_count(registry):
    def change(grid, index):
        grid[30:36, index["h0001-r2"]] = MISSING
        grid[100, index["h0001-r2"]] = 40 * 16

    directory, day = rooms(registry, change=change)
    found = column(directory, day, "h0001-r2")
    assert np.isnan(found[10:12]).all()
    assert np.isnan(found).sum() == 2
    assert np.allclose(found[~np.isnan(found)], 20.0)


def test_a_value_holds_for_the_interval_of_its_node(registry):
    node = next(row for row in registry.rows("node") if row["id"] == "n0001")
    registry.put({"node": [{**node, "interval_seconds": 1800}]})

    def change(grid, index):
        hourly = grid[:, index["h0001-r2"]].copy()
        grid[:, index["h0001-r2"]] = MISSING
        grid[::12, index["h0001-r2"]] = hourly[::12]

    directory, day = rooms(registry, change=change)
    found = column(directory, day, "h0001-r2")
    assert np.isnan(found).tolist() == [False, False, True, True] * 24


def test_homes_are_columns_in_the_order_of_the_directory(registry):
    def change(grid, index):
        for point, place in index.items():
            home = point.split("-")[0]
            if home.startswith("h0"):
                grid[:, place] = (10 + int(home[1:]) // 2) * 16

    directory, day = rooms(registry, change=change)
    homes = home_season(directory, [day, day])
    assert homes.shape == (192, len(directory.homes))
    for number, home in enumerate(directory.homes):
        known = homes[~np.isnan(homes[:, number]), number]
        assert home in ("h0005", "h0045") or len(known) == 192
        assert np.allclose(known, 10 + int(home[1:]) // 2, atol=0.13)


def test_a_day_is_the_same_however_many_points_are_looked_at_together(registry, monkeypatch):
    directory = registry.directory()
    random = np.random.default_rng(3)
    values = np.array([MISSING, 318, 320, 322, 500], np.int16)
    grid = random.choice(values, (300, len(directory.points)))

    def day_of(at_once):
        monkeypatch.setattr(voting, "POINTS_AT_ONCE", at_once)
        return room_day(directory, STANDARD, DAY, lambda *_: grid)

    np.testing.assert_array_equal(day_of(7), day_of(8_192))
