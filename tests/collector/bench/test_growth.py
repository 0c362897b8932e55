"""Growth is told from the smallest city to the largest, on real processes in a short form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from heatward_collector.cli import heatward
from support.servers import find_program


@pytest.mark.broker
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
    assert measured["ratio"] > 0
    assert all(size in plot.read_text("utf-8") for size in (">60<", ">120<", ">ingest<"))


@pytest.mark.parametrize("sizes", ["", "0", "-5", "many", "10,,20"])
def test_what_is_no_list_of_sizes_is_named(sizes: str):
    told = CliRunner().invoke(heatward, ["bench", "growth", "--rooms", sizes])
    assert told.exit_code == 2
    assert "must be like 1000,10000" in told.output
