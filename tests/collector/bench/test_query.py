"""Questions to the time series in a short form: both sides give the same rows, all is measured."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from heatward_collector.bench import query
from heatward_collector.cli import heatward
from heatward_collector.errors import HeatwardError
from heatward_collector.servers.influxdb import PLACES
from support.servers import first_program

QUESTIONS = [("curve", 480), ("room day", 288), ("whole day", 20 * 288)]


def told(*options: str) -> dict:
    done = CliRunner().invoke(
        heatward,
        ["bench", "query", "--rooms", "20", "--questions", "3", "--turns", "2", "--json", *options],
    )
    assert done.exit_code == 0, done.output
    return json.loads(done.output.splitlines()[-1])


def rows(measured: dict, store: str) -> list[tuple[str, int]]:
    return [(one["question"], one["rows"]) for one in measured["asked"] if one["store"] == store]


def test_the_embedded_store_is_asked_beside_a_plain_select():
    measured = told("--without-influxdb")
    assert measured["points"] == 20 * 576
    assert rows(measured, "embedded") == QUESTIONS
    assert rows(measured, "influxdb") == []
    for one in measured["asked"]:
        for side in (one["ours"], one["limit"]):
            assert 0 < side["p50_ms"] <= side["p99_ms"]
            assert side["usage"]["bench"]["peak_own_bytes"] > 0
        assert one["ratio"] > 0


@pytest.mark.influxdb
def test_a_real_influxdb_is_asked_beside_plain_influxql():
    first_program("influxd 1.8.10", PLACES)
    measured = told()
    assert rows(measured, "embedded") == rows(measured, "influxdb") == QUESTIONS
    influxdb = [one for one in measured["asked"] if one["store"] == "influxdb"]
    assert all(set(one["ours"]["usage"]) == {"bench", "influxd"} for one in influxdb)
    assert all(one["limit"]["usage"]["influxd"]["peak_own_bytes"] > 0 for one in influxdb)


def test_a_side_that_gives_other_rows_is_no_limit(monkeypatch):
    monkeypatch.setattr(query._SqliteLimit, "room", lambda *_: [])
    with pytest.raises(HeatwardError, match="room day: 288 rows here, 0 plainly"):
        query.measure(20, 1, 1, with_influxdb=False, tell=lambda _: None)
