"""What a naive line loses by measured behaviour of its servers, and ours does not (R1, R3, R4, R8,
R10). Each test has the naive one in it, and fails unless that one fails: else it would prove
nothing. R5 has its own in ``ingest/test_link.py``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from heatward_collector.ingest import link
from heatward_collector.ledger import LedgerReader, LedgerWriter
from heatward_collector.replay.virtual_node import VirtualNode
from heatward_collector.running.status import read_status
from heatward_collector.timeseries.influxdb import InfluxStore
from heatward_collector.timeseries.protocol import ROOM, Points, Series
from heatward_node import mqtt as node_mqtt
from heatward_node import patience
from heatward_node.publisher import Identity
from heatward_node.reading import Record
from heatward_node.rom import rom_from_kernel_name
from heatward_node.topics import PREFIX
from heatward_node.wire import Pack, encode_pack
from support.broker import Mosquitto, running_mosquitto
from support.enrolled import configured, found, issue, running_broker
from support.evidence import LIVING, T0, PaperNode
from support.influxdb import InfluxServer
from support.ingest_process import IngestProcess, Key, journals, pump_until_done
from support.ports import HOST, wait_until

pytestmark = pytest.mark.broker
ROM = rom_from_kernel_name(LIVING)
ROUNDS = 60
READINGS = f"{PREFIX}/sample/n0001/readings"
DENY_ALL, ALLOW_ALL = "topic read #\n", "topic readwrite #\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "RECONNECT_S", (0.1, 0.3))
    monkeypatch.setattr(node_mqtt, "RECONNECT_S", (0.1, 0.3))
    monkeypatch.setattr(patience, "FIRST_PATIENCE_MS", 500)
    monkeypatch.setattr(patience, "LONGEST_PATIENCE_MS", 1_000)


class NaiveNode:
    """Publishes at QoS 1 by MQTT 3.1.1 and forgets what the broker acknowledged: the usual node."""

    def __init__(self, port: int, folder: Path) -> None:
        paper = PaperNode(7)
        records = [paper.read(LIVING, T0 + 300 * number, 20.0) for number in range(ROUNDS)]
        self._unsent = dict(enumerate(records))
        self.written: dict[Key, bytes] = {
            ("n0001", 7, record.seq): record.to_bytes() for record in records
        }
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="n0001")
        self._client.reconnect_delay_set(0.1, 0.3)  # type: ignore[arg-type]
        self._client.connect(HOST, port)
        self._client.loop_start()

    def send(self) -> None:
        """Send what no PUBACK has come for, and wait until there is none of it."""
        wait_until(self._client.is_connected, "the naive node is connected")
        sent = {
            number: self._client.publish(READINGS, encode_pack(7, [record], False), 1)
            for number, record in self._unsent.items()
        }
        for number, message in sent.items():
            message.wait_for_publish(20)
            del self._unsent[number]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class OurNode:
    """The real node code, with the same values."""

    def __init__(self, port: int, folder: Path) -> None:
        broker = node_mqtt.Broker(HOST, port)
        self._node = VirtualNode(Identity("sample", "n0001"), [ROM], broker, folder / "n", T0 - 300)
        self._node.connect()
        for number in range(ROUNDS):
            self._node.play(T0 + 300 * number, {ROM: 320})

    @property
    def node(self) -> VirtualNode:
        return self._node

    @property
    def written(self) -> dict[Key, bytes]:
        return journals([self._node])

    def send(self) -> None:
        """Let it speak for a moment: it believes nobody but the collector."""
        ends = time.monotonic() + 1.5
        while time.monotonic() < ends:
            self._node.pump()
            time.sleep(0.01)

    def close(self) -> None:
        self._node.close()


def finish(node: NaiveNode | OurNode, ingest: IngestProcess) -> int:
    """Let the node send what it still has; return how many of its records are missing then."""
    if isinstance(node, OurNode):
        pump_until_done([node.node])
    else:
        node.send()
        head, ends = -1, time.monotonic() + 15
        while head != (head := len(ingest.kept())) and time.monotonic() < ends:
            time.sleep(1.0)  # nothing more comes
    return len(node.written.keys() - ingest.kept().keys())


@pytest.fixture(params=[NaiveNode, OurNode])
def kind(request: pytest.FixtureRequest) -> Callable[[int, Path], NaiveNode | OurNode]:
    return request.param


def once_subscribed(folder: Path, broker: Mosquitto) -> None:
    """Let ingest subscribe and go: the broker keeps its session and queues for it."""
    with IngestProcess(folder, broker.port) as ingest:
        wait_until(
            lambda: "mqtt" in str(read_status(ingest.config.state.status, "ingest")), "it runs"
        )
        time.sleep(1.0)  # the broker's answer to the subscription is nowhere to be seen


def test_r1_a_puback_is_no_promise_about_disks(kind, mosquitto: Mosquitto, tmp_path) -> None:
    once_subscribed(tmp_path / "state", mosquitto)
    node = kind(mosquitto.port, tmp_path)
    node.send()
    mosquitto.kill()
    mosquitto.start()
    with IngestProcess(tmp_path / "state", mosquitto.port) as ingest:
        missing = finish(node, ingest)
    node.close()
    if kind is NaiveNode:
        assert missing == ROUNDS  # acknowledged, every one, and nowhere
    else:
        assert missing == 0


def test_r3_a_full_queue_drops_in_silence(kind, tmp_path) -> None:
    with running_mosquitto(tmp_path / "broker", "max_queued_messages 10") as broker:
        once_subscribed(tmp_path / "state", broker)
        node = kind(broker.port, tmp_path)
        node.send()
        with IngestProcess(tmp_path / "state", broker.port) as ingest:
            missing = finish(node, ingest)
        node.close()
    assert (missing > 0) is (kind is NaiveNode)


def test_r4_the_older_protocol_hides_a_refusal(kind, tmp_path) -> None:
    access = tmp_path / "access"
    access.write_text(DENY_ALL)
    with running_mosquitto(tmp_path / "broker", f"acl_file {access}") as broker:
        node = kind(broker.port, tmp_path)
        node.send()
        if isinstance(node, OurNode):
            assert node.node.publisher.counters.refused_by_broker > 0
            assert node.node.publisher.unacknowledged == len(node.written)
        access.write_text(ALLOW_ALL)
        broker.stop()
        broker.start()
        with IngestProcess(tmp_path / "state", broker.port) as ingest:
            missing = finish(node, ingest)
        node.close()
    assert missing == (ROUNDS if kind is NaiveNode else 0)


@pytest.fixture
def two_values_of_one_second() -> list[Record]:
    """What a cloned card or a swapped sensor sends: 19.5 degC, then 12.0, at the same second."""
    first, second = PaperNode(1), PaperNode(2)
    return [first.read(LIVING, T0, 19.5), second.read(LIVING, T0, 12.0)]


def test_r8_influxdb_overwrites_and_says_204(
    influxdb: InfluxServer, two_values_of_one_second: list[Record], tmp_path: Path
) -> None:
    store = InfluxStore(influxdb.url, "naive_evidence")
    store.create_database()
    series = (Series(ROOM, "sample", "st", "b001", "h0001", "h0001-r1", LIVING),)
    ledger = LedgerWriter(tmp_path / "ledger", time.time)
    for epoch, record in enumerate(two_values_of_one_second, 1):
        one = np.array([T0], np.int64), np.array([record.celsius])
        store.write(Points(series, np.zeros(1, np.int64), *one))  # no error, both times
        ledger.offer("sample", "n0001", Pack(epoch, False, [record]))
        ledger.commit()
    _, celsius = store.room("h0001-r1", T0 - 60, T0 + 60)
    assert celsius.tolist() == [12.0]  # evidence in InfluxDB: the 19.5 never was
    kept = [
        batch.entry(position)[1].celsius
        for batch in LedgerReader(tmp_path / "ledger").batches()
        for position in range(batch.count)
    ]
    assert kept == [19.5, 12.0]
    ledger.close()


class Queue:
    """A client with a session that the broker keeps: a collector, or who says that it is one."""

    def __init__(self, port: int, client_id: str, pair: Path | None = None, ca: Path | None = None):
        self.heard: list[bytes] = []
        self.is_subscribed = threading.Event()
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False
        )
        if pair is not None:
            self.client.tls_set(str(ca), str(pair), str(pair.with_name("key.pem")))
        self.client.on_message = lambda c, d, one: self.heard.append(one.payload)
        self.client.on_subscribe = lambda *_: self.is_subscribed.set()
        self.client.connect(HOST, port)
        self.client.loop_start()

    def subscribe(self) -> None:
        self.client.subscribe(f"{PREFIX}/+/+/readings", 1)
        wait_until(self.is_subscribed.is_set, "the subscription is there")

    def leave(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def stolen(make: Callable[[str], Queue], send: Callable[[int], None]) -> tuple[int, int]:
    """Let a thief take the collector's id while it is away; return what each of them heard."""
    collector = make("collector")
    collector.subscribe()
    collector.leave()
    send(50)
    thief = make("thief")
    time.sleep(1.5)
    thief.leave()
    back = make("collector")
    wait_until(lambda: len(back.heard) + len(thief.heard) >= 50, "50 messages are somewhere")
    back.leave()
    return len(thief.heard), len(back.heard)


