"""Receivers of alerts that answer as real ones do: well, badly, late, or not at all."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from aiosmtpd.controller import Controller

from support.ports import HOST, free_port


@dataclass(slots=True)
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class WebReceiver:
    """A web server whose next answers a test sets: (status, body, headers), or seconds to hang."""

    url: str = ""
    answers: list[Any] = field(default_factory=list)
    usual: tuple[int, str] = (200, '{"errcode": 0, "errmsg": "ok"}')
    received: list[Received] = field(default_factory=list)

    def next_answer(self) -> Any:
        return self.answers.pop(0) if self.answers else self.usual


@contextmanager
def web_receiver() -> Iterator[WebReceiver]:
    """Run a receiver on a free port."""
    receiver, done = WebReceiver(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length).decode()
            receiver.received.append(Received(self.path, dict(self.headers), body))
            answer = receiver.next_answer()
            if isinstance(answer, int | float):
                done.wait(answer)
                answer = (200, "{}")
            status, text, *more = answer
            self.send_response(status)
            for key, value in (more[0] if more else {}).items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that gave up is what some tests are about."""

    server = Server((HOST, 0), Handler)
    receiver.url = f"http://{HOST}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        done.set()
        server.shutdown()
        server.server_close()


class Postman:
    """A mail server that keeps what it takes; ``refusals`` are its next words instead."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refusals: list[str] = []

    async def handle_DATA(  # noqa: N802 (the name that aiosmtpd calls)
        self, server: object, session: object, envelope: Any
    ) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append(cast(EmailMessage, mail))
        return "250 OK"


@contextmanager
def mail_receiver() -> Iterator[tuple[Postman, str]]:
    """Run a mail server; yield it with the address by which apprise reaches it."""
    postman, port = Postman(), free_port()
    controller = Controller(postman, hostname=HOST, port=port)
    controller.start()
    try:
        address = f"mailto://{HOST}:{port}/?from=heat@example.org&to=office@example.org"
        yield postman, address
    finally:
        controller.stop()


def until(condition: Any, seconds: float = 15.0) -> None:
    """Wait until something holds."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it never came to be"
        time.sleep(0.02)
