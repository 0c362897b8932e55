"""A weather service on a real socket, whose answer a test decides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from heatward_collector.servers.little_server import LittleServer, serving_at


class _Answers(BaseHTTPRequestHandler):
    server: WeatherService

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *arguments: object) -> None:
        """Keep the test's output quiet."""


class WeatherService(LittleServer):
    """Gives ``answer`` with ``status`` to everybody; ``asked`` holds the paths."""

    def __init__(self) -> None:
        super().__init__(_Answers)
        self.asked: list[str] = []
        self.status, self.answer = 200, b"time,celsius\n2026-01-02T00:00Z,-20\n"


@contextmanager
def weather_service() -> Iterator[WeatherService]:
    """Serve until the end of the block."""
    service = WeatherService()
    with serving_at(service):
        yield service


def address(service: WeatherService) -> str:
    """Return the template of its address."""
    return f"{service.url}w?place={{district}}&from={{from}}&to={{to}}"
