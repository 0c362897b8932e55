"""A node without hardware: the real node code on files that look like a 1-Wire bus.

Only two things are not real: the temperature in the files, and the clock, which is set to the time
of the recording. What the node does with them is what a Raspberry Pi would do.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from pathlib import Path

from heatward_node.agent import Agent
from heatward_node.journal import Journal
from heatward_node.mqtt import Broker, Connection
from heatward_node.publisher import Identity, Phase, Publisher
from heatward_node.rom import kernel_name
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.sensor import W1Bus

CONNECT_TIMEOUT_S = 5.0


class PlayedClock:
    """A clock that stands where the recording is; synchronised, as a node's usually is."""

    def __init__(self, boot_name: str, start_s: int) -> None:
        self._boot_id = hashlib.sha256(boot_name.encode()).digest()[:16]
        self._start_s = start_s
        self.now_s = start_s

    @property
    def boot_id(self) -> bytes:
        """A boot id of its own."""
        return self._boot_id

    def mono_ms(self) -> int:
        """Return the time since the recording began. [ms]"""
        return (self.now_s - self._start_s) * 1000

    def wall_s(self) -> float:
        """Return the time in the recording. [s UTC]"""
        return float(self.now_s)

    def is_synchronised(self) -> bool:
        """Say that the wall clock is right."""
        return True


class VirtualNode:
    """One node with a fake bus under ``directory``, publishing to a real broker.

    The publisher's patience runs on real time: only what is measured is played.
    """

    def __init__(
        self, identity: Identity, roms: list[bytes], broker: Broker, directory: Path, start_s: int
    ) -> None:
        self.identity = identity
        self._bus = directory / "devices"
        self._sensors = {rom: _PlayedSensor(self._bus / kernel_name(rom)) for rom in roms}
        self.clock = PlayedClock(f"{identity.node}@{start_s}", start_s)
        self.journal = Journal.open(directory / "journal.sqlite", self.clock, durable=False)
        self._agent = Agent(W1Bus(self._bus), self.clock, self.journal)
        self.connection = Connection(broker, identity)
        self.publisher = Publisher(
            identity, self.journal, self.connection, _real_ms, greeting_spread_ms=1000
        )
        self.sent = 0

    def connect(self, timeout_s: float = CONNECT_TIMEOUT_S) -> None:
        """Connect and wait for it: the embedded broker stumbles over many greetings at once."""
        self.connection.open()
        deadline = time.monotonic() + timeout_s
        while not self.connection.is_connected and time.monotonic() < deadline:
            time.sleep(0.005)

    def play(self, time_s: int, raw: Mapping[bytes, int]) -> None:
        """Let the sensors show ``raw`` (1/16 degC by ROM) at a time, and sample them once."""
        self.clock.now_s = time_s
        for rom, sensor in self._sensors.items():
            if rom in raw:
                sensor.show(raw[rom])
            else:
                sensor.vanish()
        self.sent += self._agent.sample()

    def pump(self) -> bool:
        """Let the publisher speak; return whether anything happened."""
        happened = self.connection.drain(self.publisher)
        return self.publisher.pump() or happened

    @property
    def is_done(self) -> bool:
        """Whether the collector has everything."""
        return self.publisher.is_idle and self.publisher.phase is not Phase.OFFLINE

    def close(self) -> None:
        """Disconnect and close the journal."""
        self.connection.close()
        self.journal.close()
        for sensor in self._sensors.values():
            sensor.vanish()


def _real_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class _PlayedSensor:
    """The ``w1_slave`` file of one sensor, as the kernel prints it.

    It is written in place: a file that is cut to nothing first is flushed to disk at each reading,
    which took longer than all of the node's own work.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "w1_slave"
        self._file: int | None = None

    def show(self, raw: int) -> None:
        """Let it show a temperature. [1/16 degC]"""
        if self._file is None:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        scratchpad = usual_scratchpad(raw)
        data = scratchpad.hex(" ")
        text = f"{data} : crc={scratchpad[8]:02x} YES\n{data} t={raw * 1000 // 16}\n".encode()
        os.pwrite(self._file, text, 0)
        os.ftruncate(self._file, len(text))

    def vanish(self) -> None:
        """Take it off the bus."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
            self._path.unlink()
