"""A node is measured in a short form: what it rests on, not how fast this machine is."""

from __future__ import annotations

import json
import os
import time

import pytest
from click.testing import CliRunner

from heatward_collector.bench import node
from heatward_collector.bench.node import cpu_of
from heatward_collector.cli import heatward
from support.servers import find_program


@pytest.mark.broker
def test_a_real_node_is_measured_beside_a_plain_insert(monkeypatch):
    find_program("mosquitto")
    monkeypatch.setattr(node, "WARM_ROUNDS", 1)
    options = ["--sensors", "3", "--rounds", "1", "--turns", "1", "--json"]
    told = CliRunner().invoke(heatward, ["bench", "node", *options])
    assert told.exit_code == 0, told.output
    measured = json.loads(told.output.splitlines()[-1])
    assert measured["readings"] >= 3
    assert 30 < measured["record_bytes"] < 120
    # One transaction a round writes whole pages: more than the record.
    assert measured["plain_written_bytes"] > measured["record_bytes"]
    assert measured["plain_cpu_us"] > 0
    between_rounds = measured["home_cpu_us"] - measured["cpu_us"]
    assert between_rounds == pytest.approx(measured["idle_us_a_second"] * 299 / 3)
    assert set(measured["usage"]) == {"node", "waiting node", "mosquitto", "ingest"}
    assert measured["usage"]["node"]["peak_own_bytes"] > measured["plain_peak_own_bytes"] > 0


def test_the_clock_of_a_process_is_read_from_outside():
    before, ours = cpu_of(os.getpid()), time.process_time()
    assert before <= ours <= cpu_of(os.getpid())
