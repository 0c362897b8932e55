"""Growth is told from the smallest city to the largest, on real processes in a short form."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from heatward_collector.bench import quarter_looks
from heatward_collector.bench.endurance import EnduranceMeasured
from heatward_collector.bench.growth import GrowthMeasured
from heatward_collector.bench.quarter_looks import is_looked_at, next_look
from heatward_collector.bench.usage import Usage
from heatward_collector.cli import heatward
from heatward_collector.conclusions.findings import FindingStore, Watched
from support.servers import find_program


def run_of(rooms: int, evaluate_s: float, look_s: float) -> EnduranceMeasured:
    """Return a minute of a hundred readings a second: 60 us each by ingest, the rest as told."""
    usage = {"influxd": Usage(9.0), "ingest": Usage(0.36), "evaluate": Usage(evaluate_s)}
    return EnduranceMeasured(rooms, 1, 100.0, 6_000, 0, 0, 0, 0, 0.0, 60.0, [], usage, look_s)


def test_every_reading_of_a_quarter_bears_its_share_of_a_look():
    measured = GrowthMeasured([run_of(100, 0.12, 0.9), run_of(900, 0.24, 7.2)])
    (_, small), (_, large) = measured.rows()
    assert small == pytest.approx({"influxd": 1_500, "ingest": 60, "evaluate": 20, "look": 10})
    assert large["look"] == pytest.approx(80)
    assert measured.ratio == pytest.approx((60 + 40 + 80) / (60 + 20 + 10))


def test_the_next_look_is_one_of_a_quarter_that_ends_no_hour_and_can_be_waited_for():
    hour = 1_760_000_400
    assert hour % 3600 == 0
    for second in range(0, 3600, 7):
        now_s = hour + second + 0.5
        due_s = next_look(now_s)
        assert due_s % 900 == 0
        assert due_s % 3600 != 0
        left_s = due_s - quarter_looks.BEFORE_S - now_s
        assert 0 < left_s <= 1_800
        # No other quarter that might have been taken lies before it.
        assert left_s <= 900 or (due_s - 900) % 3600 == 0
    assert next_look(hour + 900 - quarter_looks.BEFORE_S) == hour + 1_800


def test_a_look_is_through_once_its_quarter_was_looked_at(tmp_path: Path):
    config = SimpleNamespace(state=SimpleNamespace(findings=tmp_path / "findings.sqlite"))
    due_s = 1_760_001_300
    assert not is_looked_at(config, due_s)
    store = FindingStore(config.state.findings)
    newest = Watched(due_s, due_s - 1_800, 5, 5, 1.0)
    store.note(dataclasses.replace(newest, until_s=newest.until_s - 900))
    assert not is_looked_at(config, due_s)
    store.note(newest)
    assert is_looked_at(config, due_s)
    store.close()


@pytest.fixture
def a_look_was_just_due(monkeypatch):
    """Nobody waits for a quarter of an hour: the newest that was looked at is as good."""

    def just_due(now_s: float) -> int:
        return int(now_s) // 900 * 900

    monkeypatch.setattr(quarter_looks, "next_look", just_due)


@pytest.mark.broker
@pytest.mark.usefixtures("a_look_was_just_due")
def test_two_small_cities_are_told_side_by_side(tmp_path: Path):
    find_program("mosquitto")
    plot = tmp_path / "growth.svg"
    options = ["--rooms", "120,60", "--rate", "60", "--minutes", "0.05", "--without-influxdb"]
    told = CliRunner().invoke(
        heatward, ["bench", "growth", *options, "--plot", str(plot), "--json"]
    )
    assert told.exit_code == 0, told.output
    measured = json.loads(told.output.splitlines()[-1])
    assert [run["rooms"] for run in measured["runs"]] == [60, 120]
    assert [run["lost"] for run in measured["runs"]] == [0, 0]
    assert [run["readings"] for run in measured["runs"]] == [180, 180]
    assert measured["ratio"] > 0
    assert "until the next quarter of an hour" in told.output
    assert all(size in plot.read_text("utf-8") for size in (">60<", ">120<", ">ingest<", ">look<"))


def test_what_does_not_fit_a_quarter_of_an_hour_is_refused():
    told = CliRunner().invoke(heatward, ["bench", "growth", "--rooms", "60", "--minutes", "7"])
    assert told.exit_code == 2
    assert "to fit a quarter of an hour" in told.output


@pytest.mark.parametrize("sizes", ["", "0", "-5", "many", "10,,20"])
def test_what_is_no_list_of_sizes_is_named(sizes: str):
    told = CliRunner().invoke(heatward, ["bench", "growth", "--rooms", sizes])
    assert told.exit_code == 2
    assert "must be like 1000,10000" in told.output
