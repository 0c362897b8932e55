"""A node as a process of its own: the real node code over files that look like a 1-Wire bus.

Before the node sees a value, it is written into ``truth``; after its journal has taken a round,
that is written too. So whatever kills the process, the file says what must be in the ledger. The
time is played (a round is five minutes), and the publisher's patience runs sixty times as fast.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from heatward_collector.torture.line.cable import enter
from heatward_collector.whole_file import put_whole
from heatward_node import mqtt
from heatward_node.agent import Agent
from heatward_node.errors import JournalDamaged, JournalError
from heatward_node.journal import Journal
from heatward_node.mqtt import Broker, Connection
from heatward_node.publisher import Identity, Phase, Publisher
from heatward_node.rom import kernel_name
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.sensor import W1Bus
from heatward_node.stopping import told_to_stop

ROUND_S = 300
"""What passes for the node between two rounds. [s]"""
MOST_ROUNDS = 3 * 86_400 // ROUND_S
"""A node begins so many rounds ago, and measures no more when its time is ours."""
HURRY = 60
"""How much faster than real time a publisher loses its patience."""
RECONNECT_S = (1, 2)
KEEPALIVE_S = 3
LOOP_SECONDS = 0.02
TELL_SECONDS = 0.1
ORDERS, STATE, TRUTH = "orders.json", "state.json", "truth"
WARM, SPREAD = 19 * 16, 3 * 16
"""Rooms between 16 and 22 degC. [1/16 degC]"""


@dataclass(frozen=True, slots=True)
class NodePlan:
    """Which node this is, where it lives and when its first round was."""

    identity: Identity
    roms: tuple[bytes, ...]
    host: str
    port: int
    """Of the broker."""
    folder: Path
    first_s: int
    seed: int
    namespace: str = ""
    """The network namespace that it lives in, where it has one of its own."""


@dataclass(slots=True)
class Orders:
    """What the node is told while it runs."""

    measures: bool = True
    asks: bool = False
    """Whether it asks the collector at once what it holds."""
    round_seconds: float = 0.12
    """Real time between two rounds. [s]"""
    wall_moved_s: int = 0
    """How far its wall clock is off. [s]"""
    wall_drift_s: int = 0
    """How far its wall clock goes wrong with each round. [s]"""
    roms: list[str] = field(default_factory=list)
    """The sensors that hang at it, where they are not those of its plan."""
    is_synchronised: bool = True
    boot: int = 1
    sensors: list[str] = field(default_factory=list)
    """What is wrong with each sensor, see ``SENSOR_FAULTS``."""


RESET = bytes.fromhex("50054b467fff0c10")
"""85.0 degC: what a part shows whose conversion never happened."""
FAILED = bytes.fromhex("ff074b467fff0110")
"""127.94 degC: what a failed conversion leaves."""
SENSOR_FAULTS = ("", "reset", "failed", "zero", "crc", "garbage", "gone")


class PlayedClock:
    """The node's clocks: they move by rounds, and as orders say."""

    def __init__(self, plan: NodePlan, orders: Orders) -> None:
        self._plan = plan
        self.orders = orders
        self.round = 0
        self.drifted_s = 0

    @property
    def boot_id(self) -> bytes:
        """A boot id that changes when the orders say that the machine was started again."""
        name = f"{self._plan.seed}-{self._plan.identity.node}-{self.orders.boot}"
        return name.encode().ljust(16, b"-")[:16]

    def mono_ms(self) -> int:
        """Return the time since boot. [ms]"""
        return (self.round + 1) * ROUND_S * 1000

    def wall_s(self) -> float:
        """Return what the wall clock shows. [s UTC]"""
        wrong_s = self.orders.wall_moved_s + self.drifted_s
        return float(self._plan.first_s + self.round * ROUND_S + wrong_s)

    def is_synchronised(self) -> bool:
        """Say whether a time service vouches for the wall clock."""
        return self.orders.is_synchronised


