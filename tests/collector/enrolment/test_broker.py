"""A real Mosquitto on the generated configuration: what the thief of a card can do, and cannot."""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from heatward_collector.enrolment.authority import read_request, utc
from heatward_collector.enrolment.broker import LARGEST_PACKET, access_list
from heatward_collector.enrolment.service import refresh_access
from heatward_node import openssl
from support.enrolled import configured, found, issue, running_broker
from support.ports import HOST, wait_until

pytestmark = pytest.mark.broker
OWN = "heatward/v1/sample/n0001"
OTHER = "heatward/v1/sample/n0002"
NOT_AUTHORIZED = 135
SUCCESS, NOBODY_LISTENS = 0, 16


class Client:
    """An MQTT 5 client that notes what the broker says."""

    def __init__(self, port, ca_file, pair=None, client_id="", version=paho.MQTTv5, tls=None):
        self.codes, self.granted = queue.Queue(), queue.Queue()
        self.received, self.connects, self.ended = [], queue.Queue(), threading.Event()
        self.paho = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=version)
        certificate, key = pair or (None, None)
        self.paho.tls_set(str(ca_file), certificate, key, tls_version=tls)
        self.paho.on_connect = lambda c, d, f, code, p: self.connects.put(code)
        self.paho.on_disconnect = lambda c, d, f, code, p: self.ended.set()
        self.paho.on_publish = lambda c, d, mid, code, p: self.codes.put(code.value)
        self.paho.on_subscribe = lambda c, d, mid, codes, p: self.granted.put(codes[0].value)
        self.paho.on_message = lambda c, d, m: self.received.append((m.topic, m.payload))
        self.paho.connect(HOST, port)
        self.paho.loop_start()

    def is_let_in(self):
        return not self.connects.get(timeout=10).is_failure

    def publish(self, topic, payload=b"x", retain=False):
        self.paho.publish(topic, payload, 1, retain)
        return self.codes.get(timeout=10)

    def subscribe(self, topic):
        self.paho.subscribe(topic, 1)
        return self.granted.get(timeout=10)

    def hear_everything(self, collector, node):
        """Wait until whatever was on its way here has come: the collector's own word is last."""
        own = f"heatward/v1/sample/{node}/ack"
        self.subscribe(own)
        collector.publish(own, b"last")
        wait_until(lambda: (own, b"last") in self.received, "the last word is here")

    def close(self):
        self.paho.disconnect()
        self.paho.loop_stop()


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """An authority, two nodes, a stranger's certificate, and the broker."""
    folder = tmp_path_factory.mktemp("town")
    config = configured(folder)
    office = found(config, time.time())
    for node in ("n0001", "n0002", "n0666"):
        issue(office, folder / node, node)
    with running_broker(config, folder) as broker:
        yield folder, config, office, broker


@pytest.fixture
def connect(town):
    folder, config, _, broker = town
    clients = []

    def make(who=None, **more):
        pair = None
        if who in ("collector", "canary"):
            pair = (str(folder / f"authority/{who}.pem"),) * 2
        elif who is not None:
            identity = folder / who / "identity"
            pair = (str(identity / "certificate.pem"), str(identity / "key.pem"))
        more.setdefault("client_id", who or "nobody")
        client = Client(broker.port, folder / "authority/ca.pem", pair, **more)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


def refuses(connect, *arguments, **more):
    """Say whether a connection gets nowhere: no greeting, or the handshake itself fails."""
    try:
        client = connect(*arguments, **more)
    except (OSError, ssl.SSLError):
        return True
    wait_until(lambda: client.ended.is_set() or not client.connects.empty(), "an answer")
    return client.connects.empty()


def test_a_node_writes_its_own_topics_and_the_collector_hears_it(connect):
    collector, node = connect("collector"), connect("n0001")
    assert collector.is_let_in()
    assert node.is_let_in()
    assert collector.subscribe("heatward/v1/+/+/readings") == 1
    for leaf in ("readings", "status", "event"):
        assert node.publish(f"{OWN}/{leaf}") in (SUCCESS, NOBODY_LISTENS)
    wait_until(lambda: (f"{OWN}/readings", b"x") in collector.received, "the collector hears it")


