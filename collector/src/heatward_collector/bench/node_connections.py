"""Many nodes' connections in one process: they greet, subscribe, ask for a sign of life, and wait.

What a broker holds of a node is what the node's own program asks for: MQTT 5, a last will with its
status, its acks and the district's incarnation; with TLS a certificate and key of its own.
"""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from heatward_collector.bench.packets import packet, receive, text
from heatward_collector.replay.places import DISTRICT
from heatward_node.control import Status
from heatward_node.mqtt import MQTT_ALPN
from heatward_node.topics import Topic, incarnation_topic

KEEPALIVE_S = 1_200
"""As long as the broker allows: nothing comes between what is measured. [s]"""
WILL_FLAGS = 0x2E
"""A will at QoS 1 that is retained, and a clean start."""


@dataclass(frozen=True, slots=True)
class Clients:
    """Who connects, and where."""

    host: str
    port: int
    nodes: Sequence[str]
    authority: Path | None = None
    """The authority's certificate, for TLS."""
    identities: Path | None = None
    """The folder of ``<node>.pem``, certificate and key."""


def run(clients: Clients, pipe: Connection) -> None:
    """Do what the pipe tells, connect, ping or close, and answer once all have done it."""
    links: list[socket.socket] = []
    pipe.send("ready")
    while (told := pipe.recv()) != "end":
        if told == "connect":
            links = [connected(clients, node) for node in clients.nodes]
        elif told == "ping":
            _ping(links)
        elif told == "close":
            for link in links:
                link.close()
        pipe.send(told)


def connected(clients: Clients, node: str) -> socket.socket:
    """Return a node's connection, greeted and subscribed."""
    link = socket.create_connection((clients.host, clients.port))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if clients.identities is not None:
        context = ssl.create_default_context(cafile=clients.authority)
        context.load_cert_chain(clients.identities / f"{node}.pem")
        context.set_alpn_protocols([MQTT_ALPN])
        link = context.wrap_socket(link, server_hostname=clients.host)
    link.sendall(_greeting(node))
    _answer(link)
    topics = (str(Topic(DISTRICT, node, "ack")), 0), (incarnation_topic(DISTRICT), 1)
    wanted = b"".join(text(topic.encode()) + bytes([qos]) for topic, qos in topics)
    link.sendall(packet(0x82, struct.pack(">HB", 1, 0) + wanted))
    _answer(link)
    return link


def _greeting(node: str) -> bytes:
    header = text(b"MQTT") + struct.pack(">BBHB", 5, WILL_FLAGS, KEEPALIVE_S, 0)
    status = str(Topic(DISTRICT, node, "status")).encode()
    will = b"\x00" + text(status) + text(Status(online=False).encode())
    return packet(0x10, header + text(node.encode()) + will)


def _answer(link: socket.socket) -> bytes:
    """Return one short packet of the broker, without its head."""
    return receive(link, receive(link, 2)[1])


def _ping(links: Sequence[socket.socket]) -> None:
    for link in links:
        link.sendall(b"\xc0\x00")
    for link in links:
        receive(link, 2)
