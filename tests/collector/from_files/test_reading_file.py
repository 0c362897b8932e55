"""Files of readings as people have them: every line is taken, or accounted for."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from heatward_collector.errors import ImportRefused
from heatward_collector.from_files.reading_file import ReadingFile
from heatward_collector.registry import sensor_number

ZONE = ZoneInfo("Asia/Shanghai")
ONE, TWO = "28-000006b67845", "28-000006b67846"
TEXT = f"""time,sensor,celsius
2020-10-20T00:10:00Z,{ONE},21.5
2020-10-20T00:05:00Z,{TWO},20.0
2020-10-20T00:05:00Z,{ONE},21.3125
2020-10-20T00:05:00Z,{ONE},21.3125
"""
ROWS = [
    (1603152300, ONE, 341),
    (1603152300, ONE, 341),
    (1603152300, TWO, 320),
    (1603152600, ONE, 344),
]


def read(path, **options):
    file = ReadingFile(path, ZONE, **options)
    rows = [
        row
        for one in file
        for row in zip(one.time_s.tolist(), one.sensor.tolist(), one.raw.tolist(), strict=True)
    ]
    return sorted(rows), file.tally


def expected(rows=ROWS):
    return sorted((time_s, sensor_number(sensor), raw) for time_s, sensor, raw in rows)


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.rstrip("\n").encode(),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace(",", ";").replace(".", ",").encode(),
        TEXT.replace("time,sensor,celsius", "时间,传感器,温度").encode("gb18030"),
        TEXT.replace("time,sensor,celsius", '"Time","Sensor" , "Celsius"').encode(),
        TEXT.replace("T", " ").replace("Z", "+00:00").encode(),
        TEXT.replace("\n2", "\n\n2").encode(),
        gzip.compress(TEXT.encode()),
    ],
)
def test_the_same_readings_in_any_dress(tmp_path, data):
    path = tmp_path / "readings.csv"
    path.write_bytes(data)
    rows, tally = read(path)
    assert rows == expected()
    assert (tally.lines, tally.faulty) == (4, 0)


def test_columns_may_stand_in_any_order_with_others_between(tmp_path):
    path = tmp_path / "readings.csv"
    lines = [line.split(",") for line in TEXT.splitlines()]
    path.write_text("".join(f"{c},x,{s},{t}\n" for t, s, c in lines))
    assert read(path)[0] == expected()


def test_pieces_of_any_size_give_the_same(tmp_path):
    path = tmp_path / "readings.csv"
    path.write_text(TEXT + "rubbish\n" + TEXT.partition("\n")[2])
    whole = read(path)
    for size in (1, 7, 50, 100):
        assert read(path, piece_bytes=size) == whole
    assert whole[1].named == ["readings.csv:6: 有 1 个单元格，应为 3 个 / has 1 cells instead of 3"]


@pytest.mark.parametrize("data", [TEXT.encode(), gzip.compress(TEXT.encode())])
def test_a_pipe_is_read_too(data):
    reading_end, writing_end = os.pipe()
    with os.fdopen(writing_end, "wb") as pipe:
        pipe.write(data)
    with os.fdopen(reading_end, "rb") as pipe:
        assert read(Path("-"), stream=pipe)[0] == expected()


def test_what_is_no_room_air_is_counted_and_left_out(tmp_path):
    path = tmp_path / "readings.csv"
    values = ["85.0", "-127", "127.9375", "", "NaN", "125.1", "1e9", "124.9"]
    path.write_text(
        "time,sensor,celsius\n" + "".join(f"2020-10-20T00:05:00Z,{ONE},{v}\n" for v in values)
    )
    rows, tally = read(path)
    assert [raw for _, _, raw in rows] == [1998]
    assert (tally.lines, tally.power_on, tally.out_of_range, tally.without_value) == (8, 1, 4, 2)
    assert tally.faulty == 0


def test_every_faulty_line_is_counted_and_the_first_are_named(tmp_path):
    path = tmp_path / "readings.csv"
    path.write_text(TEXT + "x,y,z\n" * 100)
    rows, tally = read(path)
    assert rows == expected()
    assert (tally.lines, tally.faulty, len(tally.named)) == (104, 100, 20)
    assert tally.named[0].startswith("readings.csv:6: ")
    assert tally.named[-1].startswith("readings.csv:25: ")


def test_a_time_without_a_zone_is_local_and_counted(tmp_path):
    path = tmp_path / "readings.csv"
    path.write_text(TEXT.replace("Z", ""))
    rows, tally = read(path)
    assert rows == expected([(when - 8 * 3600, sensor, raw) for when, sensor, raw in ROWS])
    assert tally.local_times == 4


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "there is no column: time"),
        (
            TEXT.partition("\n")[2].encode(),
            "must be the header time,sensor,celsius, with",
        ),
        (TEXT.replace(",", "，").encode(), r"time,sensor,celsius \(with plain commas\), with one"),
        (b"PK\x03\x04 a workbook", "save it as CSV UTF-8"),
        (TEXT.replace("\n", "\r").encode() * 9000, "save it as CSV UTF-8: it has no lines"),
        (b"time,sensor,celsius\n", "holds no reading"),
        (b"time,sensor,value\n", "there is no column: celsius"),
        (b"time,time,sensor,celsius\n", "twice: time"),
        (TEXT.encode("utf-16"), "save it as CSV UTF-8"),
        (gzip.compress(TEXT.encode())[:60], "cannot be read"),
        (b"time,sensor,celsius\n" + b"x" * 6_000_000, "has no lines"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, data, reason):
    path = tmp_path / "readings.csv"
    path.write_bytes(data)
    with pytest.raises(ImportRefused, match=reason):
        read(path)


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(ImportRefused, match="cannot be read"):
        read(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        (
            f"2020-10-20T00:05:00Z,{ONE},21,5",
            "has 4 cells .*: write decimals with a point",
        ),
        (f"44124.00347,{ONE},21.5", "is no time .*: format the column as dates"),
        (f"1603152300,{ONE},21.5", "is no time .*; write UNIX seconds as"),
        (
            "2020-10-20T00:05:00Z,SN-17,21.5",
            "is no sensor .*; number other loggers 28-0000",
        ),
    ],
)
def test_a_line_of_another_system_is_named_with_its_remedy(tmp_path, line, remedy):
    path = tmp_path / "readings.csv"
    path.write_text(f"time,sensor,celsius\n{line}\n")
    _, tally = read(path)
    assert re.search(r"^readings\.csv:2: .*" + remedy, tally.named[0])
