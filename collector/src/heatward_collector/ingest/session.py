"""What a message means for the ledger, and which answers it earns: no sockets, no threads.

Messages gather until :meth:`Session.commit`; only then do acks and PUBACKs leave. A PUBACK carries
the generation of the connection that brought its message: after a reconnect the broker gives the
same message ids to other messages, so an old one must never be sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from heatward_collector.canary import CANARY_NODE
from heatward_collector.errors import LedgerError
from heatward_collector.ingest.one_reading import decode_one_reading
from heatward_collector.ingest.quarantine import Quarantine
from heatward_collector.ingest.repeats import Repeats
from heatward_collector.ingest.usual_pack import decode_usual_pack
from heatward_collector.ledger import LedgerWriter, Taken
from heatward_node.control import Ack, Hello
from heatward_node.errors import WireError
from heatward_node.topics import Topic
from heatward_node.wire import Pack, decode_pack


class Message(NamedTuple):
    """One MQTT message as it came in; ``retained`` ones are never evidence."""

    topic: str
    payload: bytes
    retained: bool
    generation: int
    mid: int
    qos: int


@dataclass(frozen=True, slots=True)
class Answer:
    """An ack for a node, to be published now that the ledger is on disk."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Committed:
    """What may leave after a commit."""

    answers: list[Answer]
    pubacks: list[tuple[int, int, int]]
    """Generation, message id and QoS of every message that is now settled."""
    records: int


class Session:
    """The rules of taking messages into the ledger.

    ``is_known`` says whether a (district, node) is in the registry; what is not is quarantined.
    """

    def __init__(
        self,
        ledger: LedgerWriter,
        quarantine: Quarantine,
        is_known: Callable[[str, str], bool] = lambda district, node: True,
    ) -> None:
        self._ledger = ledger
        self._quarantine = quarantine
        self._is_known = is_known
        self._repeats = Repeats(ledger, quarantine)
        self._topics: dict[str, Topic] = {}
        self._asked: dict[tuple[str, str, int], None] = {}
        self._heard: set[str] = set()
        self._settled: list[tuple[int, int, int]] = []
        self.counters: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """How many messages wait for the next commit."""
        return len(self._settled)

    @property
    def has_questions(self) -> bool:
        """Whether a node waits for an answer."""
        return bool(self._asked)

    def take(self, message: Message) -> None:
        """Take one message; never raises on what it holds."""
        self.counters["messages"] += 1
        self._settled.append((message.generation, message.mid, message.qos))
        try:
            topic = self._topic(message.topic)
            if message.retained:
                raise WireError("retained", "a retained message is no reading")
            if topic.node != CANARY_NODE:
                self._heard.add(message.topic)
            if topic.leaf == "readings":
                self._readings(topic, message.payload)
            elif topic.leaf == "event":
                self._hello(topic, Hello.decode(message.payload))
        except WireError as error:
            self.counters["quarantined_messages"] += 1
            self.counters[f"quarantined_{error.reason}"] += 1
            self._quarantine.payload(message.topic, message.payload, error)

    def commit(self) -> Committed:
        """Put everything taken on disk and return what may leave.

        Raises LedgerError where the disk refuses: then nothing may leave.
        """
        settled, self._settled = self._settled, []
        asked, self._asked = self._asked, {}
        try:
            commit = self._ledger.commit()
        except LedgerError:
            self.counters["refused_commits"] += 1
            raise
        self._repeats.compare()
        self._quarantine.commit()
        batch, head = self._ledger.head
        answers = [
            Answer(
                str(Topic(district, node, "ack")),
                Ack(
                    self._ledger.incarnation,
                    epoch,
                    self._ledger.through((district, node), epoch),
                    batch,
                    head.hex(),
                ).encode(),
            )
            for district, node, epoch in asked
        ]
        records = commit.count if commit else 0
        self.counters["records"] += records
        self.counters["commits"] += bool(commit)
        self.counters["acks"] += len(answers)
        self.counters.update(self._repeats.take_counters())
        return Committed(answers, settled, records)

    def take_heard(self) -> set[str]:
        """Return the topics of registered nodes on which something came since the last call."""
        heard, self._heard = self._heard, set()
        return heard

    def _topic(self, text: str) -> Topic:
        topic = self._topics.get(text)
        if topic is None:
            topic = Topic.parse(text)
            if not self._is_known(topic.district, topic.node):
                raise WireError("unknown_node", f"{topic.district}/{topic.node} not registered")
            self._topics[text] = topic
        return topic

    def _readings(self, topic: Topic, payload: bytes) -> None:
        one = decode_one_reading(payload)
        if one is not None:
            node = (topic.district, topic.node, one.epoch)
            if self._ledger.offer_next(node, one.seq, one.wall_s, one.record):
                if one.asks_ack:
                    self._asked[node] = None
                return
        if one is None and self._usual_pack(topic, payload):
            return
        pack = one.pack() if one is not None else _decode(payload)
        outcome = self._ledger.offer(topic.district, topic.node, pack)
        if outcome.repeats:
            self._repeats.note(outcome.source, outcome.repeats)
        if outcome.taken is Taken.GAP:
            self.counters["gaps"] += 1
        if pack.asks_ack or outcome.taken is not Taken.STORED:
            self._asked[topic.district, topic.node, pack.epoch] = None

    def _usual_pack(self, topic: Topic, payload: bytes) -> bool:
        """Take a pack as nodes usually write it, if it comes next; say whether it was one."""
        pack = decode_usual_pack(payload)
        if pack is None:
            return False
        node = (topic.district, topic.node, pack.epoch)
        if not self._ledger.offer_run(node, pack.first, pack.packed):
            return False
        if pack.asks_ack:
            self._asked[node] = None
        return True

    def _hello(self, topic: Topic, hello: Hello) -> None:
        self.counters["hellos"] += 1
        pruned = self._ledger.offer_pruned(
            topic.district, topic.node, hello.epoch, hello.oldest_kept
        )
        self.counters["pruned_starts"] += pruned
        self._asked[topic.district, topic.node, hello.epoch] = None


def _decode(payload: bytes) -> Pack:
    try:
        return decode_pack(payload, msgspec.json.decode)
    except msgspec.DecodeError as error:
        raise WireError("json", str(error)[:200]) from error
