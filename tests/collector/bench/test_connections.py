"""A node's connection costs what it costs: counted on a real Mosquitto, with TLS and without."""

from __future__ import annotations

import json
import resource

import pytest
from click.testing import CliRunner

from heatward_collector.bench import connections
from heatward_collector.bench.connections import ConnectionsMeasured, Cost
from heatward_collector.cli import heatward
from heatward_collector.errors import HeatwardError
from support.servers import find_program


def test_a_hundred_thousand_nodes_are_what_one_costs_by_multiplication():
    plain, tls = Cost(2_000, 100, 20), Cost(25_000, 2_000, 24)
    measured = ConnectionsMeasured(1_000, 3, plain, tls)
    assert measured.gigabytes_of_100_000 == pytest.approx(2.5)
    assert measured.seconds_of_100_000 == pytest.approx(200)
    assert measured.cores_of_100_000 == pytest.approx(0.04)


@pytest.mark.broker
def test_a_node_with_tls_is_held_and_greeted_at_a_higher_price():
    find_program("mosquitto")
    told = CliRunner().invoke(
        heatward, ["bench", "connections", "--nodes", "40", "--turns", "1", "--json"]
    )
    assert told.exit_code == 0, told.output
    measured = json.loads(told.output.splitlines()[-1])
    assert (measured["nodes"], measured["turns"]) == (40, 1)
    # An order of magnitude apart each: nothing else on the machine makes that up.
    assert measured["tls"]["bytes"] > measured["plain"]["bytes"] > 0
    assert measured["tls"]["connect_us"] > measured["plain"]["connect_us"]


def test_more_nodes_than_files_may_be_open_are_refused_with_the_limit(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 1_024))
    with pytest.raises(HeatwardError, match=r"only 1024 files .* 1200 are needed"):
        connections.measure(1_000, 1, print)
