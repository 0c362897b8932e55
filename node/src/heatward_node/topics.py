"""MQTT topics: ``heatward/v1/<district>/<node>/<leaf>``; no address and no name in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from heatward_node.errors import WireError

PREFIX = "heatward/v1"
UpLeaf = Literal["readings", "status", "event"]
DownLeaf = Literal["ack", "config"]
Leaf = UpLeaf | DownLeaf
_LEAVES = frozenset(get_args(UpLeaf) + get_args(DownLeaf))
IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
"""District and node ids: nothing that a topic filter, an ACL or a file name could misread."""
RESERVED_NODE = "collector"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of one node. Raises WireError where an id or leaf is not allowed."""

    district: str
    node: str
    leaf: Leaf

    def __post_init__(self) -> None:
        if not IDENTIFIER.fullmatch(self.district) or not IDENTIFIER.fullmatch(self.node):
            raise WireError("topic", f"bad district or node id: {self.district!r}, {self.node!r}")
        if self.leaf not in _LEAVES:
            raise WireError("topic", f"unknown leaf {self.leaf!r}")

    def __str__(self) -> str:
        return f"{PREFIX}/{self.district}/{self.node}/{self.leaf}"

    @classmethod
    def parse(cls, text: str) -> Topic:
        """Parse a topic as it came from the broker. Raises WireError."""
        parts = text.split("/")
        if len(parts) != 5 or "/".join(parts[:2]) != PREFIX:
            raise WireError("topic", f"not a node's topic: {text[:100]!r}")
        return cls(parts[2], parts[3], parts[4])  # type: ignore[arg-type]


def incarnation_topic(district: str) -> str:
    """Return the one retained down topic: which ledger the collector of a district is writing."""
    return f"{PREFIX}/{district}/incarnation"
