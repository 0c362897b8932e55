"""The supervisor: keeps its processes alive, ends them cleanly, and never runs twice."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from heatward_collector.config import Config, State, load, parse
from heatward_collector.running import service
from heatward_collector.running.service import ServiceHeld, Supervisor
from heatward_collector.running.stages import stages_of
from heatward_collector.running.status import read_status
from heatward_node.errors import ConfigurationError
from support import stages_to_run


def eventually(claim: Callable[[], bool], what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def starts(folder: Path, stage: str) -> list[int]:
    file = folder / f"{stage}.starts"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


@contextmanager
def supervised(folder: Path, *stages: str) -> Iterator[Supervisor]:
    supervisor = Supervisor(Config(state=State(folder)), stages, stages_to_run.run)
    stop = threading.Event()
    thread = threading.Thread(target=supervisor.run, args=(stop,))
    thread.start()
    try:
        yield supervisor
    finally:
        stop.set()
        thread.join(120)
        assert not thread.is_alive()


def test_processes_are_started_and_ended_cleanly(tmp_path: Path) -> None:
    with supervised(tmp_path, "steady", "second"):
        eventually(lambda: starts(tmp_path, "second") != [], "both started")
        eventually(lambda: starts(tmp_path, "steady") != [], "both started")
        time.sleep(0.3)
    assert (tmp_path / "steady.ended").exists() and (tmp_path / "second.ended").exists()


def test_a_killed_process_is_started_again_and_the_others_are_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with supervised(tmp_path, "steady", "second") as supervisor:
        eventually(lambda: len(starts(tmp_path, "steady")) == 1, "first start")
        eventually(lambda: len(starts(tmp_path, "second")) == 1, "first start")
        os.kill(starts(tmp_path, "steady")[0], signal.SIGKILL)
        eventually(lambda: len(starts(tmp_path, "steady")) == 2, "restart")
        eventually(lambda: "event=process_back" in caplog.text, "return is logged")
        assert supervisor.restarts == {"steady": 1, "second": 0}
        assert len(starts(tmp_path, "second")) == 1
    assert caplog.text.count("event=process_ended") == 1


def test_a_crash_loop_slows_down_and_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with supervised(tmp_path, "crashes") as supervisor:
        eventually(lambda: supervisor.restarts["crashes"] >= 3, "restarts")
        assert supervisor._children[0].pause_seconds >= 4 * service.FIRST_PAUSE_SECONDS
    assert caplog.text.count("event=process_ended") == 1
    assert "event=process_back" not in caplog.text


def test_a_refused_configuration_ends_the_service_instead_of_looping(tmp_path: Path) -> None:
    supervisor = Supervisor(
        Config(state=State(tmp_path)), ["misconfigured", "steady"], stages_to_run.run
    )
    with pytest.raises(ConfigurationError, match="misconfigured"):
        supervisor.run(threading.Event())
    assert supervisor.restarts["misconfigured"] == 0


def test_a_deaf_process_is_killed_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "STOP_SECONDS", 0.5)
    with supervised(tmp_path, "deaf"):
        eventually(lambda: starts(tmp_path, "deaf") != [], "start")
        time.sleep(0.3)
    pid = starts(tmp_path, "deaf")[0]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_second_service_on_the_same_state_is_refused_by_name(tmp_path: Path) -> None:
    with supervised(tmp_path, "steady"):
        eventually(lambda: starts(tmp_path, "steady") != [], "start")
        with pytest.raises(ServiceHeld, match=rf"process {os.getpid()}\) uses"):
            Supervisor(Config(state=State(tmp_path)), ["steady"], stages_to_run.run).run(
                threading.Event()
            )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@contextmanager
def collector(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], Config]]:
    file = folder / "collector.toml"
    file.write_text(
        f'[state]\ndirectory = "state"\n[mqtt]\nlisten_port = {free_port()}\n'
        f"[web]\nport = {free_port()}\n"
    )
    command = [sys.executable, "-m", "heatward_collector", "run", "-c", str(file)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            yield process, load(file)
        finally:
            process.kill()
            process.wait()


def reported_pids(config: Config) -> dict[str, int]:
    found = {stage: read_status(config.state.status, stage) for stage in stages_of(config)}
    return {stage: status["pid"] for stage, status in found.items() if status is not None}


def test_children_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    with collector(tmp_path) as (process, config):
        eventually(lambda: {"ingest", "web"} <= set(reported_pids(config)), "start", 180)
        pids = list(reported_pids(config).values())
        assert is_running(pids[0])
        process.kill()
        eventually(lambda: not any(map(is_running, pids)), "children ended with it", 120)


def test_the_whole_collector_runs_on_defaults_answers_and_ends_on_sigterm(tmp_path: Path) -> None:
    with collector(tmp_path) as (process, config):
        address = f"http://127.0.0.1:{config.web.port}/healthz"

        def is_healthy() -> bool:
            try:
                return httpx.get(address).status_code == 200
            except httpx.TransportError:
                return False

        eventually(is_healthy, "every process reports and none has a fault", 300)
        pids = list(reported_pids(config).values())
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0
        assert not any(map(is_running, pids))
        greeting, *log = (tmp_path / "log").read_text().split("/invitation/")
        assert greeting.startswith("http://")
        lines = [json.loads(line) for line in log[0].splitlines()[1:]]
        assert [line for line in lines if line["level"] in ("error", "critical")] == []


def test_a_broker_runs_only_where_none_is_named() -> None:
    usual = ("broker", "ingest", "view", "seal", "evaluate", "cases", "notify", "watch", "web")
    assert stages_of(Config()) == usual
    assert "broker" not in stages_of(parse('[mqtt]\nurl = "mqtt://broker"'))


def test_a_weather_service_is_asked_only_where_one_is_named() -> None:
    assert "outdoor" not in stages_of(Config())
    assert "outdoor" in stages_of(parse('[outdoor]\nurl = "https://weather.example/"'))


def test_systemd_is_told_where_it_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        service.notify_systemd("READY=1")
        assert listener.recv(100) == b"READY=1"
    monkeypatch.delenv("NOTIFY_SOCKET")
    service.notify_systemd("READY=1")
