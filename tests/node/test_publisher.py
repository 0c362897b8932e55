"""Go-back-N against a model collector: nothing lost, whatever the way does."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from heatward_node.control import Ack, Hello
from heatward_node.events import first_covered
from heatward_node.journal import Journal
from heatward_node.patience import FIRST_PATIENCE_MS, LONGEST_PATIENCE_MS
from heatward_node.publisher import Identity, Phase, Publisher
from heatward_node.reading import MAX_BODY_BYTES, Draft, Kind
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.wire import MAX_PAYLOAD_BYTES, decode_pack
from support.clock import FakeClock
from support.w1_tree import rom_number

ME = Identity("d1", "n1")


class Collector:
    """What the collector promises, in twenty lines."""

    def __init__(self) -> None:
        self.incarnation = "aa" * 8
        self.through: dict[int, int] = {}
        self.records: dict[tuple[int, int], bytes] = {}

    def take(self, topic: str, payload: bytes) -> bytes | None:
        if topic.endswith("/event"):
            hello = Hello.decode(payload)
            return self.ack(hello.epoch)
        if not topic.endswith("/readings"):
            return None
        pack = decode_pack(payload)
        through = self.through.get(pack.epoch, 0)
        if first_covered(pack.records[0]) > through + 1:
            return self.ack(pack.epoch)
        for record in pack.records:
            data = record.to_bytes()
            assert self.records.setdefault((pack.epoch, record.seq), data) == data
            through = max(through, record.seq)
        self.through[pack.epoch] = through
        return self.ack(pack.epoch) if pack.asks_ack else None

    def ack(self, epoch: int) -> bytes:
        return Ack(self.incarnation, epoch, self.through.get(epoch, 0), 1, "bb" * 8).encode()


class Way:
    """A transport that keeps messages until a test lets them through."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, bytes]] = []

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        self.messages.append((topic, payload))


class Conversation(RuleBasedStateMachine):
    """Any order of rounds, losses, repeats, late acks, restarts and lost servers."""

    @initialize()
    def begin(self):
        self.clock = FakeClock()
        self.random = random.Random(1)
        self.collector = Collector()
        self.acks: list[bytes] = []
        self.written: dict[tuple[int, int], bytes] = {}
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "j.sqlite"
        self.open()

    def open(self):
        self.journal = Journal.open(self.path, self.clock, durable=False)
        for record in self.journal.read(self.journal.live, 0, 10):
            self.written[self.journal.live.epoch, record.seq] = record.to_bytes()
        self.way = Way()
        self.publisher = Publisher(
            ME, self.journal, self.way, self.clock.mono_ms, self.random.random, 1000
        )
        self.publisher.connected()

    @rule(sensors=st.integers(1, 20), rounds=st.integers(1, 4))
    def sample(self, sensors, rounds):
        for _ in range(rounds):
            self.clock.advance(300)
            body = [rom_number(n) + usual_scratchpad(300 + n) for n in range(sensors)]
            for record in self.journal.append([Draft(Kind.READING, one) for one in body]):
                self.written[self.journal.live.epoch, record.seq] = record.to_bytes()
            self.publisher.pump()

    @rule(seconds=st.integers(1, 2000))
    def wait(self, seconds):
        self.clock.advance(seconds)
        self.publisher.pump()

    @rule(data=st.data())
    def deliver(self, data):
        """Deliver, lose or repeat what is under way, in any order."""
        for _ in range(len(self.way.messages)):
            index = data.draw(st.integers(0, len(self.way.messages) - 1))
            topic, payload = self.way.messages.pop(index)
            for _ in range(data.draw(st.integers(0, 2))):
                answer = self.collector.take(topic, payload)
                if answer is not None:
                    self.acks.append(answer)

    @rule(data=st.data())
    def answer(self, data):
        for _ in range(len(self.acks)):
            payload = self.acks.pop(data.draw(st.integers(0, len(self.acks) - 1)))
            for _ in range(data.draw(st.integers(0, 2))):
                self.publisher.receive("heatward/v1/d1/n1/ack", payload)
        self.publisher.pump()

    @rule()
    def reconnect(self):
        self.publisher.disconnected()
        self.publisher.connected()

    @rule()
    def collector_connects_anew(self):
        incarnation = self.collector.incarnation.encode()
        self.publisher.receive("heatward/v1/d1/incarnation", incarnation)

    @rule()
    def restart(self):
        self.journal.close()
        self.open()

    @rule()
    def lose_the_server(self):
        self.collector = Collector()
        self.collector.incarnation = f"{self.random.getrandbits(64):016x}"
        self.acks.clear()
        self.way.messages.clear()
        topic = "heatward/v1/d1/incarnation"
        self.publisher.receive(topic, self.collector.incarnation.encode())

    @invariant()
    def nothing_is_invented(self):
        for key, data in getattr(self, "collector", Collector()).records.items():
            assert self.written[key] == data

    def teardown(self):
        if not hasattr(self, "publisher"):
            return
        for _ in range(2000):
            if self.publisher.is_idle and self.publisher.phase is Phase.SENDING:
                break
            self.clock.advance(LONGEST_PATIENCE_MS / 1000 / 10)
            if self.publisher.phase is Phase.OFFLINE:
                self.publisher.connected()
            self.publisher.pump()
            self.publisher.ask()
            while self.way.messages:
                answer = self.collector.take(*self.way.messages.pop(0))
                if answer is not None:
                    self.publisher.receive("heatward/v1/d1/n1/ack", answer)
        assert self.collector.records == self.written
        self.journal.close()
        self.folder.cleanup()


