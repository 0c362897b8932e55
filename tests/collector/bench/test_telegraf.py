"""The peer's part of the bench, with a peer of our own that stores what it hears."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from heatward_collector.bench.load import Load, connect
from heatward_collector.cli import heatward
from support.broker import Mosquitto
from support.peer import written_peer
from support.servers import find_program


def test_what_a_peer_stores_is_counted(tmp_path: Path):
    find_program("mosquitto_sub")
    peer = written_peer(tmp_path)
    options = ["--nodes", "3", "--each", "20", "--telegraf", str(peer), "--json"]
    told = CliRunner().invoke(heatward, ["bench", "ingest", *options])
    assert told.exit_code == 0, told.output
    measured = json.loads(told.output.splitlines()[-1])
    assert measured["peer_stored"] == measured["readings"] == 60
    assert measured["peer_rate"] > 0
    assert measured["peer_us"] > 0


@pytest.mark.broker
def test_records_for_a_peer_say_everything_each(mosquitto: Mosquitto):
    load = Load(
        mosquitto.port, [("n1", "s1")], 1, 1_000, 7, "puback", 3, "p/v1", whole_records=True
    )
    node = connect(load, 0)
    (packet,) = node.bursts
    records = json.loads(packet[packet.index(b"[") :])
    node.socket.close()
    assert [set(one) >= {"bn", "bt", "v"} for one in records] == [False, True, True]  # BOOT first
    assert records[1]["bn"] == records[2]["bn"]
    assert records[2]["bt"] - records[1]["bt"] == 60
