"""Messages in the words of pages: what was told to whom, and whether it arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ...alerts.message import INBOX, Kept, Stage
from ...alerts.words import AUDIENCES
from ...core.cases.telling import Audience
from ...locale import Texts
from ..words.formats import Formats


@dataclass(frozen=True, slots=True)
class MessageRow:
    """What a page shows of a message."""

    kept: Kept
    title: str
    lines: tuple[str, ...]
    to: str
    tone: str
    mark: str
    state: str


@dataclass(frozen=True, slots=True)
class NewsRow:
    """One piece of news as it was told to several people."""

    title: str
    case: int
    """0 for what is about none, or about several."""
    rows: tuple[MessageRow, ...]

    @property
    def created_s(self) -> float:
        """Return when the first of them was written."""
        return min(one.kept.message.created_s for one in self.rows)

    @property
    def tone(self) -> str:
        """Return the tone of what was not sent, where there is any."""
        tones = [one.tone for one in self.rows]
        return "below" if "below" in tones else tones[0]


def message_row(kept: Kept, write: Formats) -> MessageRow:
    """Return what a page shows of a message."""
    say = write.say
    title_of, body = kept.message.text.in_language(say.language)
    audience = kept.message.audience
    role = say(AUDIENCES[Audience(audience)]) if audience in set(Audience) else say(audience)
    tone, mark, state = _delivery(kept, say)
    to = say("%(role)s: %(name)s", role=role, name=kept.message.name)
    return MessageRow(kept, title_of, tuple(body.split("\n")), to, tone, mark, state)


def news_of(rows: Sequence[MessageRow]) -> list[NewsRow]:
    """Put together what several people were told of one case at a time, in the order given."""

    def news(row: MessageRow) -> tuple[int, str, str]:
        one = row.kept.message
        return one.case, row.title, "" if one.case else one.id

    return [NewsRow(title, case, tuple(some)) for (case, title, _), some in groupby(rows, key=news)]


def reached_nobody(rows: Sequence[MessageRow]) -> bool:
    """Say whether messages were tried, and none of them left the house."""
    tried = [one.kept for one in rows if one.kept.sent_s or one.kept.first_failed_s]
    return bool(tried) and all(one.sent_s is None or one.channel == INBOX for one in tried)


def _delivery(kept: Kept, say: Texts) -> tuple[str, str, str]:
    if kept.stage is Stage.SENT or kept.sent_s is not None:
        if kept.channel == INBOX:
            return "not_judgeable", "\N{BULLET}", say("here only: no channel is registered")
        return "met", "\N{CHECK MARK}", say("sent by %(channel)s", channel=kept.channel)
    if kept.first_failed_s is not None:
        words = say("not sent: %(answer)s", answer=kept.answer)
        return "below", "\N{MULTIPLICATION SIGN}", words
    return "marginal_minus", "\N{HORIZONTAL ELLIPSIS}", say("waits for its hour")
