"""An InfluxDB that is away while nodes go on sending."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from heatward_collector.bench import outage, telegraf
from heatward_collector.cli import heatward
from support.peer import written_peer
from support.servers import find_program

OPTIONS = ["bench", "outage", "--nodes", "3", "--each", "60", "--seconds", "1", "--json"]


def test_nothing_is_lost_while_influxdb_is_away_and_of_who_keeps_nothing_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    find_program("mosquitto")
    monkeypatch.setattr(telegraf, "SETTLED_SECONDS", 2.0)
    peer = ["--telegraf", str(written_peer(tmp_path)), "--buffers", "10"]
    told = CliRunner().invoke(heatward, [*OPTIONS, *peer])
    assert told.exit_code == 0, told.output
    measured = json.loads(told.output.splitlines()[-1])
    ours, theirs = measured["kept"]
    assert measured["sent"] == ours["stored"] == 180
    assert measured["in_ledger"] == 183  # each journal's first record with them
    assert theirs["stored"] == 0
    assert "180 (100.0 %)" in told.output


def test_without_an_influxdb_nothing_is_measured(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(outage, "newer_influxd", lambda *_: None)
    told = CliRunner().invoke(heatward, OPTIONS)
    assert told.exit_code != 0
    assert "without an InfluxDB" in str(told.exception) + told.output
