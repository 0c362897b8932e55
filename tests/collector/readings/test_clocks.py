"""What batches teach about the nodes' clocks."""

import numpy as np
import pytest

from heatward_collector.core.placing import UNPLACED
from heatward_collector.ledger import LedgerReader, LedgerWriter
from heatward_collector.readings.clocks import Clocks
from heatward_collector.readings.projection import times_of
from heatward_node.events import Boot
from heatward_node.reading import Kind, Record
from heatward_node.wire import Pack
from support.evidence import DISTRICT, LIVING, T0, PaperNode

NOW = T0 + 86_400


class Books:
    """A ledger, and clocks that have learnt from all of it, batch by batch."""

    def __init__(self, folder):
        self.writer = LedgerWriter(folder, lambda: NOW)
        self.reader = LedgerReader(folder)
        self.clocks = Clocks()
        self.boots, self.fixes = [], []

    def arrive(self, node, *records):
        self.writer.offer(DISTRICT, node.node, Pack(node.epoch, False, list(records)))
        number = self.writer.commit().number
        (batch,) = self.reader.batches(number - 1)
        boots, fixes = self.clocks.learn(batch, self.reader.source)
        self.boots += boots
        self.fixes += fixes
        return batch

    def times(self, batch, clocks=None):
        return times_of(batch, clocks or self.clocks).tolist()


@pytest.fixture
def books(tmp_path):
    books = Books(tmp_path / "ledger")
    yield books
    books.writer.close()


def test_a_fix_times_the_readings_of_its_boot_in_every_epoch(books):
    first, second = PaperNode(1), PaperNode(2)
    early = books.arrive(first, first.boot(), first.read(LIVING, T0 + 10, 20, False))
    assert books.times(early) == [UNPLACED]
    books.arrive(second, second.boot(), second.fix(T0 + 600))
    assert books.times(early) == [T0 + 10]


def test_a_fix_says_nothing_about_another_boot_or_node(books):
    mine = PaperNode(1, boot_id=b"m" * 16)
    batch = books.arrive(mine, mine.boot(), mine.read(LIVING, T0 + 10, 20, False))
    for number, other in enumerate(
        [PaperNode(2, boot_id=b"o" * 16), PaperNode(3, "n0002", boot_id=b"m" * 16)]
    ):
        books.arrive(other, other.boot(), other.fix(T0 + 600 + number))
    assert books.times(batch) == [UNPLACED]


def test_an_epoch_whose_boot_record_is_lost_is_a_boot_of_its_own(books):
    node = PaperNode(1)
    batch = books.arrive(node, node.read(LIVING, T0 + 10, 20, False))
    books.arrive(node, node.fix(T0 + 600))
    assert books.times(batch) == [T0 + 10]


def test_what_was_learnt_can_be_kept_and_taken_up_again(books):
    node = PaperNode(1)
    wrong = node.read(LIVING, T0 + 700, 20)._replace(wall_s=T0 - 90_000_000)
    batch = books.arrive(
        node,
        node.boot()._replace(seq=1),
        node.fix(T0 + 600)._replace(seq=2),
        wrong._replace(seq=3),
        node.read(LIVING, T0 + 800, 20, False)._replace(seq=4),
        node.fix(T0 + 900)._replace(seq=5),
    )
    again = Clocks(books.boots, books.fixes)
    assert books.times(batch) == books.times(batch, again) == [T0 + 700, T0 + 800]
    assert again.learn(batch, books.reader.source) == ([], [])


def test_a_fix_from_the_future_or_without_a_body_teaches_nothing(books):
    node = PaperNode(1)
    read = node.read(LIVING, T0 + 10, 20, False)
    batch = books.arrive(node, read)
    ahead = node.fix(T0 + 600)
    books.arrive(node, ahead._replace(wall_s=NOW + 86_400))
    books.arrive(node, node.fix(T0 + 600)._replace(body=b"?"))
    books.arrive(node, node.fix(T0 + 600)._replace(wall_s=None))
    assert books.fixes == []
    assert books.times(batch) == [UNPLACED]
    books.arrive(node, node.fix(T0 + 600))
    assert books.times(batch) == [T0 + 10]


def test_a_boot_record_that_cannot_be_read_teaches_nothing(books):
    node = PaperNode(1)
    node.seq = 1
    books.arrive(node, Record(Kind.BOOT, 1, 0, None, 0, 0, Boot(b"b" * 16).to_body()[:5]))
    assert books.boots == []


def test_many_sources_are_looked_up_at_once(books):
    for epoch in range(1, 40):
        node = PaperNode(epoch, boot_id=epoch.to_bytes(16, "big"))
        records = [node.boot()] + ([node.fix(T0 + 600)] if epoch % 2 else [])
        books.arrive(node, *records)
    begun = books.clocks.surely_begun(np.arange(60, dtype=np.uint32))
    assert np.isfinite(begun[:39:2]).all()
    assert (begun[1:39:2] == -np.inf).all()
    assert (begun[39:] == -np.inf).all()
