"""What a message means for the ledger, and which answers it earns, on a real ledger."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.errors import LedgerError
from heatward_collector.ingest import session
from heatward_collector.ingest.messages import Message, Messages
from heatward_collector.ingest.quarantine import BYTES_PER_TOPIC, KEPT_PAYLOAD_BYTES, Quarantine
from heatward_collector.ingest.session import Committed, Session
from heatward_collector.ledger import LedgerReader, LedgerWriter, day_file, verify
from heatward_node.control import Ack, Hello
from heatward_node.events import LossReason, Lost
from heatward_node.reading import Kind, Record
from heatward_node.wire import decode_pack, encode_pack
from support.disk import full_disk
from support.evidence import LIVING, T0, PaperNode, ledger_records

READINGS = "heatward/v1/sample/n0001/readings"
EVENT = "heatward/v1/sample/n0001/event"
ACK = "heatward/v1/sample/n0001/ack"
DAY = 86_400


class Collector:
    """A session on a real ledger, without a broker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = float(T0)
        self.mids = itertools.count(1)
        self.start()

    def start(self) -> None:
        self.ledger = LedgerWriter(self.folder / "ledger", lambda: self.now)
        self.quarantine = Quarantine(self.folder / "quarantine.sqlite", lambda: self.now)
        self.session = Session(self.ledger, self.quarantine, lambda _, node: node.startswith("n"))

    def stop(self) -> None:
        """End without a commit, as a crash does."""
        self.quarantine.close()
        self.ledger.close()

    def take(self, topic: str, payload: bytes, retained: bool = False) -> int:
        """Let a message arrive; return its message id."""
        mid = next(self.mids)
        self.session.take(Message(topic, payload, retained, 1, mid, 1))
        return mid

    def send(self, records: Sequence[Record], epoch: int = 1, ask: bool = False) -> int:
        return self.take(READINGS, encode_pack(epoch, records, ask))

    def hello(self, oldest_kept: int, following: int, epoch: int = 1) -> int:
        return self.take(EVENT, Hello(epoch, oldest_kept, following).encode())

    def commit(self) -> list[Ack]:
        """Commit and return the acks, all of which are for the one node."""
        committed = self.session.commit()
        assert {answer.topic for answer in committed.answers} <= {ACK}
        return [Ack.decode(answer.payload) for answer in committed.answers]

    def kept(self) -> list[bytes]:
        """Return every record on disk as a reader sees it."""
        reader = LedgerReader(self.folder / "ledger")
        return [
            batch.entry(position)[1].to_bytes()
            for batch in reader.batches()
            for position in range(batch.count)
        ]


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Collector]:
    collector = Collector(tmp_path)
    yield collector
    collector.stop()


@pytest.fixture
def records() -> list[Record]:
    node = PaperNode(1)
    boot = node.boot()
    return [boot, *(node.read(LIVING, T0 + 300 * step, 20 + step / 16) for step in range(19))]


def told(committed: Committed) -> list[tuple[int, int]]:
    """Return what is told to the broker: connection and message id."""
    settled = committed.settled
    return list(zip(settled.generation.tolist(), settled.mid.tolist(), strict=True))


def assert_nothing(committed: Committed) -> None:
    assert (committed.answers, told(committed), committed.records) == ([], [], 0)


def as_bytes(records: Sequence[Record]) -> list[bytes]:
    return [record.to_bytes() for record in records]


def test_records_are_on_disk_bit_for_bit_after_the_commit(
    collector: Collector, records: list[Record]
) -> None:
    collector.send(records[:7])
    collector.send(records[7:])
    assert collector.kept() == []
    collector.commit()
    assert collector.kept() == as_bytes(records)


def test_an_ack_leaves_only_where_it_is_asked_for(
    collector: Collector, records: list[Record]
) -> None:
    collector.send(records[:5])
    assert not collector.session.has_questions
    assert collector.commit() == []
    collector.send(records[5:], ask=True)
    assert collector.session.has_questions
    (ack,) = collector.commit()
    assert (ack.through, ack.epoch, ack.batch) == (20, 1, 2)
    assert ack.incarnation == collector.ledger.incarnation
    assert ack.head == collector.ledger.head[1].hex()


