"""The outbox: messages are put into it with the change that makes them due, and stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, func, select

from heatward_collector.alerts.message import Kept, Message, Stage, Text
from heatward_collector.alerts.tables import METADATA, outbox
from heatward_collector.core.cases.telling import Policy
from heatward_collector.registry.database import Database

MOST_SHOWN = 200
_MESSAGE = tuple(one.name for one in fields(Message) if one.name not in ("text", "case"))
_TEXT = tuple(one.name for one in fields(Text))

Also = Callable[[Connection], None]
"""What else happens in the transaction in which a message is marked."""


def put(connection: Connection, messages: Iterable[Message]) -> int:
    """Put messages into the outbox within a transaction; one that is there already stays."""
    rows = {one.id: _row(one) for one in messages}
    if not rows:
        return 0
    query = select(outbox.c.id).where(outbox.c.id.in_(list(rows)))
    for row in connection.execute(query):
        del rows[row.id]
    if rows:
        connection.execute(outbox.insert(), list(rows.values()))
    return len(rows)


class Outbox:
    """The messages of a database that others use too."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.edit() as connection:
            METADATA.create_all(connection)

    def due(self, now_s: float, most: int = MOST_SHOWN) -> list[Kept]:
        """Return what may be tried now, the oldest first; not what waits for a digest."""
        query = (
            select(outbox)
            .where(
                outbox.c.stage == Stage.WAITING.value,
                outbox.c.policy == Policy.AT_ONCE.value,
                outbox.c.next_s <= int(now_s),
            )
            .order_by(outbox.c.next_s, outbox.c.created_s, outbox.c.id)
            .limit(most)
        )
        return self._kept(query)

    def digests_waiting(self) -> list[Kept]:
        """Return the messages that wait for a digest, the oldest first."""
        query = select(outbox).where(
            outbox.c.stage == Stage.WAITING.value, outbox.c.policy == Policy.DIGEST.value
        )
        return self._kept(query.order_by(outbox.c.due_s, outbox.c.created_s, outbox.c.id))

    def fold(self, digest: Message, parts: Sequence[str]) -> None:
        """Let some messages go with one that names them all."""
        with self.database.edit() as connection:
            put(connection, [digest])
            connection.execute(
                outbox.update()
                .where(outbox.c.id.in_(parts), outbox.c.stage == Stage.WAITING.value)
                .values(stage=Stage.IN_DIGEST.value, digest=digest.id)
            )

    def parts_of(self, digest: str) -> list[Kept]:
        """Return the messages that went with a digest."""
        query = select(outbox).where(outbox.c.digest == digest)
        return self._kept(query.order_by(outbox.c.created_s, outbox.c.id))

    def sent(
        self, key: str, channel: str, answer: str, now_s: float, also: Also | None = None
    ) -> None:
        """Note that a message has arrived, with what follows from it in the same transaction."""
        sent = {"sent_s": int(now_s), "channel": channel, "answer": answer}
        with self.database.edit() as connection:
            connection.execute(
                outbox.update()
                .where(outbox.c.id == key)
                .values(stage=Stage.SENT.value, attempts=outbox.c.attempts + 1, **sent)
            )
            connection.execute(outbox.update().where(outbox.c.digest == key).values(**sent))
            if also is not None:
                also(connection)

    def failed(self, key: str, channel: str, answer: str, now_s: float, next_s: float) -> None:
        """Note that an attempt has failed, and when to try again."""
        first = func.coalesce(outbox.c.first_failed_s, int(now_s))
        with self.database.edit() as connection:
            connection.execute(
                outbox.update()
                .where(outbox.c.id == key)
                .values(
                    attempts=outbox.c.attempts + 1,
                    first_failed_s=first,
                    next_s=int(next_s),
                    channel=channel,
                    answer=answer,
                )
            )

    def latest(self, most: int = MOST_SHOWN) -> list[Kept]:
        """Return the newest messages that people see: digests instead of their parts."""
        query = select(outbox).where(outbox.c.stage != Stage.IN_DIGEST.value)
        return self._kept(query.order_by(outbox.c.created_s.desc(), outbox.c.id).limit(most))

    def of_case(self, number: int) -> list[Kept]:
        """Return the messages about a case, the oldest first."""
        query = select(outbox).where(outbox.c.case_number == number)
        return self._kept(query.order_by(outbox.c.created_s, outbox.c.id))

    def one(self, key: str) -> Kept | None:
        """Return a message, None where there is none."""
        found = self._kept(select(outbox).where(outbox.c.id == key))
        return found[0] if found else None

    def stuck(self, before_s: float) -> list[Kept]:
        """Return the messages that cannot be sent since some time before."""
        query = select(outbox).where(
            outbox.c.stage == Stage.WAITING.value, outbox.c.first_failed_s < int(before_s)
        )
        return self._kept(query.order_by(outbox.c.first_failed_s))

    def counts(self) -> dict[str, int]:
        """Return how many messages are in each stage."""
        query = select(outbox.c.stage, func.count()).group_by(outbox.c.stage)
        with self.database.snapshot() as connection:
            return {stage: count for stage, count in connection.execute(query)}

    def _kept(self, query: Any) -> list[Kept]:
        with self.database.snapshot() as connection:
            return [_of(row) for row in connection.execute(query).mappings()]


def _row(message: Message) -> dict[str, Any]:
    row = {name: getattr(message, name) for name in _MESSAGE}
    row |= {name: getattr(message.text, name) for name in _TEXT}
    return row | {
        "policy": message.policy.value,
        "case_number": message.case,
        "stage": Stage.WAITING.value,
        "attempts": 0,
        "next_s": message.due_s,
        "channel": "",
        "answer": "",
        "digest": "",
    }


def _of(row: Any) -> Kept:
    values = {name: row[name] for name in _MESSAGE} | {"policy": Policy(row["policy"])}
    text = Text(**{name: row[name] for name in _TEXT})
    return Kept(
        Message(text=text, case=row["case_number"], **values),
        Stage(row["stage"]),
        row["attempts"],
        row["first_failed_s"],
        row["next_s"],
        row["sent_s"],
        row["channel"],
        row["answer"],
        row["digest"],
    )