def test_the_test_readings_node_writes_under_its_own_name_only(connect):
    canary = connect("canary")
    assert canary.is_let_in()
    assert canary.publish("heatward/v1/sample/canary/readings") in (SUCCESS, NOBODY_LISTENS)
    assert canary.publish(f"{OWN}/readings") not in (SUCCESS, NOBODY_LISTENS)


def test_the_collectors_answers_reach_the_node_they_are_for_and_no_other(connect):
    collector, first, second = connect("collector"), connect("n0001"), connect("n0002")
    for client in (collector, first, second):
        assert client.is_let_in()
    first.subscribe(f"{OWN}/ack")
    second.subscribe(f"{OWN}/ack")
    second.subscribe("heatward/v1/sample/+/ack")
    second.subscribe("#")
    collector.publish(f"{OWN}/ack", b"one")
    wait_until(lambda: first.received == [(f"{OWN}/ack", b"one")], "the node gets its ack")
    second.hear_everything(collector, "n0002")
    assert {topic for topic, _ in second.received} == {f"{OTHER}/ack"}


@pytest.mark.parametrize(
    "topic",
    [
        f"{OTHER}/readings",
        f"{OTHER}/ack",
        f"{OWN}/ack",
        f"{OWN}/config",
        f"{OWN}/readings/more",
        f"{OWN}/Readings",
        f"/{OWN}/readings",
        f"{OWN}//readings",
        "heatward/v1/sample/%u/readings",
        "heatward/v1/sample//readings",
        "heatward/v1/other/n0001/readings",
        "heatward/v1/sample/incarnation",
        "heatward/v2/sample/n0001/readings",
        "$SYS/broker/version",
        "readings",
    ],
)
def test_a_node_writes_nothing_but_its_own_three_topics(connect, topic):
    node = connect("n0001")
    assert node.is_let_in()
    assert node.publish(topic) == NOT_AUTHORIZED
    assert node.publish(topic, retain=True) == NOT_AUTHORIZED


@pytest.mark.parametrize(
    "wanted",
    [
        "#",
        "+/#",
        "heatward/#",
        "heatward/v1/+/+/readings",
        f"{OTHER}/#",
        f"{OTHER}/ack",
        "$SYS/#",
        "$share/g/heatward/v1/+/+/readings",
        "heatward/v1/sample/+/ack",
        "heatward/v1/sample/#",
    ],
)
def test_wildcards_bring_a_node_nothing_of_others(connect, wanted):
    collector, thief, other = connect("collector"), connect("n0001"), connect("n0002")
    for client in (collector, thief, other):
        assert client.is_let_in()
    thief.subscribe(wanted)
    other.publish(f"{OTHER}/readings", b"secret", retain=False)
    collector.publish(f"{OTHER}/ack", b"secret")
    thief.hear_everything(collector, "n0001")
    assert [topic for topic, _ in thief.received if "n0002" in topic or "$SYS" in topic] == []


def test_a_retained_will_of_others_cannot_be_read_by_a_node(connect):
    collector, other = connect("collector"), connect("n0002")
    assert collector.is_let_in()
    assert other.is_let_in()
    other.publish(f"{OTHER}/status", b"online", retain=True)
    thief = connect("n0001")
    assert thief.is_let_in()
    thief.subscribe(f"{OTHER}/status")
    thief.hear_everything(collector, "n0001")
    assert {topic for topic, _ in thief.received} == {f"{OWN}/ack"}


@pytest.mark.parametrize("version", [paho.MQTTv5, paho.MQTTv311])
@pytest.mark.parametrize("client_id", ["collector", "heatward-collector", "n0002"])
def test_a_client_id_that_is_anothers_takes_nothing_over(connect, client_id, version):
    collector, other = connect("collector"), connect("n0002")
    assert collector.is_let_in()
    assert other.is_let_in()
    thief = connect("n0001", client_id=client_id, version=version)
    assert thief.is_let_in()  # as itself, whatever it calls itself
    assert collector.publish(f"{OWN}/ack") in (SUCCESS, NOBODY_LISTENS)
    assert other.publish(f"{OTHER}/status") in (SUCCESS, NOBODY_LISTENS)
    assert not collector.ended.is_set()
    assert not other.ended.is_set()


