"""A real Mosquitto on a free port of the loopback address."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from heatward_node.mqtt import Broker
from support.ports import HOST, free_port
from support.servers import Server, find_program

CONFIGURATION = """\
listener {port} {host}
allow_anonymous true
persistence true
persistence_location {state}/
max_inflight_messages 20000
max_queued_messages 100000
user root
{more}
"""


class Mosquitto(Server):
    """Mosquitto with persistence; its state survives a stop, a kill loses what it had not saved."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.state = folder / "state"
        self.state.mkdir(parents=True, exist_ok=True)
        port = free_port()
        configuration = folder / "mosquitto.conf"
        configuration.write_text(
            CONFIGURATION.format(port=port, host=HOST, state=self.state, more=more)
        )
        program = find_program("mosquitto")
        super().__init__([program, "-c", str(configuration)], port, folder / "mosquitto.log")

    @property
    def url(self) -> str:
        """As ``[mqtt] url`` names it."""
        return f"mqtt://{HOST}:{self.port}"

    @property
    def address(self) -> Broker:
        """As a node's configuration names it."""
        return Broker(HOST, self.port)

    def lose_everything(self) -> None:
        """Kill the broker, delete its sessions and queues, and start it again."""
        self.kill()
        shutil.rmtree(self.state)
        self.state.mkdir()
        self.start()


@contextmanager
def running_mosquitto(folder: Path, more: str = "") -> Iterator[Mosquitto]:
    """Run a Mosquitto of one's own; ``more`` are lines of its configuration."""
    broker = Mosquitto(folder, more)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
