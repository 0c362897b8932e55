"""The collector's connection on a real Mosquitto that forgets, and on one that knows 3.1.1 only."""

from __future__ import annotations

import queue
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from heatward_collector.config import parse
from heatward_collector.config.settings import Mqtt
from heatward_collector.errors import LedgerError
from heatward_collector.ingest import embedded_broker, link, process
from heatward_collector.ingest.link import Link
from heatward_collector.ingest.messages import Message, Messages, Settled
from heatward_collector.ingest.quarantine import Quarantine
from heatward_collector.ingest.registered import Registered
from heatward_collector.ingest.session import Session
from heatward_collector.ledger import LedgerWriter
from heatward_collector.registry import open_registry, spreadsheets
from heatward_collector.replay.virtual_node import VirtualNode
from heatward_collector.running.status import StatusWriter, read_status
from heatward_node import mqtt as node_mqtt
from heatward_node import patience
from heatward_node.control import Hello
from heatward_node.mqtt import Broker, Connection
from heatward_node.publisher import Identity
from heatward_node.rom import rom_from_kernel_name
from heatward_node.wire import encode_pack
from support.broker import Mosquitto, running_mosquitto
from support.evidence import (
    BEDROOM,
    LIVING,
    NEIGHBOUR,
    SAMPLE,
    T0,
    PaperNode,
    journal_records,
    ledger_records,
)
from support.ports import HOST, free_port, is_listening, wait_until

pytestmark = pytest.mark.broker
SENSORS = {"n0001": [LIVING, BEDROOM], "n0002": [NEIGHBOUR]}
TOPIC = "heatward/v1/sample/n0001/readings"
EVENTS = "heatward/v1/sample/n0001/event"
"""Only these come at QoS 1 and so with ids, and wait at the broker."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reconnect in tenths of a second instead of seconds; nothing else is different."""
    monkeypatch.setattr(link, "RECONNECT_S", (0.1, 0.3))
    monkeypatch.setattr(node_mqtt, "RECONNECT_S", (0.1, 0.3))
    monkeypatch.setattr(patience, "FIRST_PATIENCE_MS", 500)
    monkeypatch.setattr(patience, "LONGEST_PATIENCE_MS", 1_000)


@pytest.fixture
def sender(mosquitto: Mosquitto) -> Iterator[paho.Client]:
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="sender")
    client.reconnect_delay_set(0.1, 0.3)  # type: ignore[arg-type]
    client.connect_async(HOST, mosquitto.port)
    client.loop_start()
    wait_until(client.is_connected, "the sender is connected")
    yield client
    client.disconnect()
    client.loop_stop()


def opened(broker: Mosquitto) -> Link:
    connection = Link(Mqtt(url=broker.url))
    connection.open()
    wait_until(connection.is_connected.is_set, "the collector is connected")
    return connection


def send(client: paho.Client, payloads: list[str], topic: str = EVENTS) -> None:
    wait_until(client.is_connected, "the sender is connected")
    for payload in payloads:
        client.publish(topic, payload, 1).wait_for_publish(10)


def received(connection: Link, count: int) -> list[Message]:
    return [connection.messages.get(timeout=10) for _ in range(count)]


def settled(*messages: Message) -> Settled:
    return Settled.of([Messages.of(messages)])


def subscribed(connection: Link, client: paho.Client) -> None:
    """Wait until messages pass; take them off again."""

    def passes() -> bool:
        client.publish(EVENTS, "probe", 1)
        try:
            message = connection.messages.get(timeout=0.2)
        except queue.Empty:
            return False
        connection.pubacks(settled(message))
        return True

    wait_until(passes, "the collector's subscription is there")


