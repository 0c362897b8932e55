"""Nodes, a real Mosquitto and the ingest process over lines that delay, cut and swallow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from heatward_collector.ingest import link
from heatward_collector.replay.virtual_node import VirtualNode
from heatward_collector.torture.line.proxy import FaultProxy, Faults
from heatward_node import mqtt, patience
from heatward_node.mqtt import Broker
from heatward_node.publisher import Identity
from heatward_node.rom import rom_from_kernel_name
from support.broker import Mosquitto
from support.evidence import BEDROOM, LIVING, T0
from support.ingest_process import IngestProcess, journals, pump_until_done
from support.ports import HOST, wait_until

pytestmark = pytest.mark.broker
ROMS = [rom_from_kernel_name(LIVING), rom_from_kernel_name(BEDROOM)]
CUTS = [0, 1, 2, 15, 40, 60, 80, 100, 120, 160, 200, 300, 500, 800]
"""Bytes after which a line breaks: within each packet of a greeting and of the first data."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reconnect and resend in tenths of a second instead of seconds and minutes."""
    for module in (link, mqtt):
        monkeypatch.setattr(module, "RECONNECT_S", (0.1, 0.2))
    monkeypatch.setattr(patience, "FIRST_PATIENCE_MS", 400)
    monkeypatch.setattr(patience, "LONGEST_PATIENCE_MS", 800)


class BadLine:
    """A node and a collector, each with a line of its own to the broker."""

    def __init__(self, folder: Path, broker: Mosquitto, keepalive_s: int) -> None:
        self.node_line = FaultProxy(broker.port)
        self.collector_line = FaultProxy(broker.port)
        self._folder = folder
        self._keepalive_s = keepalive_s
        self._round = 0

    def __enter__(self) -> BadLine:
        self.node_line.__enter__()
        self.collector_line.__enter__()
        more = f"keepalive_seconds = {self._keepalive_s}"
        self.ingest = IngestProcess(self._folder / "state", self.collector_line.port, more)
        self.ingest.__enter__()
        near = Broker(HOST, self.node_line.port, keepalive_s=self._keepalive_s)
        identity = Identity("sample", "n0001")
        self.node = VirtualNode(identity, ROMS, near, self._folder / "node", T0)
        self.node.connect()
        return self

    def measure(self, rounds: int) -> None:
        for _ in range(rounds):
            self._round += 1
            raw = {rom: 300 + self._round % 60 for rom in ROMS}
            self.node.play(T0 + 300 * self._round, raw)
            self.node.pump()

    def all_arrives(self) -> None:
        """The line is good again: everything must be on disk, once and bit for bit."""
        self.node_line.faults = self.collector_line.faults = Faults()
        pump_until_done([self.node])
        assert self.ingest.kept() == journals([self.node])

    def __exit__(self, *_: object) -> None:
        self.node.close()
        self.ingest.__exit__()
        self.node_line.__exit__(None, None, None)
        self.collector_line.__exit__(None, None, None)


@pytest.fixture
def line(mosquitto: Mosquitto, tmp_path: Path) -> Iterator[BadLine]:
    with BadLine(tmp_path, mosquitto, keepalive_s=60) as line:
        yield line


@pytest.mark.parametrize(
    "faults",
    [
        Faults(block_bytes=1),
        Faults(delay_s=0.03, loss=0.05, resend_s=0.3, block_bytes=1400),
    ],
    ids=["one byte at a time", "slow and lossy"],
)
def test_a_slow_line_needs_no_second_connection(line: BadLine, faults: Faults) -> None:
    line.measure(5)
    pump_until_done([line.node])
    line.node_line.faults = line.collector_line.faults = faults
    line.measure(60)
    pump_until_done([line.node])
    assert line.node_line.accepted == line.collector_line.accepted == 1
    line.all_arrives()


@pytest.mark.parametrize("side", ["node", "collector"])
def test_a_line_may_break_within_any_packet(line: BadLine, side: str) -> None:
    bad = line.node_line if side == "node" else line.collector_line
    line.measure(5)
    pump_until_done([line.node])
    for count in CUTS:
        bad.faults = Faults(reset_after=count)
        bad.cut()

        def is_broken() -> bool:
            line.measure(1)
            line.node.publisher.ask()
            return bad.faults.reset_after is None

        wait_until(is_broken, f"the line breaks after {count} bytes")
    line.all_arrives()


def test_swallowed_answers_are_repeats_that_are_stored_once(line: BadLine) -> None:
    line.measure(5)
    pump_until_done([line.node])
    line.node_line.faults = Faults(swallow_down=True)
    line.measure(40)

    def is_resent() -> bool:
        line.node.pump()
        line.node.publisher.ask()
        return line.node.publisher.counters.resends >= 2

    wait_until(is_resent, "the node sends again what was not answered")
    line.node_line.cut()
    line.all_arrives()
    wait_until(lambda: line.ingest.counters().get("repeats", 0) > 0, "repeats are counted")


def test_half_open_lines_are_noticed_and_replaced(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """Packets vanish in both ways on both lines; only the keepalive can tell."""
    with BadLine(tmp_path, mosquitto, keepalive_s=5) as line:
        line.measure(5)
        pump_until_done([line.node])
        dead = Faults(swallow_up=True, swallow_down=True)
        line.node_line.faults = line.collector_line.faults = dead

        def both_left() -> bool:
            line.measure(1)
            return line.node_line.accepted > 1 and line.collector_line.accepted > 1

        wait_until(both_left, "both give the dead connection up")
        line.node_line.cut()
        line.collector_line.cut()
        line.all_arrives()
