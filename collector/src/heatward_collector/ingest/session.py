"""What a message means for the ledger, and which answers it earns: no sockets, no threads.

Messages gather until :meth:`Session.commit`; only then do acks and PUBACKs leave. A PUBACK carries
the generation of the connection that brought its message: after a reconnect the broker gives the
same message ids to other messages, so an old one must never be sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import numpy as np

from heatward_collector.canary import CANARY_NODE
from heatward_collector.errors import LedgerError
from heatward_collector.ingest.messages import Flags, Message, Messages, Numbers, Settled
from heatward_collector.ingest.quarantine import Quarantine
from heatward_collector.ingest.repeats import Repeats
from heatward_collector.ingest.speakers import Speakers
from heatward_collector.ingest.usual_pack import decode_usual_packs
from heatward_collector.ingest.usual_packs import UsualPacks
from heatward_collector.ledger import LedgerWriter, Taken
from heatward_node.control import Ack, Hello, epoch_text
from heatward_node.errors import WireError
from heatward_node.topics import PREFIX, Topic
from heatward_node.wire import Pack, decode_pack

_READINGS = b"/readings"
"""The end of the topics on which readings come."""
FEW_MESSAGES = 32
"""So many are taken one by one. More are mostly what nodes sent behind the first records of new
journals, and usual again behind those."""


class Answer(NamedTuple):
    """An ack for a node, to be published now that the ledger is on disk."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Committed:
    """What may leave after a commit."""

    answers: list[Answer]
    settled: Settled
    """Every message that is now on disk or put aside: the broker may forget it."""
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
        self._speakers = Speakers(ledger)
        self._asked: dict[tuple[str, str, int], None] = {}
        self._settled: list[Settled] = []
        self.counters: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """How many messages wait for the next commit."""
        return sum(map(len, self._settled))

    @property
    def has_questions(self) -> bool:
        """Whether a node waits for an answer."""
        return bool(self._asked)

    def take(self, message: Message) -> None:
        """Take one message; never raises on what it holds."""
        self.take_all(Messages.of([message]))

    def take_all(self, messages: Messages) -> None:
        """Take messages as if one by one; those that are usual are read together.

        Of a node whose message is not usual, what comes behind it waits for its turn.
        """
        self.counters["messages"] += len(messages)
        self._settled.append(Settled.of([messages]))
        left = self._take_usual(messages)
        if len(left) > FEW_MESSAGES:
            is_first = _first_of_each(left)
            self._take_each(left.part(is_first))
            left = self._take_usual(left.part(~is_first))
        self._take_each(left)

    def _take_usual(self, messages: Messages) -> Messages:
        """Take those that are usual and come next, together; return the others."""
        speakers = self._speakers.numbers(messages)
        offered = np.flatnonzero((speakers >= 0) & ~messages.is_retained)
        usual = decode_usual_packs(messages, offered)
        if len(usual.places) < len(messages):
            usual = self._before_others(messages, speakers, usual)
        is_left = np.ones(len(messages), np.bool_)
        is_left[usual.places[self._offer(speakers[usual.places], usual)]] = False
        return messages.part(is_left)

    def _take_each(self, messages: Messages) -> None:
        for message in messages:
            self._take_one(message)

    def _offer(self, speakers: Numbers, usual: UsualPacks) -> Flags:
        """Offer usual packs to the ledger; say which it took, as those that come next."""
        self._speakers.hear(speakers)
        sources = self._speakers.sources(speakers, usual.epochs)
        taken = self._ledger.offer_runs(
            sources, usual.firsts, usual.counts, usual.packed, usual.bodies
        )
        for place in np.flatnonzero(usual.ask_ack & taken).tolist():
            node = self._speakers.nodes[speakers[place]]
            self._asked[(*node, int(usual.epochs[place]))] = None
        return taken

    def _before_others(
        self, messages: Messages, speakers: Numbers, usual: UsualPacks
    ) -> UsualPacks:
        """Leave out usual packs behind another message of their node: nobody changes places."""
        is_other = np.ones(len(messages), np.bool_)
        is_other[usual.places] = False
        first: dict[int, int] = {}
        for place, topic in zip(
            np.flatnonzero(is_other).tolist(), messages.part(is_other).topics(), strict=True
        ):
            readings = topic.rpartition(b"/")[0] + _READINGS
            first.setdefault(self._speakers.number(readings), place)
        kept, own = np.ones(len(usual.places), np.bool_), speakers[usual.places]
        for speaker, place in first.items():
            kept &= (own != speaker) | (usual.places < place)
        return usual.only(kept)

    def _take_one(self, message: Message) -> None:
        try:
            topic = Topic.parse(message.topic)
            speaker = self._speaker(topic)
            if message.retained:
                raise WireError("retained", "a retained message is no reading")
            if speaker >= 0:
                self._speakers.hear(np.array([speaker]))
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
        answers = self._answers(asked)
        records = commit.count if commit else 0
        self.counters["records"] += records
        self.counters["commits"] += bool(commit)
        self.counters["acks"] += len(answers)
        self.counters.update(self._repeats.take_counters())
        return Committed(answers, Settled.of(settled), records)

    def _answers(self, asked: Iterable[tuple[str, str, int]]) -> list[Answer]:
        ledger = self._ledger
        batch, head = ledger.head
        # All the same but for epoch and number: a node's ack is put together from its parts.
        ack = Ack(ledger.incarnation, 1, 0, batch, head.hex()).encode().decode("ascii")
        begin, end = ack.split(f'"{epoch_text(1)}","through":0')
        answers = []
        for district, node, epoch in asked:
            through = ledger.through((district, node), epoch)
            text = f'{begin}"{epoch_text(epoch)}","through":{through}{end}'
            answers.append(Answer(f"{PREFIX}/{district}/{node}/ack", text.encode()))
        return answers

    def take_heard(self) -> Numbers:
        """Return the registered nodes that were heard since the last call, by their numbers."""
        return self._speakers.take_heard()

    def _speaker(self, topic: Topic) -> int:
        """Return the number of a registered node, -1 for the test reading. Raises WireError."""
        district, node = topic.district, topic.node
        number = self._speakers.number_of(district, node)
        if number >= 0:
            return number
        if not self._is_known(district, node):
            raise WireError("unknown_node", f"{district}/{node} not registered")
        return -1 if node == CANARY_NODE else self._speakers.add(district, node)

    def _readings(self, topic: Topic, payload: bytes) -> None:
        pack = _decode(payload)
        outcome = self._ledger.offer(topic.district, topic.node, pack)
        if outcome.repeats:
            self._repeats.note(outcome.source, outcome.repeats)
        if outcome.taken is Taken.GAP:
            self.counters["gaps"] += 1
        if pack.asks_ack or outcome.taken is not Taken.STORED:
            self._asked[topic.district, topic.node, pack.epoch] = None

    def _hello(self, topic: Topic, hello: Hello) -> None:
        self.counters["hellos"] += 1
        pruned = self._ledger.offer_pruned(
            topic.district, topic.node, hello.epoch, hello.oldest_kept
        )
        self.counters["pruned_starts"] += pruned
        self._asked[topic.district, topic.node, hello.epoch] = None


def _first_of_each(messages: Messages) -> Flags:
    """Say which messages are the first ones of their nodes."""
    first: dict[bytes, int] = {}
    for place, topic in enumerate(messages.topics()):
        first.setdefault(topic.rpartition(b"/")[0], place)
    is_first = np.zeros(len(messages), np.bool_)
    is_first[list(first.values())] = True
    return is_first


def _decode(payload: bytes) -> Pack:
    try:
        return decode_pack(payload, msgspec.json.decode)
    except msgspec.DecodeError as error:
        raise WireError("json", str(error)[:200]) from error
