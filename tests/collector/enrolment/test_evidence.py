"""Signed checkpoints held against the ledger, and copied cards known by their boxes."""

import hashlib

import pytest

from heatward_collector.enrolment import Authority, Book, Office
from heatward_collector.enrolment.authority import utc
from heatward_collector.enrolment.boxes import Boxes, Heard
from heatward_collector.enrolment.checkpoints import Outcome, verify_checkpoints
from heatward_collector.enrolment.roll_call import answer_of, call_roll
from heatward_collector.enrolment.service import warn_of_copies, warn_of_ends
from heatward_collector.ledger import LedgerReader, LedgerWriter
from heatward_collector.running.status import StatusWriter, read_status
from heatward_node import openssl
from heatward_node.enrolment import checkpoint_text
from heatward_node.events import Boot, Checkpoint, Lost
from heatward_node.publisher import Identity
from heatward_node.reading import Kind, Quality, Record, Sync
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.wire import Pack
from support.enrolled import NOW, SetClock, configured, found, issue
from support.w1_tree import rom_number

IDENTITY = Identity("sample", "n0001")
EPOCH = 77


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    path = tmp_path_factory.mktemp("key") / "key.pem"
    openssl.make_key(path)
    return path


class Node:
    """Makes the records of one opening of a journal, and signs its checkpoints."""

    def __init__(self, key, epoch=EPOCH, previous=0):
        self._key, self.epoch = key, epoch
        self.records = []
        self.add(Kind.BOOT, Boot(b"b" * 16, previous, 0).to_body())

    def add(self, kind, body):
        seq = len(self.records) + 1
        self.records.append(Record(kind, seq, seq, None, Sync.UNSYNCHRONISED, Quality.GOOD, body))

    def checkpoint(self, signs=True, digest=None, through=None):
        through = len(self.records) if through is None else through
        digest = digest or hashlib.sha256(b"".join(r.to_bytes() for r in self.records)).digest()
        text = checkpoint_text(IDENTITY, self.epoch, through, digest)
        signature = openssl.sign(self._key, text) if signs else b""
        self.add(Kind.CHECKPOINT, Checkpoint(through, digest, signature).to_body())


@pytest.fixture
def ledger(tmp_path):
    writer = LedgerWriter(tmp_path / "ledger", lambda: NOW)

    def arrive(node, name="n0001"):
        writer.offer("sample", name, Pack(node.epoch, False, list(node.records)))
        writer.commit()
        return LedgerReader(tmp_path / "ledger")

    yield arrive
    writer.close()


@pytest.fixture
def office(tmp_path, key):
    office = Office(
        Authority.found(tmp_path / "authority", utc(NOW)), Book(tmp_path / "b.sqlite"), SetClock()
    )
    request = openssl.make_request(key, "n0001")
    office.enrol("n0001", office.issue_code("n0001"), request)
    return office


def outcomes(reader, office):
    report = verify_checkpoints(reader, office.book.certificates())
    return dict(report.outcomes), report.problems


def test_what_a_node_signed_is_what_the_ledger_holds(ledger, office, key):
    node = Node(key)
    node.checkpoint(signs=False)
    node.checkpoint()
    node.add(Kind.FAULT, bytes(8))
    node.checkpoint()
    assert outcomes(ledger(node), office) == ({Outcome.UNSIGNED: 1, Outcome.SIGNED: 2}, [])


def test_a_signature_stays_good_after_the_card_was_made_anew(ledger, office, key, tmp_path):
    node = Node(key)
    node.checkpoint()
    issue(office, tmp_path / "second", "n0001")
    office.revoke("n0001", "stolen")
    assert outcomes(ledger(node), office) == ({Outcome.SIGNED: 1}, [])


def test_records_that_were_changed_on_the_way_are_named(ledger, office, key):
    node = Node(key)
    node.add(Kind.FAULT, bytes(8))
    node.checkpoint()
    node.records[1] = node.records[1]._replace(quality=Quality.SENSOR_GONE)
    found, problems = outcomes(ledger(node), office)
    assert found == {Outcome.ALTERED: 1}
    assert problems == ["n0001 0000004d 3: altered"]


def test_a_signature_of_somebody_else_is_named(ledger, office, tmp_path):
    openssl.make_key(tmp_path / "other.pem")
    node = Node(tmp_path / "other.pem")
    node.checkpoint()
    found, problems = outcomes(ledger(node), office)
    assert found == {Outcome.FORGED: 1}
    assert len(problems) == 1


