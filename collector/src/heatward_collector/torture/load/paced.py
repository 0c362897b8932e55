"""Nodes in one cheap process that measure at a pace of their own, whatever the collector does.

What is measured and not yet acknowledged waits at the node: it has no more than a window under way,
and goes back to the last ack after a silence, as nodes do. A reading's lag is from the moment it is
due to its ack, so what waits at the node counts too.
"""

from __future__ import annotations

import heapq
import select
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from heatward_collector.bench.load import Load, Node, connect, hear

WINDOW = 20
"""Readings under way at a node, as its publisher has it. [readings]"""
SILENCE_S = 10.0
"""After so long without progress a node sends again what has no ack. [s]"""
LONGEST_WAIT_S = 0.2


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes that measure equally often."""

    load: Load
    """One reading a message, each of which asks for an ack; a BOOT came before them."""
    each_s: float
    """Between two readings of a node. [s]"""


@dataclass(frozen=True, slots=True)
class Paced:
    """What became of it."""

    lags_s: list[array[float]]
    """From due to ack, of every reading of each group. [s]"""
    began: float
    last_due: float
    """Moments of the monotonic clock, the same in all processes. [s]"""
    resent: int
    """How often a node went back to its last ack."""


def run(groups: Sequence[Group], pipe: Connection) -> None:
    """Connect, say ready, wait for the word, send everything, and tell what became of it."""
    lives = [
        _Life(connect(group.load, place), number, group.each_s, place / len(group.load.nodes))
        for number, group in enumerate(groups)
        for place in range(len(group.load.nodes))
    ]
    pipe.send("ready")
    pipe.recv()
    pipe.send(_Crowd(lives, len(groups)).until_all_is_acknowledged())
    pipe.recv()
    for life in lives:
        life.node.socket.close()


class _Life:
    """One node: what is due, and what it has of that under way."""

    def __init__(self, node: Node, group: int, each_s: float, phase: float) -> None:
        self.node, self.group = node, group
        self._each_s, self._phase = each_s, phase
        self.due = 0
        """How many readings it has taken so far."""
        self.acked = 0
        self.moved_at = 0.0

    @property
    def is_done(self) -> bool:
        """Whether everything is acknowledged."""
        return self.acked == len(self.node.bursts)

    def due_s(self, number: int) -> float:
        """Return when a reading is due, after the beginning. [s]"""
        return (number + self._phase) * self._each_s

    def speak(self) -> None:
        """Send what is due and has room."""
        node = self.node
        while node.next < min(self.due, self.acked + WINDOW):
            node.socket.setblocking(True)
            node.socket.sendall(node.bursts[node.next])
            node.socket.setblocking(False)
            node.next += 1

    def goes_back(self, now: float) -> bool:
        """Go back to the last ack where nothing has moved for long; say whether it did."""
        if self.node.next == self.acked or now - self.moved_at < SILENCE_S:
            return False
        self.node.next, self.moved_at = self.acked, now
        return True


class _Crowd:
    def __init__(self, lives: list[_Life], groups: int) -> None:
        self._lives = lives
        self._lags = [array("d") for _ in range(groups)]
        self._by_number = {life.node.socket.fileno(): life for life in lives}
        self._poll = select.epoll()
        for number in self._by_number:
            self._poll.register(number, select.EPOLLIN)
        self._left, self._resent = len(lives), 0
        self._began = 0.0

    def until_all_is_acknowledged(self) -> Paced:
        """Play every node to its last ack."""
        self._began = looked_at = time.monotonic()
        due = [(life.due_s(0), place) for place, life in enumerate(self._lives)]
        heapq.heapify(due)
        last_due = 0.0
        while self._left:
            now = time.monotonic()
            while due and due[0][0] <= now - self._began:
                last_due, place = heapq.heappop(due)
                if self._measure(self._lives[place], now):
                    heapq.heappush(due, (self._lives[place].due_s(self._lives[place].due), place))
            wait_s = due[0][0] - (now - self._began) if due else LONGEST_WAIT_S
            for number, _ in self._poll.poll(min(max(wait_s, 0.0), LONGEST_WAIT_S)):
                self._hear(self._by_number[number])
            if now - looked_at > SILENCE_S:
                looked_at = now
                self._look_for_silent_ones(now)
        return Paced(self._lags, self._began, self._began + last_due, self._resent)

    def _measure(self, life: _Life, now: float) -> bool:
        """Let a node measure; say whether it will again."""
        if life.node.next == life.acked:
            life.moved_at = now  # nothing was under way: its silence begins now
        life.due += 1
        life.speak()
        return life.due < len(life.node.bursts)

    def _hear(self, life: _Life) -> None:
        hear(life.node)
        now = time.monotonic()
        through = max(0, life.node.through - 1)  # the record before the readings is its BOOT
        if through <= life.acked:
            return
        lags = self._lags[life.group]
        for number in range(life.acked, through):
            lags.append(now - self._began - life.due_s(number))
        life.acked, life.moved_at = through, now
        life.node.next = max(life.node.next, through)
        self._left -= life.is_done
        life.speak()

    def _look_for_silent_ones(self, now: float) -> None:
        for life in self._lives:
            if life.goes_back(now):
                self._resent += 1
                life.speak()