def test_without_a_certificate_nobody_gets_in(connect):
    assert refuses(connect)
    assert refuses(connect, version=paho.MQTTv311)


def test_a_certificate_of_another_authority_does_not_count(connect, tmp_path, town):
    _, _, _, broker = town
    key, certificate = tmp_path / "key.pem", tmp_path / "self.pem"
    openssl.make_key(key)
    openssl._openssl(
        "req",
        "-x509",
        "-new",
        "-key",
        str(key),
        "-subj",
        "/CN=collector",
        "-days",
        "2",
        "-out",
        str(certificate),
    )
    ca_file = town[0] / "authority/ca.pem"
    try:
        client = Client(broker.port, ca_file, (str(certificate), str(key)))
    except (OSError, ssl.SSLError):
        return
    wait_until(client.ended.is_set, "the broker hangs up")
    assert client.connects.empty()
    client.close()


def test_a_certificate_that_has_run_out_is_refused(connect, town):
    folder, _, office, _ = town
    identity = folder / "n0007" / "identity"
    identity.mkdir(parents=True)
    openssl.make_key(identity / "key.pem")
    request = openssl.make_request(identity / "key.pem", "n0007")
    _, key = read_request(request)
    old = office.authority.sign_node("n0007", key, utc(time.time() - 500 * 86_400))
    (identity / "certificate.pem").write_text(old)
    assert refuses(connect, "n0007")


def test_a_revoked_node_is_out_at_once_and_stays_out(connect, town):
    _, config, office, broker = town
    thief = connect("n0666")
    assert thief.is_let_in()
    own = "heatward/v1/sample/n0666/status"
    assert thief.publish(own) in (SUCCESS, NOBODY_LISTENS)
    office.revoke("n0666", "stolen")
    refresh_access(config, office)
    broker.reload()
    wait_until(lambda: thief.publish(own) == NOT_AUTHORIZED, "the open connection is worth nothing")
    assert refuses(connect, "n0666")
    honest = connect("n0001")
    assert honest.is_let_in()
    assert honest.publish(f"{OWN}/status") in (SUCCESS, NOBODY_LISTENS)


def test_more_than_the_largest_packet_ends_the_connection_of_its_sender_only(connect):
    honest, flooder = connect("n0002"), connect("n0001")
    assert honest.is_let_in()
    assert flooder.is_let_in()
    assert flooder.publish(f"{OWN}/readings", b"x" * (LARGEST_PACKET - 200)) in (
        SUCCESS,
        NOBODY_LISTENS,
    )
    flooder.paho.publish(f"{OWN}/readings", b"x" * (LARGEST_PACKET + 1), 1)
    assert flooder.ended.wait(10)
    assert honest.publish(f"{OTHER}/status") in (SUCCESS, NOBODY_LISTENS)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1")
def test_an_older_tls_gets_no_answer(town):
    _, _, _, broker = town
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection((HOST, broker.port), 10) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain)


def test_the_broker_reads_its_folder_and_not_the_authoritys(town):
    _, config, _, _ = town
    authority, broker = config.enrolment.directory, config.enrolment.broker
    assert not broker.is_relative_to(authority)
    assert authority.stat().st_mode & 0o077 == 0
    assert broker.stat().st_mode & 0o7777 == 0o2750
    assert (broker / "server.pem").stat().st_mode & 0o777 == 0o640
    assert not (broker / "ca.key").exists()


def test_the_access_list_has_a_block_a_district_and_denies_who_is_shut_out():
    text = access_list(["b", "a", "b"], ["n0666"])
    assert text.count("pattern write") == 2 * 3
    assert "user n0666\ntopic deny #\n" in text
    assert text.startswith("user collector\n")
    assert "#\n" not in text.replace("topic deny #", "").replace("$SYS/broker/#", "")
