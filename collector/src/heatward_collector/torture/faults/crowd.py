"""F18: a thousand nodes on real connections, whose broker dies and comes back.

They live in ten processes, since a client of paho waits by ``select``, which knows 1,024 files. A
storm's longest pause is sixty times as short as a node's own: what takes minutes takes seconds.
"""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from heatward_collector.bench.ingest import series
from heatward_collector.registry import open_registry
from heatward_collector.replay.fleet import NodePlan
from heatward_collector.replay.places import content_for, plans_for
from heatward_collector.replay.virtual_node import VirtualNode
from heatward_collector.servers.ports import HOST
from heatward_collector.torture.line.line import Line
from heatward_collector.torture.line.node_life import HURRY, ROUND_S, TRUTH
from heatward_collector.torture.line.processes import Worker
from heatward_collector.whole_file import put_whole
from heatward_node import mqtt
from heatward_node.mqtt import Broker
from heatward_node.publisher import Publisher
from heatward_node.stopping import told_to_stop

NODES, CROWDS = 1_000, 10
STATE, ROUNDS = "crowd.json", "rounds"
START_S = 1_767_225_600
RECONNECT_S = (0.5, 5.0)
"""A node's own 1 s and 300 s, so that an outage of some seconds comes to the longest. [s]"""
OUTAGE_S = (4.0, 8.0)
"""How long the broker is gone: most nodes have then come to their longest pause. [s]"""
LONGEST_S = 60.0
"""The last of a thousand is heard again within so long: ten minutes by a tenth. [s]"""
START_SECONDS = 120.0
TELL_SECONDS, IDLE_SECONDS = 0.2, 0.02
KEEPALIVE_S, ASKED_AT_ONCE = 60, 25


@dataclass(frozen=True, slots=True)
class CrowdPlan:
    """Where a part of the crowd lives, and which it is."""

    part: range
    port: int
    folder: Path

    def nodes(self) -> list[NodePlan]:
        """Return the plans of its nodes."""
        return plans_for(series(NODES))[self.part.start : self.part.stop]


def live(plan: CrowdPlan) -> None:
    """Be many nodes until SIGTERM; each measures as many rounds as the file says."""
    ended = told_to_stop(signal.SIGTERM)
    mqtt.RECONNECT_S = RECONNECT_S
    plans = plan.nodes()
    nodes = [_node(one, plan) for one in plans]
    for node in nodes:
        node.connection.open()
    rounds, told_at = 0, float("-inf")
    try:
        while not ended.is_set():
            if rounds < int((plan.folder / ROUNDS).read_text()):
                _measure(nodes, plans, plan.folder, rounds)
                rounds += 1
            if not any([node.pump() for node in nodes]):
                time.sleep(IDLE_SECONDS)
            if time.monotonic() - told_at > TELL_SECONDS:
                told_at = time.monotonic()
                _tell(nodes, plan, rounds)
    finally:
        for node in nodes:
            node.close()


def storm(line: Line, chance: random.Random) -> None:
    """The broker of a thousand nodes dies and comes back: all are heard again, none is lost."""
    folder = line.folder / "crowd"
    folder.mkdir()
    _say_rounds(folder, 1)
    _register(line)
    crowds = [_crowd(line, plan) for plan in _parts(line, folder)]
    for one in plans_for(series(NODES)):
        card = folder / one.identity.node
        line.past_cards.append((one.identity.node, card))
        line.past_truths.append((one.identity.node, card / TRUTH))
    line.others += crowds
    line.give_time(START_SECONDS)
    for crowd in crowds:
        crowd.start()
    line.wait(lambda: _heard(folder, 1), "a thousand nodes are heard")
    line.broker.kill()
    line.play(chance.uniform(*OUTAGE_S))
    line.give_time(LONGEST_S)
    _say_rounds(folder, 2)
    line.broker.start()
    line.wait(lambda: _heard(folder, 2), "all of a thousand nodes are heard again")
    for crowd in crowds:
        crowd.measure()
        crowd.ask_to_stop()
    for crowd in crowds:
        crowd.stop()
    line.others.clear()


def _crowd(line: Line, plan: CrowdPlan) -> Worker:
    name = f"crowd-{plan.part.start}"
    return Worker(name, line.folder / f"{name}.log", live, plan)


def _register(line: Line) -> None:
    registry = open_registry(line.config)
    registry.put(content_for(series(NODES)))
    registry.close()
    ingest = line.stages["ingest"]
    ingest.stop()
    ingest.start()
    line.give_time(START_SECONDS)
    line.wait(ingest.is_ready, "ingest knows a thousand nodes")


def _parts(line: Line, folder: Path) -> Sequence[CrowdPlan]:
    size = NODES // CROWDS
    firsts = range(0, NODES, size)
    return [CrowdPlan(range(at, at + size), line.broker.port, folder) for at in firsts]


def _node(one: NodePlan, plan: CrowdPlan) -> VirtualNode:
    """Return one node, not yet connected, whose publisher loses its patience sooner."""
    broker, folder = Broker(HOST, plan.port, keepalive_s=KEEPALIVE_S), plan.folder
    roms = [track.rom for track in one.tracks]
    node = VirtualNode(one.identity, roms, broker, folder / one.identity.node, START_S - ROUND_S)
    node.publisher = Publisher(
        one.identity,
        node.journal,
        node.connection,
        lambda: time.monotonic_ns() * HURRY // 1_000_000,
        greeting_spread_ms=HURRY * 1000,
    )
    return node


def _measure(
    nodes: Sequence[VirtualNode], plans: Sequence[NodePlan], folder: Path, number: int
) -> None:
    chance = random.Random(f"crowd {number}")
    for node, one in zip(nodes, plans, strict=True):
        rom, raw = one.tracks[0].rom, chance.randrange(256, 352)
        with (folder / one.identity.node / TRUTH).open("a") as truth:
            truth.write(f"show {number} {rom.hex()} {raw} good\n")
            truth.flush()
            node.play(START_S + number * ROUND_S, {rom: raw})
            truth.write(f"kept {number}\n")


def _tell(nodes: Sequence[VirtualNode], plan: CrowdPlan, rounds: int) -> None:
    waiting = [node for node in nodes if not (node.is_done and node.connection.is_connected)]
    for node in waiting[:ASKED_AT_ONCE]:
        node.publisher.ask()
    state = {"done": len(nodes) - len(waiting), "rounds": rounds}
    put_whole(plan.folder / f"{plan.part.start}-{STATE}", json.dumps(state))


def _say_rounds(folder: Path, rounds: int) -> None:
    put_whole(folder / ROUNDS, str(rounds))


def _heard(folder: Path, rounds: int) -> bool:
    states = [json.loads(file.read_text()) for file in folder.glob(f"*-{STATE}")]
    return bool(sum(one["done"] for one in states if one["rounds"] == rounds) == NODES)
