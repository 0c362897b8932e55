"""Who speaks: numbers of nodes, and which source is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from heatward_collector.ingest import speakers as module
from heatward_collector.ingest.messages import Message, Messages
from heatward_collector.ingest.speakers import Speakers
from heatward_collector.ledger import LedgerWriter
from heatward_node.wire import Pack
from support.evidence import T0, PaperNode


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[LedgerWriter]:
    ledger = LedgerWriter(tmp_path, lambda: T0)
    yield ledger
    ledger.close()


def boot(ledger: LedgerWriter, node: str, epoch: int) -> None:
    ledger.offer("sample", node, Pack(epoch, False, [PaperNode(1, node).boot()]))


def test_a_source_is_that_of_the_epoch_whichever_was_the_newest(ledger: LedgerWriter):
    for node, epoch in (("n1", 5), ("n2", 5), ("n1", 6)):
        boot(ledger, node, epoch)
    speakers = Speakers(ledger)
    for node in ("n1", "n2"):
        speakers.add("sample", node)
    numbers, epochs = np.array([0, 1, 0, 0, 1, 0]), np.array([5, 5, 6, 5, 7, 6])
    for _ in range(2):
        assert speakers.sources(numbers, epochs).tolist() == [0, 1, 2, 0, -1, 2]
    boot(ledger, "n2", 7)
    assert speakers.sources(numbers, epochs).tolist() == [0, 1, 2, 0, 3, 2]


@pytest.mark.parametrize("room", [1, 2, 7, 8])
def test_nodes_keep_their_numbers_however_many_they_are(
    ledger: LedgerWriter, monkeypatch: pytest.MonkeyPatch, room: int
):
    monkeypatch.setattr(module, "_ROOM", room)
    speakers = Speakers(ledger)
    for number in range(7):
        boot(ledger, f"n{number}", 5)
        assert speakers.add("sample", f"n{number}") == number
        speakers.hear(np.array([number]))
        assert speakers.sources(np.array([number]), np.array([5])).tolist() == [number]
    assert speakers.nodes[6] == ("sample", "n6")
    some = [f"heatward/v1/sample/n{number}/readings" for number in (3, 9, 0)]
    block = Messages.of([Message(topic, b"", False, 1, 1, 1) for topic in some])
    assert speakers.numbers(block).tolist() == [3, -1, 0]
    assert [speakers.number(topic.encode()) for topic in some] == [3, -1, 0]
    assert speakers.take_heard().tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert speakers.take_heard().tolist() == []
