"""InfluxDB 1.x: Debian's 1.6.7 behind an nginx that rewrites, or 1.8.10, which needs none."""

from __future__ import annotations

import os
from pathlib import Path

from heatward_collector.errors import HeatwardError
from heatward_collector.servers.ports import HOST, free_port
from heatward_collector.servers.program import Program, find_program

SETTINGS = """\
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
PLACES = (
    Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "heatward-check" / "influxd",
    Path.home() / "go" / "bin" / "influxd",
)
"""Where ./check and ``go install`` put InfluxDB 1.8.10, which speaks /api/v2/write itself."""
DEBIANS = Path("/usr/bin/influxd")
NICENESS = 10
"""As in the deployments that come with this: who takes readings goes before."""


def find_influxd() -> Path | None:
    """Return the path of an InfluxDB that speaks /api/v2/write, or None."""
    named = os.environ.get("HEATWARD_INFLUXD")
    places = (*([Path(named)] if named else ()), *PLACES)
    return next((place for place in places if os.access(place, os.X_OK)), None)


def debians_influxd() -> Path:
    """Return the path of Debian's InfluxDB. Raises HeatwardError where there is none."""
    if not os.access(DEBIANS, os.X_OK):
        raise HeatwardError("influxd is not installed: apt install influxdb nginx-light")
    return DEBIANS


class Influxd(Program):
    """The database itself, on a free port."""

    def __init__(self, folder: Path, program: Path, authentication: bool = False) -> None:
        self.state = folder / "influxdb"
        self.state.mkdir(parents=True, exist_ok=True)
        port, file = free_port(), folder / "influxdb.conf"
        text = SETTINGS.format(
            host=HOST,
            port=port,
            rpc_port=free_port(),
            state=self.state,
            authentication=str(authentication).lower(),
        )
        file.write_text(text)
        command = [str(program), "run", "-config", str(file)]
        super().__init__(command, port, folder / "influxd.log", NICENESS)


class Front(Program):
    """The nginx before a 1.6.7: ``rewrite`` is what it does, listening on ``port``."""

    def __init__(self, folder: Path, port: int, rewrite: str) -> None:
        (folder / "influxdb.conf.d").write_text(rewrite)
        file = folder / "nginx.conf"
        file.write_text(NGINX.format(folder=folder))
        program = find_program("nginx", "nginx-light")
        command = [program, "-p", str(folder), "-c", str(file)]
        super().__init__(command, port, folder / "nginx.log")
