"""Which message goes out next: go-back-N over the journal, driven by the collector's acks.

This room is a state machine without threads, sockets or clocks of its own: :meth:`Publisher.pump`
is called now and then, events of the connection are passed in, and messages go to a
:class:`Transport`. A broker's PUBACK moves nothing.

Live rounds go out at once. After a silence the backlog goes in packs with one unacknowledged at a
time, so that a node's backlog delays only itself.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from heatward_node import __version__
from heatward_node.control import Ack, Hello, Status, incarnation_text
from heatward_node.errors import WireError
from heatward_node.journal import Journal, Log
from heatward_node.patience import Patience
from heatward_node.topics import Topic
from heatward_node.wire import MAX_RECORDS, encode_fitting

ASK_EVERY_MESSAGES = 10
ASK_EVERY_MS = 30 * 60_000
LIVE_RECORDS = 32
"""More unsent records than this are a backlog: at 12 sensors, less than three rounds."""
GREETING_SPREAD_MS = 10 * 60_000
"""A new incarnation of the ledger is answered within ten minutes, not by all nodes at once."""

_log = logging.getLogger(__name__)


class Transport(Protocol):
    """A connection to a broker."""

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        """Hand over one message; it may still be lost, silently."""


class Phase(Enum):
    """Where the conversation with the collector stands."""

    OFFLINE = "offline"
    GREETING = "greeting"
    SENDING = "sending"


@dataclass(frozen=True, slots=True)
class Identity:
    """Which node of which district this is."""

    district: str
    node: str

    def topic(self, leaf: str) -> str:
        """Return one of the node's topics."""
        return str(Topic(self.district, self.node, leaf))  # type: ignore[arg-type]


@dataclass(slots=True)
class Counters:
    """What the publisher has seen, for the status page and the tests."""

    messages: int = 0
    acks: int = 0
    resends: int = 0
    refused_acks: int = 0
    bad_messages: int = 0
    refused_by_broker: int = 0


