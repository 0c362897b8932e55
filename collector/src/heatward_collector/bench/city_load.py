"""A whole city on a few hundred connections: one message a node at a steady rate.

Every home has a node of its own, with its own topic, journal and numbers, and speaks in turn: a
message is a round of all its rooms. Nodes share connections, for a machine that measures cannot
hold millions of them. A node asks for an ack in every sixth message, as after half an hour of
rounds each five minutes. Acks of all come on one connection more; the lag is from sending to the
ack, which leaves once the readings are on disk.
"""

from __future__ import annotations

import json
import re
import select
import socket
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import NamedTuple

from heatward_collector.bench.city import node_of
from heatward_collector.bench.packets import KEEPALIVE_S, opened, packet, publish, subscribe
from heatward_collector.replay.places import rom_for
from heatward_node.topics import PREFIX, Topic

ASK_EVERY = 6
TICK_S = 0.02
ANSWER_S = 120.0
"""Whoever asked last is waited for so long. [s]"""
MOST_ASKED = 1_000
"""A patient city says nothing new while so many nodes wait for their acks: some 6,000 messages."""
DRAIN_EVERY = 32
"""A connection's PUBACKs are read after so many messages of it."""
LOWEST_RAW, ROOMS_DIFFER, READINGS_DIFFER = 320, 48, 3
"""Rooms lie in so many steps from 20 degC on, and each wanders through some. [1/16 degC]"""
_PINGREQ = packet(0xC0, b"")
_ACK = re.compile(rb'/([a-z0-9-]+)/ack[^{]*\{[^{}]*"through":(\d+),')


@dataclass(frozen=True, slots=True)
class CityLoad:
    """Who speaks, and when the readings are measured."""

    port: int
    homes: int
    rooms_a_home: int
    start_s: int
    """Time of the first round of the first node; those of the others follow evenly. [s UTC]"""
    step_s: int
    """From a round of a node to its next. [s]"""
    epoch: int
    connections: int = 200

    def stretch(self, rate: float, seconds: float, measured_s: int | None = None) -> Stretch:
        """Return so many seconds of it, at so many readings a second."""
        messages_a_second = rate / self.rooms_a_home
        messages = max(1, round(messages_a_second * seconds))
        return Stretch(messages_a_second, messages, measured_s)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is to be sent next."""

    rate: float
    """Messages a second."""
    messages: int
    measured_s: int | None = None
    """When the first of them is measured, and all that follow in their turn; None for as before.
    [s UTC]"""
    is_patient: bool = False
    """Whether the rate is given up where acks stay out: nobody sends again what gets lost."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one stretch of sending."""

    began: float
    ended: float
    """First and last message. [monotonic s]"""
    messages: int
    late_s: float
    """How far the sender was behind its own rate at the worst. [s]"""
    lags: list[tuple[float, float]]
    """When each message that asked was sent, and how long its ack took. [monotonic s, s]"""
    unanswered: int


def run(load: CityLoad, pipe: Connection) -> None:
    """Connect and say ready; then send for each stretch that is told, and say how."""
    city = _City(load)
    pipe.send("ready")
    while (told := pipe.recv()) != "end":
        pipe.send(city.send(told))


class Speaker(NamedTuple):
    """A node: its name, where it speaks, and the ROM codes of its sensors."""

    node: bytes
    topic: str
    roms: tuple[str, ...]


def speaker(home: int, rooms_a_home: int) -> Speaker:
    """Return the node of a home by its number."""
    district, node, rooms = node_of(home, rooms_a_home)
    roms = tuple(rom_for(room).hex() for room in rooms)
    return Speaker(node.encode(), str(Topic(district, node, "readings")), roms)


