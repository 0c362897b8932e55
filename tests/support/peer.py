"""A peer of our own in Telegraf's place: it stores what it hears, and forgets what nobody takes."""

from __future__ import annotations

import sys
from pathlib import Path

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


def written_peer(folder: Path) -> Path:
    """Write it as a program into a folder; return its path."""
    peer = folder / "peer"
    peer.write_text(PEER.format(python=sys.executable))
    peer.chmod(0o755)
    return peer
