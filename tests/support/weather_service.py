"""A weather service on a real socket, whose answer a test decides."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *arguments: object) -> None:
        """Keep the test's output quiet."""


@contextmanager
def weather_service() -> Iterator[HTTPServer]:
    """Serve ``server.answer`` with ``server.status``; ``server.asked`` holds what was asked."""
    server = HTTPServer(("127.0.0.1", 0), _Answers)
    server.asked, server.status, server.answer = [], 200, b"time,celsius\n2026-01-02T00:00Z,-20\n"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def address(service: HTTPServer) -> str:
    """Return the template of its address."""
    return f"http://127.0.0.1:{service.server_port}/w?place={{district}}&from={{from}}&to={{to}}"
