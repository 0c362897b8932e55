"""The ingest process: the only writer of the ledger.

A commit happens at most 50 ms after its first message, or after 4,000 of them: one fsync for many
nodes; in a flood it takes three times as much. Where the disk refuses, nothing is answered and
nothing more is taken until it works again; brokers and journals hold what waits.
"""

from __future__ import annotations

import logging
import threading
import time

from heatward_collector.config import Config
from heatward_collector.errors import LedgerError
from heatward_collector.ingest.heard import Heard
from heatward_collector.ingest.link import Link
from heatward_collector.ingest.quarantine import Quarantine
from heatward_collector.ingest.registered import Registered
from heatward_collector.ingest.session import Session
from heatward_collector.ledger import LedgerWriter
from heatward_collector.running.event_clock import clock_of
from heatward_collector.running.status import StatusWriter
from heatward_node.topics import incarnation_topic

COMMIT_SECONDS = 0.05
COMMIT_MESSAGES = 4_000
FLOOD_MESSAGES, FLOOD_TIMES = 2_000, 3
"""If a commit holds so many messages, 40,000 a second come, as much as a broker carries, and the
next one waits for this many times as long and as many. A broker reads one packet of a connection a
turn of its loop, so that each ack costs it a turn: one for thirty readings of a node instead of ten
leaves it more of them, and what waits in its sockets waits far longer than the commit."""
ANSWER_SECONDS = 0.01
"""A node that waits for an answer waits this long for the company of others: many answers share
one fsync, and a backlog of one pack at a time hardly notices. Messages are looked at as rarely,
for many at once cost less than each by itself."""
CROWD_MESSAGES = 8
"""If a look finds so many, 800 a second come. A commit for each look then costs ingest half as much
again, and the view nearly three times as much (``heatward bench endurance --rate 2000``)."""
IDLE_SECONDS = 0.5
DISK_RETRY_SECONDS = 2.0

log = logging.getLogger(__name__)


def run(config: Config, stop: threading.Event) -> None:
    """Take messages into the ledger until told to stop."""
    now = clock_of(config)
    ledger = LedgerWriter(config.state.ledger, now)
    quarantine = Quarantine(config.state.quarantine, now)
    registered = Registered(config)
    status = StatusWriter(config.state.status, "ingest")
    session = Session(ledger, quarantine, registered.knows)
    link = Link(config.mqtt)
    link.open()
    loop = _Loop(session, link, ledger, quarantine, registered, status)
    try:
        while not stop.is_set():
            loop.step()
    finally:
        loop.commit()
        link.close()
        status.flush(force=True)
        quarantine.close()
        ledger.close()