@pytest.mark.parametrize("checks_generation", [True, False])
def test_a_late_puback_of_an_old_connection_eats_nothing(
    mosquitto: Mosquitto, sender: paho.Client, checks_generation: bool
) -> None:
    """Without the check the new messages are gone: this is what the generation is for."""
    connection = opened(mosquitto)
    send(sender, [f"old {number}" for number in range(10)])
    old = received(connection, 10)
    mosquitto.begin_anew()
    wait_until(lambda: connection.generation == 2, "the collector is connected again")
    wait_until(lambda: connection._subscribing_since is None, "its subscription is there")
    send(sender, [f"new {number}" for number in range(10)])
    new = received(connection, 10)
    assert {message.mid for message in new} == {message.mid for message in old}
    for message in old:
        if checks_generation:
            connection.pubacks(settled(message))
        else:
            connection._client.ack(message.mid, message.qos)
    send(sender, ["last"])
    received(connection, 1)
    wait_until(lambda: not connection._client.want_write(), "every PUBACK has left")
    connection.close()
    assert connection.dropped_pubacks == (10 if checks_generation else 0)
    again = opened(mosquitto)
    send(sender, ["end"])
    payloads = [again.messages.get(timeout=10).payload.decode()]
    while payloads[-1] != "end":
        payloads.append(again.messages.get(timeout=10).payload.decode())
    again.close()
    kept = [payload for payload in payloads if payload.startswith("new")]
    if checks_generation:
        assert kept == [f"new {number}" for number in range(10)]
    else:
        assert len(kept) < 10


def test_of_what_came_while_the_collector_was_away_hellos_wait_and_readings_do_not(
    mosquitto: Mosquitto, sender: paho.Client
) -> None:
    """Readings lie in the journals; a broker that kept them too would keep a city's."""
    connection = opened(mosquitto)
    subscribed(connection, sender)
    connection.close()
    send(sender, ["a reading"] * 100, TOPIC)
    send(sender, [f"{number}" for number in range(2_000)])
    again = opened(mosquitto)
    payloads = [message.payload.decode() for message in received(again, 2_000)]
    again.close()
    assert [text for text in payloads if text != "probe"] == [
        str(number) for number in range(len(payloads))
    ]


def test_readings_come_without_ids_and_once(mosquitto: Mosquitto, sender: paho.Client) -> None:
    connection = opened(mosquitto)
    subscribed(connection, sender)
    send(sender, [f"{number}" for number in range(200)], TOPIC)
    taken = [one for one in received(connection, 200) if one.payload != b"probe"]
    send(sender, ["last"], TOPIC)
    while (message := received(connection, 1)[0]).payload != b"last":
        taken.append(message)
    connection.close()
    readings = [one for one in taken if one.topic == TOPIC]
    assert [one.payload.decode() for one in readings] == [str(number) for number in range(200)]
    assert {(one.qos, one.mid) for one in readings} == {(0, 0)}


class Listening:
    """Stands for the publisher: only the connection matters."""

    def connected(self) -> None:
        return

    def disconnected(self) -> None:
        return


def test_a_collector_greets_a_broker_that_knows_only_the_older_protocol(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "GREETING_TIMEOUT_S", 0.5)
    monkeypatch.setattr(node_mqtt, "GREETING_TIMEOUT_S", 0.5)
    port = free_port()
    text = f'[state]\ndirectory = "{tmp_path}"\n[mqtt]\nlisten_port = {port}'
    stop = threading.Event()
    broker = threading.Thread(target=embedded_broker.run, args=(parse(text), stop), daemon=True)
    broker.start()
    try:
        wait_until(lambda: is_listening(port), "the old broker listens")
        collector = Link(Mqtt(url=f"mqtt://{HOST}:{port}"))
        collector.open()
        node = Connection(Broker(HOST, port), Identity("sample", "n0001"))
        node.open()

        def both_connected() -> bool:
            collector.fall_back_if_unanswered()
            node.drain(Listening())  # type: ignore[arg-type]
            return collector.is_connected.is_set() and node.is_connected

        wait_until(both_connected, "node and collector fall back to 3.1.1")
        node.publish(TOPIC, b"payload", 1, False)
        assert collector.messages.get(timeout=10).payload == b"payload"
        node.close()
        collector.close()
    finally:
        stop.set()
        broker.join(10)