def payload(load: CityLoad, home: int, turn: int, roms: tuple[str, ...]) -> bytes:
    """Return what the node of a home sends in a turn, 0 and on."""
    asks = ',"ak":1' if _asks(home, turn) else ""
    after_s = turn * load.step_s + home * load.step_s // load.homes
    first = turn * len(roms) + 1
    said = []
    for at, rom in enumerate(roms):
        shown = LOWEST_RAW + (home + at) % ROOMS_DIFFER + (home + turn) % READINGS_DIFFER
        said.append(f'"bn":"urn:dev:ow:{rom}:","bu":"Cel","n":"t","v":{json.dumps(shown / 16)}')
    said[0] = (
        f'"ep":"{load.epoch:08x}","sq":{first}{asks},{said[0]},'
        f'"bt":{load.start_s + after_s},"mo":{1_000 * after_s}'
    )
    return ("[{" + "},{".join(said) + "}]").encode()


def _asks(home: int, turn: int) -> bool:
    return (turn + home) % ASK_EVERY == 0


class _City:
    def __init__(self, load: CityLoad) -> None:
        self._load = load
        self._links = [opened(load.port, f"city-{at}") for at in range(load.connections)]
        self._acks = opened(load.port, "city-acks")
        subscribe(self._acks, f"{PREFIX}/+/+/ack")
        self._speakers = [speaker(home, load.rooms_a_home) for home in range(load.homes)]
        self._received = b""
        self._pinged = time.monotonic()
        self._said = 0
        self._asked: dict[bytes, list[tuple[int, float]]] = {}
        """Number and moment of the messages of each node that wait for an ack."""
        self._lags: list[tuple[float, float]] = []

    def send(self, what: Stretch) -> Sent:
        """Send messages at a rate, nodes in turn, and wait for the acks."""
        self._lags, late_s, sent = [], 0.0, 0
        if what.measured_s is not None:
            gone_s = self._said * self._load.step_s // self._load.homes
            self._load = replace(self._load, start_s=what.measured_s - gone_s)
        began = time.monotonic()
        while sent < what.messages:
            due = min(what.messages, 1 + int((time.monotonic() - began) * what.rate))
            while sent < due and not (what.is_patient and self._is_waiting()):
                self._say()
                sent += 1
            left = began + sent / what.rate - time.monotonic()
            late_s = max(late_s, -left)
            self._hear(min(max(left, 0.0), TICK_S))
        ended = time.monotonic()
        while self._asked and time.monotonic() - ended < ANSWER_S:
            self._hear(TICK_S)
        unanswered = sum(map(len, self._asked.values()))
        self._asked.clear()
        return Sent(began, ended, sent, late_s, self._lags, unanswered)

    def _is_waiting(self) -> bool:
        """Say whether many acks are out; those that were lost are given up after a while."""
        if len(self._asked) < MOST_ASKED:
            return False
        (_, oldest), *_ = next(iter(self._asked.values()))
        return time.monotonic() - oldest < ANSWER_S

    def _say(self) -> None:
        load = self._load
        turn, home = divmod(self._said, load.homes)
        node, topic, roms = self._speakers[home]
        told = payload(load, home, turn, roms)
        at, count = self._said % len(self._links), self._said // len(self._links)
        link = self._links[at]
        self._said += 1
        if _asks(home, turn):
            last = (turn + 1) * len(roms)
            self._asked.setdefault(node, []).append((last, time.monotonic()))
        link.sendall(publish(topic, count % 60_000 + 1, told))
        if count % DRAIN_EVERY == at % DRAIN_EVERY:
            _drain(link)

    def _hear(self, seconds: float) -> None:
        """Wait for acks, and note what they confirm; who only hears must say that it is there."""
        if time.monotonic() - self._pinged > KEEPALIVE_S / 2:
            self._acks.sendall(_PINGREQ)
            self._pinged = time.monotonic()
        ready, _, _ = select.select([self._acks], [], [], seconds)
        if not ready:
            return
        data = self._received + self._acks.recv(1 << 20)
        now, end = time.monotonic(), 0
        for match in _ACK.finditer(data):
            end = match.end()
            through, waiting = int(match[2]), self._asked.pop(match[1], [])
            self._lags += [(sent, now - sent) for number, sent in waiting if number <= through]
            if later := [one for one in waiting if one[0] > through]:
                self._asked[match[1]] = later
        self._received = data[end:]


def _drain(link: socket.socket) -> None:
    try:
        link.recv(1 << 16, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return
