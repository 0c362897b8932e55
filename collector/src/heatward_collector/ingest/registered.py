"""Which nodes may bring evidence: those of the registry, looked up anew when it changes."""

from __future__ import annotations

import time

from heatward_collector.canary import CANARY_NODE
from heatward_collector.config import Config
from heatward_collector.registry import open_registry

LOOK_EVERY_S = 5.0


class Registered:
    """The (district, node) pairs of the registry, at most a few seconds old.

    Of a registry that several collectors share, those of the own district only.
    """

    def __init__(self, config: Config) -> None:
        self._registry = open_registry(config)
        self._district = config.mqtt.district
        self._version = -1
        self._looked_at = float("-inf")
        self._nodes: frozenset[tuple[str, str]] = frozenset()
        self._districts: tuple[str, ...] = ()

    def knows(self, district: str, node: str) -> bool:
        """Say whether a node is registered in this district; the test reading's always is."""
        if node == CANARY_NODE and district in self.districts():
            return True
        if (district, node) in self._nodes:
            return True
        self._refresh()
        return (district, node) in self._nodes

    def count(self) -> int:
        """Return how many nodes are registered."""
        self._refresh()
        return len(self._nodes)

    def districts(self) -> tuple[str, ...]:
        """Return every district that has a node."""
        self._refresh()
        return self._districts

    def _refresh(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = now
        version = self._registry.version()
        if version != self._version:
            nodes = self._registry.nodes()
            mine = self._district
            self._nodes = frozenset(node for node in nodes if mine in (None, node[0]))
            # Asked for at every commit; looking through the nodes of a city takes longer than that.
            self._districts = tuple(sorted({district for district, _ in self._nodes}))
            self._version = version
