"""Node and collector over the worst line there is: in the end the ledger is the journal.

The real publisher and journal talk to the real session and ledger. Between them messages are
lost, doubled and reordered, connections break, both sides crash, and the ledger itself is lost.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from heatward_collector.ingest.messages import Message
from heatward_collector.ingest.quarantine import Quarantine
from heatward_collector.ingest.session import Session
from heatward_collector.ledger import LedgerReader, LedgerWriter
from heatward_node.events import first_covered
from heatward_node.journal import Journal
from heatward_node.patience import LONGEST_PATIENCE_MS
from heatward_node.publisher import Identity, Phase, Publisher
from heatward_node.reading import Draft, Kind
from heatward_node.rom import rom_from_kernel_name
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.topics import incarnation_topic

IDENTITY = Identity("sample", "n0001")
ROM = rom_from_kernel_name("28-0000e3117e8d")
T0 = 1_767_225_600
DAY_S = 86_400


class LineClock:
    """One clock for node and collector."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.boots = 0

    @property
    def boot_id(self) -> bytes:
        return hashlib.sha256(bytes([self.boots])).digest()[:16]

    def mono_ms(self) -> int:
        return self.now_ms

    def wall_s(self) -> float:
        return T0 + self.now_ms / 1000

    def is_synchronised(self) -> bool:
        return True


