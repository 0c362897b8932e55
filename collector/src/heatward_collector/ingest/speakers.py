"""Who speaks: the topics on which readings come, by numbers that stay, and their sources."""

from __future__ import annotations

from itertools import repeat

import numpy as np

from heatward_collector.ingest.messages import Messages, Numbers
from heatward_collector.ledger import LedgerWriter

_ROOM = 1_024
"""For so many topics at first; it is doubled when it is full."""


class Speakers:
    """Topics by number, with the node and the newest source of each, and who was heard.

    Nearly every message is of the epoch of the one before, whose source needs no looking up.
    """

    def __init__(self, ledger: LedgerWriter) -> None:
        self._ledger = ledger
        self._numbers: dict[bytes, int] = {}
        self.topics: list[str] = []
        self.nodes: list[tuple[str, str]] = []
        """District and node."""
        self._epoch: Numbers = np.zeros(_ROOM, np.int64)
        """0 is no epoch of anybody."""
        self._source: Numbers = np.zeros(_ROOM, np.int64)
        self._is_heard = np.zeros(_ROOM, np.bool_)

    def add(self, topic: str, district: str, node: str) -> None:
        """Add a topic on which readings come."""
        number = len(self.topics)
        self._numbers[topic.encode()] = number
        self.topics.append(topic)
        self.nodes.append((district, node))
        if number == len(self._epoch):
            none = np.zeros(number, np.int64)
            self._epoch = np.concatenate((self._epoch, none))
            self._source = np.concatenate((self._source, none))
            self._is_heard = np.concatenate((self._is_heard, none.astype(np.bool_)))

    def number(self, topic: bytes) -> int:
        """Return the number of a topic, -1 where it has none."""
        return self._numbers.get(topic, -1)

    def numbers(self, messages: Messages) -> Numbers:
        """Return the number of each message's topic, -1 where it has none; (messages,)."""
        found = map(self._numbers.get, messages.topics(), repeat(-1))
        return np.fromiter(found, np.int64, len(messages))

    def sources(self, numbers: Numbers, epochs: Numbers) -> Numbers:
        """Return the ledger's source for an epoch of each, -1 where it knows none."""
        is_newest = self._epoch[numbers] == epochs
        sources = self._source[numbers]
        for place in np.flatnonzero(~is_newest).tolist():
            number, epoch = int(numbers[place]), int(epochs[place])
            source = self._ledger.known_source(*self.nodes[number], epoch)
            sources[place] = -1 if source is None else source
            if source is not None:
                self._epoch[number], self._source[number] = epoch, source
        return sources

    def hear(self, numbers: Numbers) -> None:
        """Note that something came from them."""
        self._is_heard[numbers] = True

    def take_heard(self) -> set[str]:
        """Return the topics on which something came since the last call."""
        heard = np.flatnonzero(self._is_heard).tolist()
        self._is_heard[heard] = False
        return {self.topics[number] for number in heard}
