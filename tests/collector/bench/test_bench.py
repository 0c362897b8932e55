"""The measurements themselves, in a short form, on a real Mosquitto."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from heatward_collector.bench import backfill, kill
from heatward_collector.cli import heatward
from support.servers import find_program

pytestmark = pytest.mark.broker


@pytest.fixture(autouse=True)
def programs() -> None:
    find_program("mosquitto")
    find_program("mosquitto_sub")


def test_ingest_is_measured_beside_mosquitto_sub(tmp_path):
    plot = tmp_path / "ingest.svg"
    options = ["--nodes", "20", "--each", "50", "--without-influxdb", "--plot", str(plot), "--json"]
    told = CliRunner().invoke(heatward, ["bench", "ingest", *options])
    assert told.exit_code == 0, told.output
    assert "broker, mosquitto_sub" in plot.read_text("utf-8")
    assert "max_inflight_messages" in told.output
    measured = json.loads(told.output.splitlines()[-1])
    assert measured["readings"] == 20 * 50
    assert measured["nodes"] == 20
    assert measured["ratio"] == pytest.approx(
        measured["ledger_rate"] / measured["mosquitto_sub_rate"]
    )
    assert set(measured["usage"]) == {"mosquitto", "ingest", "load"}
    assert measured["usage"]["ingest"]["cpu_s"] > 0
    assert measured["usage"]["ingest"]["written_bytes"] > 0
    assert measured["usage"]["ingest"]["peak_own_bytes"] > 0


def test_a_day_is_caught_up_beside_nodes_that_go_on(monkeypatch):
    monkeypatch.setattr(backfill, "QUIET_SECONDS", 1.0)
    options = ["--nodes", "10", "--live", "3", "--every", "0.2", "--json"]
    told = CliRunner().invoke(heatward, ["bench", "backfill", *options])
    assert told.exit_code == 0, told.output
    measured = json.loads(told.output.splitlines()[-1])
    assert measured["readings"] == 10 * 288
    assert measured["rate"] > 0
    assert set(measured["alone_ms"]) == {"p50", "p99", "most"}
    assert 0 < measured["alone_ms"]["p50"] <= measured["alone_ms"]["most"]
    assert measured["usage"]["ingest"]["peak_own_bytes"] > 0


def test_nothing_is_lost_or_doubled_by_kills():
    killed = kill.measure(rounds=4, nodes=4, seed=7, progress=lambda: None)
    assert killed.is_even, killed
    assert killed.kills == 4
    assert killed.written == killed.held > 0


def brokers_in(folder: Path) -> list[int]:
    """Return the processes of Mosquitto whose configuration lies below a folder."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = line.read_bytes().split(b"\0")
        except OSError:
            continue  # it has just ended
        if words[0].endswith(b"mosquitto") and any(str(folder).encode() in one for one in words):
            found.append(int(line.parent.name))
    return found


def test_a_bench_that_is_ended_leaves_no_server_behind(tmp_path):
    options = ["--nodes", "5", "--each", "10000", "--without-influxdb"]
    command = [sys.executable, "-m", "heatward_collector", "bench", "ingest", *options]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment) as bench:
        ends = time.monotonic() + 60
        while not brokers_in(tmp_path) and time.monotonic() < ends:
            time.sleep(0.1)
        assert brokers_in(tmp_path)
        bench.send_signal(signal.SIGTERM)
        assert bench.wait(30) == 128 + signal.SIGTERM
    assert not brokers_in(tmp_path)
