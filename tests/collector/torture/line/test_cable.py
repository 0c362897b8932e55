"""Behind a pulled cable nothing passes and nobody is told; plugged in, it goes on."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from heatward_collector.errors import HeatwardError
from heatward_collector.torture.line import cable
from heatward_collector.torture.line.cable import NAMESPACES, Cable, enter
from heatward_collector.torture.line.setting import Setting

SILENT_S = 0.5
LONG_S = 20.0
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to lay a cable")


@pytest.fixture
def laid() -> Iterator[Cable]:
    laid = Cable(random.Random())
    yield laid
    laid.close()


def called_from_inside(namespace: str, host: str, port: int) -> socket.socket:
    """Return a connection made within a namespace; this thread stays outside."""

    def call() -> socket.socket:
        enter(namespace)
        return socket.create_connection((host, port), LONG_S)

    with ThreadPoolExecutor(1) as inside:
        return inside.submit(call).result()


@needs_root
def test_behind_a_pulled_cable_nothing_passes_and_afterwards_all_of_it(laid: Cable) -> None:
    with socket.create_server((laid.host, 0)) as listener:
        called = called_from_inside(laid.namespace, laid.host, listener.getsockname()[1])
        answered, _ = listener.accept()
    with called, answered:
        called.sendall(b"before")
        answered.settimeout(LONG_S)
        assert answered.recv(6) == b"before"
        laid.pull()
        called.sendall(b"meanwhile")  # neither end is told
        answered.settimeout(SILENT_S)
        with pytest.raises(TimeoutError):
            answered.recv(9)
        laid.plug_in()
        answered.settimeout(LONG_S)
        assert answered.recv(9) == b"meanwhile"


@needs_root
def test_inside_there_is_nothing_but_the_cable(laid: Cable) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(OSError):
        called_from_inside(laid.namespace, "127.0.0.1", listener.getsockname()[1])


@needs_root
def test_two_cables_are_two_networks_and_nothing_stays_of_them() -> None:
    one, other = Cable(random.Random(1)), Cable(random.Random(1))
    try:
        assert one.host != other.host
        assert one.namespace != other.namespace
    finally:
        one.close()
        other.close()
    for gone in (one, other):
        assert not (NAMESPACES / gone.namespace).exists()
        with pytest.raises(OSError):
            enter(gone.namespace)
        with pytest.raises(OSError), socket.create_server((gone.host, 0)):
            pass


def test_who_may_not_lay_one_is_told_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cable, "is_possible", lambda: False)
    with pytest.raises(HeatwardError, match="root .* iproute2"):
        Cable(random.Random())
    assert Setting(has_cable=True).needs_root
    assert not Setting().needs_root
