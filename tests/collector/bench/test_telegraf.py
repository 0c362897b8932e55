"""The peer's part of the bench, with a peer of our own that stores what it hears."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from heatward_collector.bench.load import Load, connect
from heatward_collector.cli import heatward
from support.broker import Mosquitto
from support.servers import find_program

PEER = """\
#!{python}
# Reads a file for Telegraf as far as it must: where to listen, and where to store.
import re, sys, urllib.request
import json
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

text = open(sys.argv[2]).read()
port = int(re.search(r"tcp://127.0.0.1:(\\d+)", text)[1])
url = re.search(r'urls = \\["(.*)"\\]', text)[1]
topic, database = (re.search(name + r' = \\[?"(.*?)"', text)[1] for name in ("topics", "database"))
urllib.request.urlopen(url + "/query", f"q=CREATE DATABASE {{database}}".encode())

def store(_client, _data, message):
    lines = [
        f"room_temperature,bn={{one['bn']}} v={{float(one['v'])}} {{one['bt']}}"
        for one in json.loads(message.payload) if "v" in one
    ]
    address = f"{{url}}/write?db={{database}}&precision=s"
    if lines:
        urllib.request.urlopen(urllib.request.Request(address, "\\n".join(lines).encode()))

client = paho.Client(CallbackAPIVersion.VERSION2)
client.on_message = store
client.on_subscribe = lambda *_: print("Connected [here]", flush=True)
client.connect("127.0.0.1", port)
client.subscribe(topic, 1)
client.loop_forever()
"""


def test_what_a_peer_stores_is_counted(tmp_path: Path):
    find_program("mosquitto_sub")
    peer = tmp_path / "peer"
    peer.write_text(PEER.format(python=sys.executable))
    peer.chmod(0o755)
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
