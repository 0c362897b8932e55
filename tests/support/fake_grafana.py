"""A Grafana that holds folders, dashboards and data sources, and refuses as the real one does."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from support.ports import HOST

ADMIN, PASSWORD, TOKEN = "admin", "a-good-one", "glsa_token"


@dataclass
class FakeGrafana:
    """What a Grafana holds, and every request that would change something."""

    url: str = ""
    folders: dict[str, dict[str, Any]] = field(default_factory=dict)
    dashboards: dict[str, dict[str, Any]] = field(default_factory=dict)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    provisioned: set[str] = field(default_factory=set)
    writes: list[str] = field(default_factory=list)
    is_editor_only: bool = False

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Return status and answer of one request."""
        kind, _, uid = path.removeprefix("/grafana/api/").rpartition("/")
        if method != "GET":
            self.writes.append(f"{method} {path.removeprefix('/grafana/api')}")
            if self.is_editor_only:
                return 403, {"message": "Access denied"}
        if path.endswith("/api/health"):
            return 200, {"database": "ok", "version": "11.6.0"}
        if method == "GET":
            return self._held(kind, uid)
        if path.endswith("/dashboards/db"):
            return self._keep(body)
        if kind == "folders" or path.endswith("/folders"):
            held = self.folders.get(body.get("uid", uid), {"uid": body.get("uid"), "version": 0})
            self.folders[held["uid"]] = {
                **held,
                "title": body["title"],
                "version": held["version"] + 1,
            }
            return 200, self.folders[held["uid"]]
        self.sources[body["uid"]] = body
        return 200, {"datasource": body}

    def _held(self, kind: str, uid: str) -> tuple[int, dict[str, Any]]:
        if kind == "dashboards/uid" and uid in self.dashboards:
            meta = {"provisioned": uid in self.provisioned}
            return 200, {"dashboard": self.dashboards[uid], "meta": meta}
        if kind == "folders" and uid in self.folders:
            return 200, self.folders[uid]
        if kind == "datasources/uid" and uid in self.sources:
            is_kept_by_file = uid in self.provisioned
            hidden = {k: v for k, v in self.sources[uid].items() if k != "secureJsonData"}
            return 200, {**hidden, "readOnly": is_kept_by_file}
        return 404, {"message": "not found"}

    def _keep(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        made = body["dashboard"]
        if made["uid"] in self.provisioned:
            return 400, {"message": "Cannot save provisioned dashboard"}
        if body["folderUid"] not in self.folders:
            return 400, {"message": "folder not found"}
        version = self.dashboards.get(made["uid"], {"version": 0})["version"] + 1
        self.dashboards[made["uid"]] = {**made, "id": len(self.dashboards) + 1, "version": version}
        return 200, {"uid": made["uid"], "status": "success", "version": version}


@contextmanager
def running_grafana() -> Iterator[FakeGrafana]:
    """Run one under a path of its own, as behind a reverse proxy."""
    grafana = FakeGrafana()
    basic = base64.b64encode(f"{ADMIN}:{PASSWORD}".encode()).decode()
    allowed = {f"Basic {basic}", f"Bearer {TOKEN}"}

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"null") or {}
            status, answer = (
                grafana.answer(self.command, self.path, body)
                if self.headers.get("Authorization") in allowed
                else (401, {"message": "Invalid username or password"})
            )
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = _serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer((HOST, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    grafana.url = f"http://{HOST}:{server.server_port}/grafana"
    try:
        yield grafana
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