class OldBroker(socketserver.BaseRequestHandler):
    """Greets MQTT 3.1.1 and refuses a version 5 greeting as the older standard says."""

    REFUSED, WELCOME = b"\x20\x02\x00\x01", b"\x20\x02\x00\x00"

    def handle(self) -> None:
        greeting = self.request.recv(1024)
        version = greeting[greeting.index(b"MQTT") + 4]
        self.request.sendall(self.WELCOME if version == 4 else self.REFUSED)
        while version == 4 and self.request.recv(1024):
            pass


def test_node_and_collector_go_back_to_the_older_protocol_where_the_new_one_is_refused() -> None:
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server((HOST, 0), OldBroker) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        port = server.server_address[1]
        collector = Link(Mqtt(url=f"mqtt://{HOST}:{port}"))
        collector.open()
        node = Connection(Broker(HOST, port), Identity("sample", "n0001"))
        node.open()

        def both_connected() -> bool:
            collector.fall_back_if_unanswered()
            node.drain(Listening())  # type: ignore[arg-type]
            return collector.is_connected.is_set() and node.is_connected

        wait_until(both_connected, "node and collector fall back to 3.1.1", 5)
        node.close()
        collector.close()
        server.shutdown()


def test_a_broker_that_greets_and_never_takes_the_subscriptions_is_connected_to_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link, "DEAF_FOR_S", 0.3)
    monkeypatch.setattr(link, "GREETING_TIMEOUT_S", 0.3)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server((HOST, 0), OldBroker) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        collector = Link(Mqtt(url=f"mqtt://{HOST}:{server.server_address[1]}"))
        collector.open()

        def has_greeted_thrice() -> bool:
            collector.fall_back_if_unanswered()
            collector.renew_if_deaf()
            return collector.generation >= 3

        wait_until(has_greeted_thrice, "the collector has tried again, twice")
        collector.close()
        server.shutdown()


