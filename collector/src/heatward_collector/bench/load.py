"""Many nodes in one cheap process: raw sockets, messages made beforehand, answers obeyed.

Each node sends one reading a message at QoS 1, asks for an ack in every tenth, and never has more
than a window of readings that nobody has confirmed. Packs of many ask in each message; those of a
backlog go one at a time. An ack that stays behind is followed back.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection

from heatward_collector.bench.packets import opened, publish, receive, subscribe
from heatward_collector.replay.places import DISTRICT, rom_for
from heatward_node.events import Boot, ClockFix
from heatward_node.reading import Kind, Quality, Record, Sync, reading
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.topics import Topic
from heatward_node.wire import encode_pack

BURST = 10
"""Messages to one ack, as the node does it."""
WINDOW = 50
BACKLOG_PACK = 100
"""Packs of so many readings are a backlog: the next one waits for the ack."""
PACKS_UNDER_WAY = 5
STEP_S = 60
STALLED_S = 10.0
PUBACK_BYTES = 4
PUBACKS_AT_ONCE = 32
"""A node listens once as many bytes have come as these have; an ack has more. They are fewer than
a window without a burst, or it would wait for ever."""
LEAST_TO_HEAR = socket.SOL_SOCKET, socket.SO_RCVLOWAT
_PUBACK = b"\x40"
_THROUGH = b'"through":'
_NUMBER_BYTES = 32
"""More than the label of a number, and the number, of which the end has not come yet."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be sent; ``confirmed_by`` is "ack" of the collector or "puback" of the broker."""

    port: int
    nodes: Sequence[tuple[str, str]]
    """Node and sensor names."""
    bursts: int
    start_s: int
    epoch: int
    confirmed_by: str = "ack"
    pack: int = 1
    """Readings a message."""
    prefix: str | None = None
    """Of other topics than those of nodes: for a broker alone."""
    fix_every: int = 0
    """After so many readings there is a clock fix, as hourly at nodes; 0 for none."""
    whole_records: bool = False
    """Whether a record names its sensor and time itself, for who reads no SenML."""
    each_asks: bool = False
    """Whether every message asks for an ack, not only each tenth."""

    def topic(self, node: str) -> str:
        """Return where a node speaks."""
        if self.prefix is not None:
            return f"{self.prefix}/{node}/readings"
        return str(Topic(DISTRICT, node, "readings"))

    is_begun: bool = False
    """Whether the collector has heard of each journal before the measurement, by its BOOT alone."""

    @property
    def burst(self) -> int:
        """Messages to one ack."""
        return BURST if self.pack == 1 and not self.each_asks else 1

    @property
    def messages(self) -> int:
        """How many messages that makes."""
        return len(self.nodes) * self.bursts * self.burst

    @property
    def records(self) -> int:
        """How many records."""
        return self.messages * self.pack

    @property
    def window(self) -> int:
        """How many records may be under way at a node."""
        if self.pack == 1:
            return WINDOW
        return self.pack * (1 if self.pack >= BACKLOG_PACK else PACKS_UNDER_WAY)


@dataclass(slots=True)
class Node:
    """One connection, and what is on its way."""

    socket: socket.socket
    bursts: list[bytes]
    topic: str
    next: int = 0
    unsent: bytes = b""
    received: bytes = b""
    pubacks: int = 0
    through: int = 0
    is_writing: bool = False


def run(load: Load, pipe: Connection) -> None:
    """Connect, say ready, wait for the word, send everything, and tell when it was confirmed."""
    nodes = [connect(load, index) for index in range(len(load.nodes))]
    pipe.send("ready")
    pipe.recv()
    pipe.send(_Run(load, nodes).go())
    pipe.recv()  # stay until what we cost has been read
    for node in nodes:
        node.socket.close()


