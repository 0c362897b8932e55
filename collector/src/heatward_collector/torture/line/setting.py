"""What a fault needs of the line on which it is played."""

from __future__ import annotations

from dataclasses import dataclass

JUDGED = ("ingest", "view", "evaluate")
TOLD = ("ingest", "view", "notify")


@dataclass(frozen=True, slots=True)
class Setting:
    """Processes, nodes, disks and network of one line."""

    stages: tuple[str, ...] = JUDGED
    nodes: int = 4
    broker: str = ""
    """More lines of Mosquitto's configuration."""
    small_disks: tuple[str, ...] = ()
    """What lies on a small disk of its own: ``ledger``, ``broker`` or ``card`` (of every node)."""
    has_cable: bool = False
    """Whether the nodes live in a network of their own, at a cable that can be pulled."""
    has_receiver: bool = False
    """Whether a web server stands there that takes alerts."""
    may_lose_on_cards: bool = False
    """Whether the fault destroys what lies on a card, so that ``lost`` records are right."""

    @property
    def needs_root(self) -> bool:
        """Whether only root can lay such a line."""
        return bool(self.small_disks) or self.has_cable
