"""The outbox: what is put in stays as it was put, once, on both databases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from heatward_collector.alerts.message import Message, Stage, Text
from heatward_collector.alerts.outbox import Outbox, put
from heatward_collector.core.cases.telling import Policy
from heatward_collector.registry.database import Database
from support.postgresql import emptied

TEXT = Text("标题", "title", "正文", "body")
FIRST = Message("m1", "p1", "张示例", "0451-1", "zh", "officer", Policy.AT_ONCE, 100, TEXT, case=7)


@pytest.fixture(params=["sqlite", "postgresql"])
def outbox(request: pytest.FixtureRequest, tmp_path: Path) -> Outbox:
    if request.param == "sqlite":
        return Outbox(Database(f"sqlite:///{tmp_path / 'outbox.sqlite'}"))
    return Outbox(Database(emptied(request.getfixturevalue("postgresql"))))


def fill(outbox: Outbox, *messages: Message) -> int:
    with outbox.database.edit() as connection:
        return put(connection, messages)


def test_nothing_put_in_is_nothing_new(outbox: Outbox) -> None:
    assert fill(outbox) == 0
    assert outbox.counts() == {}
    assert outbox.one("m1") is None


def test_the_same_message_is_put_in_once_and_stays_as_it_was(outbox: Outbox) -> None:
    assert fill(outbox, FIRST, FIRST) == 1
    assert fill(outbox, replace(FIRST, name="another")) == 0
    kept = outbox.one("m1")
    assert kept is not None
    assert kept.message == FIRST
    assert (kept.stage, kept.attempts, kept.first_failed_s, kept.sent_s) == (
        Stage.WAITING,
        0,
        None,
        None,
    )


def test_messages_of_a_case_come_oldest_first_and_none_of_another(outbox: Outbox) -> None:
    late = replace(FIRST, id="m2", created_s=300)
    early = replace(FIRST, id="m3", created_s=200)
    fill(outbox, late, early, replace(FIRST, id="m4", case=8))
    assert [one.message.id for one in outbox.of_case(7)] == ["m3", "m2"]
    assert [one.message.id for one in outbox.latest(2)] == ["m2", "m3"]


def test_what_is_due_is_neither_early_nor_in_a_digest_nor_sent(outbox: Outbox) -> None:
    digested = replace(FIRST, id="m2", policy=Policy.DIGEST)
    fill(outbox, FIRST, digested, replace(FIRST, id="m3", due_s=50))
    assert outbox.due(49) == []
    assert [one.message.id for one in outbox.due(100)] == ["m3", "m1"]
    assert [one.message.id for one in outbox.due(100, most=1)] == ["m3"]
    outbox.sent("m3", "mail", "250 ok", 120)
    assert [one.message.id for one in outbox.due(200)] == ["m1"]
    kept = outbox.one("m3")
    assert kept is not None
    assert (kept.stage, kept.sent_s, kept.channel, kept.answer, kept.attempts) == (
        Stage.SENT,
        120,
        "mail",
        "250 ok",
        1,
    )


def test_a_failure_is_tried_later_and_stuck_since_the_first_one(outbox: Outbox) -> None:
    fill(outbox, FIRST)
    outbox.failed("m1", "mail", "451", 110, 140)
    outbox.failed("m1", "robot", "HTTP 500", 150, 210)
    assert outbox.due(209) == []
    (kept,) = outbox.due(210)
    assert (kept.attempts, kept.first_failed_s, kept.next_s) == (2, 110, 210)
    assert (kept.channel, kept.answer) == ("robot", "HTTP 500")
    assert [one.message.id for one in outbox.stuck(111)] == ["m1"]
    assert outbox.stuck(110) == []


def test_a_digest_takes_its_parts_along_and_they_are_sent_with_it(outbox: Outbox) -> None:
    parts = [replace(FIRST, id=f"part{n}", policy=Policy.DIGEST, created_s=n) for n in (1, 2)]
    fill(outbox, *parts, FIRST)
    assert [one.message.id for one in outbox.digests_waiting()] == ["part1", "part2"]
    outbox.sent("part2", "inbox", "", 90)  # what is sent already is no part any more
    outbox.fold(replace(FIRST, id="digest"), ["part1", "part2"])
    assert outbox.digests_waiting() == []
    assert [one.message.id for one in outbox.parts_of("digest")] == ["part1"]
    also = []
    outbox.sent("digest", "mail", "250", 500, lambda _: also.append("in the same transaction"))
    assert also == ["in the same transaction"]
    (part,) = outbox.parts_of("digest")
    assert (part.stage, part.sent_s, part.channel) == (Stage.IN_DIGEST, 500, "mail")
    assert "part1" not in [one.message.id for one in outbox.latest()]
    assert outbox.counts() == {"sent": 2, "in_digest": 1, "waiting": 1}


def test_what_fails_in_the_same_transaction_leaves_the_message_unsent(outbox: Outbox) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("the case cannot be written")

    fill(outbox, FIRST)
    with pytest.raises(RuntimeError):
        outbox.sent("m1", "mail", "250", 120, broken)
    kept = outbox.one("m1")
    assert kept is not None and kept.stage is Stage.WAITING


def test_of_many_messages_two_hundred_are_tried_and_shown_at_a_time(outbox: Outbox) -> None:
    fill(outbox, *(replace(FIRST, id=f"m{number:03}", due_s=number) for number in range(201)))
    assert [one.message.id for one in outbox.due(500)][::199] == ["m000", "m199"]
    assert len(outbox.due(500)) == len(outbox.latest()) == 200
