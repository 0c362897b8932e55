"""Reading in bulk gives what reading line by line gives, for anything that a line may hold."""

from __future__ import annotations

import math
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.from_files.bulk import PieceReader
from heatward_collector.from_files.layout import Layout
from heatward_collector.from_files.row import read_row
from heatward_collector.registry.cells import CellError

LAYOUT = Layout(",", 3, 0, 1, 2)
HARBIN = ZoneInfo("Asia/Shanghai")
SENSOR = "28-000006b67845"
DATES = st.one_of(
    st.dates().map(str),
    st.sampled_from(
        ["2020-02-29", "2021-02-29", "2020-04-31", "2020-13-01", "2020-1-1", "20201020"]
    ),
)
CLOCKS = st.one_of(
    st.times().map(lambda one: one.strftime("%H:%M:%S")),
    st.times().map(lambda one: one.isoformat("microseconds")),
    st.times().map(lambda one: one.strftime("%H:%M")),
    st.sampled_from(
        ["24:00:00", "23:59:60", "5:00:00", "05:00:00.", "05:00.5", "05:00:00,5", "05"]
    ),
)
ZONES = st.sampled_from(
    [
        "",
        "Z",
        "z",
        "+08:00",
        "-0330",
        "+08",
        "+24:00",
        "+08:75",
        "+8:00",
        " +08:00",
        "ZZ",
        "+080000",
    ]
)
TIMES = st.one_of(
    st.builds("{}{}{}{}".format, DATES, st.sampled_from(["T", " ", "t", "", "x"]), CLOCKS, ZONES),
    st.text(max_size=40),
)
SENSORS = st.one_of(
    st.just(SENSOR),
    st.integers(0, 2**48 - 1).map(lambda one: f"28-{one:012x}"),
    st.sampled_from(
        [
            "28-00000E3117E8",
            "urn:dev:ow:284578b60600009a:",
            "urn:dev:ow:284578b60600009a",
            "urn:dev:ow:284578b60600009b",
            "28-000006b6784",
            f" {SENSOR}",
            f"{SENSOR}\0",
            "28-000006b67845" * 3,
        ]
    ),
    st.text(max_size=12),
)
VALUES = st.one_of(
    st.floats(-60, 130).map(lambda one: f"{one:.4f}"),
    st.floats().map(str),
    st.integers().map(str),
    st.sampled_from(
        ["", "NaN", "null", "-", "+5", "-.5", ".5", "5.", "-", ".", "1.2.3", "1-2", "--1", "1e2"]
        + ["0000000021.5", "1234567890", "21.3125 ", "-0", "٣", "21,5", "1_0"]
    ),
    st.text(max_size=14),
)
LINES = st.one_of(
    st.builds("{},{},{}".format, TIMES, SENSORS, VALUES),
    st.builds('"{}","{}",{}'.format, TIMES, SENSORS, VALUES),
    st.builds("{},{},{},{}".format, TIMES, SENSORS, VALUES, st.sampled_from(["", "x"])),
    st.text(max_size=30),
    st.sampled_from(["", ",,", " ", '"', "2020-10-20T00:05:00Z"]),
)


def whole(line: str) -> bool:
    return not set(line) & set("\n")


def one_by_one(lines: list[bytes], zone: ZoneInfo):
    rows, faults = [], []
    for number, line in enumerate(lines):
        text = line.removesuffix(b"\r").decode("utf-8", "replace")
        try:
            row = read_row(text, LAYOUT, zone)
        except CellError as error:
            faults.append((number, str(error)))
            continue
        if row is not None:
            rows.append((row.time_s, row.sensor, repr(row.celsius), row.is_local))
    return sorted(rows), faults


def assert_same(lines: list[bytes], zone: ZoneInfo) -> None:
    piece = PieceReader(LAYOUT, zone).read(b"\n".join([*lines, b""]))
    rows, faults = one_by_one(lines, zone)
    found = zip(piece.time_s.tolist(), piece.sensor.tolist(), piece.celsius.tolist(), strict=True)
    assert sorted((a, b, repr(c)) for a, b, c in found) == [row[:3] for row in rows]
    assert piece.local_times == sum(row[3] for row in rows)
    assert list(piece.faults) == faults
    assert piece.lines == len(lines)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES.filter(whole), min_size=1, max_size=20), st.sampled_from(["\n", "\r\n"]))
def test_any_lines_give_the_same_in_bulk_and_one_by_one(lines, ending):
    encoded = [line.encode("utf-8", "replace") for line in lines]
    if ending == "\r\n":
        encoded = [line + b"\r" for line in encoded]
    assert_same(encoded, HARBIN)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=40).filter(lambda one: b"\n" not in one), min_size=1))
def test_any_bytes_give_the_same_in_bulk_and_one_by_one(lines):
    assert_same(lines, HARBIN)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.datetimes(min_value=datetime.fromisoformat("1971-01-01")), min_size=1))
def test_local_times_are_turned_the_same_through_every_change_of_clocks(moments):
    lines = [f"{one.isoformat(' ', 'seconds')},{SENSOR},20.5".encode() for one in moments]
    assert_same(lines, ZoneInfo("Europe/London"))


def test_the_usual_forms_need_no_second_look():
    text = (
        f"2020-10-20T00:05:00Z,{SENSOR},21.3125\n"
        f"2020-10-20 08:05:00+08:00,{SENSOR},-3\n"
        f"2020-10-20T08:05:00.250+0800,urn:dev:ow:284578b60600009a:,\n"
        f"2020-10-20T08:05,{SENSOR},20.\n"
    )
    reader = PieceReader(LAYOUT, HARBIN)
    piece = reader.read(text.encode())
    assert piece.time_s.tolist() == [1603152300] * 4
    assert np.unique(piece.sensor).size == 1
    assert piece.celsius.tolist()[:2] == [21.3125, -3.0]
    assert math.isnan(piece.celsius[2])
    assert (piece.local_times, piece.faults) == (1, ())


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2020-10-20T00:05:00Z,28-xyz,21", "is no sensor"),
        (f"yesterday,{SENSOR},21", "is no time"),
        (f"2020-02-30T00:05:00Z,{SENSOR},21", "is no time"),
        (f"2020-10-20T00:05:00Z,{SENSOR},warm", "is no temperature"),
        (f"2020-10-20T00:05:00Z,{SENSOR},inf", "is no temperature"),
        ("2020-10-20T00:05:00Z,21", "has 2 cells instead of 3"),
        (f"2020-10-20T00:05:00Z,{SENSOR},21,5", "has 4 cells instead of 3"),
        (f'2020-10-20T00:05:00Z,"{SENSOR},21', "quotes do not fit"),
    ],
)
def test_a_faulty_line_is_named_with_its_reason(line, reason):
    piece = PieceReader(LAYOUT, HARBIN).read(f"\n{line}\n".encode())
    assert len(piece.time_s) == 0
    ((number, text),) = piece.faults
    assert number == 1
    assert reason in text
