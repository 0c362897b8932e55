"""The collector's bulk reading through TLS, and of a message larger than one reading."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from heatward_collector.config.settings import Mqtt
from heatward_collector.ingest.link import Link
from heatward_collector.ingest.messages import Message, Messages, Settled
from support.broker import running_mosquitto
from support.ports import HOST, free_port, wait_until
from support.servers import find_program

pytestmark = pytest.mark.broker
TOPIC = "heatward/v1/sample/n0001/readings"
EVENTS = "heatward/v1/sample/n0001/event"
MESSAGES = 2_000
LARGE = 1_000_000


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a key and a certificate for the loopback address."""
    key, file = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *(find_program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes"),
            *("-keyout", str(key), "-out", str(file), "-days", "1", "-subj", f"/CN={HOST}"),
            *("-addext", f"subjectAltName=IP:{HOST}"),
        ],
        check=True,
        capture_output=True,
    )
    return key, file


def test_what_comes_through_tls_comes_once_and_is_gone_when_acknowledged(
    tmp_path: Path,
) -> None:
    key, file = certificate(tmp_path)
    port = free_port()
    more = f"listener {port} {HOST}\ncertfile {file}\nkeyfile {key}\n"
    with running_mosquitto(tmp_path / "broker", more) as broker:
        collector = Link(Mqtt(url=f"mqtts://{HOST}:{port}", ca_file=file))
        collector.open()
        wait_until(collector.is_connected.is_set, "the collector is connected")
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id="sender")
        client.tls_set(ca_certs=str(file), cert_reqs=ssl.CERT_REQUIRED)
        client.connect(HOST, port)
        client.loop_start()
        payloads = [b"%d" % number for number in range(MESSAGES)]
        payloads[1_000] = b"x" * LARGE
        wait_until(lambda: seen_by(collector, client), "the subscription is there")
        for payload in payloads:
            sent = client.publish(TOPIC, payload, 1)
        sent.wait_for_publish(20)
        taken = [next_of(collector) for _ in range(MESSAGES)]
        # Large messages wait apart, so that live ones do not wait for a backlog.
        assert len(taken) == MESSAGES
        small = [one.payload for one in taken if len(one.payload) < LARGE]
        assert small == [one for one in payloads if len(one) < LARGE]
        assert sum(one.payload == payloads[1_000] for one in taken) == 1
        client.publish(EVENTS, b"first", 1).wait_for_publish(20)
        collector.pubacks(Settled.of([Messages.of([collector.messages.get(timeout=10)])]))
        client.publish(EVENTS, b"last", 1).wait_for_publish(20)
        assert collector.messages.get(timeout=10).payload == b"last"
        collector.close()
        again = Link(Mqtt(url=broker.url))
        again.open()
        assert again.messages.get(timeout=10).payload == b"last"
        again.close()
        client.disconnect()
        client.loop_stop()


def next_of(collector: Link) -> Message:
    """Return the next message that is no probe."""
    while (message := collector.messages.get(timeout=10)).payload == b"probe":
        collector.pubacks(Settled.of([Messages.of([message])]))
    return message


def seen_by(collector: Link, client: paho.Client) -> bool:
    """Send a probe; once one arrives, take all of them off again."""
    client.publish(TOPIC, b"probe", 1).wait_for_publish(5)
    taken = collector.messages.take(100)
    collector.pubacks(Settled.of([Messages.of(taken)]))
    return bool(taken)
