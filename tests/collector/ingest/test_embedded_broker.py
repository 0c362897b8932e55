"""The embedded broker while many nodes come at once, as after a restart."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from heatward_collector.config import parse
from heatward_collector.ingest import embedded_broker
from support.ports import HOST, free_port, is_listening, wait_until

NODES = 60


@pytest.fixture
def port(tmp_path) -> Iterator[int]:
    port, stop = free_port(), threading.Event()
    config = parse(f'state.directory = "{tmp_path}"\nmqtt.listen_port = {port}\n')
    broker = threading.Thread(target=embedded_broker.run, args=(config, stop), daemon=True)
    broker.start()
    wait_until(lambda: is_listening(port), "the broker")
    yield port
    stop.set()
    broker.join(10)


class Node:
    """A client that leaves a retained status and listens on a topic of its own."""

    def __init__(self, port: int, number: int) -> None:
        self.name = f"n{number}"
        self.is_answered = False
        self.heard: list[str] = []
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=self.name, protocol=paho.MQTTv311
        )
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = self._on_subscribe
        self.client.on_message = lambda _c, _d, message: self.heard.append(message.topic)
        self.client.connect_async(HOST, port)
        self.client.loop_start()

    def _on_connect(self, client, *_rest):
        client.publish(f"d1/{self.name}/status", b"1", 1, retain=True)
        client.subscribe([(f"d1/{self.name}/status", 1)])

    def _on_subscribe(self, *_rest):
        self.is_answered = True

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def come_and_go(port: int) -> list[Node]:
    nodes = [Node(port, number) for number in range(NODES)]
    try:
        wait_until(lambda: all(node.is_answered for node in nodes), "an answer to every node")
    finally:
        for node in nodes:
            node.close()
    return nodes


def test_every_node_of_a_crowd_is_answered_and_hears_only_what_it_asked_for(port):
    for _ in range(2):
        for node in come_and_go(port):
            assert set(node.heard) <= {f"d1/{node.name}/status"}
