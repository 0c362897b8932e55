"""MQTT 3.1.1 by hand, as far as a load needs it: greeting, subscribing, messages at QoS 1."""

from __future__ import annotations

import socket
import struct

KEEPALIVE_S = 600
"""The broker waits half as long again for a sign of life. [s]"""


def opened(port: int, client: str) -> socket.socket:
    """Return a connection to the broker that was greeted."""
    link = socket.create_connection(("127.0.0.1", port))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    header = b"\x00\x04MQTT\x04\x02" + struct.pack(">H", KEEPALIVE_S)
    link.sendall(packet(0x10, header + text(client.encode())))
    receive(link, 4)
    return link


def subscribe(link: socket.socket, topic: str) -> None:
    """Subscribe to a topic at QoS 0, and wait until it is so."""
    link.sendall(packet(0x82, b"\x00\x01" + text(topic.encode()) + b"\x00"))
    receive(link, 5)


def publish(topic: str, mid: int, payload: bytes) -> bytes:
    """Return a message at QoS 1."""
    return packet(0x32, text(topic.encode()) + struct.pack(">H", mid) + payload)


def packet(head: int, body: bytes) -> bytes:
    """Return an MQTT packet."""
    size, length = len(body), bytearray()
    while size >= 128:
        length.append(128 | size & 127)
        size >>= 7
    return bytes([head, *length, size]) + body


def text(words: bytes) -> bytes:
    """Return a text as MQTT writes it, its length before it."""
    return struct.pack(">H", len(words)) + words


def receive(link: socket.socket, size: int) -> bytes:
    """Return the next bytes of a connection. Raises ConnectionError where it ends before."""
    data = b""
    while len(data) < size:
        more = link.recv(size - len(data))
        if not more:
            raise ConnectionError("the broker has closed the connection")
        data += more
    return data
