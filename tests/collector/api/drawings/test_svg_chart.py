"""Charts: gaps stay gaps, local days are local, and every drawing is well-formed."""

from datetime import UTC, datetime
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from heatward_collector.api.city.facts import Curve
from heatward_collector.api.drawings.curve_gaps import open_gaps, thinned
from heatward_collector.api.drawings.svg_chart import Chart, Labels, draw
from heatward_collector.explain.local_time import daily_spans, ticks
from heatward_collector.explain.stretches import runs

HARBIN = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
START = int(datetime(2026, 11, 22, 5, tzinfo=UTC).timestamp())
LABELS = Labels("<title>", "text & more", "standard 20.0 °C", "nothing", lambda day: f"on {day}")


def chart_of(curve: Curve, limit: float | None = 20.0) -> Chart:
    return Chart(curve, START, START + 2 * 86400, HARBIN, limit, LABELS, (10, 14))


def drawings(chart: Chart) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(f"<div>{draw(chart)}</div>"))


def test_dates_below_the_axis_are_written_as_the_page_writes_them() -> None:
    dates = [
        text.text
        for text in drawings(chart_of(Curve(np.empty(0, np.int64), np.empty(0))))[0].iter("text")
        if text.get("class") == "date"
    ]
    assert dates == ["on 2026-11-23", "on 2026-11-24"]


def test_a_silence_longer_than_an_hour_is_not_drawn_across() -> None:
    times = START + np.array([0, 300, 600, 9000, 9300], dtype=np.int64)
    curve = open_gaps(Curve(times, np.full(5, 21.0)), 3600)
    assert curve.time_s.tolist() == [START, START + 300, START + 600, START + 601, *times[3:]]
    assert runs(curve.celsius) == [slice(0, 3), slice(4, 6)]
    lines = drawings(chart_of(curve))[0].findall("polyline")
    assert len(lines) == 2


def test_a_gap_survives_thinning() -> None:
    times = START + 300 * np.arange(6000, dtype=np.int64)
    times[3000:] += 7200
    curve = thinned(open_gaps(Curve(times, 20 + np.sin(times / 5000)), 3600), 400)
    assert curve.time_s.size <= 420
    assert len(runs(curve.celsius)) == 2
    assert np.nanmax(curve.celsius) == pytest.approx(21.0, abs=1e-3)


def test_the_band_of_a_building_opens_with_its_line() -> None:
    times = START + 3600 * np.array([0, 1, 5, 6], dtype=np.int64)
    middle = np.array([20.0, 20.5, 19.0, 19.5])
    curve = open_gaps(Curve(times, middle, middle - 1, middle + 1), 3600)
    wide = drawings(chart_of(curve))[0]
    assert len(wide.findall("polygon")) == 2
    assert len(wide.findall("polyline")) == 2


def test_an_empty_chart_says_so() -> None:
    empty = Curve(np.array([], dtype=np.int64), np.array([]))
    words = [text.text for text in drawings(chart_of(empty, None))[0].findall("text")]
    assert "nothing" in words


def test_a_single_reading_is_a_dot() -> None:
    curve = Curve(np.array([START + 60], dtype=np.int64), np.array([21.0]))
    assert len(drawings(chart_of(curve))[0].findall("circle")) == 1


def test_excluded_hours_are_cut_to_the_chart() -> None:
    spans = list(daily_spans(START, START + 2 * 86400, HARBIN, (10, 14)))
    local = [
        tuple(datetime.fromtimestamp(end, HARBIN).strftime("%d %H:%M") for end in span)
        for span in spans
    ]
    assert local == [("22 13:00", "22 14:00"), ("23 10:00", "23 14:00"), ("24 10:00", "24 13:00")]


def test_local_hours_follow_the_clock_change() -> None:
    start = int(datetime(2026, 10, 24, 22, tzinfo=UTC).timestamp())
    hours = [m.strftime("%d %H:%M %z") for m in ticks(start, start + 2 * 86400, BERLIN, 5)]
    assert hours[0] == "25 00:00 +0200"
    assert "26 00:00 +0100" in hours


@given(
    arrays.arrays(
        np.float64,
        st.integers(0, 60),
        elements=st.one_of(st.just(np.nan), st.floats(-55, 125)),
    )
)
def test_every_series_gives_two_well_formed_drawings(celsius: np.ndarray) -> None:
    times = START + 1800 * np.arange(celsius.size, dtype=np.int64)
    wide, narrow = drawings(chart_of(thinned(open_gaps(Curve(times, celsius), 3600), 40)))
    assert (wide.get("class"), narrow.get("class")) == ("chart wide", "chart narrow")
    for points in wide.iter("polyline"):
        for corner in points.get("points", "").split():
            x, y = map(float, corner.split(","))
            assert 0 <= x <= 960 and 0 <= y <= 320


def test_ids_in_a_page_are_unique() -> None:
    curve = Curve(np.array([START], dtype=np.int64), np.array([20.0]))
    ids = [
        node.get("id") for svg in drawings(chart_of(curve)) for node in svg.iter() if node.get("id")
    ]
    assert len(ids) == len(set(ids)) == 4


def test_a_curve_with_values_for_other_times_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="needs its time"):
        Curve(np.array([1], dtype=np.int64), np.array([1.0, 2.0]))
