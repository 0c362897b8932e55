"""Real servers as child processes that a fault stops, kills, halts and starts again."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from heatward_collector.bench.servers import INFLUXD, find_influxd, find_mosquitto
from heatward_collector.errors import HeatwardError
from heatward_collector.servers.ports import HOST, free_port

READY_SECONDS = 60.0
STOP_SECONDS = 10.0
MOSQUITTO = """\
listener {port} {host}
allow_anonymous true
persistence true
persistence_location {state}/
max_inflight_messages 20000
max_queued_messages 100000
max_packet_size 67584
user root
log_type error
log_type warning
{more}
"""
NGINX = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  client_max_body_size 25m;
  map $arg_bucket $database {{ default $arg_bucket; ~^(?<name>[^/%]+)(/|%2F).*$ $name; }}
  server {{
    listen {host}:{port};
    location = /api/v2/write {{
      set $args "db=$database&precision=$arg_precision";
      proxy_set_header Authorization "";
      proxy_pass http://{host}:{influxd_port}/write;
    }}
    location / {{ proxy_pass http://{host}:{influxd_port}; }}
  }}
}}
"""
"""Debian's InfluxDB 1.6.7 has no ``/api/v2/write`` of its own: seconds are ``s`` in both."""
DEBIANS_INFLUXD = Path("/usr/bin/influxd")


class Program:
    """One server process and the port on which it is ready."""

    def __init__(self, command: Sequence[str], port: int, log: Path) -> None:
        self.port = port
        self.kills = 0
        self._command, self._log = list(command), log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait for its port; does nothing where it runs. Raises HeatwardError."""
        if self.is_running:
            return
        self.begin()
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(self.port):
            if not self.is_running or time.monotonic() > deadline:
                said = self._log.read_text(errors="replace")[-1000:]
                raise HeatwardError(f"{self._command[0]} does not start:\n{said}")
            time.sleep(0.01)

    def begin(self) -> None:
        """Start it without waiting: some faults keep it from ever being ready."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    def stop(self) -> None:
        """End it as an administrator would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self.kills += self.is_running
            self._process.kill()
            self._process.wait()

    def halt(self) -> None:
        """Let it stand still, as a machine that hangs."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it run again."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)


class Mosquitto(Program):
    """A broker with persistence at its defaults, unless ``more`` says otherwise."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.state = folder / "broker"
        self.state.mkdir(parents=True, exist_ok=True)
        port, file = free_port(), folder / "mosquitto.conf"
        file.write_text(MOSQUITTO.format(host=HOST, port=port, state=self.state, more=more))
        super().__init__([find_mosquitto(), "-c", str(file)], port, folder / "mosquitto.log")

    def lose_everything(self) -> None:
        """Kill it and delete its sessions and queues."""
        self.kill()
        for one in self.state.iterdir():
            one.unlink()


class Influxd(Program):
    """InfluxDB 1.8 where ./check built it, else Debian's 1.6.7 behind nginx."""

    def __init__(self, folder: Path) -> None:
        newer = find_influxd()
        if newer is None and not DEBIANS_INFLUXD.exists():
            raise HeatwardError("influxd is not installed: apt install influxdb nginx-light")
        port, file = free_port(), folder / "influxdb.conf"
        text = INFLUXD.format(host=HOST, port=port, rpc_port=free_port(), folder=folder / "store")
        file.write_text(text)
        program = str(newer or DEBIANS_INFLUXD)
        command = [program, "run", "-config", str(file)]
        super().__init__(command, port, folder / "influxd.log")
        self.front = _front(folder, port) if newer is None else None
        self.entrance = self.port if self.front is None else self.front.port
        """Where the line writes and asks."""

    def start(self) -> None:
        """Start what does not run of the server and what stands before it."""
        super().start()
        if self.front is not None:
            self.front.start()

    def close(self) -> None:
        """End everything."""
        self.stop()
        if self.front is not None:
            self.front.stop()


def _front(folder: Path, influxd_port: int) -> Program:
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if program is None:
        raise HeatwardError("nginx is not installed: apt install nginx-light")
    port, file = free_port(), folder / "nginx.conf"
    file.write_text(NGINX.format(host=HOST, port=port, influxd_port=influxd_port, folder=folder))
    return Program([program, "-p", str(folder), "-c", str(file)], port, folder / "nginx.log")


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0
