"""One sign-in for pages and Grafana: nginx asks us who it is, and Grafana believes nginx only."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import urllib3
from fastapi.testclient import TestClient

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.config import parse
from support.findings_board import PaperFindingRoom
from support.ports import HOST, free_port
from support.servers import Server, find_program
from support.signed_in import sign_in
from support.street import NOW_S, PaperReadingRoom, every_standing

NGINX = Path(__file__).parents[3] / "dashboards" / "server" / "nginx" / "heatward.conf"


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    config = parse(f'[state]\ndirectory = "{tmp_path}"\n[web]\nhost = "0.0.0.0"')
    room = PaperReadingRoom(every_standing())
    return TestClient(create_app(config, room, lambda: float(NOW_S), PaperFindingRoom()))


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.CITY, Role.DISTRICT, Role.STREET])
def test_offices_are_named_to_grafana(client: TestClient, role: Role) -> None:
    scope = "x" if role in (Role.DISTRICT, Role.STREET) else ""
    person = sign_in(client, role, scope).person
    answer = client.get("/grafana-viewer")
    assert answer.status_code == 204
    assert answer.headers["X-Heatward-Viewer"] == f"{role.value}-{person.id}"


@pytest.mark.parametrize("role", [Role.VOLUNTEER, Role.SUPPLIER, Role.RESIDENT])
def test_who_sees_only_his_own_does_not_get_in(client: TestClient, role: Role) -> None:
    sign_in(client, role, "e")
    answer = client.get("/grafana-viewer", follow_redirects=False)
    assert answer.status_code in (303, 404)
    assert "X-Heatward-Viewer" not in answer.headers


def test_somebody_unknown_does_not_get_in(client: TestClient) -> None:
    assert client.get("/grafana-viewer", follow_redirects=False).status_code in (303, 404)


def test_nginx_lets_in_whom_we_name_and_believes_no_header_from_outside(tmp_path: Path) -> None:
    with upstream(_we) as pages, upstream(_grafana) as grafana:
        server = _nginx(tmp_path, pages, grafana)
        server.start()
        try:
            http = urllib3.PoolManager(retries=False)
            address = f"http://{HOST}:{server.port}/grafana/d/heatward-street"
            forged = {"X-WEBAUTH-USER": "admin"}
            refused = http.request("GET", address, headers=forged, redirect=False)
            assert refused.status == 302
            assert refused.headers["Location"].endswith("/login?next=/grafana/d/heatward-street")
            known = {**forged, "Cookie": "heatward_session=good", "Authorization": "Basic eDp5"}
            answer = http.request("GET", address, headers=known)
            assert answer.data == b"user=street-7 authorization="
            inner = http.request("GET", f"http://{HOST}:{server.port}/grafana-viewer")
            assert inner.status == 401
        finally:
            server.stop()


def _we(request: BaseHTTPRequestHandler) -> tuple[int, dict[str, str], bytes]:
    if "heatward_session=good" in request.headers.get("Cookie", ""):
        return 204, {"X-Heatward-Viewer": "street-7"}, b""
    return 303, {"Location": "/login"}, b""


def _grafana(request: BaseHTTPRequestHandler) -> tuple[int, dict[str, str], bytes]:
    user = request.headers.get("X-WEBAUTH-USER", "")
    authorization = request.headers.get("Authorization", "")
    return 200, {}, f"user={user} authorization={authorization}".encode()


@contextmanager
def upstream(answer) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            status, headers, body = answer(self)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer((HOST, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _nginx(folder: Path, pages: int, grafana: int) -> Server:
    """Return an nginx with the configuration that we ship, but for TLS and the ports."""
    port = free_port()
    lines = NGINX.read_text("utf-8").replace("listen 443 ssl;", f"listen {HOST}:{port};")
    shipped = "\n".join(line for line in lines.splitlines() if "ssl_" not in line)
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"daemon off; master_process off; pid {folder}/nginx.pid; error_log stderr warn;\n"
        "events { worker_connections 64; }\nhttp { access_log off;\n"
        + "".join(
            f"{name}_temp_path {folder}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + f"upstream heatward_pages {{ server {HOST}:{pages}; }}\n"
        f"upstream heatward_grafana {{ server {HOST}:{grafana}; }}\n{shipped}\n}}\n"
    )
    command = [find_program("nginx"), "-p", str(folder), "-c", str(configuration)]
    return Server(command, port, folder / "nginx.log")


def test_a_building_leads_to_the_same_building_and_days_in_grafana(tmp_path: Path) -> None:
    text = f'[state]\ndirectory = "{tmp_path}"\n[web]\nhost = "0.0.0.0"\n'
    config = parse(f'{text}[display]\ngrafana_url = "https://heat.example/grafana/"')
    room = PaperReadingRoom(every_standing())
    client = TestClient(create_app(config, room, lambda: float(NOW_S), PaperFindingRoom()))
    sign_in(client, Role.CITY)
    for language, uid in (("zh", "heatward-building"), ("en", "heatward-building-en")):
        page = client.get(f"/building/b-02?days=7&lang={language}").text
        link = f"https://heat.example/grafana/d/{uid}?var-building=b-02&amp;from=now-7d&amp;to=now"
        assert link in page
    without = TestClient(create_app(parse(text), room, lambda: float(NOW_S), PaperFindingRoom()))
    sign_in(without, Role.CITY)
    assert "grafana" not in without.get("/building/b-02").text