def live(plan: NodePlan) -> None:
    """Be a node until SIGTERM."""
    ended = told_to_stop(signal.SIGTERM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if plan.namespace:
        enter(plan.namespace)
    mqtt.RECONNECT_S = RECONNECT_S
    life = _Life(plan)
    try:
        while not ended.is_set():
            life.step()
            time.sleep(LOOP_SECONDS)
    finally:
        life.close()


class _Life:
    """One life of a node's process."""

    def __init__(self, plan: NodePlan) -> None:
        self._plan = plan
        self._orders = Orders()
        self._seen = 0
        self._read_orders()
        self._clock = PlayedClock(plan, self._orders)
        self._truth = os.open(plan.folder / TRUTH, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        self._clock.round = self._rounds_so_far()
        self._bus = plan.folder / "devices"
        self._journal = Journal.open(plan.folder / "card" / "journal.sqlite", self._clock)
        self._agent = Agent(W1Bus(self._bus), self._clock, self._journal)
        broker = Broker(plan.host, plan.port, keepalive_s=KEEPALIVE_S)
        self._connection = Connection(broker, plan.identity)
        self._publisher = Publisher(
            plan.identity,
            self._journal,
            self._connection,
            lambda: time.monotonic_ns() * HURRY // 1_000_000,
            greeting_spread_ms=HURRY * 1000,
        )
        self._connection.open()
        self._next = self._told_at = time.monotonic()

    def step(self) -> None:
        """Measure where a round is due, and let the publisher speak."""
        self._read_orders()
        has_time = self._clock.round < MOST_ROUNDS
        if self._orders.measures and has_time and time.monotonic() >= self._next:
            self._next = max(self._next + self._orders.round_seconds, time.monotonic() - 1)
            self._round()
        self._connection.drain(self._publisher)
        while self._publisher.pump():
            self._connection.drain(self._publisher)
        if self._orders.asks:
            self._publisher.ask()
        self._tell()

    def close(self) -> None:
        """Say goodbye."""
        self._connection.close()
        self._journal.close()

    def _round(self) -> None:
        clock = self._clock
        clock.round += 1
        clock.drifted_s += self._orders.wall_drift_s
        if not self._orders.wall_drift_s:
            clock.drifted_s = 0
        chance = random.Random(f"{self._plan.seed}/{self._plan.identity.node}/{clock.round}")
        own = [bytes.fromhex(one) for one in self._orders.roms]
        for gone in {*self._plan.roms} - {*own} if own else ():
            show(self._bus / kernel_name(gone), 0, "gone")
        roms = own or self._plan.roms
        faults = [*self._orders.sensors, *([""] * len(roms))]
        for rom, fault in zip(roms, faults, strict=False):
            raw = WARM + chance.randrange(-SPREAD, SPREAD)
            self._note(f"show {clock.round} {rom.hex()} {raw} {fault or 'good'}")
            show(self._bus / kernel_name(rom), raw, fault)
        try:
            self._agent.sample()
        except JournalDamaged:
            raise
        except JournalError:
            self._note(f"refused {clock.round}")
            return
        self._note(f"kept {clock.round}")

    def _note(self, line: str) -> None:
        os.write(self._truth, f"{line}\n".encode())

    def _rounds_so_far(self) -> int:
        lines = (self._plan.folder / TRUTH).read_text().splitlines()
        return max((int(line.split()[1]) for line in lines if line.count(" ")), default=0)

    def _read_orders(self) -> None:
        file = self._plan.folder / ORDERS
        try:
            changed = file.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if changed != self._seen:
            self._seen = changed
            for key, value in json.loads(file.read_text()).items():
                setattr(self._orders, key, value)

    def _tell(self) -> None:
        if time.monotonic() - self._told_at < TELL_SECONDS:
            return
        self._told_at = time.monotonic()
        publisher = self._publisher
        state = {
            "pid": os.getpid(),
            "round": self._clock.round,
            "is_done": publisher.is_idle and publisher.phase is not Phase.OFFLINE,
            "measures": self._orders.measures,
            "unacknowledged": publisher.unacknowledged,
            "counters": asdict(publisher.counters),
        }
        put_whole(self._plan.folder / STATE, json.dumps(state))


def show(folder: Path, raw: int, fault: str) -> None:
    """Let a sensor's file say a value, or what a faulty sensor says instead."""
    file = folder / "w1_slave"
    if fault == "gone":
        file.unlink(missing_ok=True)
        if folder.exists():
            folder.rmdir()
        return
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(_text(raw, fault))


def _text(raw: int, fault: str) -> str:
    if fault == "garbage":
        return "\x01\x02 not a sensor at all\n"
    beginning = {"reset": RESET, "failed": FAILED, "zero": bytes(8)}.get(fault)
    pad = usual_scratchpad(raw) if beginning is None else _with_crc(beginning)
    if fault == "crc":
        pad = pad[:8] + bytes([pad[8] ^ 0x55])
    value = int.from_bytes(pad[:2], "little", signed=True)
    says = "NO" if fault == "crc" else "YES"
    data = pad.hex(" ")
    return f"{data} : crc={pad[8]:02x} {says}\n{data} t={value * 1000 // 16}\n"


def _with_crc(beginning: bytes) -> bytes:
    from heatward_node.rom import crc8

    return beginning + bytes([crc8(beginning)])