TestConversation = Conversation.TestCase
TestConversation.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@pytest.fixture
def node(tmp_path):
    clock = FakeClock()
    journal = Journal.open(tmp_path / "j.sqlite", clock)
    way = Way()
    return clock, journal, way, Publisher(ME, journal, way, clock.mono_ms, lambda: 0.5)


def round_of(journal: Journal, count: int = 2) -> None:
    journal.append(
        [Draft(Kind.READING, rom_number(n) + usual_scratchpad(300)) for n in range(count)]
    )


def greet(journal: Journal, way: Way, publisher: Publisher) -> Collector:
    collector = Collector()
    publisher.connected()
    for topic, payload in way.messages:
        answer = collector.take(topic, payload)
        if answer:
            publisher.receive(ME.topic("ack"), answer)
    way.messages.clear()
    return collector


def test_a_day_of_backlog_goes_one_unacknowledged_pack_at_a_time(node):
    _, journal, way, publisher = node
    for _ in range(288):
        round_of(journal)
    greet(journal, way, publisher)
    for _ in range(5):
        publisher.pump()
    assert len(way.messages) == 1
    assert decode_pack(way.messages[0][1]).asks_ack
    assert len(decode_pack(way.messages[0][1]).records) == 300


def test_live_rounds_ask_every_tenth_message(node):
    clock, journal, way, publisher = node
    collector = greet(journal, way, publisher)
    asked = []
    for _ in range(25):
        round_of(journal)
        clock.advance(60)
        publisher.pump()
        (message,) = way.messages
        way.messages.clear()
        asked.append(decode_pack(message[1]).asks_ack)
        answer = collector.take(*message)
        if answer:
            publisher.receive(ME.topic("ack"), answer)
    assert [index for index, asks in enumerate(asked, 1) if asks] == [10, 20]


def test_an_ack_beyond_what_was_sent_is_refused_and_counted(node):
    _, journal, way, publisher = node
    greet(journal, way, publisher)
    ack = Ack("aa" * 8, journal.live.epoch, 999, 1, "bb" * 8)
    publisher.receive(ME.topic("ack"), ack.encode())
    assert publisher.counters.refused_acks == 1
    assert journal.live.acked == 0


def test_a_card_that_has_lost_the_end_of_an_older_log_goes_on_with_the_next(node):
    """A card that lied about an fsync: the collector has more of a log than the card."""
    clock, journal, way, publisher = node
    collector = Collector()
    old = journal.logs[0]
    old.last_seq, old.acked = 5, 0
    journal._begin_log()
    collector.through[old.epoch] = 126
    publisher.connected()
    deliver = [message for message in way.messages if message[0].endswith("/event")]
    publisher.receive(ME.topic("ack"), collector.take(*deliver[-1]))
    way.messages.clear()
    for _ in range(10):
        publisher.pump()
        for message in list(way.messages):
            way.messages.remove(message)
            if answer := collector.take(*message):
                publisher.receive(ME.topic("ack"), answer)
        publisher.ask()
    assert old.is_drained
    assert publisher.is_idle
    assert (journal.live.epoch, 1) in collector.records
    assert publisher.counters.refused_acks == 0