def test_r10_without_names_in_certificates_a_thief_empties_the_queue(mosquitto: Mosquitto) -> None:
    sender = Queue(mosquitto.port, "sender")

    def send(count: int) -> None:
        for _ in range(count):
            sender.client.publish(READINGS, b"x", 1).wait_for_publish(5)

    got = stolen(lambda who: Queue(mosquitto.port, "heatward-collector"), send)
    sender.leave()
    assert got == (50, 0)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    folder = tmp_path_factory.mktemp("town")
    config = configured(folder)
    office = found(config, time.time())
    for node in ("n0001", "n0002"):
        issue(office, folder / node, node)
    with running_broker(config, folder) as broker:
        yield folder, broker.port


def test_r10_with_them_the_collector_gets_what_is_its_own(town: tuple[Path, int]) -> None:
    folder, port = town
    ca = folder / "authority" / "ca.pem"

    def make(who: str) -> Queue:
        pair = folder / "n0002" / "identity" / "certificate.pem"
        if who == "collector":
            both = folder / "collector" / "certificate.pem"
            both.parent.mkdir(exist_ok=True)
            for name in ("certificate.pem", "key.pem"):
                text = (folder / "authority" / "collector.pem").read_bytes()
                (both.parent / name).write_bytes(text)
            pair = both
        return Queue(port, "heatward-collector", pair, ca)

    sender = Queue(port, "n0001", folder / "n0001" / "identity" / "certificate.pem", ca)

    def send(count: int) -> None:
        for _ in range(count):
            sender.client.publish(READINGS, b"x", 1).wait_for_publish(5)

    got = stolen(make, send)
    sender.leave()
    assert got == (0, 50)