def test_many_questions_of_a_node_earn_one_answer(
    collector: Collector, records: list[Record]
) -> None:
    collector.hello(1, 21)
    for record in records:
        collector.send([record], ask=True)
    (ack,) = collector.commit()
    assert ack.through == 20


def test_pubacks_leave_after_the_commit_under_their_connection(
    collector: Collector, records: list[Record]
) -> None:
    mids = [collector.send([record]) for record in records]
    mids.append(collector.take(READINGS, b"nonsense"))
    collector.session.take(Message(READINGS, b"nonsense", False, 2, 1, 1))
    assert collector.session.waiting == 22
    committed = collector.session.commit()
    settled = told(committed)
    assert settled == [(1, mid) for mid in mids] + [(2, 1)]
    assert collector.session.waiting == 0
    assert_nothing(collector.session.commit())


def test_repeats_are_stored_once_and_answered(collector: Collector, records: list[Record]) -> None:
    collector.send(records[:10])
    collector.commit()
    collector.send(records[:10])
    (ack,) = collector.commit()
    assert ack.through == 10
    collector.send(records[5:15])
    collector.commit()
    assert collector.kept() == as_bytes(records[:15])
    assert collector.session.counters["repeats"] == 15
    assert collector.session.counters["conflicts"] == 0
    assert collector.quarantine.conflicts == 0


def test_a_gap_stores_nothing_and_is_answered_at_once(
    collector: Collector, records: list[Record]
) -> None:
    collector.send(records[:4])
    collector.send(records[6:9])
    (ack,) = collector.commit()
    assert ack.through == 4
    assert collector.kept() == as_bytes(records[:4])
    assert collector.session.counters["gaps"] == 1
    collector.send(records[4:])
    collector.commit()
    assert collector.kept() == as_bytes(records)


def test_the_first_pack_of_an_epoch_must_start_at_one(
    collector: Collector, records: list[Record]
) -> None:
    collector.send(records[1:3])
    (ack,) = collector.commit()
    assert ack.through == 0
    assert collector.kept() == []


def test_epochs_and_nodes_count_apart(collector: Collector, records: list[Record]) -> None:
    collector.send(records[:3], epoch=1)
    collector.send(records[:2], epoch=2)
    collector.take(READINGS.replace("n0001", "n0002"), encode_pack(1, records[:1], False))
    collector.take(READINGS.replace("sample", "other"), encode_pack(1, records[:1], False))
    collector.commit()
    assert len(collector.kept()) == 7
    assert collector.ledger.through(("sample", "n0001"), 1) == 3
    assert collector.ledger.through(("sample", "n0001"), 2) == 2
    assert collector.ledger.through(("sample", "n0002"), 1) == 1
    assert collector.ledger.through(("other", "n0001"), 1) == 1


def test_a_hello_is_told_how_far_the_ledger_is(collector: Collector, records: list[Record]) -> None:
    collector.hello(1, 21)
    (ack,) = collector.commit()
    assert (ack.through, ack.batch) == (0, 0)
    collector.send(records[:8])
    collector.commit()
    collector.hello(1, 21)
    (ack,) = collector.commit()
    assert ack.through == 8


def test_what_a_node_pruned_is_named_and_the_rest_follows(
    collector: Collector, records: list[Record]
) -> None:
    collector.send(records[:3])
    collector.hello(11, 21)
    (ack,) = collector.commit()
    assert ack.through == 10
    collector.send(records[10:])
    collector.commit()
    kept = [Record.from_bytes(data) for data in collector.kept()]
    assert as_bytes(kept[:3] + kept[4:]) == as_bytes(records[:3] + records[10:])
    assert kept[3].kind == Kind.LOST
    assert Lost.from_record(kept[3]) == Lost(4, LossReason.PRUNED)
    assert kept[3].seq == 10
    assert collector.session.counters["pruned_starts"] == 1


