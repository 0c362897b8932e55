"""The server is lost: a new one begins from a day-old backup or from nothing, and nodes refill it.

Real nodes and ingest over a real Mosquitto.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from heatward_collector.ingest import link
from heatward_collector.operations.whole_state import back_up, restore
from heatward_collector.replay.virtual_node import VirtualNode
from heatward_node import mqtt, patience
from heatward_node.publisher import Identity
from heatward_node.rom import rom_from_kernel_name
from support.broker import Mosquitto
from support.evidence import BEDROOM, LIVING, NEIGHBOUR, T0
from support.ingest_process import IngestProcess, journals, pump_until_done

pytestmark = pytest.mark.broker
BOXES = {"n0001": (LIVING, BEDROOM), "n0002": (NEIGHBOUR,)}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reconnect and resend in tenths of a second instead of seconds and minutes."""
    for module in (link, mqtt):
        monkeypatch.setattr(module, "RECONNECT_S", (0.1, 0.2))
    monkeypatch.setattr(patience, "FIRST_PATIENCE_MS", 400)
    monkeypatch.setattr(patience, "LONGEST_PATIENCE_MS", 800)


@contextmanager
def boxes(folder: Path, broker: Mosquitto) -> Iterator[list[VirtualNode]]:
    """Run the boxes of two homes; they outlive every server."""
    nodes = []
    for name, sensors in BOXES.items():
        roms = [rom_from_kernel_name(sensor) for sensor in sensors]
        nodes.append(VirtualNode(Identity("sample", name), roms, broker.address, folder / name, T0))
        nodes[-1].connect()
    yield nodes
    for node in nodes:
        node.close()


def measure(nodes: list[VirtualNode], first: int, rounds: int) -> None:
    """Let a day of each home pass."""
    for step in range(first, first + rounds):
        for number, node in enumerate(nodes):
            raw = {rom_from_kernel_name(one): 320 + step % 16 for one in BOXES[node.identity.node]}
            node.play(T0 + 300 * step + number, raw)
            node.pump()


@pytest.mark.parametrize("rescue", ["a day-old backup", "nothing"])
def test_a_new_server_holds_everything_that_the_lost_one_held(
    rescue: str, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    with boxes(tmp_path / "boxes", mosquitto) as nodes:
        with IngestProcess(tmp_path / "old", mosquitto.port) as ingest:
            measure(nodes, 0, 30)
            pump_until_done(nodes)
            back_up(ingest.config, None, tmp_path / "backup", T0)  # while it runs
            measure(nodes, 30, 288)  # a day that no backup has
            pump_until_done(nodes)
            lost = ingest.kept()
        assert lost == journals(nodes)
        shutil.rmtree(tmp_path / "old")
        mosquitto.begin_anew()
        measure(nodes, 318, 5)  # nobody listens
        new = IngestProcess(tmp_path / "new", mosquitto.port)
        if rescue != "nothing":
            shutil.rmtree(tmp_path / "new")
            assert restore(tmp_path / "backup", new.config).records < len(lost)
        with new as ingest:
            measure(nodes, 323, 5)
            pump_until_done(nodes, 90)
            found = ingest.kept()
            assert ingest.counters().get("quarantined_messages", 0) == 0
        assert found == journals(nodes)
        assert lost.items() <= found.items()
