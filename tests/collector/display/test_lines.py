"""Line protocol: what InfluxDB gives back is what went in."""

from __future__ import annotations

import math
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.display.lines import line
from heatward_collector.timeseries import InfluxStore
from support.influxdb import InfluxServer


def test_numbers_are_floats_and_unknown_ones_are_left_out() -> None:
    fields = {"a": 1, "b": True, "c": None, "d": math.nan, "e": 2.5, "f": ""}
    assert line("m", {"t": "x", "u": ""}, fields, 7) == ["m,t=x a=1.0,b=1.0,e=2.5 7"]
    assert line("m", {"t": "x"}, {"c": None}, 7) == []


@pytest.mark.parametrize(
    "odd", ["道里区 3号楼，主卧", "a, b=c d", 'say "20"', "back\\slash", "end\\", "two\nlines"]
)
def test_names_come_back_as_they_went_in(influxdb: InfluxServer, odd: str) -> None:
    store = InfluxStore(influxdb.url, f"t{secrets.token_hex(6)}")
    store.create_database()
    store.write_lines(line("place", {"building": odd}, {"name": odd}, 1_700_000_000))
    (series,) = store.select('SELECT "name" FROM "place" GROUP BY "building"')
    assert series["values"] == [[1_700_000_000, odd.replace("\n", " ")]]
    assert series["tags"]["building"] == odd.replace("\n", " ").rstrip("\\")
    store.close()


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_name_can_begin_another_point(tag: str, text: str) -> None:
    for written in line("m", {"t": tag}, {"f": text, "g": 1}, 7):
        assert "\n" not in written
        assert written.startswith("m,t=") or not tag.rstrip("\\")
        assert written.endswith(",g=1.0 7")