class _Run:
    def __init__(self, load: Load, nodes: list[Node]) -> None:
        self._by_puback = load.confirmed_by == "puback"
        self._listen = count_pubacks if self._by_puback else hear
        self._pack = load.pack
        self._before = int(load.is_begun)
        self._burst = load.burst * load.pack
        self._window = load.window
        self._all = load.bursts * self._burst
        self._nodes = {node.socket.fileno(): node for node in nodes}
        self._poll = select.epoll()
        self._left = len(nodes)
        least = PUBACKS_AT_ONCE if load.pack == 1 and self._all > PUBACKS_AT_ONCE else 1
        for number, node in self._nodes.items():
            node.socket.setsockopt(*LEAST_TO_HEAR, least * PUBACK_BYTES)
            self._poll.register(number, select.EPOLLIN)
        self.resent = 0

    def go(self) -> tuple[float, float, int]:
        """Return begin and end (monotonic seconds) and how many bursts were sent again."""
        began = heard_at = time.monotonic()
        for node in self._nodes.values():
            self._speak(node)
        while self._left:
            events = self._poll.poll(1.0)
            now = time.monotonic()
            if events:
                heard_at = now
            elif now - heard_at > STALLED_S:
                heard_at = now
                self._again()
            for number, event in events:
                node = self._nodes[number]
                if event & select.EPOLLIN:
                    self._hear(node)
                self._speak(node)
        return began, time.monotonic(), self.resent

    def _hear(self, node: Node) -> None:
        left = self._all - self._confirmed(node)
        self._listen(node)
        still_left = self._all - self._confirmed(node)
        if still_left <= 0 < left:
            self._left -= 1
        elif still_left < PUBACKS_AT_ONCE <= left:
            node.socket.setsockopt(*LEAST_TO_HEAR, 1)  # so few PUBACKs would never be heard

    def _confirmed(self, node: Node) -> int:
        if self._by_puback:
            return node.pubacks * self._pack
        return max(0, node.through - self._before)

    def _speak(self, node: Node) -> None:
        """Send all for which there is room, at once."""
        if not node.unsent:
            room = self._window + self._confirmed(node) - node.next * self._burst
            bursts = node.bursts[node.next : node.next + max(0, room // self._burst)]
            if not bursts:
                return
            node.unsent = b"".join(bursts)
            node.next += len(bursts)
        with suppress(BlockingIOError):
            node.unsent = node.unsent[node.socket.send(node.unsent) :]
        if bool(node.unsent) != node.is_writing:
            node.is_writing = bool(node.unsent)
            events = select.EPOLLIN | (select.EPOLLOUT if node.is_writing else 0)
            self._poll.modify(node.socket, events)

    def _again(self) -> None:
        """Go back to what the collector has, as nodes do after a silence."""
        for node in self._nodes.values():
            if self._confirmed(node) < self._all and not node.unsent:
                node.next = self._confirmed(node) // self._burst
                self.resent += 1
                self._speak(node)


def hear(node: Node) -> None:
    """Read what has come, and note what the newest ack says; PUBACKs are passed over."""
    data = _received(node)
    at = data.rfind(_THROUGH)
    end = data.find(b",", at)
    if 0 <= at < end:
        node.through = max(node.through, int(data[at + len(_THROUGH) : end]))
    node.received = data[-_NUMBER_BYTES:]  # what may go on in what is still to come


def count_pubacks(node: Node) -> None:
    """Read what has come where nothing but PUBACKs comes. Raises ConnectionError at others."""
    data = _received(node)
    whole = len(data) // PUBACK_BYTES * PUBACK_BYTES
    if data[:whole:PUBACK_BYTES].count(_PUBACK) * PUBACK_BYTES != whole:
        raise ConnectionError("the broker sends something else than PUBACKs")
    node.pubacks += whole // PUBACK_BYTES
    node.received = data[whole:]


def _received(node: Node) -> bytes:
    more = node.socket.recv(65_536)
    if not more:
        raise ConnectionError("the broker has closed the connection")
    return node.received + more


def connect(load: Load, index: int) -> Node:
    """Return a node that is connected and waits for its acks, with its messages ready."""
    name, sensor = load.nodes[index]
    link = opened(load.port, f"{name}-{load.confirmed_by}")
    subscribe(link, str(Topic(DISTRICT, name, "ack")))
    topic = load.topic(name)
    rom, begun = rom_for(sensor), int(load.is_begun)
    records = _records(rom, load.start_s, begun + load.bursts * load.burst * load.pack)
    if load.fix_every:
        for at in range(load.fix_every + 1, len(records), load.fix_every + 1):
            records[at] = records[at]._replace(kind=Kind.CLOCK_FIX, body=ClockFix(500).to_body())
    if begun:
        link.sendall(publish(topic, 60_001, encode_pack(load.epoch, records[:1])))
        receive(link, 4)
    link.setblocking(False)
    return Node(link, _bursts(load, records[begun:], topic), topic)


def _bursts(load: Load, records: Sequence[Record], topic: str) -> list[bytes]:
    pack, burst = load.pack, load.burst
    packets = [
        publish(
            topic,
            at // pack % 60_000 + 1,
            _payload(load, records[at : at + pack], (at // pack + 1) % burst == 0),
        )
        for at in range(0, len(records), pack)
    ]
    return [b"".join(packets[at : at + burst]) for at in range(0, len(packets), burst)]


def _payload(load: Load, records: Sequence[Record], asks: bool) -> bytes:
    if not load.whole_records:
        return encode_pack(load.epoch, records, ask_ack=asks)
    # One at a time and joined: each then says everything, in the words that nodes use.
    alone = [encode_pack(load.epoch, [record])[1:-1] for record in records]
    return b"[" + b",".join(alone) + b"]"


def _records(rom: bytes, start_s: int, count: int) -> list[Record]:
    boot = Record(Kind.BOOT, 1, 0, None, 0, Quality.GOOD, Boot(rom * 2).to_body())
    return [
        boot,
        *(
            reading(
                seq,
                seq * STEP_S * 1000,
                start_s + seq * STEP_S,
                Sync.SYNCHRONISED,
                rom,
                usual_scratchpad(320 + (seq * 7 + rom[1]) % 48),
            )
            for seq in range(2, count + 1)
        ),
    ]
