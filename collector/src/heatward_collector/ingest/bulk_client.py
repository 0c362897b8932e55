"""paho-mqtt with another way in and out for messages: many at a time.

Connecting, TLS, keepalive, subscribing and everything rare stay with paho. Only the reading of the
socket is ours: it reads as much as there is, takes the messages out, and hands every other packet
to paho's own reader. Answers are one entry of paho's queue, and so are PUBACKs: it sends an entry
at a time.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import paho.mqtt.client as paho
from paho.mqtt.enums import MessageType, MQTTErrorCode

from heatward_collector.ingest.frames import pubacks, publishes, split
from heatward_collector.ingest.messages import Messages, Numbers

READ_BYTES = 256 * 1024
GATHER_SECONDS = 0.01
"""A broker writes message by message: so long is waited before the socket is read again, as
messages are looked at no more often. [s]"""
CROWD_MESSAGES, CROWD_GATHER_SECONDS = 32, 0.02
"""If a read brings so many, thousands a second come, which are looked at once a commit of 50 ms:
two or three reads for each are enough, and a read has a price of its own. [s]"""


class BulkClient(paho.Client):
    """A paho client whose messages go to ``on_messages``, many at a time, not acknowledged."""

    def __init__(self, on_messages: Callable[[Messages], None], **options: Any) -> None:
        self._on_messages = on_messages
        self.generation = 0
        """What messages are marked with: the number of the connection."""
        self._has_properties = options.get("protocol") == paho.MQTTv5
        self._connection: object = None
        self._chunks: list[bytes] = []
        self._held = 0
        self._needed = 0
        self._fed: bytes | None = None
        super().__init__(manual_ack=True, **options)

    def acknowledge(self, mids: Numbers) -> None:
        """Send the PUBACKs of messages at QoS 1."""
        self._packet_queue(MessageType.PUBACK, pubacks(mids), int(mids[0]), 1)

    def send(self, messages: Iterable[tuple[str, bytes]]) -> None:
        """Send messages (topic, payload) at QoS 0."""
        packets = publishes(messages, self._has_properties)
        # Not as a PUBLISH: paho would look for whom to tell that one message has left.
        self._packet_queue(MessageType.PUBACK, packets, 0, 1)

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Read what there is; paho's loop calls this when the socket can be read."""
        connection = self.socket()
        if connection is not self._connection:
            self._connection = connection
            if isinstance(connection, socket.socket):  # else PUBACKs wait for what acks were sent
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._chunks, self._held, self._needed = [], 0, 0
        try:
            data = super()._sock_recv(READ_BYTES)
        except BlockingIOError:
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        except OSError:
            data = b""
        if not data:
            return super().loop_read(max_packets)  # it sees the same end, and knows what to do
        self._note_life()
        self._chunks.append(data)
        self._held += len(data)
        if self._held < self._needed:
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        return self._take(b"".join(self._chunks), connection)

    def _note_life(self) -> None:
        """Let paho know that the broker speaks: it then needs no answer to its ping.

        A busy broker reads one packet of each client in turn, so that a ping waits behind the
        PUBACKs of thousands of messages, for longer than paho has patience.
        """
        with self._msgtime_mutex:
            self._last_bytes_received = time.monotonic()
        self._ping_t = 0.0

    def _take(self, data: bytes, connection: object) -> MQTTErrorCode:
        try:
            found = split(data, self._has_properties, self.generation)
        except ValueError:
            return self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_PROTOCOL)
        rest = data[found.consumed :]
        self._chunks, self._held, self._needed = [rest], len(rest), found.needed
        for packet in found.packets:
            if isinstance(packet, Messages):
                self._deliver(packet)
                continue
            result = self._feed(packet)
            if result != MQTTErrorCode.MQTT_ERR_SUCCESS or self.socket() is not connection:
                return result
        last = found.packets[-1] if found.packets else b""
        if isinstance(last, Messages) and len(data) < READ_BYTES:
            is_crowd = len(last) >= CROWD_MESSAGES
            time.sleep(CROWD_GATHER_SECONDS if is_crowd else GATHER_SECONDS)
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _deliver(self, messages: Messages) -> None:
        now = self.generation
        if messages.generation[0] != now:  # its greeting came in the same bytes
            messages = replace(messages, generation=np.full_like(messages.generation, now))
        self._on_messages(messages)

    def _feed(self, packet: bytes) -> MQTTErrorCode:
        """Let paho read one packet."""
        self._fed = packet
        try:
            return super().loop_read()
        finally:
            self._fed = None

    def _sock_recv(self, bufsize: int) -> bytes:
        if self._fed is None:
            return super()._sock_recv(bufsize)
        if not self._fed:
            raise BlockingIOError
        data, self._fed = self._fed[:bufsize], self._fed[bufsize:]
        return data
