"""What a fault needs of the line on which it is played."""

from __future__ import annotations

from dataclasses import dataclass

JUDGED = ("ingest", "view", "evaluate")
TOLD = ("ingest", "view", "notify")


@dataclass(frozen=True, slots=True)
class Setting:
    """Processes, nodes and disks of one line."""

    stages: tuple[str, ...] = JUDGED
    nodes: int = 4
    broker: str = ""
    """More lines of Mosquitto's configuration."""
    small_disks: tuple[str, ...] = ()
    """What lies on a small disk of its own: ``ledger``, ``broker`` or ``card`` (of every node)."""
    has_receiver: bool = False
    """Whether a web server stands there that takes alerts."""
    may_lose_on_cards: bool = False
    """Whether the fault destroys what lies on a card, so that ``lost`` records are right."""
