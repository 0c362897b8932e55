"""The client against a broker of a few lines: it stays where it hears something, else it leaves."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from heatward_collector.ingest.bulk_client import BulkClient
from heatward_collector.ingest.frames import publishes

KEEPALIVE_S = 1
PATIENCE_S = 10.0
CONNACK = b"\x20\x02\x00\x00"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(PATIENCE_S)
        yield listening


def test_who_speaks_need_not_answer_pings_and_who_is_silent_is_left(listener):
    heard, left = [], threading.Event()
    client = BulkClient(
        heard.append,
        callback_api_version=CallbackAPIVersion.VERSION2,
        protocol=paho.MQTTv311,
        reconnect_on_failure=False,
    )
    client.on_disconnect = lambda *_: left.set()
    client.connect_async("127.0.0.1", listener.getsockname()[1], KEEPALIVE_S)
    client.loop_start()
    broker, _ = listener.accept()
    with broker:
        broker.recv(1024)
        broker.sendall(CONNACK)
        until = time.monotonic() + 4 * KEEPALIVE_S
        said = 0
        while time.monotonic() < until and not left.is_set():
            broker.sendall(publishes([("t", b"%d" % said)], has_properties=False))
            said += 1
            time.sleep(KEEPALIVE_S / 5)
        assert not left.is_set()
        assert left.wait(PATIENCE_S)
    client.loop_stop()
    payloads = [message.payload for messages in heard for message in messages]
    assert payloads == [b"%d" % number for number in range(said)]
