"""The broker inside the collector, for trials on one machine: amqtt on the loopback address.

It speaks MQTT 3.1.1 only and keeps nothing over a restart; journals and acks make up for that.
In production a Mosquitto stands here.
"""

from __future__ import annotations

import asyncio
import logging
import threading

from amqtt.broker import Broker

from heatward_collector.config import Config
from heatward_collector.status import StatusWriter

MOST_CONNECTIONS = 1_000
CHECK_SECONDS = 0.5


def run(config: Config, stop: threading.Event) -> None:
    """Serve until told to stop."""
    # amqtt tells every packet at INFO, and warns of every message that a client left behind.
    logging.getLogger("amqtt").setLevel(logging.ERROR)
    logging.getLogger("transitions").setLevel(logging.WARNING)
    asyncio.run(_serve(config, stop))


async def _serve(config: Config, stop: threading.Event) -> None:
    status = StatusWriter(config.state.status, "broker")
    address = f"{config.mqtt.listen_host}:{config.mqtt.listen_port}"
    broker = Broker(
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
