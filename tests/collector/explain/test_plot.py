"""Plots of findings: well-formed, in both languages, gaps as gaps, the event where it was."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from heatward_collector.core.suppression import Kind, Level
from heatward_collector.explain.curves import curves_of, span_of
from heatward_collector.explain.marks import lines_of
from heatward_collector.explain.plot import PHONE, WIDE, Curves, Plot, draw
from heatward_collector.locale import CHINESE, ENGLISH, texts
from support.scored_district import DAY, HOMES, HOUR, T0, finding, network

ZONE = ZoneInfo("Asia/Shanghai")
SVG = "{http://www.w3.org/2000/svg}"
SLOTS = np.arange(T0 - DAY, T0 + DAY, 900)


def curves(**changes):
    values = {
        "time_s": SLOTS,
        "homes": np.linspace(22.0, 19.0, len(SLOTS))[:, None] + np.array([0.0, 0.5, 1.0]),
        "fell": np.array([True, True, False]),
        "peers": np.full(len(SLOTS), 21.5),
        "outdoor": np.full(len(SLOTS), -20.0),
    } | changes
    return Curves(**values)


def plot(one=None, language=CHINESE, sheet=PHONE, minimum=20.0, **changes):
    drawn = Plot(
        one or finding(), curves(**changes), "热源“so1”停热", "23:15 起", "全文", minimum, ZONE
    )
    return ElementTree.fromstring(draw(drawn, texts(language), sheet))


def of_class(root, kind):
    return [mark for mark in root.iter() if mark.get("class") == kind]


def words(root):
    return [mark.text for mark in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("sheet", [PHONE, WIDE])
@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_a_plot_is_well_formed_and_lies_on_its_sheet(language, sheet):
    root = plot(language=language, sheet=sheet)
    _, _, width, height = map(float, root.get("viewBox").split())
    assert width == sheet.width
    for mark in root.iter():
        for name in ("x", "x1", "x2", "cx"):
            assert 0 <= float(mark.get(name, 0)) <= width
        for name in ("y", "y1", "y2", "cy"):
            assert 0 <= float(mark.get(name, 0)) <= height
        for pair in (mark.get("points") or "").split():
            x, y = map(float, pair.split(","))
            assert 0 <= x <= width
            assert 0 <= y <= height
    assert root.find(f"{SVG}title").text == "热源“so1”停热"
    assert root.find(f"{SVG}desc").text == "全文"


def test_words_are_chinese_or_english():
    assert {"室温 ℃", "室外 ℃", "发现", "最低标准 20 ℃"} <= set(words(plot()))
    english = set(words(plot(language=ENGLISH)))
    assert {"Room temperature, °C", "Outdoors, °C", "detected"} <= english


def test_each_home_has_a_line_and_those_that_fell_another_one():
    root = plot()
    lines = {
        kind: len([mark for mark in of_class(root, kind) if mark.tag == f"{SVG}polyline"])
        for kind in ("fell", "stayed", "median", "peers", "outdoor")
    }
    assert lines == {"fell": 2, "stayed": 1, "median": 1, "peers": 1, "outdoor": 1}


def test_the_event_is_shaded_from_its_begin_to_its_end_in_both_panels():
    shades = of_class(plot(finding(0.0, 1.5, 6.0)), "event")
    assert len(shades) == 2
    inner = PHONE.width - PHONE.left - PHONE.right
    span = SLOTS[-1] - SLOTS[0]
    for shade in shades:
        assert float(shade.get("x")) == pytest.approx(PHONE.left + DAY / span * inner, abs=0.1)
        assert float(shade.get("width")) == pytest.approx(6 * HOUR / span * inner, abs=0.2)
    for shade in of_class(plot(finding(0.0, 1.5, None)), "event"):
        assert float(shade.get("x")) + float(shade.get("width")) == pytest.approx(
            PHONE.width - PHONE.right, abs=0.2
        )


def test_a_gap_in_the_readings_is_a_gap_in_the_line():
    peers = np.full(len(SLOTS), 21.5)
    peers[50:60] = np.nan
    peers[70] = np.nan
    peers[72] = np.nan
    root = plot(peers=peers)
    lines = [mark for mark in of_class(root, "peers") if mark.tag == f"{SVG}polyline"]
    assert [len(line.get("points").split()) for line in lines] == [50, 10, len(SLOTS) - 73]
    assert len(of_class(root, "peers alone")) == 1


def test_unknown_weather_and_no_control_group_are_said_not_drawn():
    nothing = np.full(len(SLOTS), np.nan)
    root = plot(outdoor=nothing, peers=nothing)
    assert "没有数据" in words(root)
    assert of_class(root, "outdoor") == []
    assert not any("对照" in one for one in words(root))
    assert not of_class(plot(minimum=None), "limit")


def test_the_legend_names_other_homes_only_where_one_is_drawn():
    homes = np.linspace(22.0, 19.0, len(SLOTS))[:, None] + np.array([0.0, 0.5, np.nan])
    assert "本处其他住户" in words(plot())
    assert "本处其他住户" not in words(plot(homes=homes))


def test_nothing_measured_at_all_still_makes_a_plot():
    nothing = np.full(len(SLOTS), np.nan)
    root = plot(homes=np.full((len(SLOTS), 3), np.nan), peers=nothing, outdoor=nothing)
    assert of_class(root, "event")


def test_a_title_breaks_where_its_language_breaks():
    assert lines_of("热源“城南第一热源厂”夜间停热", 120) == ["热源“城南第一热", "源厂”夜间停热"]
    assert lines_of("Heat source South, night interruption", 160) == [
        "Heat source South,",
        "night interruption",
    ]
    assert lines_of("", 100) == []


def season():
    rows = np.arange(4 * 96)[:, None] * 0.01 + np.arange(12)
    return network(), rows.astype(np.float32), np.full(4 * 96, -20.0), T0 - 2 * DAY, 900


def test_a_plot_shows_the_homes_of_the_place_and_homes_of_other_sources_beside_them():
    one = finding(affected=HOMES[:6])
    found = curves_of(one, *season())
    assert found.homes.shape == (len(found.time_s), 8)
    assert found.fell.tolist() == [True] * 6 + [False] * 2
    assert found.peers[0] == pytest.approx(found.homes[0, 0] + 9.5, abs=1e-4)
    first, last = span_of(one)
    assert first - 900 <= found.time_s[0] <= found.time_s[-1] <= last


def test_a_place_of_the_only_source_is_compared_with_other_buildings():
    places, *rest = season()
    places.of_home[Level.SOURCE][:] = 0
    found = curves_of(finding(place=(Level.BUILDING, "b1"), affected=HOMES[:4]), places, *rest)
    assert found.homes.shape[1] == 4
    assert np.isfinite(found.peers).all()
    places.of_home[Level.BUILDING][:] = 0
    alone = curves_of(finding(place=(Level.BUILDING, "b1"), affected=HOMES[:4]), places, *rest)
    assert np.isnan(alone.peers).all()


def test_a_home_is_a_place_too():
    found = curves_of(finding(place=(Level.HOME, "h3"), affected=("h3",)), *season())
    assert found.homes.shape[1] == 1


def test_a_long_finding_is_thinned_without_filling_gaps():
    places, rows, outdoor, start_s, slot_s = season()
    rows, outdoor = np.tile(rows, (10, 1)), np.tile(outdoor, 10)
    rows[1000:1100, 0] = np.nan
    slow = finding(0, 48, 20 * 24.0, kind=Kind.THROTTLING, affected=HOMES[:8])
    found = curves_of(slow, places, rows, outdoor, start_s, slot_s)
    assert 200 < len(found.time_s) <= 400
    assert np.isnan(found.homes[:, 0]).any()
    assert np.isfinite(found.homes[:, 1]).all()


def test_a_finding_beyond_the_season_is_cut_to_what_there_is():
    found = curves_of(finding(-400.0, -399.0, -390.0, affected=HOMES[:8]), *season())
    assert len(found.time_s) == 2
