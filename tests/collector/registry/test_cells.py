"""Cells as people and spreadsheets write them, and back."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.registry import tables
from heatward_collector.registry.cells import CellError, read_cell, write_cell

HARBIN = ZoneInfo("Asia/Shanghai")
COLUMNS = [column for table in tables.IMPORTED for column in table.columns]
FROM = tables.assignment.c.from_s
DAY = tables.suspension.c.from_day
SENSOR = tables.assignment.c.sensor
NOTE = tables.placement.c.note
HEIGHT = tables.placement.c.height_m
HOURS = tables.regime.c.hours
USE = tables.room.c.use
METERED = tables.home.c.metered


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        (FROM, "2026-01-02 08:00", 1_767_312_000),
        (FROM, "2026/1/2 8:00", 1_767_312_000),
        (FROM, "2026/1/2 8:00:05", 1_767_312_005),
        (FROM, "2026-01-02T00:00:00Z", 1_767_312_000),
        (FROM, "2026-01-02T09:00:00+09:00", 1_767_312_000),
        (FROM, "2026-01-02", 1_767_283_200),
        (FROM, "2026年1月2日", 1_767_283_200),
        (DAY, "2026/1/2", date(2026, 1, 2)),
        (DAY, "2026-01-02", date(2026, 1, 2)),
        (SENSOR, "28-000006B67845", "28-000006b67845"),
        (SENSOR, "urn:dev:ow:284578b60600009a", "28-000006b67845"),
        (NOTE, " '=1+1 ", "=1+1"),
        (NOTE, "'tis", "'tis"),
        (NOTE, "靠\u3000窗", "靠\u3000窗"),
        (NOTE, "", None),
        (HEIGHT, "1.4", 1.4),
        (HEIGHT, "", None),
        (USE, "卧室", "bedroom"),
        (USE, "Bedroom", "bedroom"),
        (METERED, "是", True),
        (METERED, "", False),
        (HOURS, "05:00-09:00，16:00-24:00", "05:00-09:00,16:00-24:00"),
        (HOURS, "22:00-05:00", "22:00-05:00"),
    ],
)
def test_what_people_write_is_understood(column, text, value):
    assert read_cell(column, text, HARBIN) == value


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (FROM, "yesterday"),
        (FROM, "2026-13-01"),
        (FROM, "2026-01-02 25:00"),
        (FROM, "0001-01-01"),
        (FROM, "9999-12-31"),
        (FROM, "2026-01-02T08:00+99:99"),
        (FROM, ""),
        (DAY, "2026-02-30"),
        (SENSOR, "28-00000"),
        (SENSOR, "urn:dev:ow:284578b60600009b"),
        (NOTE, "two\nlines"),
        (NOTE, "a\u202eb"),
        (NOTE, "x" * 201),
        (HEIGHT, "nan"),
        (HEIGHT, "inf"),
        (HEIGHT, "1_0"),
        (HEIGHT, "6"),
        (HEIGHT, "x" * 501),
        (USE, "attic"),
        (METERED, "maybe"),
        (HOURS, "5-9"),
        (HOURS, "05:00-24:30"),
        (HOURS, "05:00-05:00"),
        (tables.home.c.floor, "1.5"),
        (tables.room.c.id, "Room 1"),
        (tables.room.c.id, "=1"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_reason(column, text):
    with pytest.raises(CellError, match=" / "):
        read_cell(column, text, HARBIN)


@given(st.sampled_from(COLUMNS), st.text(max_size=40))
def test_any_text_is_refused_or_comes_back_the_same(column, text):
    try:
        value = read_cell(column, text, HARBIN)
    except CellError:
        return
    written = write_cell(column, value, HARBIN)
    assert read_cell(column, written, HARBIN) == value


@given(st.text("=+-@＝'ab \t", min_size=1, max_size=6))
def test_no_written_text_is_run_by_a_spreadsheet(text):
    written = write_cell(NOTE, text, HARBIN)
    assert not written.startswith(("=", "+", "-", "@", "＝"))


@given(st.integers(0, 32_472_115_199))
def test_times_come_back_to_the_second(time_s):
    assert read_cell(FROM, write_cell(FROM, time_s, HARBIN), HARBIN) == time_s


@given(st.floats(-5, 5))
def test_numbers_come_back_to_the_last_bit(value):
    column = tables.calibration.c.offset_kelvin
    assert read_cell(column, write_cell(column, value, HARBIN), HARBIN) == value