def test_what_a_card_lost_accuses_nobody(ledger, office, key):
    node = Node(key)
    node.add(Kind.LOST, Lost(2).to_body())
    node.checkpoint(digest=bytes(32))
    assert outcomes(ledger(node), office) == ({Outcome.INCOMPLETE: 1}, [])


@pytest.fixture
def watch(tmp_path):
    def follow(reader):
        boxes = Boxes(tmp_path / "boxes.sqlite", reader)
        while boxes.follow():
            pass
        return boxes

    return follow


def test_a_card_that_runs_alone_is_a_chain(ledger, watch, key):
    for epoch, previous in ((1, 0), (2, 1), (3, 2), (9, 0)):  # the last one: a card made anew
        reader = ledger(Node(key, epoch, previous))
    assert list(watch(reader).forks()) == []


def test_a_copied_card_is_two_boxes_after_the_same_one(ledger, watch, key, tmp_path):
    for epoch, previous in ((1, 0), (2, 1), (3, 2)):
        ledger(Node(key, epoch, previous))
    first = watch(ledger(Node(key, 5, 1), "n0002"))
    assert list(first.forks()) == []
    first.close()
    boxes = watch(ledger(Node(key, 4, 2)))
    (fork,) = boxes.forks()
    assert (fork.node, fork.previous, fork.epochs) == ("n0001", 2, (3, 4))
    status = StatusWriter(tmp_path / "status", "enrolment")
    warn_of_copies(boxes, status, NOW + 60)
    status.flush(force=True)
    (fault,) = read_status(tmp_path / "status", "enrolment")["faults"]
    assert fault["code"] == "copied_card"
    assert "n0001" in fault["text_zh"] and "n0001" in fault["text_en"]
    warn_of_copies(boxes, status, NOW + 40 * 86_400)
    status.flush(force=True)
    assert read_status(tmp_path / "status", "enrolment")["faults"] == []


def test_ends_become_a_fault_that_names_the_nodes(office, tmp_path):
    status = StatusWriter(tmp_path / "status", "enrolment")
    office._now.days(380)
    warn_of_ends(office, status)
    status.flush(force=True)
    (fault,) = read_status(tmp_path / "status", "enrolment")["faults"]
    assert "n0001" in fault["text_zh"]
    assert fault["code"] == "certificates_end"


def test_the_last_word_of_every_sensor_is_known_and_no_temperature(ledger, watch, key):
    first, second = rom_number(1), rom_number(2)
    node = Node(key)
    node.add(Kind.FAULT, bytes(8))
    for rom, quality in ((first, Quality.GOOD), (second, Quality.GOOD), (first, Quality.ALL_ZERO)):
        node.add(Kind.READING, rom + usual_scratchpad(320))
        node.records[-1] = node.records[-1]._replace(quality=quality)
    node.add(Kind.FAULT, second)
    node.records[-1] = node.records[-1]._replace(quality=Quality.SENSOR_GONE)
    boxes = watch(ledger(node))
    assert boxes.heard("sample", "n0002") == []
    assert boxes.heard("sample", "n0001") == [
        ("", Quality.GOOD, NOW),
        ("28-000000000001", Quality.ALL_ZERO, NOW),
        ("28-000000000002", Quality.SENSOR_GONE, NOW),
    ]


@pytest.mark.parametrize(
    ("is_enrolled", "words", "is_ready", "said"),
    [
        (False, [], False, "no certificate"),
        (True, [], False, "never heard"),
        (True, [Heard("a", Quality.GOOD, NOW - 60)], True, "answer: 1"),
        (True, [Heard("a", Quality.GOOD, NOW - 7200)], False, "silent for 2 h"),
        (
            True,
            [Heard("a", Quality.GOOD, NOW - 60), Heard("b", Quality.ALL_ZERO, NOW - 60)],
            False,
            "all_zero",
        ),
        (
            True,
            [Heard("a", Quality.GOOD, NOW - 60), Heard("b", Quality.SENSOR_GONE, NOW - 9000)],
            True,
            "answer: 1",
        ),
    ],
)
def test_the_roll_call_says_of_each_node_what_is_missing(is_enrolled, words, is_ready, said):
    answer = answer_of("n0001", is_enrolled, words, NOW)
    assert answer.is_ready is is_ready
    assert said in answer.en


def test_the_roll_call_names_every_node_and_those_that_are_not_ready_first(tmp_path):
    config = configured(tmp_path)
    office = found(config, NOW)
    answers = call_roll(config, office, NOW)
    assert {one.node for one in answers} >= {"n0001", "n0002"}
    assert not any(one.is_ready for one in answers)