@pytest.mark.parametrize("oldest_kept", [1, 3, 4])
def test_nothing_is_named_lost_where_nothing_is(
    collector: Collector, records: list[Record], oldest_kept: int
) -> None:
    collector.send(records[:3])
    collector.hello(oldest_kept, 21)
    collector.commit()
    assert len(collector.kept()) == 3


def test_a_lost_record_fills_its_gap(collector: Collector, records: list[Record]) -> None:
    lost = Record(Kind.LOST, 9, 0, None, 0, 0, Lost(4, LossReason.CARD_DAMAGED).to_body())
    collector.send([*records[:3], lost, *records[9:]], ask=True)
    (ack,) = collector.commit()
    assert ack.through == 20
    assert len(collector.kept()) == 3 + 1 + 11


@pytest.mark.parametrize("in_one_commit", [True, False])
def test_a_contradiction_is_kept_apart_and_counted_once(
    collector: Collector, records: list[Record], in_one_commit: bool
) -> None:
    other = records[4]._replace(wall_s=T0 + 999_999 - DAY)
    collector.send(records)
    if not in_one_commit:
        collector.commit()
    for _ in range(3):
        collector.send([*records[:4], other, *records[5:]])
        collector.commit()
    assert collector.kept() == as_bytes(records)
    assert collector.session.counters["conflicts"] == 1
    rows = sqlite3.connect(collector.folder / "quarantine.sqlite").execute(
        "SELECT district, node, epoch, seq, kept, other FROM conflict"
    )
    assert rows.fetchall() == [("sample", "n0001", 1, 5, records[4].to_bytes(), other.to_bytes())]


@pytest.mark.parametrize(
    "payload",
    [b"", b"[]", b"{}", b"null", b"[" * 5000, b"\xff\xfe", b'[{"ep":"00000001"}]', b"x" * 70_000],
)
def test_what_cannot_be_read_is_quarantined_and_settled(
    collector: Collector, records: list[Record], payload: bytes
) -> None:
    collector.take(READINGS, payload)
    collector.send(records)
    committed = collector.session.commit()
    assert len(committed.settled) == 2
    assert committed.answers == []
    assert collector.kept() == as_bytes(records)
    assert collector.quarantine.payloads() == 1
    query = "SELECT topic, payload FROM payload"
    (row,) = sqlite3.connect(collector.folder / "quarantine.sqlite").execute(query)
    assert row == (READINGS, payload[:KEPT_PAYLOAD_BYTES])


def test_a_retained_message_is_no_reading(collector: Collector, records: list[Record]) -> None:
    collector.take(READINGS, encode_pack(1, records, True), retained=True)
    assert collector.commit() == []
    assert collector.kept() == []
    assert collector.session.counters["quarantined_retained"] == 1


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        (READINGS.replace("n0001", "x0001"), "unknown_node"),
        (READINGS.replace("n0001", "N0001"), "topic"),
        (READINGS.replace("v1", "v2"), "topic"),
        ("heatward/v1/sample/readings", "topic"),
    ],
)
def test_a_stranger_is_quarantined(
    collector: Collector, records: list[Record], topic: str, reason: str
) -> None:
    collector.take(topic, encode_pack(1, records, True))
    assert collector.session.commit().answers == []
    assert collector.kept() == []
    assert collector.session.counters[f"quarantined_{reason}"] == 1


def test_only_registered_nodes_count_as_heard(collector: Collector) -> None:
    node = PaperNode(1)
    collector.send([node.boot()])
    collector.take("heatward/v1/sample/stranger/readings", b"[]")
    collector.take(EVENT, b"nonsense")
    collector.take(READINGS, b"retained", retained=True)
    assert collector.session.take_heard().tolist() == [0]
    assert collector.session.take_heard().tolist() == []


