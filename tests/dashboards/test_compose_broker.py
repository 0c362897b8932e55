"""Mosquitto as compose runs it: nodes by certificate, the collector by its own password."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest

from heatward_collector.config import Config
from heatward_collector.servers.program import Program
from heatward_node.topics import PREFIX
from support.enrolled import configured, found
from support.ports import HOST, free_port
from support.servers import find_program

SERVER = Path(__file__).parents[2] / "dashboards" / "server"


@dataclass
class Running:
    config: Config
    inside: int
    """The port for the collector."""
    password: str


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run the configuration that is mounted, with the secrets that the script makes."""
    folder = tmp_path_factory.mktemp("compose")
    secrets = folder / "secrets"
    command = ["sh", str(SERVER / "secrets.sh"), str(secrets)]
    subprocess.run(command, check=True, capture_output=True)
    hashing = [find_program("mosquitto_passwd"), "-U", str(secrets / "mosquitto_users")]
    subprocess.run(hashing, check=True, capture_output=True)
    config, inside = configured(folder), free_port()
    found(config, time.time())
    text = (SERVER / "mosquitto" / "mosquitto.conf").read_text("utf-8")
    for shipped, here in (
        ("/var/lib/heatward/authority-broker", str(config.enrolment.broker)),
        ("/etc/heatward/secrets", str(secrets)),
        ("/mosquitto/data/", f"{folder}/"),
        ("listener 1883", f"listener {inside} {HOST}"),
    ):
        assert shipped in text
        text = text.replace(shipped, here)
    (folder / "mosquitto.conf").write_text(f"user root\n{text}")
    command = [find_program("mosquitto"), "-c", str(folder / "mosquitto.conf")]
    server = Program(command, inside, folder / "mosquitto.log")
    server.start()
    try:
        yield Running(config, inside, (secrets / "mqtt").read_text())
    finally:
        server.stop()


@contextmanager
def connected(client: mqtt.Client, port: int) -> Iterator[int]:
    """Connect; give the broker's answer, 0 for a welcome, -1 for none."""
    answered, answer = threading.Event(), [-1]

    def on_connect(_: object, __: object, ___: object, reason: object, *____: object) -> None:
        answer[0] = int(getattr(reason, "value", reason))
        answered.set()

    client.on_connect = on_connect
    client.on_disconnect = lambda *_: answered.set()
    client.connect(HOST, port)
    client.loop_start()
    try:
        answered.wait(10)
        yield answer[0]
    finally:
        client.disconnect()
        client.loop_stop()


def a_client(name: str) -> mqtt.Client:
    return mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=name)


def test_what_comes_in_by_certificate_is_heard_inside(running: Running) -> None:
    inside = a_client("inside")
    inside.username_pw_set("heatward", running.password)
    heard, came, subscribed = [], threading.Event(), threading.Event()

    def on_message(_: object, __: object, message: mqtt.MQTTMessage) -> None:
        heard.append((message.topic, message.payload))
        came.set()

    inside.on_message = on_message
    inside.on_subscribe = lambda *_: subscribed.set()
    by_certificate = a_client("collector")
    own = running.config.mqtt
    by_certificate.tls_set(str(own.ca_file), str(own.certificate_file), str(own.key_file))
    topic = f"{PREFIX}/d/n0001/ack"
    with connected(inside, running.inside) as answer:
        assert answer == 0
        inside.subscribe(f"{PREFIX}/#", 1)
        assert subscribed.wait(10)
        with connected(by_certificate, running.config.enrolment.mqtt_port) as welcome:
            assert welcome == 0
            by_certificate.publish(topic, b"x", 1)
            assert came.wait(10)
    assert heard == [(topic, b"x")]


@pytest.mark.parametrize("password", [None, "heatward", ""])
def test_without_the_password_nobody_gets_in(running: Running, password: str | None) -> None:
    client = a_client("somebody")
    if password is not None:
        client.username_pw_set("heatward", password)
    with connected(client, running.inside) as answer:
        assert answer not in (0, -1)


def test_the_password_opens_nothing_where_nodes_come_in(running: Running) -> None:
    client = a_client("somebody")
    client.username_pw_set("heatward", running.password)
    client.tls_set(str(running.config.mqtt.ca_file))
    with connected(client, running.config.enrolment.mqtt_port) as answer:
        assert answer != 0
