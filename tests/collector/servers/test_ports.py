"""Ports of servers that come and go: nobody else takes one meanwhile."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from heatward_collector.errors import HeatwardError
from heatward_collector.servers import ports

ELSEWHERE = """
from heatward_collector.servers import ports
ports.FIRST, ports.LAST, ports.TRIES = {first}, {last}, {tries}
print(ports.free_port())
"""


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> int:
    """Leave only four ports, which nobody uses or has asked for; return the first."""
    # The servers of all other tests may still hold marks in the usual folder.
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(ports, "_HELD", type(ports._HELD)(maxlen=200))
    first = ports.free_port()
    while any(not ports._is_free(port) for port in range(first + 1, first + 5)):
        first = ports.free_port()
    monkeypatch.setattr(ports, "FIRST", first + 1)
    monkeypatch.setattr(ports, "LAST", first + 5)
    monkeypatch.setattr(ports, "TRIES", 4)
    return first + 1


def test_no_port_is_given_twice_though_nobody_listens_there(few: int) -> None:
    given = {ports.free_port() for _ in range(4)}
    assert given == set(range(few, few + 4))
    with pytest.raises(HeatwardError, match="no port is free"):
        ports.free_port()


def test_a_port_that_is_used_is_not_given(few: int) -> None:
    with socket.create_server((ports.HOST, few + 2)):
        assert {ports.free_port() for _ in range(3)} == {few, few + 1, few + 3}


def test_no_other_process_is_given_it_until_this_one_has_let_it_go(few: int) -> None:
    held = {ports.free_port() for _ in range(3)}
    program = ELSEWHERE.format(first=few, last=few + 4, tries=4)
    command = [sys.executable, "-c", program]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert {int(told)} == set(range(few, few + 4)) - held


def test_the_oldest_is_let_go_where_very_many_were_asked_for(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "LAST", few + 3)
    monkeypatch.setattr(ports, "TRIES", 3)
    monkeypatch.setattr(ports, "_HELD", type(ports._HELD)(maxlen=2))
    given = [ports.free_port() for _ in range(3)]
    assert sorted(given) == [few, few + 1, few + 2]
    assert [ports.free_port(), ports.free_port()] == given[:2]


def test_from_a_port_that_is_used_the_next_one_is_taken(few: int) -> None:
    assert ports.port_from(few) == few
    with socket.create_server((ports.HOST, few)):
        assert ports.port_from(few) == few + 1
        with pytest.raises(HeatwardError, match=f"free from {few} on; name another"):
            ports.port_from(few, tries=1)


def test_without_a_wish_any_free_port_is_taken(few: int) -> None:
    assert ports.port_from(0) in range(few, few + 4)


def test_beyond_the_last_port_there_is_none() -> None:
    with socket.create_server((ports.HOST, 65_535)), pytest.raises(HeatwardError, match="65535"):
        ports.port_from(65_535)
