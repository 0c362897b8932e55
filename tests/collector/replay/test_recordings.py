"""Recorded series from files."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.errors import ImportRefused
from heatward_collector.replay.recordings import nearest_sixteenth, read_recording

RECORDINGS = Path(__file__).parents[2] / "data" / "recordings"


def test_rounds_to_the_sensors_unit_once_with_ties_to_even():
    assert nearest_sixteenth([20.0, -0.05, 19.97, 0.03125, 0.09375]).tolist() == [
        320,
        -1,
        320,
        0,
        2,
    ]


@given(st.integers(-880, 2000))
def test_every_multiple_of_a_sixteenth_is_kept_as_it_is(raw: int):
    assert nearest_sixteenth([raw / 16])[0] == raw


@pytest.mark.parametrize(
    ("name", "series", "readings", "interval_s"),
    [
        ("nyc_heatseek_2015/readings_hourly.csv.gz", 12, 3569, 3600),
        ("uk_darkgreybox_2020/demo_hourly.csv", 1, 792, 3600),
        ("uk_room_2016/room_2min.csv.gz", 1, 85449, 120),
    ],
)
def test_reads_the_published_recordings(name: str, series: int, readings: int, interval_s: int):
    recording = read_recording(RECORDINGS / name)
    assert len(recording) == series
    assert sum(len(one.time_s) for one in recording) == readings
    longest = max(recording, key=lambda one: len(one.time_s))
    assert longest.interval_s() == interval_s
    assert all((np.diff(one.time_s) > 0).all() for one in recording)


def test_times_are_utc_and_whole_seconds(tmp_path: Path):
    file = tmp_path / "long.csv"
    file.write_text(
        "time,sensor,celsius\n2024-01-01T00:00:00.9+08:00,a,20.5\n2024-01-01 00:00:00,a,20\n"
    )
    (one,) = read_recording(file)
    assert one.time_s.tolist() == [1704038400, 1704067200]
    assert one.raw.tolist() == [328, 320]


def test_a_faulty_row_is_named_and_nothing_is_taken(tmp_path: Path):
    file = tmp_path / "bad.csv"
    file.write_text("time,celsius\n2024-01-01,20\nyesterday,20\n2024-01-02,warm\n2024-01-03,126\n")
    with pytest.raises(ImportRefused) as refused:
        read_recording(file)
    text = str(refused.value)
    assert "bad.csv:3" in text
    assert "bad.csv:4" in text
    assert "bad.csv:5" in text


def test_a_file_without_the_columns_says_which_are_needed(tmp_path: Path):
    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(ImportRefused, match="celsius"):
        read_recording(file)
