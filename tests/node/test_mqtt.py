"""The connection against a real Mosquitto, and against brokers that hang or hang up."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from heatward_node import mqtt
from heatward_node.control import Ack, Hello, Status
from heatward_node.events import first_covered
from heatward_node.journal import Journal
from heatward_node.mqtt import Broker, Connection
from heatward_node.publisher import Identity, Phase, Publisher
from heatward_node.reading import Draft, Kind
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.wire import decode_pack
from support.broker import Mosquitto, running_mosquitto
from support.clock import FakeClock
from support.ports import HOST, free_port, wait_until
from support.w1_tree import rom_number

ME = Identity("d1", "n1")
ACL_WITHOUT_READINGS = "topic read #\ntopic write heatward/v1/d1/n1/status\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(mqtt, "RECONNECT_S", (0.1, 0.2))
    monkeypatch.setattr("heatward_node.patience.FIRST_PATIENCE_MS", 300)
    monkeypatch.setattr("heatward_node.patience.LONGEST_PATIENCE_MS", 600)


class Node:
    """A node on a real connection: only its sensors are left out."""

    def __init__(self, folder, broker: Broker) -> None:
        self.journal = Journal.open(folder / "j.sqlite", FakeClock(), durable=False)
        self.connection = Connection(broker, ME)
        self.publisher = Publisher(ME, self.journal, self.connection, real_ms)

    def measure(self, rounds: int) -> None:
        for number in range(rounds):
            body = rom_number(1) + usual_scratchpad(300 + number % 50)
            self.journal.append([Draft(Kind.READING, body)])

    def until(self, condition: Callable[[], bool], what: str) -> None:
        def pumped() -> bool:
            self.connection.drain(self.publisher)
            self.publisher.pump()
            self.publisher.ask()
            return condition()

        wait_until(pumped, what)

    def close(self) -> None:
        self.connection.close()
        self.journal.close()


def real_ms() -> int:
    return time.monotonic_ns() // 1_000_000


@contextmanager
def node_at(folder, broker: Broker) -> Iterator[Node]:
    node = Node(folder, broker)
    node.connection.open()
    try:
        yield node
    finally:
        node.close()


class ModelCollector:
    """Keeps what arrives in memory, and answers from what it keeps."""

    def __init__(self, port: int) -> None:
        self.through: dict[int, int] = {}
        self.records: dict[tuple[int, int], bytes] = {}
        self.statuses: list[tuple[bool, Status]] = []
        self.client = paho.Client(CallbackAPIVersion.VERSION2, "model", protocol=paho.MQTTv5)
        self.client.reconnect_delay_set(0.1, 0.2)
        self.client.on_connect = lambda client, *_: client.subscribe("heatward/v1/+/+/#", 1)
        self.client.on_message = self.take
        self.client.connect(HOST, port)
        self.client.loop_start()

    def take(self, _client, _data, message) -> None:
        if message.topic.endswith("/status"):
            self.statuses.append((message.retain, Status.decode(message.payload)))
        elif message.topic.endswith("/event"):
            self.answer(Hello.decode(message.payload).epoch)
        elif message.topic.endswith("/readings"):
            pack = decode_pack(message.payload)
            through = self.through.get(pack.epoch, 0)
            if first_covered(pack.records[0]) <= through + 1:
                for record in pack.records:
                    self.records[pack.epoch, record.seq] = record.to_bytes()
                self.through[pack.epoch] = max(through, pack.records[-1].seq)
            self.answer(pack.epoch)

    def answer(self, epoch: int) -> None:
        ack = Ack("aa" * 8, epoch, self.through.get(epoch, 0), 1, "bb" * 8)
        self.client.publish(ME.topic("ack"), ack.encode(), 0)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def written(journal: Journal) -> dict[tuple[int, int], bytes]:
    return {
        (log.epoch, record.seq): record.to_bytes()
        for log in journal.logs
        for record in journal.read(log, 0, log.last_seq)
    }


@pytest.mark.broker
def test_nodes_whose_broker_restarts_do_not_come_back_in_step(monkeypatch):
    monkeypatch.setattr(mqtt, "RECONNECT_S", (1.0, 300.0))
    assert mqtt.reconnect_pauses(lambda: 0.0) == (1.0, 150.0)
    assert mqtt.reconnect_pauses(lambda: 0.5) == (1.5, 225.0)
    draws = random.Random(5)
    pauses = [mqtt.reconnect_pauses(draws.random) for _ in range(1_000)]
    assert all(1 <= first < 2 and 150 <= longest < 300 for first, longest in pauses)
    # After four failed tries they are spread over sixteen seconds instead of standing in one.
    assert (
        max(sum(int(first * 16) == second for first, _ in pauses) for second in range(16, 32)) < 100
    )


def test_a_new_client_waits_as_its_own_draw_says(tmp_path):
    connection = Connection(Broker(HOST, free_port()), ME, lambda: 0.5)
    client = connection._make_client()
    assert (client._reconnect_min_delay, client._reconnect_max_delay) == pytest.approx((0.15, 0.15))


def test_a_broker_that_forbids_readings_is_noticed_and_nothing_counts_as_sent(tmp_path):
    acl = tmp_path / "acl"
    acl.write_text(ACL_WITHOUT_READINGS)
    with (
        running_mosquitto(tmp_path / "broker", f"acl_file {acl}") as broker,
        node_at(tmp_path, broker.address) as node,
    ):
        node.measure(3)
        node.until(lambda: node.publisher.counters.refused_by_broker >= 1, "the refusal is seen")
        assert node.connection.protocol == "5"
        assert node.publisher.unacknowledged == 4


@pytest.mark.broker
def test_a_status_that_nobody_listens_to_is_no_refusal(tmp_path, mosquitto: Mosquitto):
    collector = ModelCollector(mosquitto.port)
    with node_at(tmp_path, Broker(HOST, mosquitto.port, protocol="5")) as node:
        node.until(lambda: node.publisher.phase is Phase.SENDING, "the hello is answered")
        node.measure(3)
        node.until(lambda: node.publisher.is_idle, "everything is acknowledged")
        assert node.publisher.counters.refused_by_broker == 0
    collector.close()


@pytest.mark.broker
@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_journal_and_collector_agree_though_the_broker_loses_all_it_had(
    tmp_path, mosquitto: Mosquitto, protocol
):
    collector = ModelCollector(mosquitto.port)
    broker = Broker(HOST, mosquitto.port, protocol=protocol)
    with node_at(tmp_path, broker) as node:
        node.until(lambda: node.publisher.phase is Phase.SENDING, "the hello is answered")
        for _ in range(3):
            node.measure(400)
            node.publisher.pump()
            mosquitto.begin_anew()
            node.measure(5)
        node.until(lambda: node.publisher.is_idle, "everything is acknowledged")
        assert collector.records == written(node.journal)
        assert len(node.journal.witnesses()) == 1
    collector.close()


@pytest.mark.broker
def test_birth_and_last_will_are_retained(tmp_path, mosquitto: Mosquitto):
    node = Node(tmp_path, mosquitto.address)
    node.connection.open()
    node.until(lambda: node.connection.is_connected, "the node is connected")
    node.until(lambda: node.publisher.phase is Phase.GREETING, "the birth is sent")

    def seen_by_a_newcomer(online: bool) -> None:
        def is_retained() -> bool:
            newcomer = ModelCollector(mosquitto.port)
            try:
                wait_until(lambda: bool(newcomer.statuses), "the newcomer hears the status")
            finally:
                newcomer.close()
            retained, status = newcomer.statuses[0]
            return retained and status.online is online

        wait_until(is_retained, f"the retained status says online={online}")

    seen_by_a_newcomer(True)
    sock = node.connection._client.socket()
    node.connection._client.reconnect_delay_set(60, 60)
    sock.shutdown(socket.SHUT_RDWR)  # as if the power were cut: no goodbye
    seen_by_a_newcomer(False)
    node.close()


@pytest.mark.broker
def test_a_broker_that_comes_late_still_gets_version_5(tmp_path, monkeypatch):
    monkeypatch.setattr(mqtt, "GREETING_TIMEOUT_S", 0.2)
    broker = Mosquitto(tmp_path / "broker")
    with node_at(tmp_path, broker.address) as node:
        begun = time.monotonic()
        node.until(lambda: time.monotonic() - begun > 1.0, "the node has waited")
        broker.start()
        node.until(lambda: node.connection.is_connected, "the node connects")
        assert node.connection.protocol == "5"
    broker.stop()


class OldBroker:
    """Knows 3.1.1; a version 5 greeting it leaves unanswered, or hangs up on."""

    def __init__(self, hangs_up: bool) -> None:
        self.port = free_port()
        self.greeted = 0
        self._hangs_up = hangs_up
        self._listener = socket.create_server((HOST, self.port))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
                greeting = connection.recv(1024)
            except OSError:
                return
            if greeting[8:9] == b"\x04":
                connection.sendall(b"\x20\x02\x00\x00")
                self.greeted += 1
            elif self._hangs_up:
                connection.close()
                continue
            self._open.append(connection)

    def close(self) -> None:
        self._listener.close()
        for connection in self._open:
            connection.close()


def test_a_broker_that_greets_and_never_answers_a_subscription_is_connected_to_anew(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(mqtt, "DEAF_FOR_S", 0.3)
    silent = OldBroker(hangs_up=False)
    with node_at(tmp_path, Broker(HOST, silent.port, protocol="3.1.1")) as node:
        node.until(lambda: silent.greeted >= 3, "the node has tried again, twice")
    silent.close()


@pytest.mark.parametrize("hangs_up", [False, True], ids=["hangs", "hangs up"])
def test_a_broker_that_knows_only_the_older_version_is_spoken_to_in_it(
    tmp_path, monkeypatch, hangs_up
):
    monkeypatch.setattr(mqtt, "GREETING_TIMEOUT_S", 0.3)
    old = OldBroker(hangs_up)
    with node_at(tmp_path, Broker(HOST, old.port, username="n1", password="secret")) as node:
        node.until(lambda: node.connection.is_connected, "the node is connected")
        assert node.connection.protocol == "3.1.1"
    old.close()


def test_a_fixed_version_is_never_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(mqtt, "GREETING_TIMEOUT_S", 0.05)
    old = OldBroker(hangs_up=False)
    with node_at(tmp_path, Broker(HOST, old.port, protocol="5")) as node:
        node.until(lambda: bool(old._open), "the greeting has arrived")
        threading.Event().wait(0.2)
        node.connection.drain(node.publisher)
        assert node.connection.protocol == "5"
    old.close()