def test_a_stranger_that_is_registered_later_is_heard_then(
    collector: Collector, records: list[Record]
) -> None:
    known: set[str] = set()
    collector.session = Session(
        collector.ledger, collector.quarantine, lambda _, node: node in known
    )
    collector.send(records)
    collector.commit()
    known.add("n0001")
    collector.send(records)
    collector.commit()
    assert collector.kept() == as_bytes(records)


def test_a_topic_fills_only_its_share_of_the_quarantine(collector: Collector) -> None:
    junk = b"x" * 60_000
    for _ in range(BYTES_PER_TOPIC // len(junk) + 5):
        collector.take(READINGS, junk)
    collector.take(EVENT, b"junk")
    collector.session.commit()
    assert collector.quarantine.payloads() == BYTES_PER_TOPIC // len(junk) + 1
    assert collector.quarantine.not_kept == 5
    collector.stop()
    collector.start()
    collector.take(READINGS, junk)
    assert collector.quarantine.not_kept == 1


def test_after_a_restart_the_cursors_stand_where_the_disk_is(
    collector: Collector, records: list[Record]
) -> None:
    collector.send(records[:6])
    collector.commit()
    incarnation = collector.ledger.incarnation
    collector.send(records[6:12])
    collector.stop()
    collector.start()
    collector.hello(1, 21)
    (ack,) = collector.commit()
    assert (ack.through, ack.incarnation) == (6, incarnation)
    collector.send(records[6:])
    collector.commit()
    assert collector.kept() == as_bytes(records)


def test_a_new_day_goes_on_with_the_same_cursors(
    collector: Collector, records: list[Record]
) -> None:
    for day, record in enumerate(records):
        collector.now = T0 + DAY * day
        collector.send([record])
        collector.commit()
    collector.stop()
    collector.start()
    collector.send(records, ask=True)
    (ack,) = collector.commit()
    assert ack.through == 20
    assert collector.kept() == as_bytes(records)
    assert len(day_file.day_files(collector.folder / "ledger")) == 20


def test_a_crash_while_a_day_begins_stops_nothing(
    collector: Collector, records: list[Record]
) -> None:
    collector.send(records[:5])
    collector.commit()
    collector.stop()
    collector.now += DAY
    day_file.create(day_file.day_path(collector.folder / "ledger", collector.now)).close()
    collector.start()
    collector.send(records)
    collector.commit()
    assert collector.kept() == as_bytes(records)


@pytest.mark.parametrize("new_day", [False, True])
@pytest.mark.parametrize("already_stored", [0, 5])
def test_a_disk_that_refuses_answers_nothing_and_goes_on_later(
    collector: Collector, records: list[Record], already_stored: int, new_day: bool
) -> None:
    if already_stored:
        collector.send(records[:already_stored])
        collector.commit()
    if new_day:
        collector.now += DAY
    for _ in range(2):
        collector.send(records, ask=True)
        collector.take("heatward/v1/sample/n0002/readings", encode_pack(7, records[:3], True))
        with full_disk(), pytest.raises(LedgerError, match="nothing was acknowledged"):
            collector.session.commit()
        assert collector.session.waiting == 0
        assert collector.kept() == as_bytes(records[:already_stored])
        assert_nothing(collector.session.commit())
    collector.hello(1, 21)
    (ack,) = collector.commit()
    assert ack.through == already_stored
    collector.send(records)
    collector.commit()
    assert collector.kept() == as_bytes(records)
    collector.stop()
    collector.start()
    assert collector.ledger.through(("sample", "n0001"), 1) == 20
    assert collector.ledger.through(("sample", "n0002"), 7) == 0


def test_a_record_with_values_out_of_range_blocks_nobody(
    collector: Collector, records: list[Record]
) -> None:
    elements = json.loads(encode_pack(1, records, True))
    elements[7]["v"] = 9999.5
    collector.take(READINGS, json.dumps(elements).encode())
    (ack,) = collector.commit()
    assert ack.through == 20
    kept = [Record.from_bytes(data) for data in collector.kept()]
    assert [record.seq for record in kept] == list(range(1, 21))
    assert [record.seq for record in kept if record.kind == Kind.REFUSED] == [8]


SENDERS = {node: PaperNode(1, node) for node in ("n0001", "n0002", "n0003")}
JOURNALS = {
    node: [
        paper.boot(),
        *(
            paper.fix(T0 + 300 * step)
            if step % 5 == 3
            else paper.read(LIVING, T0 + 300 * step, 20.5, synchronised=step != 9)
            for step in range(14)
        ),
    ]
    for node, paper in SENDERS.items()
}
packs = st.tuples(st.integers(0, 14), st.integers(1, 4), st.booleans())
sendings = st.tuples(
    st.sampled_from(["n0001", "n0002", "n0003", "collector", "x"]),
    packs | st.sampled_from(["hello", "nonsense", "retained"]),
)


def message_of(sender: str, what: object, mid: int) -> Message:
    """Return a message of a node; that of a stranger is the first node's."""
    leaf = "event" if what == "hello" else "readings"
    topic = f"heatward/v1/sample/{sender}/{leaf}"
    if isinstance(what, tuple):
        start, count, asks = what
        records = JOURNALS.get(sender, JOURNALS["n0001"])[start : start + count]
        return Message(topic, encode_pack(1, records, asks), False, 1, mid, 1)
    payload = Hello(1, 3, 16).encode() if what == "hello" else b"nonsense"
    return Message(topic, payload, what == "retained", 1, mid, 1)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.lists(sendings, max_size=12), min_size=1, max_size=3))
