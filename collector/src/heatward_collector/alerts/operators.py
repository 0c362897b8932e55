"""What the operator is told of the line itself: by the channels of the registry, once."""

from __future__ import annotations

from datetime import UTC, date, datetime

from heatward_collector.alerts.message import Message, Text
from heatward_collector.alerts.outbox import Outbox, put
from heatward_collector.alerts.recipients import Recipient, Recipients
from heatward_collector.core.cases.telling import Policy
from heatward_collector.locale import message
from heatward_collector.registry import Registry

OPERATOR = message("operator")
"""The role of a person of the registry, and the audience of a message."""


def operators(registry: Registry, today: date) -> list[Recipient]:
    """Return who runs the collector; where nobody is registered, one who has but the inbox."""
    persons = registry.rows("person")
    known = Recipients(persons, (), registry.rows("contact"))
    found = [
        known.person(str(row["id"]), today)
        for row in persons
        if row["role"] == OPERATOR and (row["from_day"] is None or row["from_day"] <= today)
    ]
    there = [one for one in found if one is not None]
    return there or [Recipient(f"{OPERATOR}:", "Heatward", "")]


def tell_operators(outbox: Outbox, registry: Registry, key: str, text: Text, now_s: int) -> int:
    """Put a message for every operator into the outbox, once for a key; return how many are new."""
    today = datetime.fromtimestamp(now_s, UTC).date()
    messages = [
        Message(
            f"{key}-{one.id}",
            one.id,
            one.name,
            one.phone,
            one.language,
            OPERATOR,
            Policy.AT_ONCE,
            now_s,
            text,
            created_s=now_s,
        )
        for one in operators(registry, today)
    ]
    with outbox.database.edit() as connection:
        return put(connection, messages)
