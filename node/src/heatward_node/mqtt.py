"""The connection to the broker: paho-mqtt, MQTT 5 where the broker has it, else 3.1.1.

Version 5 tells when a broker refuses a message; 3.1.1 hides it. A broker that knows only 3.1.1
may hang on a version 5 greeting or hang up, so an unanswered one is tried the other way too. A
broker that is merely away is no reason to give up version 5.

paho's thread only puts events into a queue: everything is decided in the node's own loop.
"""

from __future__ import annotations

import logging
import queue
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from heatward_node.control import Status
from heatward_node.publisher import Identity, Publisher
from heatward_node.topics import incarnation_topic

GREETING_TIMEOUT_S = 15.0
UNANSWERED_GREETINGS = 5
"""So many connections in a row that end without an answer count as one that hangs."""
OLDER_PROTOCOL_FOR_S = 3_600.0
"""After that long on 3.1.1, a lost connection is made again with version 5 first."""
RECONNECT_S = (1.0, 300.0)
"""The first pause before connecting again and the longest; each node has its own near them."""
MQTT_ALPN = "mqtt"
"""Said in the greeting of TLS (registered with IANA): by it one port is parted from HTTPS."""
DEAF_FOR_S = 60.0
"""A broker that greets and leaves a subscription unanswered for so long is connected to anew."""
NOBODY_LISTENS = 0x10
"""MQTT 5: the message was taken and nobody had subscribed to its topic."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is, and how to prove who we are."""

    host: str
    port: int = 1883
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    keepalive_s: int = 60
    protocol: str = "auto"
    """``auto``, ``5`` or ``3.1.1``."""

    @property
    def uses_tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.ca_file is not None or self.certificate_file is not None


def reconnect_pauses(jitter: Callable[[], float]) -> tuple[float, float]:
    """Return a first and a longest pause [s] for a client that doubles the one up to the other.

    Drawn anew for every client: a thousand nodes whose broker restarts do not come in step.
    """
    first, longest = RECONNECT_S
    return first * (1 + jitter()), longest * (0.5 + jitter() / 2)


