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
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.api.frame.grafana_viewer import days_since
from heatward_collector.config import parse
from heatward_collector.servers.program import Program
from support.findings_board import PaperFindingRoom, every_state
from support.ports import HOST, free_port
from support.servers import find_program
from support.signed_in import sign_in
from support.street import NOW_S, PaperReadingRoom, every_standing

GRAFANA = "https://heat.example/grafana"
NGINX = Path(__file__).parents[4] / "dashboards" / "server" / "nginx" / "heatward.conf"


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
            table = f"http://{HOST}:{server.port}/d/heatward-building?var-building=b1"
            onward = http.request("GET", table, redirect=False).headers["Location"]
            assert onward.endswith("/grafana/d/heatward-building?var-building=b1")
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


def _nginx(folder: Path, pages: int, grafana: int) -> Program:
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
    return Program(command, port, folder / "nginx.log")


@pytest.fixture
def beside(tmp_path: Path) -> TestClient:
    """Return the pages of a collector whose Grafana has an address."""
    text = f'[state]\ndirectory = "{tmp_path}"\n[web]\nhost = "0.0.0.0"\n'
    config = parse(f'{text}[display]\ngrafana_url = "{GRAFANA}/"')
    room = PaperReadingRoom(every_standing())
    findings = PaperFindingRoom(every_state())
    return TestClient(create_app(config, room, lambda: float(NOW_S), findings))


def test_a_building_leads_to_the_same_building_and_days_in_grafana(beside: TestClient) -> None:
    sign_in(beside, Role.CITY)
    for language, uid in (("zh", "heatward-building"), ("en", "heatward-building-en")):
        page = beside.get(f"/building/b-02?days=7&lang={language}").text
        link = f"{GRAFANA}/d/{uid}?var-building=b-02&amp;from=now-7d&amp;to=now"
        assert link in page


def test_a_building_shows_the_days_that_were_looked_at_in_grafana(beside: TestClient) -> None:
    sign_in(beside, Role.CITY)
    for since, days in (("now-7d", 7), ("now/fy", 30), (str(1000 * (NOW_S - 5 * 86_400)), 7)):
        page = beside.get(f"/building/b-02?from={since}&to=now").text
        assert f"from=now-{days}d&amp;to=now" in page, since
    assert "from=now-2d&amp;to=now" in beside.get("/building/b-02?from=nonsense").text


@pytest.mark.parametrize(
    ("since", "days"),
    [
        ("now-24h", 2), ("now-48h", 2), ("now-49h", 7), ("now/d", 2), ("now-1d/d", 2),
        ("now-2w", 30), ("now-30d", 30), ("now/fy", 30), ("now", 2),
        ("1795600000000", 2), ("1795000000000", 30), ("2026-11-20T00:00:00.000Z", 7),
        ("", None), ("yesterday", None), ("now-7x", None), ("-5", None), ("9" * 30, None),
    ],
)  # fmt: skip
def test_the_shortest_span_that_reaches_back_is_chosen(since: str, days: int | None) -> None:
    assert days_since(since, (2, 7, 30), 1_795_650_000) == days


@given(st.text(max_size=40))
def test_no_beginning_makes_a_page_fail(since: str) -> None:
    assert days_since(since, (2, 7, 30), 1_795_650_000) in (None, 2, 7, 30)


def test_pages_lead_to_the_dashboard_that_shows_the_same(beside: TestClient) -> None:
    sign_in(beside, Role.STREET, "street-1")
    street = f"{GRAFANA}/d/heatward-street?var-street=street-1&amp;from=now-7d&amp;to=now"
    assert street in beside.get("/today").text
    assert f"{GRAFANA}/d/heatward-pipeline?from=now-24h&amp;to=now" in beside.get("/status").text


def test_a_finding_leads_to_its_days(beside: TestClient) -> None:
    sign_in(beside, Role.CITY)
    alone, shared = (
        beside.get(f"/finding/{key}").text for key in ("acute-building-b-02-1", "acute-source-q-2")
    )
    since = 1000 * (NOW_S - 27 * 3600)
    range_shown = f"from={since}&amp;to=now"
    assert f"{GRAFANA}/d/heatward-building?var-building=b-02&amp;{range_shown}" in alone
    assert f"{GRAFANA}/d/heatward-street?{range_shown}" in shared
    ended = beside.get("/finding/acute-building-b-04-4").text
    assert f"from={since}&amp;to={1000 * (NOW_S + 23 * 3600)}" in ended


def test_without_an_address_no_page_leads_to_grafana(client: TestClient) -> None:
    sign_in(client, Role.CITY)
    for page in ("/building/b-02", "/today", "/status"):
        assert "/d/heatward" not in client.get(page).text, page
