"""nginx before an InfluxDB whose tokens may do everything: Grafana reads one database, no more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import urllib3

from heatward_collector.servers.program import Program
from support.ports import HOST, free_port
from support.servers import find_program

SHIPPED = (
    Path(__file__).parents[2] / "dashboards" / "server" / "nginx" / "influxdb-3-core.conf"
).read_text("utf-8")
READ = "/query?db=heatward_display&epoch=ms&q=SELECT+%22state%22+FROM+%22x%22"


class Database(BaseHTTPRequestHandler):
    """Answers whatever reaches it."""

    def do_GET(self) -> None:  # noqa: N802
        body = f"{self.command} {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_DELETE = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    database = ThreadingHTTPServer((HOST, 0), Database)
    thread = threading.Thread(target=database.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    shipped = SHIPPED.replace("127.0.0.1:8182", f"{HOST}:{port}")
    shipped = shipped.replace("127.0.0.1:8181", f"{HOST}:{database.server_port}")
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr warn;\n"
        f"events {{ worker_connections 64; }}\nhttp {{\n{temporary}{shipped}\n}}\n"
    )
    command = [find_program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    server = Program(command, port, folder / "nginx.log")
    server.start()
    try:
        yield f"http://{HOST}:{port}"
    finally:
        server.stop()
        database.shutdown()
        database.server_close()
        thread.join()


def test_reading_is_let_through(proxy: str) -> None:
    answer = urllib3.request("GET", f"{proxy}{READ}")
    assert (answer.status, answer.data.decode()) == (200, f"GET {READ}")
    assert urllib3.request("GET", f"{proxy}/ping").status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", READ),
        ("DELETE", READ),
        ("GET", "/query?db=heatward&q=SELECT+1"),
        ("GET", "/query?q=SELECT+1"),
        ("GET", "/query?db=heatward_display&db=heatward&q=SELECT+1"),
        ("GET", "/query?db=heatward&db=heatward_display&q=SELECT+1"),
        ("GET", "/query?db=heatward_display&%64b=heatward&q=SELECT+1"),
        ("GET", "/query?db=heatward_display2&q=SELECT+1"),
        ("GET", "/api/v3/query_sql?db=heatward_display&q=SELECT+1"),
        ("POST", "/api/v3/write_lp?db=heatward_display"),
        ("POST", "/write?db=heatward_display"),
        ("POST", "/api/v2/write?bucket=heatward_display"),
        ("DELETE", "/api/v3/configure/database?db=heatward_display"),
        ("GET", "/api/v3/configure/token"),
        ("GET", "//query?db=heatward&q=SELECT+1"),
    ],
)
def test_everything_else_is_refused(proxy: str, method: str, path: str) -> None:
    assert urllib3.request(method, f"{proxy}{path}").status == 403
