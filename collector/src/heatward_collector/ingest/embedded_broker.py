"""The broker inside the collector, for trials on one machine: amqtt on the loopback address.

It speaks MQTT 3.1.1 only and keeps nothing over a restart; journals and acks make up for that.
In production a Mosquitto stands here.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from typing import Any

from amqtt.broker import Broker
from amqtt.session import Session

from heatward_collector.config import Config
from heatward_collector.running.status import StatusWriter

MOST_CONNECTIONS = 1_000
CHECK_SECONDS = 0.5


class _Subscriptions(dict[str, list[tuple[Session, int]]]):
    """Topics and who subscribed; walked as they were when the walk began.

    amqtt lets others subscribe while it walks through them, which broke off the session of whoever
    was just connecting: a connection that looked alive and was never answered.
    """

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self.keys()))


class _Broker(Broker):  # type: ignore[misc]
    """amqtt, with many nodes connecting at once."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self._subscriptions = _Subscriptions()

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        # amqtt asks this for everybody's subscriptions: each node got the states of all others.
        subscribers = self._subscriptions.get(subscription[0], [])
        if any(subscriber is session for subscriber, _ in subscribers):
            await super()._publish_retained_messages_for_subscription(subscription, session)


def run(config: Config, stop: threading.Event) -> None:
    """Serve until told to stop."""
    # amqtt tells every packet at INFO, and warns of every message that a client left behind.
    logging.getLogger("amqtt").setLevel(logging.ERROR)
    logging.getLogger("transitions").setLevel(logging.WARNING)
    asyncio.run(_serve(config, stop))


async def _serve(config: Config, stop: threading.Event) -> None:
    status = StatusWriter(config.state.status, "broker")
    address = f"{config.mqtt.listen_host}:{config.mqtt.listen_port}"
    broker = _Broker(
        {
            "listeners": {
                "default": {
                    "type": "tcp",
                    "bind": address,
                    "max_connections": MOST_CONNECTIONS,
                }
            },
            "plugins": {
                "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}
            },
        }
    )
    await broker.start()
    try:
        while not stop.is_set():
            status.stage("broker", detail=address)
            status.flush()
            await asyncio.sleep(CHECK_SECONDS)
    finally:
        await broker.shutdown()