def test_messages_taken_together_are_taken_as_one_by_one(groups: list[list[tuple[str, object]]]):
    outcomes = []
    for few in (None, session.FEW_MESSAGES, 0):
        with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
            if few is not None:
                patch.setattr(session, "FEW_MESSAGES", few)
            collector = Collector(Path(name))
            for source in JOURNALS:
                topic = f"heatward/v1/sample/{source}/readings"
                collector.take(topic, encode_pack(1, JOURNALS[source][:1]))
            acks: list[dict[str, int]] = []
            for number, group in enumerate(groups):
                messages = [message_of(*one, 100 * number + at) for at, one in enumerate(group)]
                if few is not None:
                    collector.session.take_all(Messages.of(messages))
                else:
                    for message in messages:
                        collector.session.take(message)
                committed = collector.session.commit()
                assert told(committed)[len(committed.settled) - len(messages) :] == [
                    (1, one.mid) for one in messages
                ]
                answers = committed.answers
                acks.append({one.topic: Ack.decode(one.payload).through for one in answers})
            counters = dict(collector.session.counters)
            heard = collector.session.take_heard().tolist()
            collector.stop()
            records = ledger_records(collector.folder / "ledger")
            assert verify(collector.folder / "ledger").alteration is None
            outcomes.append((records, acks, counters, heard))
    assert outcomes[0] == outcomes[1] == outcomes[2]


def test_behind_the_first_records_of_new_journals_messages_are_taken_together_again(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
):
    alone: list[bytes] = []

    def decode(payload: bytes, loads: object) -> object:
        alone.append(payload)
        return decode_pack(payload, loads)

    monkeypatch.setattr(session, "decode_pack", decode)
    monkeypatch.setattr(session, "FEW_MESSAGES", 2)
    usual = [(node, (start, 1, start == 3)) for start in range(4) for node in SENDERS]
    collector.session.take_all(Messages.of([message_of(*one, 7) for one in usual]))
    committed = collector.session.commit()
    assert {Ack.decode(answer.payload).through for answer in committed.answers} == {4}
    assert committed.records == 4 * len(SENDERS)
    assert len(alone) == len(SENDERS)


def test_an_ack_is_the_one_that_nodes_know(collector: Collector, records: list[Record]) -> None:
    collector.send(records, epoch=0xABC, ask=True)
    (answer,) = collector.session.commit().answers
    batch, head = collector.ledger.head
    incarnation = collector.ledger.incarnation
    assert answer == (ACK, Ack(incarnation, 0xABC, 20, batch, head.hex()).encode())