class _Loop:
    def __init__(
        self,
        session: Session,
        link: Link,
        ledger: LedgerWriter,
        quarantine: Quarantine,
        registered: Registered,
        status: StatusWriter,
    ) -> None:
        self._session = session
        self._link = link
        self._ledger = ledger
        self._quarantine = quarantine
        self._registered = registered
        self._status = status
        self._heard = Heard(time.time())
        self._announced: tuple[int, tuple[str, ...]] | None = None
        self._is_crowd = False
        """Whether many messages came last, and so will now."""
        self._times = 1
        """How many times as long as usual a commit gathers, and as many messages."""

    def step(self) -> None:
        """Gather one group of messages, commit it, and let the answers leave."""
        self._gather()
        self.commit()
        self._announce()
        self._report()

    def commit(self) -> None:
        """Commit what was gathered; wait and forget it where the disk refuses."""
        self._times = FLOOD_TIMES if self._session.waiting >= FLOOD_MESSAGES else 1
        if not self._session.waiting:
            return
        try:
            committed = self._session.commit()
        except LedgerError as error:
            log.error("event=ledger_refused detail=%s", error)
            self._status.fault(
                "ledger_refused",
                f"证据账本无法写入：{error}",
                f"The ledger cannot be written: {error}",
                "请检查磁盘空间和权限；节点会保留数据，恢复后自动补传。",
                "Check disk space and permissions; the nodes keep everything and send it again.",
            )
            time.sleep(DISK_RETRY_SECONDS)
            self._link.renew()
            return
        self._status.clear_fault("ledger_refused")
        self._link.answer(committed.answers)
        self._link.pubacks(committed.settled)

    def _gather(self) -> None:
        session, messages = self._session, self._link.messages
        if not messages.wait(IDLE_SECONDS):
            return
        began = time.monotonic()
        most, seconds = self._times * COMMIT_MESSAGES, self._times * COMMIT_SECONDS
        if self._is_crowd:
            messages.gather(seconds, most)  # one look at all of a commit
        while (room := most - session.waiting) > 0:
            taken = messages.take(room)
            self._is_crowd = len(taken) >= CROWD_MESSAGES
            session.take_all(taken)
            # Large packs take long: who waits for an answer need not wait for more, unless so many
            # come that a commit for each look would slow them all.
            is_hurry = session.has_questions and not self._is_crowd
            patience = ANSWER_SECONDS if is_hurry else seconds
            left = began + patience - time.monotonic()
            if left <= 0:
                return
            # A crowd is taken together once it is there; what waits behind it in large packs comes
            # a few at a time, and soon.
            is_together = self._is_crowd and not len(messages)
            pause = left if is_together else min(left, ANSWER_SECONDS)
            messages.wait(pause, most - session.waiting)

    def _announce(self) -> None:
        """Publish the retained incarnation once a connection, for every district."""
        now = (self._link.generation, self._registered.districts())
        if self._announced == now or not self._link.is_connected.is_set():
            return
        for district in now[1]:
            payload = self._ledger.incarnation.encode("ascii")
            self._link.publish(incarnation_topic(district), payload, retain=True)
        self._announced = now

    def _report(self) -> None:
        status = self._status
        self._link.fall_back_if_unanswered()
        self._link.renew_if_deaf()
        if self._link.is_connected.is_set():
            status.clear_fault("broker_away")
            status.stage("mqtt", detail=f"generation {self._link.generation}")
        else:
            status.fault(
                "broker_away",
                "连不上 MQTT 代理。",
                "The MQTT broker cannot be reached.",
                "请检查代理是否运行、地址和口令是否正确；节点会保留数据。",
                "Check that the broker runs, its address and the password; the nodes keep "
                "everything meanwhile.",
            )
        self._report_nodes()
        batch, head = self._ledger.head
        status.stage("ledger", detail=f"batch {batch} {head.hex()[:12]}")
        counters = self._session.counters
        status.count(
            {
                **counters,
                "pubacks_dropped": self._link.dropped_pubacks,
                "quarantine_not_kept": self._quarantine.not_kept,
            }
        )
        if conflicts := self._quarantine.conflicts:
            status.fault(
                "conflict",
                f"有 {conflicts} 条记录与账本中同号记录内容不同，已另存。",
                f"{conflicts} records contradict the ledger; they are kept apart.",
                "请用 heatward ledger show --conflicts 查看，检查该节点的存储卡是否被复制或篡改。",
                "See heatward ledger show --conflicts; a card may have been cloned or altered.",
            )
        status.flush()

    def _report_nodes(self) -> None:
        status, now_s, nodes = self._status, time.time(), self._registered.count()
        status.expect("nodes")
        if len(heard := self._session.take_heard()):
            self._heard.note(heard, now_s)
            detail = f"{self._heard.lately(now_s)} of {nodes} nodes within an hour"
            status.stage("nodes", detail=detail)
        if nodes and self._heard.is_silence(now_s):
            status.fault(
                "no_node_heard",
                "一小时以上没有收到任何节点的数据。",
                "No node has been heard for over an hour.",
                "请检查网络和消息代理，再看节点是否通电；节点会保留数据。",
                "Check the network and the broker, then whether the nodes have power; they keep "
                "their readings.",
            )
        else:
            status.clear_fault("no_node_heard")
