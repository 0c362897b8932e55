"""What a city's registry costs: each figure is there, for whole buildings."""

from __future__ import annotations

import json

from click.testing import CliRunner

from heatward_collector.cli import heatward


def test_a_registry_is_filled_read_asked_and_edited():
    told = CliRunner().invoke(heatward, ["bench", "registry", "--rooms", "105", "--json"])
    assert told.exit_code == 0, told.output
    measured = json.loads(told.output.splitlines()[-1])
    assert measured["rooms"] == 100
    assert measured["put_s"] > 0
    assert measured["file_bytes"] > 0
    held = measured["held"]
    assert min(held["read_s"], held["plain_s"], held["asked_ns"], held["edit_s"]) > 0
    assert held["own_edit_s"] > 0
    assert held["peak_bytes"] >= 0
