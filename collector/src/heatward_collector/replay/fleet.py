"""Many virtual nodes in one process, played together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from heatward_collector.core import Raw, Seconds
from heatward_collector.core.grid import SLOT_S
from heatward_collector.errors import HeatwardError
from heatward_collector.replay.virtual_node import VirtualNode
from heatward_node.mqtt import Broker
from heatward_node.publisher import Identity

PUMP_EVERY_ROUNDS = 24
DRAIN_TIMEOUT_S = 600.0
IDLE_SECONDS = 0.005


class Track(NamedTuple):
    """What one sensor shows: strictly rising seconds UTC, and 1/16 degC."""

    rom: bytes
    time_s: Seconds
    raw: Raw


class NodePlan(NamedTuple):
    """A node and the tracks of its sensors."""

    identity: Identity
    tracks: Sequence[Track]


class Fleet:
    """Plays plans through the real node code."""

    def __init__(self, plans: Sequence[NodePlan], broker: Broker, directory: Path) -> None:
        self._plans = plans
        starts = [int(track.time_s[0]) for plan in plans for track in plan.tracks]
        start_s = min(starts, default=0) - SLOT_S
        self.nodes = [
            VirtualNode(
                plan.identity,
                [track.rom for track in plan.tracks],
                broker,
                directory / plan.identity.node,
                start_s,
            )
            for plan in plans
        ]
        for node in self.nodes:
            node.connect()

    @property
    def sent(self) -> int:
        """How many readings the nodes have written into their journals."""
        return sum(node.sent for node in self.nodes)

    def play(self, progress: Callable[[int, int], None] = lambda done, all_: None) -> None:
        """Play every track in order of time; nodes publish on the way."""
        rounds = _rounds(self._plans)
        total = len(rounds)
        for done, (time_s, index, raw) in enumerate(rounds, 1):
            self.nodes[index].play(time_s, raw)
            if done % (PUMP_EVERY_ROUNDS * len(self.nodes)) == 0:
                self.pump()
                progress(done, total)
        progress(total, total)

    def play_round(self, index: int, time_s: int, raw: dict[bytes, int]) -> None:
        """Let one node measure once."""
        self.nodes[index].play(time_s, raw)

    def pump(self) -> bool:
        """Let every publisher speak once; return whether any did."""
        return any([node.pump() for node in self.nodes])

    def drain(self, timeout_s: float = DRAIN_TIMEOUT_S) -> None:
        """Pump until the collector has everything. Raises HeatwardError after a long silence."""
        deadline = time.monotonic() + timeout_s
        while not all(node.is_done for node in self.nodes):
            if time.monotonic() > deadline:
                left = sum(node.publisher.unacknowledged for node in self.nodes)
                raise HeatwardError(
                    f"after {timeout_s:.0f} s the collector still lacks {left} records; see its "
                    f"log and heatward status"
                )
            if not self.pump():
                for node in self.nodes:
                    node.publisher.ask()
                time.sleep(IDLE_SECONDS)

    def close(self) -> None:
        """Disconnect every node."""
        for node in self.nodes:
            node.close()


def _rounds(plans: Iterable[NodePlan]) -> list[tuple[int, int, dict[bytes, int]]]:
    """Return (time, node, values) of every sampling round, in order of time."""
    rounds: dict[tuple[int, int], dict[bytes, int]] = {}
    for index, plan in enumerate(plans):
        for track in plan.tracks:
            for time_s, raw in zip(track.time_s.tolist(), track.raw.tolist(), strict=True):
                rounds.setdefault((time_s, index), {})[track.rom] = raw
    return [(time_s, index, rounds[time_s, index]) for time_s, index in sorted(rounds)]


def interval_of(time_s: Seconds) -> int:
    """Return the usual distance of a track's readings. [s]"""
    return max(1, int(np.median(np.diff(time_s)))) if len(time_s) > 1 else SLOT_S
