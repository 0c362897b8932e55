"""Sending: at least once, each message under the same id, one slow channel delaying no other.

A message counts as sent when its channel has said so and that is on disk. Whoever dies between the
two sends it once more, under the same id: at most one message a channel.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from heatward_collector.alerts.channel import Answer, Channel
from heatward_collector.alerts.digest import digests
from heatward_collector.alerts.message import INBOX, Kept, Message
from heatward_collector.alerts.outbox import Also, Outbox
from heatward_collector.alerts.recipients import Recipient, Recipients
from heatward_collector.core.cases.telling import Policy
from heatward_collector.explain.names import Names

FIRST_PAUSE_S, LONGEST_PAUSE_S = 30.0, 1800.0
SWITCH_AFTER = 3
"""After so many failures on the first channel the next one is tried in turn."""
FOLD_EVERY_S = 1.0
"""How often those that wait for a digest are looked at. [s]"""
HUNG_S = 60.0
"""An attempt that takes longer is given up; its channel stays closed until it ends. [s]"""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Attempt:
    """One message on its way through one channel."""

    kept: Kept
    channel: str
    began: float
    thread: threading.Thread
    answers: list[Answer] = field(default_factory=list)
    given_up: bool = False


class Notifier:
    """Sends what the outbox holds; only the thread that calls :meth:`step` touches the database."""

    def __init__(
        self,
        outbox: Outbox,
        channels: Mapping[str, Channel],
        recipients: Callable[[], Recipients],
        names: Callable[[], Names],
        clock: Callable[[], float],
        today: Callable[[], date],
        when_sent: Callable[[Sequence[Message], str, int], Also],
        first_pause_s: float = FIRST_PAUSE_S,
        hung_s: float = HUNG_S,
        fold_every_s: float = FOLD_EVERY_S,
    ) -> None:
        self._outbox, self._channels = outbox, channels
        self._recipients, self._names = recipients, names
        self._clock, self._today, self._when_sent = clock, today, when_sent
        self._first_pause_s, self._hung_s = first_pause_s, hung_s
        self._fold_every_s, self._folded_at = fold_every_s, float("-inf")
        self._queue: list[Kept] = []
        self._attempts: dict[str, _Attempt] = {}
        self.counters: Counter[str] = Counter()

    @property
    def busy(self) -> int:
        """How many channels are at work."""
        return len(self._attempts)

    def step(self) -> int:
        """Take in what was answered, send what is due; return how many messages moved."""
        return self._collect() + self._fold() + self._begin()

    def _fold(self) -> int:
        """Let digests go out, and show in the inbox at once what would reach nobody else."""
        if time.monotonic() - self._folded_at < self._fold_every_s:
            return 0
        self._folded_at = time.monotonic()
        waiting = self._outbox.digests_waiting()
        if not waiting:
            return 0
        now, moved, others = self._clock(), 0, []
        recipients = self._recipients()
        for one in waiting:
            if self._ways(recipients, one.message) == (INBOX,):
                self._sent(one.message, INBOX, "")
                moved += 1
            else:
                others.append(one)
        for digest, parts in digests(others, now, self._names()):
            self._outbox.fold(digest, parts)
            moved += len(parts)
        return moved

    def _begin(self) -> int:
        """Give every free channel its next message; what is due is read once for many."""
        if not self._queue:
            self._queue = [one for one in self._outbox.due(self._clock()) if self._is_free(one)]
        if not self._queue:
            return 0
        recipients, moved, later = self._recipients(), 0, []
        for one in self._queue:
            name = chosen_channel(self._ways(recipients, one.message), one.attempts)
            if name in self._attempts:
                later.append(one)
            elif name == INBOX:
                self._sent(one.message, INBOX, "")
                moved += 1
            elif name in self._channels:
                self._start(one, name)
                moved += 1
            else:
                words = f"no channel {name!r} in channels_file"
                self._failed(one, name, Answer(False, words))
        self._queue = later
        return moved

    def _is_free(self, one: Kept) -> bool:
        return all(
            attempt.given_up or attempt.kept.message.id != one.message.id
            for attempt in self._attempts.values()
        )

    def _start(self, kept: Kept, name: str) -> None:
        channel = self._channels[name]
        answers: list[Answer] = []

        def work() -> None:
            answers.append(channel.send(kept.message))

        thread = threading.Thread(target=work, name=f"channel-{name}", daemon=True)
        self._attempts[name] = _Attempt(kept, name, time.monotonic(), thread, answers)
        thread.start()

    def _collect(self) -> int:
        moved = 0
        for name, attempt in list(self._attempts.items()):
            if not attempt.thread.is_alive():
                del self._attempts[name]
                moved += self._ended(attempt)
            elif not attempt.given_up and time.monotonic() - attempt.began > self._hung_s:
                attempt.given_up = True
                self._failed(attempt.kept, name, Answer(False, "no answer in time"))
        return moved

    def _ended(self, attempt: _Attempt) -> int:
        # A channel that raised is our own mistake: the thread has printed it.
        answer = attempt.answers[0] if attempt.answers else Answer(False, "the channel failed")
        if answer.arrived:
            self._sent(attempt.kept.message, attempt.channel, answer.words)
            return 1
        if not attempt.given_up:
            self._failed(attempt.kept, attempt.channel, answer)
        return 0

    def _sent(self, message: Message, channel: str, words: str) -> None:
        now = int(self._clock())
        parts = [one.message for one in self._outbox.parts_of(message.id)] or [message]
        also = self._when_sent(parts, channel, now)
        self._outbox.sent(message.id, channel, words, now, also)
        self.counters["messages_sent"] += 1
        urgent = message.policy is Policy.AT_ONCE and channel == INBOX
        log.log(
            logging.WARNING if urgent else logging.INFO,
            "event=message_sent id=%s channel=%s recipient=%s title=%s",
            message.id,
            channel,
            message.recipient,
            message.text.title_en,
        )

    def _failed(self, kept: Kept, channel: str, answer: Answer) -> None:
        now = self._clock()
        pause = min(self._first_pause_s * 2 ** min(kept.attempts, 10), LONGEST_PAUSE_S)
        if answer.retry_after_s is not None:
            pause = max(pause, answer.retry_after_s)
        self._outbox.failed(kept.message.id, channel, answer.words, now, now + pause)
        self.counters["messages_failed"] += 1
        log.warning(
            "event=message_failed id=%s channel=%s attempt=%d answer=%s",
            kept.message.id,
            channel,
            kept.attempts + 1,
            answer.words,
        )

    def _ways(self, recipients: Recipients, message: Message) -> tuple[str, ...]:
        person: Recipient | None = recipients.person(message.recipient, self._today())
        return (INBOX,) if person is None else person.channels


def chosen_channel(channels: Sequence[str], attempts: int, switch_after: int = SWITCH_AFTER) -> str:
    """Return the channel of an attempt: the first one, and all in turn once it stays down."""
    if attempts < switch_after:
        return channels[0]
    return channels[(attempts - switch_after + 1) % len(channels)]
