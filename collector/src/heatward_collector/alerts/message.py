"""One message: what is told to whom, when it is due, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from heatward_collector.core.cases.telling import Policy
from heatward_collector.locale import CHINESE

INBOX = "inbox"
"""The channel that is always there: a page and the log. It wakes nobody up."""


class Stage(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    SENT = "sent"
    IN_DIGEST = "in_digest"
    """It goes with others in one message."""


@dataclass(frozen=True, slots=True)
class Text:
    """A message in both languages."""

    title_zh: str
    title_en: str
    body_zh: str
    body_en: str

    def in_language(self, language: str) -> tuple[str, str]:
        """Return title and body."""
        if language == CHINESE:
            return self.title_zh, self.body_zh
        return self.title_en, self.body_en


@dataclass(frozen=True, slots=True)
class Message:
    """A message that is due; its id stays the same however often it is tried."""

    id: str
    recipient: str
    """The id of a person of the registry, or ``role:subject`` where nobody is registered."""
    name: str
    phone: str
    language: str
    audience: str
    policy: Policy
    due_s: int
    text: Text
    case: int = 0
    news: str = ""
    place: str = ""
    """The source and building by which digests are grouped."""
    created_s: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A message with what became of it."""

    message: Message
    stage: Stage = Stage.WAITING
    attempts: int = 0
    first_failed_s: int | None = None
    next_s: int = 0
    """When it may be tried again. [s UTC]"""
    sent_s: int | None = None
    channel: str = ""
    """The channel of the newest attempt."""
    answer: str = ""
    """What that channel said."""
    digest: str = ""
    """The id of the message that it went with."""
