"""The collector's connection to the broker: paho-mqtt, with messages taken in bulk.

Every connection has a generation. A PUBACK leaves only under the generation that brought its
message: a broker that lost its session reuses message ids, and a late PUBACK would then delete a
message that nobody has written down.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from heatward_collector.config import read_secret
from heatward_collector.config.settings import Mqtt
from heatward_collector.ingest.bulk_client import BulkClient
from heatward_collector.ingest.inbox import Inbox
from heatward_collector.ingest.messages import Messages, Settled
from heatward_node.topics import PREFIX

SUBSCRIPTIONS = {"readings": 0, "event": 1}
"""Topics and their QoS. Of a reading our own ack says that it is on disk, and nodes go back to the
first one without it. A PUBACK repeated that, at as much work for the broker as the reading itself:
of a crowd it took 14.0 us a reading for 8.1 without (``heatward bench ingest``)."""
QUEUED_MESSAGES = 20_000
"""A full queue stops the reading of the socket. What the broker then drops nodes send again."""
RECEIVE_MAXIMUM = 5_000
"""Hellos under way without a PUBACK: with 20, one commit of 10 ms allows 2,000 a second."""
NEVER = 0xFFFFFFFF
GREETING_TIMEOUT_S = 10.0
DEAF_FOR_S = 60.0
"""A broker that greets and leaves our subscriptions unanswered for so long is connected to anew."""
RECONNECT_S = (1, 30)

log = logging.getLogger(__name__)


class Link:
    """Receives messages into a bounded queue and sends acks and PUBACKs."""

    def __init__(self, settings: Mqtt) -> None:
        self._settings = settings
        self.messages = Inbox(QUEUED_MESSAGES)
        self.is_connected = threading.Event()
        self._closing = False
        self._version = paho.MQTTv311 if settings.embedded else paho.MQTTv5
        self._opened_at = 0.0
        self._is_version_refused = False
        self._subscribing_since: float | None = None
        self._client = self._make_client()
        self.dropped_pubacks = 0

    def open(self) -> None:
        """Begin to connect, and to reconnect for ever."""
        settings = self._settings
        self._opened_at = time.monotonic()
        if self._version == paho.MQTTv5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = NEVER
            properties.ReceiveMaximum = RECEIVE_MAXIMUM
            self._client.connect_async(
                settings.host,
                settings.port,
                settings.keepalive_seconds,
                clean_start=False,
                properties=properties,
            )
        else:
            self._client.connect_async(settings.host, settings.port, settings.keepalive_seconds)
        self._client.loop_start()

    def close(self) -> None:
        """Disconnect; the broker keeps the session, and the hellos that come meanwhile."""
        self._closing = True
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """Send one message at QoS 0."""
        self._client.publish(topic, payload, 0, retain)

    @property
    def generation(self) -> int:
        """How many connections there have been."""
        return self._client.generation

    def answer(self, answers: Sequence[tuple[str, bytes]]) -> None:
        """Send many messages (topic, payload) at QoS 0; whoever misses one asks again."""
        if answers and self.is_connected.is_set():
            self._client.send(answers)

    def pubacks(self, settled: Settled) -> None:
        """Acknowledge the messages whose connection is still there."""
        is_asked = settled.mid > 0
        mids = settled.mid[is_asked & (settled.generation == self.generation)]
        self.dropped_pubacks += int(is_asked.sum()) - len(mids)
        if len(mids):
            self._client.acknowledge(mids)

    def renew(self) -> None:
        """Break the connection, so that the broker sends again what was never acknowledged.

        Its window of unacknowledged messages would otherwise stay full, and we would hear nobody.
        """
        connection = self._client.socket()
        if isinstance(connection, socket.socket):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def fall_back_if_unanswered(self) -> None:
        """Try MQTT 3.1.1 where a broker refuses a version 5 greeting, or leaves it unanswered."""
        if self._version != paho.MQTTv5 or self.generation or self.is_connected.is_set():
            return
        is_late = time.monotonic() - self._opened_at > GREETING_TIMEOUT_S and self._reached
        if is_late or self._is_version_refused:
            log.warning("event=mqtt_fallback detail=the broker does not take MQTT 5")
            self._client.loop_stop()
            self._version = paho.MQTTv311
            self._client = self._make_client()
            self.open()

    def renew_if_deaf(self) -> None:
        """Break a connection on which the broker neither takes our subscriptions nor sends."""
        since = self._subscribing_since
        if since is not None and time.monotonic() - since > DEAF_FOR_S:
            log.warning("event=mqtt_subscription_unanswered action=connect_anew")
            self._subscribing_since = None
            self.renew()

    @property
    def _reached(self) -> bool:
        return self._client.socket() is not None

    def _make_client(self) -> BulkClient:
        settings = self._settings
        legacy = {} if self._version == paho.MQTTv5 else {"clean_session": False}
        client = BulkClient(
            self._on_messages,
            callback_api_version=CallbackAPIVersion.VERSION2,
            client_id=settings.client_id,
            protocol=self._version,
            **legacy,
        )
        if settings.username is not None:
            client.username_pw_set(settings.username, read_secret(settings.password_file))
        if settings.tls:
            client.tls_set(
                ca_certs=str(settings.ca_file) if settings.ca_file else None,
                certfile=str(settings.certificate_file) if settings.certificate_file else None,
                keyfile=str(settings.key_file) if settings.key_file else None,
            )
        client.reconnect_delay_set(*RECONNECT_S)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        return client

    def _on_connect(
        self, client: paho.Client, _data: object, _flags: object, code: ReasonCode, _p: object
    ) -> None:
        if code.is_failure:
            self._is_version_refused = "protocol version" in str(code).lower()
            log.error("event=mqtt_refused reason=%s", code)
            return
        self._subscribing_since = time.monotonic()
        self._client.generation += 1
        district = self._settings.district or "+"
        topics = ((f"{PREFIX}/{district}/+/{leaf}", qos) for leaf, qos in SUBSCRIPTIONS.items())
        client.subscribe(list(topics))
        self.is_connected.set()
        log.info("event=mqtt_connected generation=%d", self.generation)

    def _on_subscribe(
        self, _client: paho.Client, _data: object, _mid: int, codes: list[ReasonCode], _p: object
    ) -> None:
        self._subscribing_since = None
        if any(code.is_failure for code in codes):
            log.error("event=mqtt_subscription_refused remedy=check_acl")

    def _on_disconnect(
        self, _client: paho.Client, _data: object, _flags: object, code: ReasonCode, _p: object
    ) -> None:
        self.is_connected.clear()
        self._subscribing_since = None
        if not self._closing:
            log.warning("event=mqtt_disconnected reason=%s", code)

    def _on_messages(self, messages: Messages) -> None:
        self._subscribing_since = None
        while not self._closing and not self.messages.put(messages, timeout=1.0):
            continue
