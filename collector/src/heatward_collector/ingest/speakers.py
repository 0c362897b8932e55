"""Who speaks: nodes by numbers that stay, the topics of their readings, and their sources."""

from __future__ import annotations

import sys
from itertools import repeat

import numpy as np

from heatward_collector.ingest.messages import Messages, Numbers
from heatward_collector.ledger import LedgerWriter
from heatward_collector.ledger.growing import with_room
from heatward_node.topics import Topic

_ROOM = 1_024
"""For so many nodes at first; it is doubled when it is full."""


class Speakers:
    """Nodes by number, with the newest source of each, and who was heard.

    Nearly every message is of the epoch of the one before, whose source needs no looking up. A
    city has a million nodes, so of each there is its topic and its name, and no more.
    """

    def __init__(self, ledger: LedgerWriter) -> None:
        self._ledger = ledger
        self._numbers: dict[bytes, int] = {}
        """By the topic of readings."""
        self.nodes: list[tuple[str, str]] = []
        """District and node."""
        self._epoch: Numbers = np.zeros(_ROOM, np.int64)
        """0 is no epoch of anybody."""
        self._source: Numbers = np.zeros(_ROOM, np.int64)
        self._is_heard = np.zeros(_ROOM, np.bool_)

    def add(self, district: str, node: str) -> int:
        """Add a node, and return its number."""
        number = len(self.nodes)
        self._numbers[_topic(district, node)] = number
        self.nodes.append((sys.intern(district), node))
        self._epoch = with_room(self._epoch, len(self.nodes))
        self._source = with_room(self._source, len(self.nodes))
        self._is_heard = with_room(self._is_heard, len(self.nodes))
        return number

    def number(self, topic: bytes) -> int:
        """Return the number of who has its readings on a topic, -1 where nobody has."""
        return self._numbers.get(topic, -1)

    def number_of(self, district: str, node: str) -> int:
        """Return the number of a node, -1 where it has none."""
        return self.number(_topic(district, node))

    def numbers(self, messages: Messages) -> Numbers:
        """Return the number of who has readings on each message's topic, else -1; (messages,)."""
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

    def take_heard(self) -> Numbers:
        """Return who was heard since the last call."""
        heard = np.flatnonzero(self._is_heard)
        self._is_heard[heard] = False
        return heard


def _topic(district: str, node: str) -> bytes:
    """Return where a node has its readings."""
    return str(Topic(district, node, "readings")).encode()