class Connection:
    """One node's connection; a :class:`~heatward_node.publisher.Transport`."""

    def __init__(
        self, broker: Broker, identity: Identity, jitter: Callable[[], float] = random.random
    ) -> None:
        self._broker = broker
        self._jitter = jitter
        self._identity = identity
        self._events: queue.SimpleQueue[tuple[str, str, bytes]] = queue.SimpleQueue()
        self._version = paho.MQTTv311 if broker.protocol == "3.1.1" else paho.MQTTv5
        self._client: paho.Client | None = None
        self._greeting_since: float | None = None
        self._unanswered = 0
        self._is_refused_version = False
        self._fell_back_at: float | None = None
        self._status_mid = 0
        self._subscribing_since: float | None = None
        self.is_connected = False

    @property
    def protocol(self) -> str:
        """The version that is spoken, as the configuration names it."""
        return "5" if self._version == paho.MQTTv5 else "3.1.1"

    def open(self) -> None:
        """Begin to connect, and to reconnect for ever."""
        self._client = client = self._make_client()
        self._greeting_since, self._unanswered, self._is_refused_version = None, 0, False
        client.connect_async(self._broker.host, self._broker.port, self._broker.keepalive_s)
        client.loop_start()

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        """Hand one message to the client; without a connection the journal alone keeps it."""
        if self._client is not None and self.is_connected:
            sent = self._client.publish(topic, payload, qos, retain)
            if retain:
                self._status_mid = sent.mid

    def drain(self, publisher: Publisher) -> bool:
        """Pass what happened to the publisher; return whether anything did."""
        happened = False
        while True:
            try:
                event, topic, payload = self._events.get_nowait()
            except queue.Empty:
                break
            happened = True
            if event == "connected":
                publisher.connected()
            elif event == "disconnected":
                publisher.disconnected()
            elif event == "message":
                publisher.receive(topic, payload)
            elif not self._is_unheard_status(topic, payload):
                publisher.refused()
        self._change_version_if_unanswered()
        self._connect_anew_if_deaf()
        return happened

    def close(self) -> None:
        """Say goodbye and stop."""
        if self._client is None:
            return
        self.publish(self._identity.topic("status"), Status(online=False).encode(), 1, True)
        self._client.disconnect()
        self._client.loop_stop()
        self._client = None
        self.is_connected = False

    def _make_client(self) -> paho.Client:
        options: dict[str, Any] = {}
        if self._version != paho.MQTTv5:
            options["clean_session"] = True
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._identity.node,
            protocol=self._version,
            **options,
        )
        broker = self._broker
        if broker.username is not None:
            client.username_pw_set(broker.username, broker.password)
        if broker.uses_tls:
            client.tls_set(
                ca_certs=str(broker.ca_file) if broker.ca_file else None,
                certfile=str(broker.certificate_file) if broker.certificate_file else None,
                keyfile=str(broker.key_file) if broker.key_file else None,
                alpn_protocols=[MQTT_ALPN],
            )
        # The client is content with fractions, though it asks for whole seconds.
        client.reconnect_delay_set(*cast("tuple[int, int]", reconnect_pauses(self._jitter)))
        # The journal is the queue: what paho holds in memory would go out twice.
        client.max_queued_messages_set(16)
        client.will_set(
            self._identity.topic("status"), Status(online=False).encode(), 1, retain=True
        )
        client.on_socket_open = self._on_socket_open
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        return client

    def _on_socket_open(self, _client: paho.Client, _data: object, _socket: object) -> None:
        self._greeting_since = time.monotonic()

    def _on_connect(
        self, client: paho.Client, _data: object, _flags: object, code: ReasonCode, _p: object
    ) -> None:
        self._greeting_since, self._unanswered = None, 0
        if code.is_failure:
            self._is_refused_version = "protocol" in str(code).lower()
            _log.error("event=broker_refused_connection reason=%r", str(code))
            return
        self.is_connected = True
        self._subscribing_since = time.monotonic()
        client.subscribe(
            [(self._identity.topic("ack"), 0), (incarnation_topic(self._identity.district), 1)]
        )
        self._events.put(("connected", "", b""))

    def _on_subscribe(
        self, _client: paho.Client, _data: object, _mid: int, codes: list[ReasonCode], _p: object
    ) -> None:
        self._subscribing_since = None
        if any(code.is_failure for code in codes):
            _log.error("event=broker_refused_subscription remedy=check_acl")

    def _on_disconnect(
        self, _client: paho.Client, _data: object, _flags: object, _code: object, _p: object
    ) -> None:
        if self._greeting_since is not None:
            self._unanswered += 1
            self._greeting_since = None
        self._subscribing_since = None
        self.is_connected = False
        self._events.put(("disconnected", "", b""))

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        self._events.put(("message", message.topic, bytes(message.payload)))

    def _on_publish(
        self, _client: paho.Client, _data: object, mid: int, code: ReasonCode, _p: object
    ) -> None:
        if code is not None and code.value != 0:
            self._events.put(("refused", str(mid), bytes([code.value])))

    def _is_unheard_status(self, mid: str, code: bytes) -> bool:
        """Say whether a broker only remarks that nobody listens for a node's status now.

        It keeps the status all the same; for readings the remark means that they are lost.
        """
        return mid == str(self._status_mid) and code == bytes([NOBODY_LISTENS])

    def _change_version_if_unanswered(self) -> None:
        client, since = self._client, self._greeting_since
        if client is None or self._broker.protocol != "auto":
            return
        now = time.monotonic()
        hangs = since is not None and now - since > GREETING_TIMEOUT_S
        unanswered = hangs or self._is_refused_version or self._unanswered >= UNANSWERED_GREETINGS
        fell_back = self._fell_back_at
        if unanswered:
            self._version = paho.MQTTv5 if self._version == paho.MQTTv311 else paho.MQTTv311
        elif not self.is_connected and fell_back and now - fell_back > OLDER_PROTOCOL_FOR_S:
            self._version = paho.MQTTv5
        else:
            return
        self._fell_back_at = now if self._version == paho.MQTTv311 else None
        _log.warning("event=protocol_changed protocol=%s", self.protocol)
        self._connect_anew(client)

    def _connect_anew_if_deaf(self) -> None:
        """Leave a broker that greeted and then fell silent: no ack would ever arrive."""
        client, since = self._client, self._subscribing_since
        if client is not None and since is not None and time.monotonic() - since > DEAF_FOR_S:
            _log.warning("event=subscription_unanswered action=connect_anew")
            self._subscribing_since = None
            self._connect_anew(client)

    def _connect_anew(self, client: paho.Client) -> None:
        client.disconnect()
        client.loop_stop()
        self.open()