def test_a_message_that_the_broker_refuses_is_held_back_and_sent_again(node):
    clock, journal, way, publisher = node
    greet(journal, way, publisher)
    publisher.pump()
    assert len(way.messages) == 1
    publisher.refused()
    publisher.pump()
    assert len(way.messages) == 1
    clock.advance(LONGEST_PATIENCE_MS / 1000)
    publisher.pump()
    assert way.messages[1][1].replace(b'"ak":1,', b"") == way.messages[0][1].replace(
        b'"ak":1,', b""
    )


@pytest.mark.parametrize("payload", [b"", b"{}", b"[[", b"\xff", b'{"through": 1e99}'])
def test_nonsense_from_the_broker_is_counted_and_changes_nothing(node, payload):
    _, journal, way, publisher = node
    greet(journal, way, publisher)
    publisher.receive(ME.topic("ack"), payload)
    assert publisher.counters.bad_messages == 1


def answered(way: Way, publisher: Publisher, collector: Collector) -> None:
    """Deliver everything, and every answer, until nobody has anything to say."""
    while way.messages:
        answer = collector.take(*way.messages.pop(0))
        if answer is not None:
            publisher.receive(ME.topic("ack"), answer)


@pytest.mark.parametrize(("jitter", "last_s"), [(1.0, 1800), (0.0, 60)])
def test_an_unanswered_node_waits_from_one_minute_doubling_to_thirty(tmp_path, jitter, last_s):
    clock, way = FakeClock(), Way()
    journal = Journal.open(tmp_path / "j.sqlite", clock)
    publisher = Publisher(ME, journal, way, clock.mono_ms, lambda: jitter)
    publisher.connected()
    times, last = [], clock.mono
    for _ in range(6 * 1800):
        clock.advance(1)
        if publisher.pump():
            times.append((clock.mono - last) // 1000)
            last = clock.mono
    expected = [60, 120, 240, 480, 960, 1800] if jitter else [60] * 6
    assert times[:6] == expected
    assert times[-1] == last_s


def test_a_lost_live_round_is_sent_again_from_the_oldest_only(node):
    clock, journal, way, publisher = node
    collector = greet(journal, way, publisher)
    for _ in range(12):
        round_of(journal)
        clock.advance(60)
        publisher.pump()
    way.messages.clear()  # all of them are lost
    clock.advance(FIRST_PATIENCE_MS / 1000)
    for _ in range(5):
        publisher.pump()
    (message,) = way.messages
    assert decode_pack(message[1]).first == 1
    answered(way, publisher, collector)
    assert publisher.is_idle


def test_the_answer_of_another_ledger_sends_every_older_log_again(tmp_path):
    clock, way = FakeClock(), Way()
    path = tmp_path / "j.sqlite"
    old = Collector()
    for _ in range(3):
        journal = Journal.open(path, clock)
        round_of(journal, 5)
        publisher = Publisher(ME, journal, way, clock.mono_ms, lambda: 0.5)
        publisher.connected()
        for _ in range(20):
            answered(way, publisher, old)
            publisher.pump()
            publisher.ask()
        assert publisher.is_idle
        journal.close()
    journal = Journal.open(path, clock)
    publisher = Publisher(ME, journal, way, clock.mono_ms, lambda: 0.5)
    new = Collector()
    new.incarnation = "cc" * 8
    publisher.connected()  # no retained incarnation is heard: the hello's answer must do
    for _ in range(40):
        answered(way, publisher, new)
        publisher.pump()
        publisher.ask()
    assert len(old.records) == 18
    assert old.records.items() <= new.records.items()


def test_a_new_incarnation_is_not_flooded_before_the_jittered_hello(node):
    clock, journal, way, publisher = node
    collector = greet(journal, way, publisher)
    for _ in range(3):
        round_of(journal)
        publisher.pump()
    answered(way, publisher, collector)
    publisher.receive("heatward/v1/d1/incarnation", b"cc" * 8)
    clock.advance(299)  # half of ten minutes, by the jitter of this node
    for _ in range(5):
        publisher.pump()
    assert way.messages == []
    clock.advance(2)
    publisher.pump()
    (message,) = way.messages
    assert message[0] == ME.topic("event")


@pytest.mark.parametrize("is_back", [True, False])
def test_who_waits_long_for_an_answer_tries_again_soon_once_the_collector_is_back(node, is_back):
    clock, journal, way, publisher = node
    collector = greet(journal, way, publisher)
    answered(way, publisher, collector)
    for _ in range(200):  # a day of which nothing is answered
        round_of(journal)
        publisher.pump()
        clock.advance(432)
    way.messages.clear()
    while not way.messages:
        clock.advance(10)
        publisher.pump()
    way.messages.clear()
    if is_back:
        publisher.receive("heatward/v1/d1/incarnation", collector.incarnation.encode())
    # Half of ten minutes, by the jitter of this node; by itself it waits for half of an hour.
    clock.advance(299)
    publisher.pump()
    assert way.messages == []
    clock.advance(2)
    publisher.pump()
    assert bool(way.messages) == is_back


def test_an_ack_below_the_cursor_makes_the_node_ask_and_follow_the_answer(node):
    _, journal, way, publisher = node
    collector = greet(journal, way, publisher)
    for _ in range(5):
        round_of(journal, 40)
        publisher.pump()
        answered(way, publisher, collector)
    assert journal.live.acked > 100
    collector.through[journal.live.epoch] = 7  # its disk went back, under the same incarnation
    stale = Ack(collector.incarnation, journal.live.epoch, 7, 1, "bb" * 8)
    publisher.receive(ME.topic("ack"), stale.encode())
    assert journal.live.acked > 100, "an ack that was not asked for moves nothing back"
    answered(way, publisher, collector)
    assert journal.live.acked == 7
    publisher.pump()
    assert decode_pack(way.messages[0][1]).first == 8


def test_an_ack_cannot_pass_what_was_sent_of_this_log_though_another_was_longer(tmp_path):
    clock, way = FakeClock(), Way()
    path = tmp_path / "j.sqlite"
    journal = Journal.open(path, clock)
    round_of(journal, 200)
    journal.close()
    journal = Journal.open(path, clock)
    publisher = Publisher(ME, journal, way, clock.mono_ms, lambda: 0.5)
    collector = greet(journal, way, publisher)
    for _ in range(3):
        publisher.pump()
        answered(way, publisher, collector)
    round_of(journal, 50)
    forged = Ack(collector.incarnation, journal.live.epoch, 40, 1, "bb" * 8)
    publisher.receive(ME.topic("ack"), forged.encode())
    assert publisher.counters.refused_acks == 1


def test_records_that_are_too_large_together_go_in_smaller_packs(node):
    _, journal, way, publisher = node
    collector = greet(journal, way, publisher)
    body = bytes(MAX_BODY_BYTES)
    journal.append([Draft(Kind.CHECKPOINT, body)] * 150)
    for _ in range(10):
        publisher.pump()
        assert all(len(payload) <= MAX_PAYLOAD_BYTES for _, payload in way.messages)
        answered(way, publisher, collector)
    assert publisher.is_idle


def test_every_second_record_lost_still_fits_the_limit_of_a_pack(node):
    _, journal, way, publisher = node
    for _ in range(40):
        round_of(journal, 20)
    journal._connection.execute("DELETE FROM record WHERE seq % 2 = 0")
    collector = greet(journal, way, publisher)
    for _ in range(10):
        publisher.pump()
        answered(way, publisher, collector)
    assert publisher.is_idle
    assert collector.through[journal.live.epoch] == 801


def test_a_head_is_kept_of_the_first_ack_of_a_day(node):
    clock, journal, way, publisher = node
    collector = greet(journal, way, publisher)
    for _ in range(50):
        round_of(journal, 40)
        clock.advance(3600)
        publisher.pump()
        answered(way, publisher, collector)
    assert [head for *_, head in journal.witnesses()] == ["bb" * 8] * 4


@pytest.mark.parametrize("payload", [b"", b"null", b"\xff", b"AA" * 8, b"a" * 65])
def test_an_incarnation_that_is_none_makes_nobody_send_everything_again(node, payload):
    _, journal, way, publisher = node
    collector = greet(journal, way, publisher)
    round_of(journal, 40)
    publisher.pump()
    answered(way, publisher, collector)
    publisher.receive("heatward/v1/d1/incarnation", payload)
    assert publisher.counters.bad_messages == 1
    assert journal.live.is_drained


def test_the_head_of_an_empty_ledger_is_no_witness(node):
    """A batch 0 would be missed by every later check, and would take the place of a real one."""
    _, journal, way, publisher = node
    publisher.connected()
    empty = Ack("aa" * 8, journal.live.epoch, 0, 0, "00" * 32)
    publisher.receive(ME.topic("ack"), empty.encode())
    assert publisher.phase is Phase.SENDING
    assert journal.witnesses() == []
    way.messages.clear()
    round_of(journal, 40)
    publisher.pump()
    answered(way, publisher, Collector())
    assert [head for *_, head in journal.witnesses()] == ["bb" * 8]
