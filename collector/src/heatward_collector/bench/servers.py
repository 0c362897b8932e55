"""The servers of a measurement: real ones, with settings made for it, ended with it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from heatward_collector.errors import HeatwardError
from heatward_collector.servers.ports import HOST, free_port

READY_SECONDS = 60.0
STOP_SECONDS = 10.0
MOSQUITTO = """\
listener {port} {host}
allow_anonymous true
persistence false
max_inflight_messages 20000
max_queued_messages 0
max_queued_bytes 0
set_tcp_nodelay true
log_type error
log_type warning
"""
INFLUXD = """\
reporting-disabled = true
bind-address = "{host}:{rpc_port}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  index-version = "tsi1"
  max-values-per-tag = 0
  query-log-enabled = false
[http]
  bind-address = "{host}:{port}"
  log-enabled = false
[monitor]
  store-enabled = false
[logging]
  level = "warn"
"""
INFLUXD_PLACES = (
    Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "heatward-check" / "influxd",
    Path.home() / "go" / "bin" / "influxd",
)
"""Where ./check and ``go install`` put InfluxDB 1.8.10, which speaks /api/v2/write itself."""


def find_mosquitto() -> str:
    """Return the path of Mosquitto. Raises HeatwardError where there is none."""
    found = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise HeatwardError("mosquitto is not installed: apt install mosquitto mosquitto-clients")
    return found


def find_influxd() -> Path | None:
    """Return the path of an InfluxDB that speaks /api/v2/write, or None."""
    named = os.environ.get("HEATWARD_INFLUXD")
    places = (*([Path(named)] if named else ()), *INFLUXD_PLACES)
    return next((place for place in places if os.access(place, os.X_OK)), None)


@contextmanager
def running(command: Sequence[str], port: int, log: Path) -> Iterator[int]:
    """Run a server until the end of the block; give its process id once it answers."""
    with started(command, log, lambda: _answers(port)) as pid:
        yield pid


@contextmanager
def started(command: Sequence[str], log: Path, is_ready: Callable[[], bool]) -> Iterator[int]:
    """Run a program until the end of the block; give its process id once it is ready.

    Raises HeatwardError where it ends before, or does not get there in time.
    """
    with log.open("ab") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, stdin=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(errors="replace")[-1000:]
                raise HeatwardError(f"{command[0]} does not start:\n{said}")
            time.sleep(0.02)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def mosquitto(folder: Path) -> Iterator[tuple[int, int, str]]:
    """Run Mosquitto; give its port, process id and settings."""
    port = free_port()
    settings = MOSQUITTO.format(host=HOST, port=port)
    file = folder / "mosquitto.conf"
    file.write_text(settings)
    with running([find_mosquitto(), "-c", str(file)], port, folder / "mosquitto.log") as pid:
        yield port, pid, settings


@contextmanager
def influxdb(folder: Path, program: Path) -> Iterator[tuple[int, int]]:
    """Run InfluxDB 1.8; give its port and process id."""
    port = free_port()
    file = folder / "influxdb.conf"
    text = INFLUXD.format(host=HOST, port=port, rpc_port=free_port(), folder=folder / "influxdb")
    file.write_text(text)
    command = [str(program), "run", "-config", str(file)]
    with running(command, port, folder / "influxd.log") as pid:
        yield port, pid


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0
