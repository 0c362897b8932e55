"""What survives a kill of the notifier: messages missed, and messages sent twice, by their ids.

A receiver in a process of its own writes down every id that it gets. The notifier is forked,
killed with ``kill -9`` at a random moment, and forked again; a mark in the receiver's list tells
what came before which kill.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from heatward_collector.alerts.addresses import Address
from heatward_collector.alerts.channel import Channel
from heatward_collector.alerts.gateway import Gateway
from heatward_collector.alerts.message import Message, Text
from heatward_collector.alerts.outbox import Outbox, put
from heatward_collector.alerts.recipients import Recipients
from heatward_collector.alerts.sender import Notifier
from heatward_collector.core.cases.telling import Policy
from heatward_collector.explain.names import Names
from heatward_collector.registry.database import Database

HOST = "127.0.0.1"
EACH = 3
"""Messages that come into the outbox between two kills."""
LONGEST_LIFE_S = 0.12
"""Every other notifier is killed within this time, whatever it does. [s]"""
ARRIVES_S, AFTER_S = 10.0, 0.01
"""The others are killed within a moment after something has arrived: between that and the commit
lies what is sent twice. They are given so long to send. [s]"""
MARK = "kill"
_TODAY = date(2026, 1, 1)
_PERSONS = [{"id": "p", "role": "duty_phone", "subject": "s", "name": "p", "phone": ""}]
_CONTACTS = [
    {"person": "p", "rank": 1, "from_day": None, "to_day": None, "channel": "c", "language": "zh"}
]


@dataclass(frozen=True, slots=True)
class NotifierKilled:
    """The counts of one run."""

    kills: int
    put: int
    arrived: int
    """Messages that arrived at least once."""
    doubled: int
    """Arrivals beyond the first."""
    most_doubled_by_a_kill: int
    strange: int
    """Ids that were never put."""

    @property
    def missed(self) -> int:
        """Messages that never arrived."""
        return self.put - self.arrived

    @property
    def is_right(self) -> bool:
        """Whether nothing is missed, and no kill doubled more than one."""
        return self.missed == 0 and self.most_doubled_by_a_kill <= 1 and self.strange == 0


def measure(kills: int, seed: int, progress: Callable[[], None]) -> NotifierKilled:
    """Kill a notifier again and again while messages come in; count what arrives."""
    chance = random.Random(seed)
    context = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory(prefix="heatward-bench-") as name:
        folder = Path(name)
        address, receiver = _receiver(context, folder / "received")
        outbox = Outbox(Database(f"sqlite:///{folder / 'outbox.sqlite'}"))
        ids: list[str] = []
        for number in range(kills):
            ids += _put(outbox, [f"{number}-{one}" for one in range(EACH)])
            outbox.database.close()  # no connection is shared with the child
            child = context.Process(target=_send, args=(folder, address), daemon=True)
            child.start()
            if number % 2:
                _wait_for_growth(folder / "received")
                time.sleep(chance.uniform(0, AFTER_S))
            else:
                time.sleep(chance.uniform(0, LONGEST_LIFE_S))
            _kill(child)
            _mark(address)
            progress()
        child = context.Process(target=_send, args=(folder, address), daemon=True)
        child.start()
        while outbox.counts().get("waiting", 0):
            time.sleep(0.05)
        _kill(child)
        _kill(receiver)
        outbox.database.close()
        return counted((folder / "received").read_text().split("\n")[:-1], ids, kills)


def counted(lines: list[str], ids: list[str], kills: int) -> NotifierKilled:
    """Count a receiver's list: ids in the order of their arrival, with a mark after each kill."""
    last: dict[str, int] = {}
    by_kill: Counter[int] = Counter()
    segment, doubled = 0, 0
    for line in lines:
        if line == MARK:
            segment += 1
            continue
        if line in last:
            doubled += 1
            by_kill[last[line]] += 1
        last[line] = segment
    known = set(ids)
    return NotifierKilled(
        kills,
        len(known),
        len(last.keys() & known),
        doubled,
        max(by_kill.values(), default=0),
        len(last.keys() - known),
    )


def _put(outbox: Outbox, keys: list[str]) -> list[str]:
    text = Text("测试", "test", "测试", "test")
    some = [Message(key, "p", "p", "", "zh", "officer", Policy.AT_ONCE, 0, text) for key in keys]
    with outbox.database.edit() as connection:
        put(connection, some)
    return keys


def _send(folder: Path, address: str) -> None:
    """Be a notifier until killed."""
    outbox = Outbox(Database(f"sqlite:///{folder / 'outbox.sqlite'}"))
    channels: dict[str, Channel] = {"c": Gateway(Address("c", address, template="$id"))}
    recipients = Recipients([{**one, "from_day": None} for one in _PERSONS], [], _CONTACTS)
    notifier = Notifier(
        outbox,
        channels,
        lambda: recipients,
        Names,
        time.time,
        lambda: _TODAY,
        lambda parts, channel, now_s: lambda connection: None,
    )
    while True:
        if not notifier.step():
            time.sleep(0.002)


def _receiver(context: Any, file: Path) -> tuple[str, BaseProcess]:
    """Start a receiver that takes one request after the other; return its address."""
    ready, told = context.Pipe(duplex=False)
    process: BaseProcess = context.Process(target=_receive, args=(file, told), daemon=True)
    process.start()
    return f"http://{HOST}:{ready.recv()}/", process


def _receive(file: Path, told: Any) -> None:
    with file.open("a", buffering=1) as received:

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # noqa: N802 (the name that http.server calls)
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) < length:  # the sender was killed amid its body: nothing arrived
                    return
                received.write(f"{body.decode()}\n")
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: the file says everything."""

        class Server(HTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                """A notifier that was killed does not wait for its answer."""

        server = Server((HOST, 0), Handler)
        told.send(server.server_address[1])
        server.serve_forever()


def _wait_for_growth(file: Path) -> None:
    """Wait until the receiver has written something more."""
    before, ends = file.stat().st_size, time.monotonic() + ARRIVES_S
    while file.stat().st_size == before and time.monotonic() < ends:
        time.sleep(0.0005)


def _mark(address: str) -> None:
    """Let the receiver note that a notifier was killed, behind all that it had sent."""
    urllib.request.urlopen(address, MARK.encode(), timeout=10).close()


def _kill(child: BaseProcess) -> None:
    if child.pid is not None:
        os.kill(child.pid, signal.SIGKILL)
    child.join()
