"""Faults of messages: repeated, replayed, too large, malformed, retained, of strangers."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from heatward_collector.errors import HeatwardError
from heatward_collector.servers.ports import HOST
from heatward_collector.torture.inputs.malformed import spoilt
from heatward_collector.torture.line.line import Line
from heatward_collector.torture.line.sample_town import DISTRICT
from heatward_node.control import Ack
from heatward_node.topics import PREFIX, incarnation_topic
from heatward_node.wire import MAX_PAYLOAD_BYTES

CONNECT_SECONDS, SETTLE_SECONDS = 5.0, 3.0
READINGS = f"{PREFIX}/{DISTRICT}/+/readings"


class Stranger:
    """A client that anybody may run where the broker lets him: hears everything, says anything."""

    def __init__(self, port: int, client_id: str = "stranger") -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._connected = threading.Event()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv5
        )
        self._client.on_connect = lambda *_: self._connected.set()
        self._client.on_message = lambda _c, _d, one: self.heard.append(
            (one.topic, bytes(one.payload))
        )
        self._client.connect(HOST, port)
        self._client.loop_start()
        if not self._connected.wait(CONNECT_SECONDS):
            raise HeatwardError("a stranger cannot connect to the broker under torture")

    def listen(self, topic: str) -> None:
        """Hear what is published under a topic."""
        self._client.subscribe(topic, 1)

    def say(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> None:
        """Publish, and wait until the broker has taken it."""
        sent = self._client.publish(topic, payload, qos, retain)
        sent.wait_for_publish(CONNECT_SECONDS)

    def close(self) -> None:
        """Go."""
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def stranger(line: Line, client_id: str = "stranger") -> Iterator[Stranger]:
    """Connect somebody else to the broker."""
    one = Stranger(line.broker.port, client_id)
    try:
        yield one
    finally:
        one.close()


def repeated(line: Line, chance: random.Random) -> None:
    """Every message arrives up to ten times, in any order, and older ones again."""
    with stranger(line) as one:
        one.listen(READINGS)
        line.play(1.0)
        for _ in range(3):
            line.play(0.4)
            again = chance.sample(one.heard, min(len(one.heard), 10))
            for topic, payload in again:
                for _ in range(chance.randrange(1, 10)):
                    one.say(topic, payload, chance.randrange(2))
    _claim_counted(line, "repeats", 1)


def replayed(line: Line, chance: random.Random) -> None:
    """What a node once said is said again after a restart of ingest: nothing becomes new."""
    with stranger(line) as one:
        one.listen(READINGS)
        line.play(1.5)
        line.stages["ingest"].stop()
        line.stages["ingest"].start()
        line.wait(line.stages["ingest"].is_ready, "ingest is back")
        for topic, payload in list(one.heard):
            one.say(topic, payload)
    _claim_counted(line, "repeats", 1)


def too_large(line: Line, chance: random.Random) -> None:
    """Payloads one byte over the limit, of 2 MB, and of nonsense lengths."""
    topic = f"{PREFIX}/{DISTRICT}/{line.nodes[0].name}/readings"
    for size in (MAX_PAYLOAD_BYTES + 1, 200_000, 2_000_000):
        line.play(0.3)
        with stranger(line, f"large-{size}") as one:
            with suppress(RuntimeError):  # the broker hangs up on what it does not take
                one.say(topic, b"[" + b" " * (size - 2) + b"]", qos=0)
            time.sleep(0.2)
    line.play(0.5)
    _claim_counted(line, "quarantined_messages", 1)  # the broker itself refuses the larger ones


def malformed(line: Line, chance: random.Random) -> None:
    """Hundreds of spoilt messages in the names of real nodes: none is stored, all are counted."""
    nodes = [node.name for node in line.nodes]
    with stranger(line) as one:
        one.listen(READINGS)
        line.play(0.6)
        samples = [payload for _, payload in one.heard] or [b"[]"]
        spoiled = [spoilt(chance.choice(samples), chance) for _ in range(300)]
        for payload in spoiled:
            if payload in samples:
                continue  # cut behind its end: whole, and true of another node
            leaf = chance.choice(("readings", "event"))
            one.say(f"{PREFIX}/{DISTRICT}/{chance.choice(nodes)}/{leaf}", payload, qos=0)
        one.say(f"{PREFIX}/{DISTRICT}/{nodes[0]}/event", b"\xff" * 10)
    _claim_counted(line, "quarantined_messages", 100)


def retained_poison(line: Line, chance: random.Random) -> None:
    """Retained nonsense on every topic waits for each process that begins."""
    node = chance.choice(line.nodes).name
    forged = Ack("ab" * 8, 1, 10**6, 10**6, "00" * 32).encode()
    poison = [
        (f"{PREFIX}/{DISTRICT}/{node}/readings", b'[{"bn":"urn:dev:ow:x"}]'),
        (f"{PREFIX}/{DISTRICT}/{node}/event", b"\x00\xff"),
        (f"{PREFIX}/{DISTRICT}/{node}/ack", forged),
        (f"{PREFIX}/{DISTRICT}/{node}/ack", b"{"),
        (f"{PREFIX}/{DISTRICT}/{node}/config", b"[" * 1000),
        (incarnation_topic(DISTRICT), b"not an incarnation"),
    ]
    with stranger(line) as one:
        for topic, payload in poison:
            one.say(topic, payload, retain=True)
        for _ in range(3):
            line.play(0.3)
            worker = chance.choice([line.stages["ingest"], *line.nodes])
            worker.stop()
            worker.start()
        line.play(0.5)
        for topic, _ in poison:
            one.say(topic, b"", retain=True)


def strangers(line: Line, chance: random.Random) -> None:
    """Nodes that nobody registered, other districts, and topics that are none."""
    topics = (
        f"{PREFIX}/{DISTRICT}/n9999/readings",
        f"{PREFIX}/elsewhere/{line.nodes[0].name}/readings",
        f"{PREFIX}/{DISTRICT}/{'x' * 40}/readings",
        f"{PREFIX}/{DISTRICT}/../readings",
    )
    with stranger(line) as one:
        one.listen(READINGS)
        line.play(0.8)
        for _, payload in one.heard[:5]:
            for topic in topics:
                one.say(topic, payload)
    _claim_counted(line, "quarantined_messages", 10)


def _claim_counted(line: Line, counter: str, least: int) -> None:
    """Claim that ingest has counted at least so many of something, within some seconds."""
    ends, count = time.monotonic() + line.patience * SETTLE_SECONDS, 0
    while time.monotonic() < ends and count < least:
        count = line.stages["ingest"].counters().get(counter, 0)
        time.sleep(0.05)
    line.claim(f"ingest counts {json.dumps(counter)}: {count} of {least}", count >= least)