class Ingest:
    """The ingest process as a thread, on the sample district."""

    def __init__(self, folder: Path, broker: Mosquitto) -> None:
        self.config = parse(f'[state]\ndirectory = "{folder}"\n[mqtt]\nurl = "{broker.url}"')
        spreadsheets.import_folder(open_registry(self.config), SAMPLE)

    def __enter__(self) -> Ingest:
        self._stop = threading.Event()
        arguments = (self.config, self._stop)
        self._thread = threading.Thread(target=process.run, args=arguments, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(20)
        assert not self._thread.is_alive()


def connected_nodes(broker: Mosquitto, folder: Path) -> list[VirtualNode]:
    nodes = [
        VirtualNode(
            Identity("sample", name),
            [rom_from_kernel_name(sensor) for sensor in sensors],
            broker.address,
            folder / name,
            T0,
        )
        for name, sensors in SENSORS.items()
    ]
    for node in nodes:
        node.connect()
    return nodes


def measure(nodes: list[VirtualNode], step: int) -> None:
    """Let every node measure once and send what is due."""
    for node in nodes:
        sensors = SENSORS[node.identity.node]
        raw = {rom_from_kernel_name(sensor): 300 + step % 60 for sensor in sensors}
        node.play(T0 + 300 * step, raw)
        node.pump()


def pump_until_done(nodes: list[VirtualNode], timeout_s: float = 30) -> None:
    def done() -> bool:
        for node in nodes:
            while node.pump():
                pass
            node.publisher.ask()
        return all(node.is_done for node in nodes)

    wait_until(done, "the collector has everything", timeout_s)


@pytest.mark.parametrize("loss", ["kill", "state"])
def test_journals_refill_what_a_broker_loses(
    mosquitto: Mosquitto, tmp_path: Path, loss: str
) -> None:
    with Ingest(tmp_path / "state", mosquitto) as ingest:
        nodes = connected_nodes(mosquitto, tmp_path)
        for step in range(400):
            measure(nodes, step)
            if step % 130 == 100:
                if loss == "state":
                    mosquitto.begin_anew()
                else:
                    mosquitto.kill()
                    mosquitto.start()
        pump_until_done(nodes)
        expected = journal_records(nodes)
        assert sum(node.sent for node in nodes) == 1_200
        for node in nodes:
            node.close()
    assert ledger_records(ingest.config.state.ledger) == expected


def test_what_a_broker_drops_in_silence_is_sent_again(tmp_path: Path) -> None:
    """The broker says "success" to everything, and drops readings while the collector is away."""
    with running_mosquitto(tmp_path) as broker:
        ingest = Ingest(tmp_path / "state", broker)
        with ingest:
            nodes = connected_nodes(broker, tmp_path)
            pump_until_done(nodes)
        before = sum(node.publisher.counters.messages for node in nodes)
        for step in range(150):
            measure(nodes, step)
        assert sum(node.publisher.counters.messages for node in nodes) > before + 40
        assert sum(node.publisher.unacknowledged for node in nodes) >= 3 * 150
        with ingest:
            pump_until_done(nodes)
            expected = journal_records(nodes)
        told = read_status(ingest.config.state.status, "ingest")
        assert told is not None
        # Which of the two happens first after a loss is a matter of a node's patience.
        resends = sum(node.publisher.counters.resends for node in nodes)
        assert told["counters"].get("gaps", 0) + resends > 0
        for node in nodes:
            node.close()
    assert ledger_records(ingest.config.state.ledger) == expected


class DiskThatRefuses(LedgerWriter):
    """A ledger whose disk is full until somebody makes room."""

    is_full = True

    def commit(self):
        if self.is_full and self.pending:
            self._forget(self._pending)
            self._pending = type(self._pending)()
            raise LedgerError("the disk is full")
        return super().commit()


def test_a_full_disk_leaves_nobody_unheard_afterwards(
    mosquitto: Mosquitto,
    sender: paho.Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More hellos than the broker hands out without a PUBACK arrive while the disk is full."""
    monkeypatch.setattr(link, "RECEIVE_MAXIMUM", 10)
    monkeypatch.setattr(process, "DISK_RETRY_SECONDS", 0.05)
    config = parse(f'[state]\ndirectory = "{tmp_path}"\n[mqtt]\nurl = "{mosquitto.url}"')
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    ledger = DiskThatRefuses(config.state.ledger, lambda: T0)
    quarantine = Quarantine(config.state.quarantine)
    connection = opened(mosquitto)
    session = Session(ledger, quarantine)
    status = StatusWriter(config.state.status, "ingest")
    registered = Registered(config)
    loop = process._Loop(session, connection, ledger, quarantine, registered, status)
    node = PaperNode(1)
    records = [node.boot(), *(node.read(LIVING, T0 + step, 20) for step in range(29))]
    for _ in range(30):
        sender.publish(EVENTS, Hello(1, 1, 31).encode(), 1)

    def step() -> None:
        """Go on, beside a node that goes back to its first record whenever it hears nothing."""
        for record in records:
            sender.publish(TOPIC, encode_pack(1, [record], False), 1)
        loop.step()

    def refused_often() -> bool:
        step()
        return session.counters["refused_commits"] >= 3

    def all_kept() -> bool:
        step()
        return ledger.through(("sample", "n0001"), 1) == 30

    def all_greeted() -> bool:
        loop.step()
        return session.counters["hellos"] >= 30

    wait_until(refused_often, "the disk refuses what comes")
    ledger.is_full = False
    wait_until(all_greeted, "every hello is heard once there is room")
    wait_until(all_kept, "everything is on disk once there is room")
    connection.close()
    quarantine.close()
    ledger.close()
