"""How much one commit takes, of messages that wait already; no broker is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from heatward_collector.config import parse
from heatward_collector.ingest.link import Link
from heatward_collector.ingest.messages import Message, Messages
from heatward_collector.ingest.process import (
    COMMIT_MESSAGES,
    FLOOD_MESSAGES,
    FLOOD_TIMES,
    _Loop,
)
from heatward_collector.ingest.quarantine import Quarantine
from heatward_collector.ingest.registered import Registered
from heatward_collector.ingest.session import Session
from heatward_collector.ledger import LedgerWriter
from heatward_collector.registry import open_registry, spreadsheets
from heatward_collector.running.status import StatusWriter
from heatward_node.wire import encode_pack
from support.evidence import LIVING, SAMPLE, T0, PaperNode

MANY = COMMIT_MESSAGES + 500


class Ingest:
    """The loop of ingest on a link that was never opened, and one node that has much to say."""

    def __init__(self, folder: Path) -> None:
        config = parse(f'[state]\ndirectory = "{folder}"')
        spreadsheets.import_folder(open_registry(config), SAMPLE)
        self._ledger = LedgerWriter(config.state.ledger, lambda: T0)
        quarantine = Quarantine(config.state.quarantine)
        self._link = Link(config.mqtt)
        self._node = PaperNode(1)
        self._loop = _Loop(
            Session(self._ledger, quarantine),
            self._link,
            self._ledger,
            quarantine,
            Registered(config),
            StatusWriter(config.state.status, "ingest"),
        )
        self._put([self._node.boot()])
        self._loop.step()

    def speak(self, count: int) -> None:
        """Let so many readings wait, each a message of its own."""
        self._put([self._node.read(LIVING, T0 + at, 20) for at in range(count)])

    def step(self) -> int:
        """Return how many records one step puts on disk."""
        before = self._through
        self._loop.step()
        return self._through - before

    @property
    def _through(self) -> int:
        return self._ledger.through(("sample", "n0001"), 1)

    def _put(self, records: list) -> None:
        topic = "heatward/v1/sample/n0001/readings"
        packs = (encode_pack(1, [record], False) for record in records)
        messages = [Message(topic, pack, False, 0, 0, 0) for pack in packs]
        assert self._link.messages.put(Messages.of(messages), timeout=1.0)


@pytest.fixture
def ingest(tmp_path: Path) -> Ingest:
    return Ingest(tmp_path)


def test_a_commit_is_of_so_many_messages(ingest: Ingest) -> None:
    ingest.speak(MANY)
    assert ingest.step() == COMMIT_MESSAGES


def test_behind_a_large_commit_the_next_one_takes_more(ingest: Ingest) -> None:
    ingest.speak(FLOOD_MESSAGES)
    ingest.step()
    ingest.speak(FLOOD_TIMES * COMMIT_MESSAGES + 500)
    assert ingest.step() == FLOOD_TIMES * COMMIT_MESSAGES


def test_a_flood_is_over_with_a_smaller_commit(ingest: Ingest) -> None:
    for count in (FLOOD_MESSAGES, FLOOD_MESSAGES - 1):
        ingest.speak(count)
        assert ingest.step() == count
    ingest.speak(MANY)
    assert ingest.step() == COMMIT_MESSAGES
