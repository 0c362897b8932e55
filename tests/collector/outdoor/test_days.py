"""How cold a day was: our shaded sensors first, then whoever was imported, else nobody knows."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.outdoor.days import OutdoorDay, outdoor_days, with_outdoor
from heatward_collector.outdoor.temperatures import OutdoorSeries, OutdoorValue
from heatward_collector.registry import Registry, spreadsheets
from support.evidence import SAMPLE

START = 1_767_283_200
"""2026-01-01T16:00:00Z: 2 January begins in Harbin."""
HOUR = 3600
END = START + 24 * HOUR


@pytest.fixture
def registry(tmp_path):
    registry = Registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    spreadsheets.import_folder(registry, SAMPLE)
    second = {**registry.rows("outdoor")[0], "id": "out-2"}
    sunny = {**second, "id": "out-sunny", "shaded": False}
    registry.put({"outdoor": [second, sunny]})
    return registry


def day_of(registry, shown, now_s=END, imported=()):
    """Return the sample district's day; ``shown`` are (first hour, last hour, degC) by point."""
    directory = registry.directory()
    means = np.full((24, len(directory.points)), np.nan)
    for point, (first, last, celsius) in shown.items():
        means[first : last + 1, directory.point_index[point]] = celsius
    series = OutdoorSeries(imported)
    hours = range(START, END, HOUR)
    return outdoor_days(
        directory, lambda points: means[:, points], hours, now_s, lambda *_: series
    )["sample"]


def test_a_day_is_the_mean_over_the_medians_of_its_shaded_sensors(registry):
    shown = {"out-1": (0, 23, -20.0), "out-2": (0, 11, -18.0), "out-sunny": (0, 23, 5.0)}
    assert day_of(registry, shown) == OutdoorDay(-19.5, "sensors")


def test_rooms_say_nothing_of_the_weather(registry):
    assert day_of(registry, {"h0001-r1": (0, 23, 21.0)}) == OutdoorDay(None, "")


def test_hours_without_a_sensor_are_filled_by_what_was_imported(registry):
    imported = [OutdoorValue(START + hour * HOUR, -10.0, "weather.example") for hour in range(24)]
    day = day_of(registry, {"out-1": (0, 11, -20.0)}, imported=imported)
    assert day == OutdoorDay(-15.0, "sensors, weather.example")


def test_an_impossible_sensor_is_no_weather(registry):
    assert day_of(registry, {"out-1": (0, 23, 85.0)}) == OutdoorDay(None, "")


def test_hours_to_come_do_not_count_even_where_a_service_foretells_them(registry):
    imported = [OutdoorValue(START + hour * HOUR, -hour, "weather.example") for hour in range(24)]
    day = day_of(registry, {}, now_s=START + 3 * HOUR, imported=imported)
    # Half past 0, 1 and 2 o'clock: of two equally near values the earlier counts.
    assert day == OutdoorDay(-1.0, "weather.example")


def test_a_day_that_has_not_begun_is_not_known(registry):
    assert day_of(registry, {"out-1": (0, 23, -20.0)}, now_s=START) == OutdoorDay(None, "")


def test_verdicts_on_buildings_say_it_and_others_stay_as_they_are(registry):
    day = date(2026, 1, 2)
    building = DayVerdict("building", "b001", day, "met", "r", {"median": 21.0})
    room = DayVerdict("room", "h0001-r1", day, "met", "r", {"mean": 21.0})
    days = {"sample": OutdoorDay(None, "")}
    told = with_outdoor(registry.directory(), [building, room], days)
    assert told[0].facts == {"median": 21.0, "outdoor": None, "outdoor_source": ""}
    assert told[1] == room