class Publisher:
    """Sends the journal of one node. ``mono_ms`` gives the time since boot."""

    def __init__(
        self,
        identity: Identity,
        journal: Journal,
        transport: Transport,
        mono_ms: Callable[[], int],
        jitter: Callable[[], float] = random.random,
        greeting_spread_ms: int = GREETING_SPREAD_MS,
    ) -> None:
        self._identity = identity
        self._journal = journal
        self._transport = transport
        self._mono_ms = mono_ms
        self._patience = Patience(jitter)
        self._greeting_spread_ms = greeting_spread_ms
        self.counters = Counters()
        self.phase = Phase.OFFLINE
        self._log: Log = journal.logs[0]
        self._sent = 0
        self._highest_sent = 0
        self._asked: int | None = None
        self._recovering = False
        self._since_ask = 0
        self._last_ask = 0
        self._greet_at: int | None = None
        self._hold_until = 0

    @property
    def is_idle(self) -> bool:
        """Whether everything in the journal is acknowledged."""
        return self._log is self._journal.live and self._log.is_drained

    @property
    def unacknowledged(self) -> int:
        """How many records of the journal the collector has not confirmed."""
        return sum(max(0, log.last_seq - log.acked) for log in self._journal.logs)

    def connected(self, status: Status | None = None) -> None:
        """Take note of a new connection: say hello, resend nothing yet."""
        birth = status or Status(online=True, version=__version__)
        self._transport.publish(self._identity.topic("status"), birth.encode(), 1, True)
        self._patience.renew()
        self._hold_until = 0
        oldest = self._oldest_undrained()
        if oldest is not self._log:
            self._take_up(oldest)
        self._greet()

    def disconnected(self) -> None:
        """Take note that the connection is gone."""
        self.phase = Phase.OFFLINE

    def refused(self) -> None:
        """Take note that the broker refused a message (MQTT 5 reason code other than 0)."""
        self.counters.refused_by_broker += 1
        _log.error("event=broker_refused_message node=%s remedy=check_acl", self._identity.node)
        if self.phase is Phase.SENDING:
            now = self._mono_ms()
            self._go_back(now)
            self._hold_until = self._patience.deadline_ms

    def pump(self) -> bool:
        """Send what is due; return whether anything was sent."""
        now = self._mono_ms()
        if self.phase is Phase.OFFLINE:
            return False
        if self._greet_at is not None and now >= self._greet_at:
            self._greet()
            return True
        if self.phase is Phase.GREETING:
            if not self._patience.is_over(now):
                return False
            self._patience.grow()
            self._greet()
            return True
        if self._asked is not None and self._patience.is_over(now):
            self._go_back(now)
        return now >= self._hold_until and self._send_next(now)

    def ask(self) -> None:
        """Ask the collector where it stands, where something sent was not asked about yet."""
        sent_unasked = self._asked is None and self._log.acked < self._sent
        if self.phase is Phase.SENDING and sent_unasked:
            self._greet()

    def receive(self, topic: str, payload: bytes) -> None:
        """Take a message from the collector: an ack, or the ledger's incarnation."""
        try:
            if topic.endswith("/incarnation"):
                self._incarnation(incarnation_text(payload.decode("ascii")))
            elif topic == self._identity.topic("ack"):
                self._acknowledge(Ack.decode(payload))
        except (WireError, UnicodeDecodeError):
            self.counters.bad_messages += 1

    def _oldest_undrained(self) -> Log:
        undrained = (log for log in self._journal.logs if not log.is_drained)
        return next(undrained, self._journal.live)

    def _take_up(self, log: Log) -> None:
        self._log = log
        self._sent = self._highest_sent = log.acked

    def _greet(self) -> None:
        hello = Hello(self._log.epoch, self._journal.oldest_kept(self._log), self._log.last_seq + 1)
        self._transport.publish(self._identity.topic("event"), hello.encode(), 1, False)
        self.phase = Phase.GREETING
        self._asked = None
        self._greet_at = None
        self._patience.expect(self._mono_ms())

    def _go_back(self, now: int) -> None:
        self.counters.resends += 1
        self._sent = self._log.acked
        self._asked = None
        self._recovering = True
        self._patience.grow()
        self._patience.expect(now)

    def _send_next(self, now: int) -> bool:
        unsent = self._log.last_seq - self._sent
        if unsent <= 0:
            return self._next_log()
        backlog = self._recovering or unsent > LIVE_RECORDS
        if self._asked is not None and (backlog or self._sent - self._log.acked > MAX_RECORDS):
            return False
        waiting = self._journal.read(self._log, self._sent, MAX_RECORDS)
        asks = backlog or self._is_time_to_ask(now)
        records, payload = encode_fitting(self._log.epoch, waiting, asks)
        self._transport.publish(self._identity.topic("readings"), payload, 1, False)
        self.counters.messages += 1
        self._since_ask += 1
        self._sent = records[-1].seq
        self._highest_sent = max(self._highest_sent, self._sent)
        if asks and self._asked is None:
            self._asked, self._since_ask, self._last_ask = self._sent, 0, now
            self._patience.expect(now)
        return True

    def _is_time_to_ask(self, now: int) -> bool:
        return self._since_ask + 1 >= ASK_EVERY_MESSAGES or now - self._last_ask >= ASK_EVERY_MS

    def _next_log(self) -> bool:
        """Go on with a younger log once an older one is on the collector's disk."""
        if self._log is self._journal.live or not self._log.is_drained:
            return False
        self._take_up(self._oldest_undrained())
        self._greet()
        return True

    def _incarnation(self, incarnation: str) -> None:
        known = self._journal.fact("incarnation")
        if known == incarnation:
            self._hurry()
            return
        self._journal.remember("incarnation", incarnation)
        if known is None:
            return
        self._start_over()
        patience = self._patience
        self._greet_at = patience.drawn(self._mono_ms(), self._greeting_spread_ms)
        self._hold_until = self._greet_at
        patience.deadline_ms = max(patience.deadline_ms, self._greet_at)

    def _hurry(self) -> None:
        """Wait no longer for an answer than a new incarnation may take: the collector is back.

        What was sent while it was away is lost, for the broker keeps no readings.
        """
        soon = self._patience.drawn(self._mono_ms(), self._greeting_spread_ms)
        self._patience.deadline_ms = min(self._patience.deadline_ms, soon)

    def _start_over(self) -> None:
        """Ask about every log again: another ledger may lack what the old one had."""
        for log in self._journal.logs:
            self._journal.set_cursor(log, 0)
        self._take_up(self._journal.logs[0])
        self._asked = None

    def _acknowledge(self, ack: Ack) -> None:
        known = self._journal.fact("incarnation")
        greeted = self.phase is Phase.GREETING
        if known is not None and known != ack.incarnation:
            if not greeted:
                self._incarnation(ack.incarnation)
                return
            # Connections come spread out, so the answer to a hello needs no further delay.
            self._journal.remember("incarnation", ack.incarnation)
            self._start_over()
            self._greet()
        if ack.epoch != self._log.epoch:
            return  # about another log; that one will be asked about again
        through = ack.through
        if greeted and self._log is not self._journal.live and through > self._log.last_seq:
            # The card has lost the end of a log that it had sent; nothing of it is left to send.
            _log.error("event=card_went_back through=%d kept=%d", through, self._log.last_seq)
            through = self._log.last_seq
        if through > (self._log.last_seq if greeted else self._highest_sent):
            self.counters.refused_acks += 1
            _log.error("event=ack_refused through=%d sent=%d", through, self._highest_sent)
            return
        self.counters.acks += 1
        if known is None:
            self._journal.remember("incarnation", ack.incarnation)
        if ack.batch:  # an empty ledger has no head that could witness anything
            self._journal.keep_witness(ack.incarnation, ack.batch, ack.head)
        if greeted:
            self._take_answer(through)
        elif through >= self._log.acked:
            self._take_progress(through)
        else:
            self._greet()  # an old ack, or a ledger that went back: its answer will tell

    def _take_answer(self, through: int) -> None:
        """The answer to a hello says where to go on, even where that is lower than before."""
        self._journal.set_cursor(self._log, through)
        self._sent = through
        self._highest_sent = max(self._highest_sent, through)
        self.phase = Phase.SENDING
        self._hold_until = 0
        self._settle()

    def _take_progress(self, through: int) -> None:
        expected = self._asked
        self._journal.set_cursor(self._log, through)
        if expected is None or through < expected:
            # Something in between did not arrive: go back to where the collector is.
            self._sent = through
            self._recovering = through < self._highest_sent
            self._asked = None
            return
        self._sent = max(self._sent, through)
        self._settle()

    def _settle(self) -> None:
        self._asked = None
        self._recovering = False
        self._patience.renew()
