"""One public port for nodes: a real nginx parts what Mosquitto and the enrolment process get."""

import re
import socket
import ssl
import time
from contextlib import suppress
from datetime import timedelta

import pytest

from heatward_collector.enrolment.one_port import one_port_configuration, write_one_port
from heatward_collector.enrolment.service import refresh_access, renew_own
from heatward_node import openssl
from heatward_node.control import Status
from heatward_node.enrolment import Enroller
from heatward_node.mqtt import Connection
from heatward_node.publisher import Identity
from heatward_node.remote_settings import RemoteSettings
from support.enrolled import (
    address,
    card,
    configured,
    found,
    running_broker,
    running_door,
    running_one_port,
)
from support.ports import HOST, free_port, wait_until

pytestmark = pytest.mark.broker
IDENTITY = Identity("sample", "n0001")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """An office with all three servers, and the folder of a card that was enrolled."""
    folder = tmp_path_factory.mktemp("town")
    config = configured(folder, public_port=free_port())
    office = found(config, time.time())
    with (
        running_broker(config, folder) as broker,
        running_door(config),
        running_one_port(config, folder),
    ):
        flashed = card(config, folder / "n0001", office.issue_code("n0001"))
        assert flashed.step()
        yield config, office, flashed, broker, folder / "n0001"


class Publisher:
    """What a node's connection tells of, noted."""

    def __init__(self):
        self.is_connected = False

    def connected(self):
        self.is_connected = True

    def disconnected(self):
        self.is_connected = False


def test_a_node_needs_the_one_port_only(town):
    config, office, flashed, broker, folder = town
    port = config.enrolment.public_port
    assert flashed._settings.url == f"https://{HOST}:{port}"
    assert address(config, folder).port == port
    assert port not in (config.enrolment.port, config.enrolment.mqtt_port)

    settings = RemoteSettings(f"https://{HOST}:{port}", "n0001", flashed._ca_file, 60)
    settings.step()
    assert settings.interval_s == 300

    connection, heard = Connection(address(config, folder), IDENTITY), Publisher()
    connection.open()
    wait_until(lambda: connection.drain(heard) and heard.is_connected, "the broker lets it in")
    topic = IDENTITY.topic("status")
    connection.publish(topic, Status(online=True).encode(), 1, retain=True)
    wait_until(lambda: f"'{topic}'" in broker.log.read_text(), "the broker has its status")
    connection.close()

    before = flashed._settings.certificate.read_text()
    soon = openssl.end_of(flashed._settings.certificate) - timedelta(days=59)
    real, office._now = office._now, soon.timestamp
    try:  # the door's own clock says that it is not due, so the office signs before it is asked
        office.renew("n0001", openssl.make_request(flashed._settings.key, "n0001"))
        early = Enroller(flashed._settings, IDENTITY, flashed._ca_file, now=lambda: soon)
        assert early.step()
    finally:
        office._now = real
    assert flashed._settings.certificate.read_text() != before


def greeting(config, protocols, send=b""):
    """Say hello with some protocols; return what the other side is, or None where it hangs up."""
    context = ssl.create_default_context(cafile=str(config.enrolment.directory / "ca.pem"))
    if protocols:
        context.set_alpn_protocols(protocols)
    try:
        with (
            socket.create_connection((HOST, config.enrolment.public_port), 10) as plain,
            context.wrap_socket(plain, server_hostname=HOST) as line,
        ):
            line.sendall(send)
            answer = line.recv(100)
    except ssl.SSLError as error:
        return "broker" if "CERTIFICATE_REQUIRED" in str(error) else None
    except OSError:
        return None
    return "door" if answer.startswith(b"HTTP/1.1") else answer


ASKED = b"GET /v1/settings?node=n0001 HTTP/1.1\r\nHost: heat.example\r\n\r\n"


@pytest.mark.parametrize(
    ("protocols", "whose"),
    [
        (["http/1.1"], "door"),
        (["h2", "http/1.1"], "door"),
        (["mqtt"], "broker"),
        ([], "broker"),  # cards made before nodes named their protocol
        (["imap"], None),
        (["h2"], None),
        (["mqttx"], None),
        (["http/1.10"], None),
    ],
)
def test_the_first_word_of_tls_decides_who_answers(town, protocols, whose):
    assert greeting(town[0], protocols, ASKED) == whose


@pytest.mark.parametrize("words", [b"GET / HTTP/1.1\r\n\r\n", b"\x10\x0c\0\4MQTT\5\2\0<\0\0"])
def test_who_speaks_without_tls_gets_no_answer(town, words):
    with socket.create_connection((HOST, town[0].enrolment.public_port), 10) as line:
        line.sendall(words)
        with suppress(ConnectionResetError):
            assert line.recv(100) == b""


def test_without_a_public_port_nodes_reach_both_servers_themselves(town, tmp_path):
    config = configured(tmp_path)
    assert config.enrolment.nodes_port == config.enrolment.port
    assert config.enrolment.nodes_mqtt_port == config.enrolment.mqtt_port
    (tmp_path / "nginx.conf").write_text("of another time")
    assert write_one_port(tmp_path, 0, "127.0.0.1:1", "127.0.0.1:2", 10) is None
    assert not (tmp_path / "nginx.conf").exists()


def test_every_node_finds_a_place_and_a_quiet_one_is_not_hung_up_on():
    text = one_port_configuration(8883, "mosquitto:8885", "collector:8884", nodes=2_000)
    numbers = {key: int(value) for key, value in re.findall(r"(\w+) (\d+)s?;", text)}
    assert numbers["worker_connections"] >= 2 * 2_000
    assert numbers["worker_rlimit_nofile"] > numbers["worker_connections"]
    assert numbers["proxy_timeout"] >= 1.5 * 1_200  # Mosquitto's longest keepalive


def shown_by(port):
    """Return the certificate that a server shows."""
    return ssl.get_server_certificate((HOST, port))


def test_both_servers_show_a_renewed_certificate_without_a_restart(tmp_path):
    config = configured(tmp_path)
    office = found(config, time.time() - 340 * 86_400)  # 57 days before the server's runs out
    with running_broker(config, tmp_path) as broker:
        before = shown_by(broker.port)
        with running_door(config):
            wait_until(lambda: shown_by(config.enrolment.port) != before, "the door shows it")
            refresh_access(config, office)
            broker.reload()  # what the unit heatward-broker.path does
            wait_until(lambda: shown_by(broker.port) != before, "Mosquitto shows it")
            assert shown_by(broker.port) == shown_by(config.enrolment.port)
        context = ssl.create_default_context(cafile=str(config.enrolment.directory / "ca.pem"))
        context.load_cert_chain(config.enrolment.directory / "server.pem")
        later = time.time() + 345 * 86_400
        assert renew_own(config, office, context, later) == ["server", "collector", "canary"]
        assert renew_own(config, office, context, later) == []
