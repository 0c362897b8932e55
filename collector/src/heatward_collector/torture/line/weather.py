"""A weather service that gives another answer to every question, and remembers them all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from heatward_collector.servers.little_server import LittleServer, serving_at

HOUR_S = 3_600
LEVELS = 2_000
"""So many answers differ, by a hundredth of a degree each, before one is like the first again."""

Answer = dict[int, float]
"""Temperature by time. [s UTC, degC]"""


class WeatherService:
    """Corrects all its values with every answer."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self._one_at_a_time = threading.Lock()

    def answer(self, begin_s: int, end_s: int) -> Answer:
        """Return the hourly values of [begin, end)."""
        with self._one_at_a_time:
            celsius = -25.0 + len(self.answers) % LEVELS / 100
            first = -(-begin_s // HOUR_S) * HOUR_S
            self.answers.append({time_s: celsius for time_s in range(first, end_s, HOUR_S)})
            return self.answers[-1]


@contextmanager
def forecasting(service: WeatherService) -> Iterator[str]:
    """Serve it, and yield the template of its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 (the name that http.server calls)
            asked = parse_qs(urlsplit(self.path).query)
            values = service.answer(_seconds(asked["from"][0]), _seconds(asked["to"][0]))
            rows = [f"{_text(time_s)},{celsius:.2f}" for time_s, celsius in values.items()]
            self.send_response(200)
            self.end_headers()
            self.wfile.write("\n".join(["time,celsius", *rows, ""]).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with serving_at(LittleServer(Handler)) as address:
        yield f"{address}hourly?place={{district}}&from={{from}}&to={{to}}"


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _text(time_s: int) -> str:
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
