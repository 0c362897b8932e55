"""Nodes that go on measuring while others catch up: how long until each reading has its ack."""

from __future__ import annotations

import select
import time
from multiprocessing.connection import Connection

from heatward_collector.bench.load import Load, Node, connect, hear


def run(load: Load, every_s: float, pipe: Connection) -> None:
    """Connect, say ready, send a message a node each ``every_s`` until told to stop.

    Sends back a list of (moment it was sent, lag until its ack) [monotonic s]; a message that was
    never answered has the lag that it had at the end.
    """
    nodes = [connect(load, index) for index in range(len(load.nodes))]
    pipe.send("ready")
    pipe.recv()
    lags = _Live(nodes, every_s).until(pipe)
    pipe.recv()  # the word to stop
    pipe.send(lags)
    pipe.recv()  # stay until what we cost has been read
    for node in nodes:
        node.socket.close()


class _Live:
    def __init__(self, nodes: list[Node], every_s: float) -> None:
        self._nodes = nodes
        self._every_s = every_s
        self._poll = select.epoll()
        self._by_number = {node.socket.fileno(): place for place, node in enumerate(nodes)}
        for number in self._by_number:
            self._poll.register(number, select.EPOLLIN)
        self._sent: list[list[float]] = [[] for _ in nodes]
        self._answered = [0] * len(nodes)
        self._lags: list[tuple[float, float]] = []

    def until(self, pipe: Connection) -> list[tuple[float, float]]:
        """Send and listen until somebody speaks through the pipe."""
        step_s = self._every_s / len(self._nodes)
        began, turn = time.monotonic(), 0
        while not pipe.poll():
            now = time.monotonic()
            while began + turn * step_s <= now:
                self._send(turn % len(self._nodes))
                turn += 1
            for number, _ in self._poll.poll(max(began + turn * step_s - now, 0.0)):
                self._hear(self._by_number[number])
        ended = time.monotonic()
        for sent, answered in zip(self._sent, self._answered, strict=True):
            self._lags += [(moment, ended - moment) for moment in sent[answered:]]
        return self._lags

    def _send(self, place: int) -> None:
        node = self._nodes[place]
        if node.next == len(node.bursts):
            return  # it has nothing more to say; the measurement lasts longer than was planned
        node.socket.setblocking(True)
        node.socket.sendall(node.bursts[node.next])
        node.socket.setblocking(False)
        node.next += 1
        self._sent[place].append(time.monotonic())

    def _hear(self, place: int) -> None:
        node = self._nodes[place]
        hear(node)
        now = time.monotonic()
        for moment in self._sent[place][self._answered[place] : node.through]:
            self._lags.append((moment, now - moment))
        self._answered[place] = max(self._answered[place], node.through)
