"""What a node of the load hears, and what it sends for it, on a pair of sockets."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from multiprocessing import Pipe

import pytest

from heatward_collector.bench import load
from heatward_collector.bench.load import Node, count_pubacks, hear
from heatward_collector.bench.packets import packet, text
from heatward_node.control import Ack

TOPIC = "heatward/v1/recorded/n00001/ack"


@pytest.fixture
def ends() -> Iterator[tuple[Node, socket.socket]]:
    """Return a node, and the broker's end of its connection."""
    near, far = socket.socketpair()
    with near, far:
        yield Node(near, [], TOPIC), far


def ack(through: int) -> bytes:
    payload = Ack("0" * 16, load.BURST, through, 7, "ab" * 32).encode()
    return packet(0x30, text(TOPIC.encode()) + payload)


def pubacks(first: int, count: int) -> bytes:
    return b"".join(packet(0x40, mid.to_bytes(2)) for mid in range(first, first + count))


def test_an_ack_is_heard_wherever_it_is_cut(ends):
    node, broker = ends
    for through in range(1_001, 1_001 + len(ack(1_001)) - 1):
        said, cut, before = ack(through), through - 1_000, node.through
        broker.send(pubacks(1, 10) + said[:cut])
        hear(node)
        assert node.through in {before, through}
        broker.send(said[cut:] + pubacks(11, 3))
        hear(node)
        assert node.through == through


def test_the_newest_of_several_acks_counts_and_none_takes_back(ends):
    node, broker = ends
    broker.send(ack(10) + pubacks(1, 40) + ack(40))
    hear(node)
    assert node.through == 40
    broker.send(ack(20))
    hear(node)
    assert node.through == 40


def test_pubacks_are_counted_wherever_they_are_cut(ends):
    node, broker = ends
    said = pubacks(16_380, 50)  # whose ids look like the head of a PUBACK
    for at in range(0, len(said), 7):
        broker.send(said[at : at + 7])
        count_pubacks(node)
    assert node.pubacks == 50


def test_who_counts_pubacks_takes_nothing_else(ends):
    node, broker = ends
    broker.send(ack(10))
    with pytest.raises(ConnectionError):
        count_pubacks(node)


def test_the_end_of_a_connection_is_no_silence(ends):
    node, broker = ends
    broker.close()
    with pytest.raises(ConnectionError):
        hear(node)


class _Broker:
    """Greets one node; then confirms so many of its messages whenever a window has come."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.most_under_way = 0
        self.heard = 0
        self.is_over = threading.Event()

    def serve(self, messages: int, each: int) -> None:
        """Confirm by PUBACK, ``each`` messages at a time, as slowly as a window fills."""
        link, _ = self._listener.accept()
        with link, self._listener:
            link.recv(1_024)
            link.sendall(packet(0x20, b"\0\0"))
            link.recv(1_024)
            link.sendall(packet(0x90, b"\0\1\0"))
            confirmed, data = 0, b""
            while confirmed < messages:
                link.settimeout(0.1)
                try:
                    data += link.recv(65_536)
                except TimeoutError:
                    count = min(each, self.heard - confirmed)
                    link.sendall(pubacks(confirmed + 1, count))
                    confirmed += count
                self.heard = data.count(b"/readings")
                self.most_under_way = max(self.most_under_way, self.heard - confirmed)
            self.is_over.wait()  # the end of a connection would be heard as well


@pytest.mark.parametrize("bursts", [3, 8])
def test_a_node_never_exceeds_its_window_and_hears_the_last_pubacks(bursts):
    broker = _Broker()
    messages = bursts * load.BURST
    serving = threading.Thread(target=broker.serve, args=(messages, 33))
    serving.start()
    work = load.Load(
        broker.port, [("n00001", "s1")], bursts, 1_700_000_000, 5, "puback", prefix="other"
    )
    ours, theirs = Pipe()
    sending = threading.Thread(target=load.run, args=(work, theirs), daemon=True)
    sending.start()
    assert ours.recv() == "ready"
    before = time.monotonic()
    ours.send("go")
    is_done = ours.poll(load.STALLED_S / 2)
    broker.is_over.set()
    assert is_done, "it waits for more than there is"
    began, ended, resent = ours.recv()
    ours.send("end")
    sending.join()
    serving.join()
    assert before <= began < ended
    assert resent == 0
    assert broker.heard == messages
    assert broker.most_under_way == min(load.WINDOW, messages)


def test_an_ack_alone_is_enough_to_be_heard():
    assert len(ack(1)) >= load.PUBACKS_AT_ONCE * load.PUBACK_BYTES
