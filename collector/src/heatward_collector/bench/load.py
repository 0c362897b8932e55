"""Many nodes in one cheap process: raw sockets, messages made beforehand, answers obeyed.

Each node sends one reading a message at QoS 1, asks for an ack in every tenth, and never has more
than a window of readings that nobody has confirmed. Packs of many ask in each message; those of a
backlog go one at a time. An ack that stays behind is followed back.
"""

from __future__ import annotations

import re
import select
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

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
KEEPALIVE_S = 600
PUBACK, PUBLISH = 4, 3
_THROUGH = re.compile(rb'"through":(\d+)')


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
    is_writing: bool = field(default=False)


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
        self._pack = load.pack
        self._before = int(load.is_begun)
        self._burst = load.burst * load.pack
        self._window = load.window
        self._all = load.bursts * self._burst
        self._nodes = {node.socket.fileno(): node for node in nodes}
        self._poll = select.epoll()
        self._left = len(nodes)
        for number in self._nodes:
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
        before = self._confirmed(node)
        hear(node)
        if before < self._all <= self._confirmed(node):
            self._left -= 1

    def _confirmed(self, node: Node) -> int:
        if self._by_puback:
            return node.pubacks * self._pack
        return max(0, node.through - self._before)

    def _speak(self, node: Node) -> None:
        room = self._window + self._confirmed(node) - node.next * self._burst
        while not node.unsent and node.next < len(node.bursts) and room >= self._burst:
            self._send(node, node.bursts[node.next])
            node.next += 1
            room -= self._burst
        if node.unsent:
            self._send(node, b"")

    def _send(self, node: Node, data: bytes) -> None:
        data = node.unsent + data
        try:
            node.unsent = data[node.socket.send(data) :]
        except BlockingIOError:
            node.unsent = data
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
    """Read what has come, and note what it confirms."""
    data, at = node.received + node.socket.recv(65_536), 0
    while at + 2 <= len(data):
        size, head = data[at + 1], at + 2
        if size >= 128:
            if head >= len(data):
                break
            size, head = (size & 127) + 128 * data[head], head + 1
        if head + size > len(data):
            break
        kind = data[at] >> 4
        if kind == PUBACK:
            node.pubacks += 1
        elif kind == PUBLISH and (found := _THROUGH.search(data, head, head + size)):
            node.through = max(node.through, int(found[1]))
        at = head + size
    node.received = data[at:]


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
            body = ClockFix(500).to_body()
            records[at] = records[at]._replace(kind=Kind.CLOCK_FIX, body=body)
    if begun:
        link.sendall(publish(topic, 60_001, encode_pack(load.epoch, records[:1])))
        receive(link, 4)
    link.setblocking(False)
    return Node(link, _bursts(load, records[begun:], topic), topic)


def opened(port: int, client: str) -> socket.socket:
    """Return a connection to the broker that was greeted."""
    link = socket.create_connection(("127.0.0.1", port))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    header = b"\x00\x04MQTT\x04\x02" + struct.pack(">H", KEEPALIVE_S)
    link.sendall(packet(0x10, header + text(client.encode())))
    receive(link, 4)
    return link


def subscribe(link: socket.socket, topic: str) -> None:
    """Subscribe to a topic at QoS 0, and wait until it is so."""
    link.sendall(packet(0x82, b"\x00\x01" + text(topic.encode()) + b"\x00"))
    receive(link, 5)


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


def publish(topic: str, mid: int, payload: bytes) -> bytes:
    """Return a message at QoS 1."""
    return packet(0x32, text(topic.encode()) + struct.pack(">H", mid) + payload)


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


def packet(head: int, body: bytes) -> bytes:
    """Return an MQTT packet."""
    size, length = len(body), bytearray()
    while size >= 128:
        length.append(128 | size & 127)
        size >>= 7
    return bytes([head, *length, size]) + body


def text(words: bytes) -> bytes:
    """Return a text as MQTT writes it, its length before it."""
    return struct.pack(">H", len(words)) + words


def receive(link: socket.socket, size: int) -> bytes:
    """Return the next bytes of a connection. Raises ConnectionError where it ends before."""
    data = b""
    while len(data) < size:
        more = link.recv(size - len(data))
        if not more:
            raise ConnectionError("the broker has closed the connection")
        data += more
    return data
