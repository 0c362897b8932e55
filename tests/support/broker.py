"""A real Mosquitto on a free port of the loopback address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from heatward_collector.servers import mosquitto
from heatward_collector.servers.ports import HOST
from heatward_collector.servers.program import running
from heatward_node.mqtt import Broker
from support.servers import find_program


class Mosquitto(mosquitto.Mosquitto):
    """Mosquitto with persistence; its state survives a stop, a kill loses what it had not saved."""

    def __init__(self, folder: Path, more: str = "") -> None:
        find_program("mosquitto")
        super().__init__(folder, more=more)

    @property
    def url(self) -> str:
        """As ``[mqtt] url`` names it."""
        return f"mqtt://{HOST}:{self.port}"

    @property
    def address(self) -> Broker:
        """As a node's configuration names it."""
        return Broker(HOST, self.port)

    def begin_anew(self) -> None:
        """Lose everything and start again."""
        self.lose_everything()
        self.start()


@contextmanager
def running_mosquitto(folder: Path, more: str = "") -> Iterator[Mosquitto]:
    """Run a Mosquitto of one's own; ``more`` are lines of its configuration."""
    with running(Mosquitto(folder, more)) as broker:
        yield broker
