"""Outdoor temperatures from a file: what was known at each moment."""

import gzip
import math
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from heatward_collector.errors import ImportRefused
from heatward_collector.from_files.outdoors import Outdoors, read_outdoors

ZONE = ZoneInfo("Asia/Shanghai")
T0 = 1_603_152_000


def write(tmp_path, text, name="outdoor.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_values_are_sorted_and_several_of_one_moment_are_one(tmp_path):
    text = (
        "time,celsius,source\n"
        "2020-10-20T01:00:00Z,-3.5,a\n"
        "2020-10-20 08:00,-1,b\n"
        "2020-10-20T00:00:00Z,-2,a\n"
        "2020-10-20T02:00:00Z,,a\n"
        "\n"
    )
    for data in (text, "\ufeff" + text, gzip.compress(text.encode())):
        found = read_outdoors(write(tmp_path, data), ZONE)
        assert found.time_s.tolist() == [T0, T0 + 3600]
        assert found.celsius.tolist() == [-1.5, -3.5]
        assert found.faulty == 0


def test_faulty_lines_are_named_and_left_out(tmp_path):
    path = write(
        tmp_path,
        "时间,气温\n2020-10-20T00:00:00Z,-2\nx,1\n2020-10-20T01:00:00Z,900\n2020-10-20T01:00:00Z\n",
    )
    found = read_outdoors(path, ZONE)
    assert found.celsius.tolist() == [-2.0]
    assert found.faulty == 3
    assert [text.split(": ")[0] for text in found.named] == [
        "outdoor.csv:3",
        "outdoor.csv:4",
        "outdoor.csv:5",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("time,value\n", "there is no column: celsius"),
        ("time,celsius\nx,y\n", "holds no temperature"),
        (b"\x1f\x8bxx", "cannot be read"),
        (b"\xff\xfe\x81", "UTF-8"),
    ],
)
def test_a_file_without_weather_says_why(tmp_path, text, reason):
    with pytest.raises(ImportRefused, match=reason):
        read_outdoors(write(tmp_path, text), ZONE)


def test_only_what_lies_before_a_moment_is_known_and_only_while_it_is_fresh():
    found = Outdoors(np.array([T0, T0 + 3600]), np.array([-2.0, -4.0]))
    asked = np.array([T0 - 1, T0, T0 + 1, T0 + 3600, T0 + 3601, T0 + 9000, T0 + 9001])
    known = found.known_at(asked)
    assert known.tolist()[2:6] == [-2.0, -2.0, -4.0, -4.0]
    assert [math.isnan(one) for one in known] == [True, True, False, False, False, False, True]
    assert np.isnan(Outdoors(np.array([], np.int64), np.array([])).known_at(asked)).all()


@pytest.mark.parametrize(
    ("apart_s", "count", "fresh_s"),
    [
        (600, 9, 5400),
        (3600, 9, 5400),
        (3 * 3600, 9, 13_500),
        (86_400, 9, 108_000),
        (7 * 86_400, 9, 108_000),
        (86_400, 2, 5400),
    ],
)
def test_a_value_of_a_coarse_series_stands_until_the_next_one(apart_s, count, fresh_s):
    series = Outdoors(apart_s * np.arange(count), np.full(count, -9.0))
    assert series.fresh_s == fresh_s
