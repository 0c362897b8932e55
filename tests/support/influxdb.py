"""Real InfluxDB servers: Debian's 1.6.7 behind the nginx rewrite that we ship, and 1.8.10."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.ports import HOST, free_port
from support.servers import Server, find_program, first_program

VERSIONS = ("1.6.7+nginx", "1.8.10")
USER, PASSWORD = "heatward", "a-Good_pass"
"""Without characters that a query string would need to escape: nginx passes them as they are."""
CHECK_CACHE = Path.home() / ".cache" / "heatward-check" / "influxd"

INFLUXD = """\
reporting-disabled = true
bind-address = "{host}:{rpc_port}"
[meta]
  dir = "{state}/meta"
[data]
  dir = "{state}/data"
  wal-dir = "{state}/wal"
  index-version = "tsi1"
  max-values-per-tag = 0
  query-log-enabled = false
[http]
  bind-address = "{host}:{port}"
  auth-enabled = {authentication}
  log-enabled = false
[monitor]
  store-enabled = false
[logging]
  level = "warn"
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
  include {folder}/influxdb.conf.d;
}}
"""
SHIPPED = Path(__file__).parents[2] / "dashboards" / "server" / "nginx" / "influxdb-1.6.conf"


class InfluxServer:
    """One InfluxDB, with what stands in front of it."""

    def __init__(self, version: str, folder: Path, authentication: bool = False) -> None:
        self.version = version
        self.state = folder / "influxdb"
        self.state.mkdir(parents=True)
        is_old = version.startswith("1.6")
        program = _debian_influxd() if is_old else _newer_influxd()
        self.influxd = _influxd(program, folder, self.state, authentication)
        self._front = _nginx(folder, self.influxd.port) if is_old else None
        self.url = f"http://{HOST}:{(self._front or self.influxd).port}"

    def start(self) -> None:
        """Start what does not run."""
        self.influxd.start()
        if self._front is not None:
            self._front.start()

    def stop(self) -> None:
        """Stop the database only: nginx, where there is one, answers 502 meanwhile."""
        self.influxd.stop()

    def kill(self) -> None:
        """Kill the database as a power cut would."""
        self.influxd.kill()

    def close(self) -> None:
        """Stop everything."""
        self.influxd.stop()
        if self._front is not None:
            self._front.stop()


@contextmanager
def running_influxdb(version: str, authentication: bool = False) -> Iterator[InfluxServer]:
    """Run an InfluxDB of one's own, in a folder that is removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="heatward-influxdb-"))
    try:
        server = InfluxServer(version, folder, authentication)
        server.start()
        try:
            yield server
        finally:
            server.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _debian_influxd() -> str:
    return first_program("influxd 1.6.7 (package influxdb)", [Path("/usr/bin/influxd")])


def _newer_influxd() -> str:
    named = os.environ.get("HEATWARD_INFLUXD")
    places = [CHECK_CACHE, Path.home() / "go" / "bin" / "influxd"]
    return first_program("influxd 1.8.10 (a Go module)", [Path(named)] if named else places)


def _influxd(program: str, folder: Path, state: Path, authentication: bool) -> Server:
    port = free_port()
    configuration = folder / "influxdb.conf"
    configuration.write_text(
        INFLUXD.format(
            host=HOST,
            port=port,
            rpc_port=free_port(),
            state=state,
            authentication=str(authentication).lower(),
        )
    )
    command = [program, "run", "-config", str(configuration)]
    return Server(command, port, folder / "influxd.log")


def _nginx(folder: Path, influxd_port: int) -> Server:
    """Return an nginx with the rewrite that we ship, but for its ports."""
    port = free_port()
    shipped = SHIPPED.read_text("utf-8").replace("127.0.0.1:8087", f"{HOST}:{port}")
    rewrite = folder / "influxdb.conf.d"
    rewrite.write_text(shipped.replace("127.0.0.1:8086", f"{HOST}:{influxd_port}"))
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder))
    command = [find_program("nginx"), "-p", str(folder), "-c", str(configuration)]
    return Server(command, port, folder / "nginx.log")
