"""A web server that takes alerts, answers as it is told, and remembers the ids that it took."""

from __future__ import annotations

import threading
from collections import deque
from http.server import BaseHTTPRequestHandler

from heatward_collector.servers.little_server import LittleServer

LONGEST_BODY = 65_536


class Receiver:
    """Answers 200 unless ``answers`` holds something else for the next: a status, or seconds."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        """The body of every request that was answered with 200, in order: the message's id."""
        self.answers: deque[int | float] = deque()
        self._closing = threading.Event()
        self._server = _server(self)
        self.url = self._server.url
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, body: str) -> int:
        """Return the status of an answer; a float in ``answers`` first hangs so long."""
        told = self.answers.popleft() if self.answers else 200
        if isinstance(told, float):
            self._closing.wait(told)
            told = 200
        if told == 200:
            self.taken.append(body)
        return told

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()


def _server(receiver: Receiver) -> LittleServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 (the name that http.server calls)
            length = min(int(self.headers.get("Content-Length", 0)), LONGEST_BODY)
            status = receiver.answer(self.rfile.read(length).decode())
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return LittleServer(Handler)