class Conversation(RuleBasedStateMachine):
    """One node, one collector, and everything that can happen between them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="heatward-conversation-"))
        self.clock = LineClock()
        self.upward: list[tuple[str, bytes]] = []
        self.downward: list[tuple[str, bytes]] = []
        self.written: dict[tuple[int, int], bytes] = {}
        self.is_connected = False
        self.celsius = 0

    @initialize()
    def begin(self) -> None:
        self.open_node()
        self.open_collector()
        self.connect()
        self.exchange()

    def teardown(self) -> None:
        try:
            self.make_up()
        finally:
            self.journal.close()
            self.close_collector()
            shutil.rmtree(self.folder)

    # The parts

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        if self.is_connected and not topic.endswith("/status"):
            self.upward.append((topic, payload))

    def open_node(self) -> None:
        self.journal = Journal.open(self.folder / "journal.sqlite", self.clock, durable=False)
        self.note(self.journal.read(self.journal.live, 0, 300))
        self.publisher = Publisher(
            IDENTITY, self.journal, self, self.clock.mono_ms, jitter=lambda: 1.0
        )

    def open_collector(self) -> None:
        self.ledger = LedgerWriter(self.folder / "ledger", self.clock.wall_s)
        self.quarantine = Quarantine(self.folder / "quarantine.sqlite", self.clock.wall_s)
        self.session = Session(self.ledger, self.quarantine)

    def close_collector(self) -> None:
        self.quarantine.close()
        self.ledger.close()

    def note(self, records: list) -> None:
        epoch = self.journal.live.epoch
        for record in records:
            self.written[epoch, record.seq] = record.to_bytes()

    def take(self, position: int, keep: bool = False) -> None:
        topic, payload = self.upward[position] if keep else self.upward.pop(position)
        self.session.take(Message(topic, payload, False, 1, 1, 1))

    # What can happen

    @rule(rounds=st.sampled_from([1, 2, 5, 40]), sensors=st.integers(1, 4))
    def measure(self, rounds: int, sensors: int) -> None:
        for _ in range(rounds):
            self.clock.now_ms += 300_000
            self.celsius += 1
            body = ROM + usual_scratchpad(self.celsius % 1000)
            self.note(self.journal.append([Draft(Kind.READING, body)] * sensors))
            if rounds < 40:
                self.publisher.pump()

    @rule(times=st.integers(1, 20))
    def pump(self, times: int) -> None:
        for _ in range(times):
            self.publisher.pump()

    @rule(ms=st.sampled_from([1_000, 61_000, 600_000, LONGEST_PATIENCE_MS + 1, 86_400_000]))
    def wait(self, ms: int) -> None:
        self.clock.now_ms += ms
        self.publisher.pump()

    @precondition(lambda self: self.upward)
    @rule(count=st.integers(1, 30))
    def deliver(self, count: int) -> None:
        for _ in range(min(count, len(self.upward))):
            self.take(0)

    @precondition(lambda self: self.upward)
    @rule(data=st.data(), fate=st.sampled_from(["lost", "doubled", "early"]))
    def mishandle(self, data: st.DataObject, fate: str) -> None:
        position = data.draw(st.integers(0, len(self.upward) - 1))
        if fate == "lost":
            self.upward.pop(position)
        else:
            self.take(position, keep=fate == "doubled")

    @rule()
    def commit(self) -> None:
        for answer in self.session.commit().answers:
            self.downward.append((answer.topic, answer.payload))

    @precondition(lambda self: self.downward)
    @rule(data=st.data(), fate=st.sampled_from(["taken", "taken", "lost", "doubled"]))
    def answer(self, data: st.DataObject, fate: str) -> None:
        position = data.draw(st.integers(0, len(self.downward) - 1))
        topic, payload = self.downward[position]
        if fate != "doubled":
            self.downward.pop(position)
        if fate != "lost" and self.is_connected:
            self.publisher.receive(topic, payload)

    @rule()
    def exchange(self) -> None:
        """For a moment the line is good: what is under way arrives and is answered."""
        self.deliver(len(self.upward))
        self.commit()
        while self.downward and self.is_connected:
            self.publisher.receive(*self.downward.pop(0))

    @rule(
        what=st.sampled_from(
            ["connection", "connection and queue", "node", "power", "collector", "ledger"]
        ),
        comes_back=st.booleans(),
    )
    def disrupt(self, what: str, comes_back: bool) -> None:
        if what in ("collector", "ledger"):
            self.close_collector()
            if what == "ledger":
                shutil.rmtree(self.folder / "ledger")
            self.open_collector()
            self.announce()
            return
        self.disconnect()
        if what == "connection and queue":
            self.upward.clear()
        if what in ("node", "power"):
            self.journal.close()
            self.clock.boots += what == "power"
            self.open_node()
        if comes_back:
            self.connect()

    @precondition(lambda self: not self.is_connected)
    @rule()
    def connect(self) -> None:
        self.is_connected = True
        self.publisher.connected()
        self.announce()

    def disconnect(self) -> None:
        self.is_connected = False
        self.publisher.disconnected()

    def announce(self) -> None:
        """Publish the retained incarnation, as the collector does at each connection."""
        self.downward.append((incarnation_topic("sample"), self.ledger.incarnation.encode()))

    # What holds

    def on_disk(self) -> list[tuple[int, int, int, bytes]]:
        """Return epoch, first number, number and bytes of every record, in the ledger's order."""
        reader = LedgerReader(self.folder / "ledger")
        records = []
        for batch in reader.batches():
            for position in range(batch.count):
                source, record = batch.entry(position)
                epoch = reader.source(source).epoch
                records.append((epoch, first_covered(record), record.seq, record.to_bytes()))
        reader.close()
        return records

    @invariant()
    def the_ledger_holds_what_was_written_once_and_in_order(self) -> None:
        if not hasattr(self, "ledger"):
            return
        through: dict[int, int] = {}
        for epoch, first, seq, data in self.on_disk():
            assert first == through.get(epoch, 0) + 1
            through[epoch] = seq
            assert self.written[epoch, seq] == data

    @invariant()
    def nothing_contradicts(self) -> None:
        if hasattr(self, "session"):
            assert self.session.counters["conflicts"] == 0
            assert self.session.counters["quarantined_messages"] == 0

    def make_up(self) -> None:
        """Let the line be good from now on: everything must arrive, in bounded time."""
        self.disconnect()
        self.connect()
        for _ in range(2_000):
            self.clock.now_ms += 10_000
            self.publisher.pump()
            self.deliver(1_000)
            self.commit()
            while self.downward:
                self.publisher.receive(*self.downward.pop(0))
            settled = self.publisher.is_idle and self.publisher.phase is Phase.SENDING
            if settled and len(self.on_disk()) == len(self.written):
                break
            self.publisher.ask()
        held = {(epoch, seq): data for epoch, _, seq, data in self.on_disk()}
        assert held == self.written


Conversation.TestCase.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, print_blob=True
)
test_whatever_happens_the_ledger_becomes_the_journal = Conversation.TestCase
