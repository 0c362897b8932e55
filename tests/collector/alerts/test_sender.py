"""The notifier: at least once, on time for others, by a second way, and seen where it fails."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from heatward_collector.alerts.channel import Answer
from heatward_collector.alerts.digest import next_digest
from heatward_collector.alerts.message import INBOX, Kept, Message, Stage, Text
from heatward_collector.alerts.outbox import Outbox, put
from heatward_collector.alerts.recipients import Recipients
from heatward_collector.alerts.sender import Notifier, chosen_channel
from heatward_collector.bench.notify import counted, measure
from heatward_collector.core.cases.telling import Policy
from heatward_collector.explain.names import Names
from heatward_collector.registry.database import Database
from support.case_world import DAY, ZONE, at
from support.receivers import until

TEXT = Text("标题", "title", "正文\n消息编号 x", "body\nMessage x")
PERSONS = {"office": ("mail", "robot"), "other": ("robot",), "quiet": ()}


class Line:
    """A channel that a test answers for."""

    def __init__(self) -> None:
        self.answers: list[Answer | float] = []
        self.sent: list[str] = []

    def send(self, message: Message) -> Answer:
        answer = self.answers.pop(0) if self.answers else Answer(True, "ok")
        if isinstance(answer, float):
            time.sleep(answer)
            answer = Answer(True, "late")
        self.sent.append(message.id)
        return answer


class Desk:
    """A notifier with two channels, and a clock that stands where a test puts it."""

    def __init__(self, folder: Path) -> None:
        self.outbox = Outbox(Database(f"sqlite:///{folder / 'outbox.sqlite'}"))
        self.mail, self.robot = Line(), Line()
        self.now = float(at(DAY, 9))
        self.reached: list[tuple[str, str]] = []
        recipients = Recipients(
            [
                dict(id=key, role="street_office", subject="st", name=key, phone="", from_day=None)
                for key in PERSONS
            ],
            [],
            [
                dict(person=key, rank=rank, from_day=None, to_day=None, channel=one, language="zh")
                for key, ways in PERSONS.items()
                for rank, one in enumerate(ways)
            ],
        )
        self.notifier = Notifier(
            self.outbox,
            {"mail": self.mail, "robot": self.robot},
            lambda: recipients,
            Names,
            lambda: self.now,
            lambda: date(2026, 1, 10),
            self._when_sent,
            hung_s=0.2,
            fold_every_s=0.0,
        )

    def _when_sent(self, parts, channel, now_s):
        self.reached += [(part.id, channel) for part in parts]
        return lambda connection: None

    def put(self, *keys: str, to: str = "office", policy: Policy = Policy.AT_ONCE) -> None:
        due = int(self.now) if policy is Policy.AT_ONCE else next_digest(self.now, ZONE)
        some = [
            Message(key, to, to, "", "zh", "street", policy, due, TEXT, place="so-1/b001")
            for key in keys
        ]
        with self.outbox.database.edit() as connection:
            put(connection, some)

    def run(self) -> None:
        """Step until nothing moves."""
        self.notifier.step()
        until(lambda: not self.notifier.step() and not self.notifier.busy)

    def one(self, key: str) -> Kept:
        found = self.outbox.one(key)
        assert found is not None
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.outbox.database.close()


def test_a_message_is_sent_once_and_says_by_which_way(desk: Desk) -> None:
    desk.put("a", "b")
    desk.put("a")
    desk.run()
    assert desk.mail.sent == ["a", "b"]
    assert (desk.one("a").stage, desk.one("a").channel, desk.one("a").answer) == (
        Stage.SENT, "mail", "ok",
    )  # fmt: skip
    assert desk.reached == [("a", "mail"), ("b", "mail")]


def test_what_fails_is_tried_again_later_and_later(desk: Desk) -> None:
    desk.mail.answers = [Answer(False, "HTTP 500"), Answer(False, "HTTP 429", 600.0)]
    desk.put("a")
    desk.run()
    assert (desk.one("a").attempts, desk.one("a").next_s) == (1, desk.now + 30)
    desk.now += 29
    desk.run()
    assert desk.one("a").attempts == 1
    desk.now += 1
    desk.run()
    assert (desk.one("a").answer, desk.one("a").next_s) == ("HTTP 429", desk.now + 600)
    desk.now += 600
    desk.run()
    assert desk.one("a").stage is Stage.SENT


def test_a_channel_that_stays_down_is_replaced_by_the_second(desk: Desk) -> None:
    desk.mail.answers = [Answer(False, "down")] * 10
    desk.put("a")
    for _ in range(4):
        desk.run()
        desk.now += 3600
    assert (desk.one("a").stage, desk.one("a").channel) == (Stage.SENT, "robot")
    assert desk.mail.sent == ["a", "a", "a"]
    assert [chosen_channel(("x",), n) for n in range(5)] == ["x"] * 5
    assert [chosen_channel(("x", "y"), n) for n in range(6)] == ["x", "x", "x", "y", "x", "y"]


def test_a_channel_that_hangs_delays_nobody_else(desk: Desk) -> None:
    desk.mail.answers = [1.5]
    desk.put("slow")
    desk.put("quick", to="other")
    until(lambda: desk.notifier.step() or desk.one("quick").stage is Stage.SENT)
    until(lambda: desk.one("quick").stage is Stage.SENT or desk.notifier.step())
    assert desk.robot.sent == ["quick"]
    until(lambda: desk.notifier.step() or desk.one("slow").answer == "no answer in time")
    desk.run()
    assert desk.one("slow").stage is Stage.SENT


def test_what_cannot_be_sent_is_seen(desk: Desk) -> None:
    desk.mail.answers = desk.robot.answers = [Answer(False, "refused")] * 99
    desk.put("a")
    for _ in range(5):
        desk.run()
        desk.now += 3600
    (stuck,) = desk.outbox.stuck(desk.now - 3600)
    assert (stuck.message.id, stuck.attempts, stuck.answer) == ("a", 5, "refused")


def test_without_channels_it_is_in_the_inbox_at_once_whatever_the_hour(desk: Desk) -> None:
    desk.put("now", to="quiet")
    desk.put("later", to="quiet", policy=Policy.DIGEST)
    desk.put("strange", to="nobody:known")
    desk.run()
    assert {desk.one(key).channel for key in ("now", "later", "strange")} == {INBOX}
    assert [kept.message.id for kept in desk.outbox.latest()] == ["later", "now", "strange"]


def test_a_digest_goes_out_at_its_hour_as_one_message(desk: Desk) -> None:
    desk.put("a", "b", policy=Policy.DIGEST)
    desk.put("c", to="other", policy=Policy.DIGEST)
    desk.run()
    assert desk.mail.sent == []
    desk.now = at(DAY, 16.5)
    desk.run()
    (digest,) = desk.mail.sent
    assert digest == f"digest-office-{at(DAY, 16.5)}"
    assert desk.one("a").stage is Stage.IN_DIGEST
    assert desk.one("a").digest == digest
    assert desk.one("a").sent_s == int(desk.now)
    assert "1. 标题" in desk.one(digest).message.text.body_zh
    assert ("a", "mail") in desk.reached
    assert [kept.message.id for kept in desk.outbox.latest()].count("a") == 0


def test_digests_go_out_at_half_past_seven_and_half_past_four() -> None:
    assert next_digest(at(DAY, 7), ZONE) == at(DAY, 7.5)
    assert next_digest(at(DAY, 7.5), ZONE) == at(DAY, 16.5)
    assert next_digest(at(DAY, 20), ZONE) == at(DAY, 24 + 7.5)


def test_a_name_of_no_channel_is_a_failure_that_is_told(desk: Desk) -> None:
    desk.notifier._channels = {"robot": desk.robot}  # the file lost one
    desk.put("a")
    for _ in range(4):
        desk.run()
        desk.now += 3600
    assert (desk.one("a").stage, desk.one("a").channel) == (Stage.SENT, "robot")


def test_kills_at_any_moment_lose_nothing_and_double_at_most_one() -> None:
    killed = measure(12, seed=3, progress=lambda: None)
    assert (killed.kills, killed.put, killed.missed) == (12, 36, 0)
    assert killed.is_right, killed


def test_the_count_of_kills_sees_what_is_missed_or_doubled_too_often() -> None:
    lines = ["a", "b", "kill", "a", "b", "c", "kill", "c"]
    found = counted(lines, ["a", "b", "c", "d"], 2)
    assert (found.missed, found.doubled, found.most_doubled_by_a_kill) == (1, 3, 2)
    assert not found.is_right
    assert counted(["a", "x"], ["a"], 0) == replace(counted(["a"], ["a"], 0), strange=1)
