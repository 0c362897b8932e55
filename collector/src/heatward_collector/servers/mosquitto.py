"""Mosquitto, the broker: as Debian's package has it, or without a disk for measurements."""

from __future__ import annotations

from pathlib import Path

from heatward_collector.servers.ports import HOST, free_port
from heatward_collector.servers.program import Program, find_program

PACKAGES = "mosquitto mosquitto-clients"
PERSISTENT = """\
listener {port} {host}
allow_anonymous true
persistence true
persistence_location {state}/
max_inflight_messages 20000
max_queued_messages 100000
user root
{more}
"""
"""It keeps its sessions when it is stopped; a kill loses what it had not saved."""
IN_MEMORY = """\
listener {port} {host}
allow_anonymous true
persistence false
max_inflight_messages 20000
max_queued_messages 0
max_queued_bytes 0
log_type error
log_type warning
{more}
"""
"""For measurements: no disk, and no queue that ends. Packets may share a segment, as by default and
in what ``heatward enrolment broker`` writes; with one for each the broker takes half as much again.
"""


def find_mosquitto() -> str:
    """Return the path of Mosquitto. Raises HeatwardError where there is none."""
    return find_program("mosquitto", PACKAGES)


class Mosquitto(Program):
    """A broker on a free port; ``more`` are further lines of its settings."""

    def __init__(self, folder: Path, template: str = PERSISTENT, more: str = "") -> None:
        self.state = folder / "broker"
        self.state.mkdir(parents=True, exist_ok=True)
        port, file = free_port(), folder / "mosquitto.conf"
        text = template.format(host=HOST, port=port, state=self.state, more=more)
        self.settings = f"{text.rstrip()}\n"
        file.write_text(self.settings)
        super().__init__([find_mosquitto(), "-c", str(file)], port, folder / "mosquitto.log")

    def lose_everything(self) -> None:
        """Kill it and delete its sessions and queues."""
        self.kill()
        for one in self.state.iterdir():
            one.unlink()
