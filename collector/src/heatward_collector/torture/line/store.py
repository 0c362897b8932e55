"""The database of a line, which a fault stops, kills and starts again."""

from __future__ import annotations

from pathlib import Path

from heatward_collector.servers.influxdb import Front, Influxd, debians_influxd, find_influxd
from heatward_collector.servers.ports import HOST, free_port

REWRITE = """\
map $arg_bucket $database {{ default $arg_bucket; ~^(?<name>[^/%]+)(/|%2F).*$ $name; }}
server {{
  listen {host}:{port};
  client_max_body_size 25m;
  location = /api/v2/write {{
    set $args "db=$database&precision=$arg_precision";
    proxy_set_header Authorization "";
    proxy_pass http://{host}:{influxd_port}/write;
  }}
  location / {{ proxy_pass http://{host}:{influxd_port}; }}
}}
"""
"""Debian's InfluxDB 1.6.7 has no ``/api/v2/write`` of its own: seconds are ``s`` in both."""


class Store(Influxd):
    """InfluxDB 1.8 where ./check built it, else Debian's 1.6.7 behind nginx."""

    def __init__(self, folder: Path) -> None:
        newer = find_influxd()
        super().__init__(folder, newer or debians_influxd())
        self.front = _front(folder, self.port) if newer is None else None
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


def _front(folder: Path, influxd_port: int) -> Front:
    port = free_port()
    rewrite = REWRITE.format(host=HOST, port=port, influxd_port=influxd_port)
    return Front(folder, port, rewrite)
