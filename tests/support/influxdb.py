"""Real InfluxDB servers: Debian's 1.6.7 behind the nginx rewrite that we ship, and 1.8.10."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from heatward_collector.servers import influxdb
from heatward_collector.servers.ports import HOST, free_port
from heatward_collector.servers.program import Program
from support.servers import find_program, first_program

VERSIONS = ("1.6.7+nginx", "1.8.10")
USER, PASSWORD = "heatward", "a-Good_pass"
"""Without characters that a query string would need to escape: nginx passes them as they are."""
SHIPPED = Path(__file__).parents[2] / "dashboards" / "server" / "nginx" / "influxdb-1.6.conf"


class InfluxServer:
    """One InfluxDB, with what stands in front of it."""

    def __init__(self, version: str, folder: Path, authentication: bool = False) -> None:
        self.version = version
        is_old = version.startswith("1.6")
        program = _debian_influxd() if is_old else _newer_influxd()
        self.influxd = influxdb.Influxd(folder, Path(program), authentication)
        self._front = _front(folder, self.influxd.port) if is_old else None
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
    return first_program("influxd 1.6.7 (package influxdb)", [influxdb.DEBIANS])


def _newer_influxd() -> str:
    found = influxdb.find_influxd()
    return first_program("influxd 1.8.10 (a Go module)", [found] if found else [])


def _front(folder: Path, influxd_port: int) -> Program:
    """Return an nginx with the rewrite that we ship, but for its ports."""
    find_program("nginx")
    port = free_port()
    rewrite = SHIPPED.read_text("utf-8").replace("127.0.0.1:8087", f"{HOST}:{port}")
    rewrite = rewrite.replace("127.0.0.1:8086", f"{HOST}:{influxd_port}")
    return influxdb.Front(folder, port, rewrite)
