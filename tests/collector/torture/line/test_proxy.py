"""The bad line does what a test asks of it, to the byte."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from heatward_collector.torture.line.proxy import FaultProxy, Faults
from support.ports import HOST, free_port, wait_until


class Echo:
    """A server that sends back what it gets, and remembers it."""

    def __init__(self) -> None:
        self.got = b""
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                try:
                    while block := connection.recv(65_536):
                        self.got += block
                        connection.sendall(block)
                except ConnectionError:
                    continue

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    yield server
    server.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[FaultProxy]:
    with FaultProxy(echo.port) as proxy:
        yield proxy


def connect(proxy: FaultProxy) -> socket.socket:
    client = socket.create_connection((HOST, proxy.port), 10)
    client.settimeout(10)
    return client


def receive(client: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count and (block := client.recv(count - len(data))):
        data += block
    return data


def assert_cut_at_once(proxy: FaultProxy) -> None:
    """The reset may come before the connecting call returns, or after it."""
    with pytest.raises(ConnectionError), connect(proxy) as client:
        client.recv(1)
        raise AssertionError("closed in good order")


def test_a_good_line_changes_nothing(proxy: FaultProxy):
    data = bytes(range(256)) * 2_000
    with connect(proxy) as client:
        threading.Thread(target=client.sendall, args=(data,), daemon=True).start()
        assert receive(client, len(data)) == data
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""


@pytest.mark.parametrize(
    "faults",
    [Faults(block_bytes=1), Faults(loss=0.5, resend_s=0.01, block_bytes=20), Faults(delay_s=0.05)],
)
def test_a_slow_line_loses_nothing(proxy: FaultProxy, faults: Faults):
    proxy.faults = faults
    data = bytes(range(200))
    with connect(proxy) as client:
        began = time.monotonic()
        client.sendall(data)
        assert receive(client, len(data)) == data
        assert time.monotonic() - began >= 2 * faults.delay_s


@pytest.mark.parametrize("count", [0, 1, 7, 100])
def test_a_connection_is_reset_after_so_many_bytes_once(proxy: FaultProxy, echo: Echo, count: int):
    proxy.faults = Faults(reset_after=count)
    with connect(proxy) as client:
        client.sendall(b"x" * 100)
        with pytest.raises(ConnectionError):
            while client.recv(100):
                pass
            raise AssertionError("closed in good order")
    assert len(echo.got) <= count
    assert proxy.resets == 1
    with connect(proxy) as client:
        client.sendall(b"y" * 200)
        assert receive(client, 200) == b"y" * 200


def test_a_cut_ends_every_connection(proxy: FaultProxy):
    with connect(proxy) as client:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
        proxy.cut()
        with pytest.raises(ConnectionError):
            client.recv(1)


def test_swallowed_answers_leave_the_connection_open(proxy: FaultProxy, echo: Echo):
    with connect(proxy) as client:
        client.sendall(b"a")
        assert client.recv(1) == b"a"
        proxy.faults = Faults(swallow_down=True)
        client.sendall(b"b")
        wait_until(lambda: echo.got == b"ab", "the server gets what the client sends")
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.recv(1)
        proxy.faults = Faults(swallow_up=True)
        client.sendall(b"c")
        with pytest.raises(TimeoutError):
            client.recv(1)
        assert echo.got == b"ab"


def test_nobody_behind_it_is_a_reset():
    with FaultProxy(free_port()) as proxy:
        assert_cut_at_once(proxy)


def test_a_refusing_line_cuts_the_new_and_keeps_the_old(proxy: FaultProxy):
    with connect(proxy) as old:
        old.sendall(b"a")
        assert old.recv(1) == b"a"
        proxy.faults = Faults(refuse=True)
        assert_cut_at_once(proxy)
        old.sendall(b"b")
        assert old.recv(1) == b"b"
