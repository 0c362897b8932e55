"""Nodes and a broker on virtual time: the real node code, without processes, sockets or files
that look like a bus. What may fail between them is drawn from a seed."""

from __future__ import annotations

import hashlib
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from heatward_node.agent import Agent
from heatward_node.journal import Journal
from heatward_node.publisher import Identity, Phase, Publisher
from heatward_node.reading import Quality
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.sensor import Measurement

STEP_S = 1_800
"""How often nodes measure here. [s]"""
MOST_AT_ONCE = 3
"""So many packs a node sends before the others have a word."""


@dataclass(slots=True)
class Trouble:
    """Shares of what goes wrong, drawn anew for each seed."""

    lost: float
    doubled: float
    late: float
    killed: float
    away: float
    clock: float
    sensor: float

    @classmethod
    def drawn(cls, chance: random.Random) -> Trouble:
        """Return a mix: each kind is absent in some seeds and frequent in others."""

        def share(most: float) -> float:
            return most * chance.random() ** 2 * (chance.random() < 0.8)

        return cls(
            lost=share(0.5),
            doubled=share(0.5),
            late=share(0.3),
            killed=share(0.05),
            away=share(0.05),
            clock=share(0.03),
            sensor=share(0.1),
        )


class VirtualClock:
    """A node's clocks: the world's time, with an offset and a boot of its own."""

    def __init__(self, name: str, now: Callable[[], float]) -> None:
        self._name, self._now = name, now
        self.boot = 0
        self.booted_at = now() - 60
        self.is_known = True
        self.moved_s = 0

    @property
    def boot_id(self) -> bytes:
        """An id of this boot."""
        return hashlib.sha256(f"{self._name} {self.boot}".encode()).digest()[:16]

    def reboot(self) -> None:
        """Start the machine again."""
        self.boot += 1
        self.booted_at = self._now() - 30

    def mono_ms(self) -> int:
        """Return the time since boot. [ms]"""
        return round((self._now() - self.booted_at) * 1000)

    def wall_s(self) -> float:
        """Return what the wall clock shows. [s UTC]"""
        return self._now() + self.moved_s

    def is_synchronised(self) -> bool:
        """Say whether a time service vouches for it."""
        return self.is_known


class Bus:
    """Sensors that show what they are told, and write down what they showed."""

    def __init__(self, roms: list[bytes], chance: random.Random, trouble: Trouble) -> None:
        self._roms, self._chance, self._trouble = roms, chance, trouble
        self._raw = {rom: chance.randrange(17 * 16, 22 * 16) for rom in roms}
        self.shown: set[tuple[bytes, bytes]] = set()

    def measure(self) -> list[Measurement]:
        """Measure every sensor once; some are gone, some answer with a wrong CRC."""
        return [self._one(rom) for rom in self._roms]

    def _one(self, rom: bytes) -> Measurement:
        self._raw[rom] += self._chance.randrange(-1, 2)
        scratchpad = usual_scratchpad(self._raw[rom])
        if self._chance.random() < self._trouble.sensor:
            if self._chance.random() < 0.5:
                return Measurement(rom, b"", Quality.SENSOR_GONE)
            broken = scratchpad[:8] + bytes([scratchpad[8] ^ 1])
            self.shown.add((rom, broken))
            return Measurement(rom, broken, Quality.CRC_ERROR)
        self.shown.add((rom, scratchpad))
        return Measurement(rom, scratchpad, Quality.GOOD)


class Way:
    """Between one node and the collector: loses, doubles and delays in both directions."""

    def __init__(self, chance: random.Random, trouble: Trouble) -> None:
        self._chance, self._trouble = chance, trouble
        self.is_open = True
        self.is_clean = False
        self.up: deque[tuple[str, bytes]] = deque()
        self._late: list[tuple[str, bytes]] = []

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        """Take a message of the node."""
        if self.is_open and not retain:
            self._pass(self.up, topic, payload)

    def arrives(self) -> int:
        """Return how often an answer arrives: 0, 1 or 2 times."""
        if not self.is_open:
            return 0
        if self.is_clean:
            return 1
        return (self._chance.random() >= self._trouble.lost) + (
            self._chance.random() < self._trouble.doubled
        )

    def let_late_ones_come(self) -> None:
        """Let delayed messages arrive, in any order."""
        self._chance.shuffle(self._late)
        self.up.extend(self._late)
        self._late.clear()

    def forget(self) -> None:
        """Lose everything that is under way, as a broker without its state does."""
        self.up.clear()
        self._late.clear()

    def _pass(self, queue: deque[tuple[str, bytes]], topic: str, payload: bytes) -> None:
        if not self.is_clean and self._chance.random() < self._trouble.late:
            self._late.append((topic, payload))
            return
        queue.extend([(topic, payload)] * self.arrives())


class VirtualNode:
    """One node with everything that a kill takes away and everything that it leaves."""

    def __init__(
        self,
        identity: Identity,
        roms: list[bytes],
        folder: Path,
        now: Callable[[], float],
        chance: random.Random,
        trouble: Trouble,
    ) -> None:
        self.identity, self._folder, self._chance = identity, folder, chance
        self.clock = VirtualClock(identity.node, now)
        self.bus = Bus(roms, chance, trouble)
        self.way = Way(chance, trouble)
        self.kept = 0
        """How many readings its journal has taken."""
        self._begin()

    def measure(self) -> None:
        """Take one round."""
        self.kept += self._agent.sample()

    def speak(self) -> bool:
        """Let the publisher send what is due; return whether it did."""
        spoke = 0
        while spoke < MOST_AT_ONCE and self.publisher.pump():
            spoke += 1
        return spoke > 0

    def hear(self, topic: str, payload: bytes) -> None:
        """Take an answer as often as it arrives."""
        for _ in range(self.way.arrives()):
            self.publisher.receive(topic, payload)

    def kill(self, reboots: bool) -> None:
        """End it without a word: what is not committed is gone. Begin it again."""
        self.end()
        self.way.forget()
        if reboots:
            self.clock.reboot()
        self._begin()

    def lose_connection(self) -> None:
        """Let the connection break and come back."""
        self.publisher.disconnected()
        self.way.forget()
        self.publisher.connected()

    @property
    def is_done(self) -> bool:
        """Whether the collector has everything."""
        return self.publisher.is_idle and self.publisher.phase is not Phase.OFFLINE

    def end(self) -> None:
        """Close its files as a kill does."""
        self.journal._connection.close()
        self.journal._lock.close()

    def _begin(self) -> None:
        path = self._folder / f"{self.identity.node}.sqlite"
        self.journal = Journal.open(path, self.clock, durable=False)
        self._agent = Agent(self.bus, self.clock, self.journal)
        self.publisher = Publisher(
            self.identity, self.journal, self.way, self.clock.mono_ms, self._chance.random
        )
        self.publisher.connected()
