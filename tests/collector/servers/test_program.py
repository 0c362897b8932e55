"""A server process is waited for, ended in two ways, and named where it does not start."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from heatward_collector.errors import HeatwardError
from heatward_collector.servers.ports import HOST, free_port
from heatward_collector.servers.program import Program, find_program, is_listening, running
from support.ports import wait_until


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Program]:
    port = free_port()
    command = [sys.executable, "-m", "http.server", "--bind", HOST, str(port)]
    program = Program(command, port, tmp_path / "server.log")
    yield program
    program.kill()


def state(program: Program) -> str:
    """Return the letter by which the kernel says what a process does."""
    return Path(f"/proc/{program.pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_it_is_ready_once_it_is_started_and_gone_once_it_is_stopped(server: Program):
    assert (server.is_running, server.pid) == (False, 0)
    with running(server) as started:
        assert started is server
        assert is_listening(server.port)
        pid = server.pid
        server.start()
        assert server.pid == pid
    assert not server.is_running
    assert not is_listening(server.port)
    assert server.kills == 0


def test_it_leaves_the_processor_to_others_where_it_is_told_to(tmp_path: Path):
    port = free_port()
    command = [sys.executable, "-m", "http.server", "--bind", HOST, str(port)]
    with running(Program(command, port, tmp_path / "server.log", niceness=3)) as program:
        own = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, program.pid) == min(own + 3, 19)
        told = Path(f"/proc/{program.pid}/cmdline").read_text().split("\0")
    assert told[:-1] == command


def test_a_kill_is_counted_once_and_it_starts_again(server: Program):
    server.start()
    server.kill()
    server.kill()
    assert (server.is_running, server.kills) == (False, 1)
    server.start()
    assert is_listening(server.port)


def test_one_that_stands_still_can_go_on_and_can_be_stopped(server: Program):
    server.start()
    server.halt()
    wait_until(lambda: state(server) == "T", "it stands still")
    server.go_on()
    wait_until(lambda: state(server) != "T", "it goes on")
    server.halt()
    server.stop()
    assert not server.is_running


def test_one_that_does_not_start_is_named_with_what_it_said(tmp_path: Path):
    program = Program([sys.executable, "-c", "exit('no such port')"], 1, tmp_path / "said.log")
    with pytest.raises(HeatwardError, match="does not start:\nno such port"):
        program.start()


def test_a_program_that_is_not_there_is_named_with_debians_packages():
    assert Path(find_program("sh", "dash")).name == "sh"
    with pytest.raises(HeatwardError, match="no-such is not installed: apt install such-light"):
        find_program("no-such", "such-light")
