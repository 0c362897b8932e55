"""Two digests a day: what can wait, grouped by source and building, one message a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from heatward_collector.alerts.message import Kept, Message, Text
from heatward_collector.core.cases.telling import Policy
from heatward_collector.core.suppression import Level
from heatward_collector.explain.names import Names
from heatward_collector.locale import CHINESE, ENGLISH, Texts, texts

TIMES = (time(7, 30), time(16, 30))
"""Local times at which digests go out. (before and after an office's day)"""
MOST_ITEMS = 30
"""Of more items only the number is told: the rest is on the case board."""


def next_digest(now_s: float, zone: ZoneInfo) -> int:
    """Return when the next digest goes out. [s UTC]"""
    here = datetime.fromtimestamp(now_s, zone)
    for day in (here.date(), here.date() + timedelta(days=1)):
        for at in TIMES:
            moment = datetime.combine(day, at, zone)
            if moment.timestamp() > now_s:
                return int(moment.timestamp())
    raise AssertionError("tomorrow has two digests")


def digests(waiting: Iterable[Kept], now_s: float, names: Names) -> list[tuple[Message, list[str]]]:
    """Return one message for each recipient and time that has come, with the ids of its parts."""
    due = [one.message for one in waiting if one.message.due_s <= now_s]
    due.sort(key=lambda one: (one.recipient, one.due_s, one.place, one.case, one.id))
    found = []
    for (recipient, due_s), group in groupby(due, key=lambda one: (one.recipient, one.due_s)):
        parts = list(group)
        first = parts[0]
        key = f"digest-{recipient}-{due_s}"
        text = _text(parts, names, key)
        message = Message(
            key,
            recipient,
            first.name,
            first.phone,
            first.language,
            first.audience,
            Policy.AT_ONCE,
            due_s,
            text,
            created_s=int(now_s),
        )
        found.append((message, [one.id for one in parts]))
    return found


def _text(parts: Sequence[Message], names: Names, key: str) -> Text:
    chinese, english = texts(CHINESE), texts(ENGLISH)
    return Text(
        _title(parts, chinese),
        _title(parts, english),
        _body(parts, names, key, chinese),
        _body(parts, names, key, english),
    )


def _title(parts: Sequence[Message], say: Texts) -> str:
    return say.plural("Heating: %(n)d message", "Heating: %(n)d messages", len(parts))


def _body(parts: Sequence[Message], names: Names, key: str, say: Texts) -> str:
    lines: list[str] = []
    source = None
    for number, part in enumerate(parts):
        if number == MOST_ITEMS:
            rest = len(parts) - number
            lines.append(say.plural("and %(n)d more", "and %(n)d more", rest))
            break
        if part.place.partition("/")[0] != source:
            source = part.place.partition("/")[0]
            name = names.place(Level.SOURCE, source, say.language == ENGLISH)
            lines.append(say("Heat source %(name)s", name=name or say("several")))
        title, body = part.text.in_language(say.language)
        lines += [f"{number + 1}. {title}", *(f"   {line}" for line in _kept(body))]
    lines.append(say("Message %(key)s", key=key))
    return "\n".join(lines)


def _kept(body: str) -> list[str]:
    """Return the lines of a part without its id: the digest has one."""
    return body.split("\n")[:-1]
