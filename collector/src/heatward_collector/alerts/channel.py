"""A way to reach somebody, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from heatward_collector.alerts.message import Message


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one attempt, in words that a person can act on."""

    arrived: bool
    words: str = ""
    retry_after_s: float | None = None
    """How long the other side asks us to wait. [s]"""


class Channel(Protocol):
    """A way to reach somebody."""

    def send(self, message: Message) -> Answer:
        """Send a message once, within a few seconds; never raise for what the other side does."""
