"""Which nodes may bring evidence: those of the registry, looked up anew when it changes."""

from __future__ import annotations

import time
from collections import Counter

from heatward_collector.canary import CANARY_NODE
from heatward_collector.config import Config
from heatward_collector.registry import open_registry
from heatward_collector.registry.ids import NOWHERE
from heatward_collector.registry.packed import in_parts
from heatward_collector.registry.packed_rows import PackedRows

LOOK_EVERY_S = 5.0


class Registered:
    """The nodes of the registry by district and name, at most a few seconds old.

    Of a registry that several collectors share, those of the own district only. A city's nodes stay
    in their packed columns, where one is found by bisection: each is looked for once.
    """

    def __init__(self, config: Config) -> None:
        self._registry = open_registry(config)
        self._district = config.mqtt.district
        self._version = -1
        self._looked_at = float("-inf")
        self._nodes = PackedRows.of("node", [])
        self._count = 0
        self._districts: tuple[str, ...] = ()

    def knows(self, district: str, node: str) -> bool:
        """Say whether a node is registered in this district; the test reading's always is."""
        if node == CANARY_NODE and district in self.districts():
            return True
        if self._holds(district, node):
            return True
        self._refresh()
        return self._holds(district, node)

    def count(self) -> int:
        """Return how many nodes are registered."""
        self._refresh()
        return self._count

    def districts(self) -> tuple[str, ...]:
        """Return every district that has a node."""
        self._refresh()
        return self._districts

    def _holds(self, district: str, node: str) -> bool:
        place = self._nodes.ids.find(node)
        is_mine = self._district in (None, district)
        return is_mine and place != NOWHERE and self._nodes.column("district")[place] == district

    def _refresh(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = now
        version = self._registry.version()
        if version == self._version:
            return
        nodes = self._registry.table("node")
        if nodes is not self._nodes:
            counts: Counter[str] = Counter()
            for _, districts in in_parts(nodes.column("district")):
                counts.update(districts)
            mine = {one for one in counts if self._district in (None, one)}
            # Asked for at every commit; looking through the nodes of a city takes longer than that.
            self._nodes, self._districts = nodes, tuple(sorted(mine))
            self._count = sum(counts[one] for one in mine)
        self._version = version
