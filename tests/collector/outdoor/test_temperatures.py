"""Outdoor temperatures from sensors, files and a weather service, each with its source."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.commands.outdoor import outdoor
from heatward_collector.config import load
from heatward_collector.errors import HeatwardError, ImportRefused, OutdoorAway
from heatward_collector.outdoor.temperatures import (
    NEAR_S,
    OutdoorSeries,
    OutdoorStore,
    OutdoorValue,
    fetch,
    from_sensors,
    median_of_points,
    parse_csv,
)
from heatward_collector.registry import Registry, open_registry, spreadsheets
from heatward_collector.timeseries import EmbeddedStore, Points, open_timeseries
from heatward_collector.timeseries.protocol import OUTDOOR, Series
from support.weather_service import WeatherService, address, weather_service

HARBIN = ZoneInfo("Asia/Shanghai")
SAMPLE = Path(spreadsheets.__file__).with_name("sample")


def seconds(*values):
    return np.array(values, np.int64)


def test_the_nearest_value_is_returned_with_its_source():
    series = OutdoorSeries([OutdoorValue(3600, -20.0, "a"), OutdoorValue(0, -10.0, "b")])
    celsius, sources = series.at(seconds(0, 1799, 1800, 1801, 3600, 4000, -60))
    assert celsius.tolist() == [-10, -10, -10, -20, -20, -20, -10]
    assert sources == ["b", "b", "b", "a", "a", "a", "b"]


def test_too_far_away_is_not_known():
    series = OutdoorSeries([OutdoorValue(0, -10.0, "a")])
    celsius, sources = series.at(seconds(NEAR_S, NEAR_S + 1, -NEAR_S - 1))
    assert celsius[0] == -10
    assert np.isnan(celsius[1:]).all()
    assert sources == ["a", "", ""]


def test_an_empty_series_knows_nothing():
    celsius, sources = OutdoorSeries().at(seconds(0, 1))
    assert np.isnan(celsius).all()
    assert sources == ["", ""]


@given(
    st.lists(st.tuples(st.integers(-9, 9), st.floats(-50, 40)), min_size=1),
    st.integers(-12, 12),
    st.integers(0, 5),
)
def test_at_agrees_with_looking_at_every_value(values, when, near):
    series = OutdoorSeries(OutdoorValue(time, celsius, "a") for time, celsius in values)
    (celsius,), _ = series.at(seconds(when), near)
    distance = min(abs(time - when) for time, _ in values)
    allowed = [value for time, value in values if abs(time - when) == distance]
    assert np.isnan(celsius) if distance > near else celsius in allowed


def test_points_count_alike_however_often_they_measure():
    fast = (seconds(0, 60, 120, 180), np.array([-30.0, -30.0, -30.0, -30.0]))
    slow = (seconds(300), np.array([-20.0]))
    sunny = (seconds(10), np.array([-21.0]))
    values = median_of_points([fast, slow, sunny])
    assert values == [OutdoorValue(0, -21.0, "sensors")]


def test_faulty_sensors_do_not_reach_the_weather():
    assert median_of_points([(seconds(0, 700), np.array([85.0, np.nan]))]) == []


def test_only_shaded_points_of_the_district_are_asked(tmp_path):
    registry = Registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    spreadsheets.import_folder(registry, SAMPLE)
    names = {"name_zh": "测点", "name_en": None}
    registry.put({"outdoor": [{"id": "sunny", **names, "district": "sample", "shaded": False}]})
    store = EmbeddedStore(tmp_path / "series.sqlite")
    places = [Series(OUTDOOR, "sample", "", "", "", place, place) for place in ("out-1", "sunny")]
    index = np.array([0, 1], np.int32)
    store.write(Points(places, index, seconds(600, 600), np.array([-15.0, 10.0])))
    values = from_sensors(store, registry.directory(), "sample", 0, 3600)
    assert values == [OutdoorValue(600, -15.0, "sensors")]


def test_outdoor_sensors_are_compared_with_each_other(tmp_path):
    file = tmp_path / "c.toml"
    file.write_text(f'[state]\ndirectory = "{tmp_path}/state"\n')
    config = load(file)
    registry = open_registry(config)
    spreadsheets.import_folder(registry, SAMPLE)
    names = {"name_zh": "测点", "name_en": None, "district": "sample", "shaded": True}
    registry.put({"outdoor": [{"id": one, **names} for one in ("out-2", "out-3")]})
    options = ["compare", "--days", "5", "-c", str(file)]
    alone = CliRunner().invoke(outdoor, options)
    assert (alone.exit_code, "three sensors" in alone.output) == (0, True)
    end = int(time.time()) // 3600 * 3600
    times = np.arange(end - 5 * 86_400, end, 600)
    store = open_timeseries(config)
    for place, warmer in (("out-1", 0.0), ("out-2", 0.2), ("out-3", 3.0)):
        series = [Series(OUTDOOR, "sample", "", "", "", place, place)]
        index = np.zeros(len(times), np.int32)
        store.write(Points(series, index, times, np.full(len(times), -12.0 + warmer)))
    found = CliRunner().invoke(outdoor, options)
    assert found.exit_code == 1
    assert "✗ out-3" in found.output and "✓ out-1" in found.output


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_may_have_chinese_headers_in_any_encoding(encoding):
    text = "时间,气温,来源\r\n2026/1/2 8:00,-21.5,哈尔滨气象站\r\n2026-01-02T01:00Z,-20,\r\n"
    values = parse_csv(text.encode(encoding), "weather.csv", HARBIN, "其他")
    assert values == [
        OutdoorValue(1_767_312_000, -21.5, "哈尔滨气象站"),
        OutdoorValue(1_767_315_600, -20.0, "其他"),
    ]


def test_every_faulty_line_is_named_and_nothing_is_taken():
    text = "time,celsius,source\nnoon,-1,a\n2026-01-02,warm,a\n\n2026-01-02,-99,a\n2026-01-02,1,\n"
    with pytest.raises(ImportRefused) as refused:
        parse_csv(text.encode(), "w.csv", HARBIN)
    assert [problem.split(": ")[0] for problem in refused.value.problems] == [
        "w.csv:2",
        "w.csv:3",
        "w.csv:5",
        "w.csv:6",
    ]


@pytest.mark.parametrize("data", [b"", b"celsius\n1\n", b"time\n2026-01-02\n", b"\xff\xff\xff"])
def test_a_file_that_is_no_such_table_is_refused(data):
    with pytest.raises(ImportRefused):
        parse_csv(data, "w.csv", HARBIN, "a")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    try:
        parse_csv(b"time,celsius\n" + data, "w.csv", HARBIN, "a")
    except ImportRefused as refused:
        assert refused.problems


def test_kept_values_come_back_and_are_replaced_by_source(tmp_path):
    store = OutdoorStore(Registry(f"sqlite:///{tmp_path / 'registry.sqlite'}"))
    first = [OutdoorValue(time, -10.0, "a") for time in range(0, 7200, 600)]
    assert store.put("d", first) == 12
    store.put("d", [OutdoorValue(600, -11.0, "a"), OutdoorValue(600, -12.0, "b")])
    store.put("elsewhere", [OutdoorValue(600, 5.0, "a")])
    held = {(value.time_s, value.source): value.celsius for value in store.values("d", 600, 1200)}
    assert held == {(600, "a"): -11.0, (600, "b"): -12.0}
    assert len(store.values("d", 0, 7200)) == 13


@pytest.fixture
def service() -> Iterator[WeatherService]:
    with weather_service() as server:
        yield server


def test_only_what_is_new_or_changed_makes_verdicts_doubtful(tmp_path):
    registry = Registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    store, values = OutdoorStore(registry), [OutdoorValue(7200, -20.0, "a")]
    version, change = registry.version(), registry.last_change()
    store.put("d", values)
    (doubt,) = registry.changes_after(change)
    assert (doubt.reason, doubt.sensor, doubt.from_s) == ("outdoor", None, 7200 - NEAR_S)
    assert registry.version() == version + 1
    store.put("d", values)
    assert registry.last_change() == doubt.id
    assert registry.version() == version + 1
    store.put("d", [*values, OutdoorValue(10_800, -21.0, "a"), OutdoorValue(7200, -20.0, "b")])
    assert [one.from_s for one in registry.changes_after(doubt.id)] == [7200 - NEAR_S]


def test_a_service_is_asked_for_the_district_and_the_time(service):
    data = fetch(address(service), "d&x", 0, 3600)
    assert service.asked == [
        "/w?place=d%26x&from=1970-01-01T00%3A00%3A00Z&to=1970-01-01T01%3A00%3A00Z"
    ]
    assert parse_csv(data, "service", HARBIN, "s")[0].celsius == -20


def test_a_service_that_fails_is_an_expected_error(service):
    service.status = 503
    with pytest.raises(OutdoorAway, match="503"):
        fetch(address(service), "d", 0, 1)
    service.status, service.answer = 200, b"x" * (8 * 1024 * 1024 + 1)
    with pytest.raises(OutdoorAway, match="larger"):
        fetch(address(service), "d", 0, 1)


@pytest.mark.parametrize("template", ["http://127.0.0.1:1/", "file:///etc/passwd", "http://[/"])
def test_an_address_that_cannot_be_asked_is_an_expected_error(template):
    with pytest.raises(OutdoorAway):
        fetch(template, "d", 0, 1)


def test_the_commands_import_fetch_and_show(service, tmp_path):
    (tmp_path / "c.toml").write_text(
        f'[state]\ndirectory = "{tmp_path}/state"\n[outdoor]\nurl = "{address(service)}"\n'
    )
    (tmp_path / "w.csv").write_text("time,celsius\n2026-01-02 08:00,-21.5\n")
    options = ["-c", str(tmp_path / "c.toml")]
    run = CliRunner().invoke
    refused = run(outdoor, ["show", *options])
    assert isinstance(refused.exception, HeatwardError)
    (tmp_path / "state").mkdir(exist_ok=True)
    registry = Registry(f"sqlite:///{tmp_path / 'state' / 'registry.sqlite'}")
    spreadsheets.import_folder(registry, SAMPLE)
    assert "no outdoor" in run(outdoor, ["show", *options]).output
    imported = run(outdoor, ["import", str(tmp_path / "w.csv"), "--source", "me", *options])
    assert "imported: 1" in imported.output
    assert "fetched: 1" in run(outdoor, ["fetch", *options]).output
    held = OutdoorStore(registry).values("sample", 0, 2**40)
    assert {(value.source, value.celsius) for value in held} == {("me", -21.5), ("127.0.0.1", -20)}
