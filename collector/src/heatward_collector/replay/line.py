"""A whole collector for a demo or a replay: its processes, in a state folder of their own."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from heatward_collector.config import Config, parse
from heatward_collector.errors import HeatwardError
from heatward_collector.ledger import LedgerReader
from heatward_collector.running.service import Supervisor
from heatward_collector.running.status import read_status
from heatward_collector.servers.ports import free_port
from heatward_node.mqtt import Broker

READY_TIMEOUT_S = 60.0
SETTLE_TIMEOUT_S = 600.0
POLL_SECONDS = 0.1


class Line:
    """A running collector on embedded defaults; use as a context manager."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._supervisor = Supervisor(config)
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    @property
    def broker(self) -> Broker:
        """Where nodes connect."""
        mqtt = self.config.mqtt
        protocol = "3.1.1" if mqtt.embedded else "auto"
        return Broker(mqtt.host, mqtt.port, protocol=protocol)

    @property
    def reader(self) -> LedgerReader:
        """A fresh view of the ledger."""
        return LedgerReader(self.config.state.ledger)

    def __enter__(self) -> Self:
        self._thread.start()
        self._wait(self._is_ready, READY_TIMEOUT_S, "the collector does not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(30)

    @contextmanager
    def paused(self, stage: str | None) -> Iterator[None]:
        """Let one process stand still, as a machine that hangs; none for None."""
        process = None if stage is None else self._supervisor.pids[stage]
        if process is None:
            yield
            return
        os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(process, signal.SIGCONT)

    def settle(self, timeout_s: float = SETTLE_TIMEOUT_S) -> None:
        """Wait until view and verdicts have everything that the ledger holds."""
        self._wait(self._is_settled, timeout_s, "view or verdicts do not catch up")

    def _run(self) -> None:
        try:
            self._supervisor.run(self._stop)
        except BaseException as error:
            self._failure = error
            raise

    def _is_ready(self) -> bool:
        ingest = read_status(self.config.state.status, "ingest")
        return ingest is not None and "mqtt" in ingest["stages"]

    def _is_settled(self) -> bool:
        """Ask the status files twice as often as they are written, and only fresh ones."""
        head = self.reader.head()[0]
        view = read_status(self.config.state.status, "view")
        evaluate = read_status(self.config.state.status, "evaluate")
        if view is None or evaluate is None:
            return False
        return (
            _batch(view, "timeseries") == head
            and _batch(evaluate, "window") == head
            and evaluate["counters"].get("days_waiting", 1) == 0
            and evaluate["counters"].get("days_judged", 0) > 0
        )

    def _wait(self, condition: Callable[[], bool], timeout_s: float, failure: str) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            if self._failure is not None:
                raise HeatwardError(f"{failure}: {self._failure}") from self._failure
            if time.monotonic() > deadline:
                raise HeatwardError(f"{failure} within {timeout_s:.0f} s; see its log")
            time.sleep(POLL_SECONDS)


def embedded_config(
    directory: Path,
    city: str,
    web_port: int,
    log_level: str = "warning",
    more: Path | None = None,
) -> Config:
    """Return a configuration that needs nothing outside ``directory`` but two free ports.

    ``more`` is a file of further sections, whose paths count from its folder.
    """
    text = "\n".join(
        [
            "[state]",
            f"directory = {json.dumps(str(directory))}",
            "[mqtt]",
            f"listen_port = {free_port()}",
            "[web]",
            f"port = {web_port}",
            "[rules]",
            f"city = {json.dumps(city)}",
            "[log]",
            f"level = {json.dumps(log_level)}",
            'format = "text"',
        ]
    )
    if more is None:
        return parse(text, "demo")
    return parse(f"{text}\n{more.read_text('utf-8')}", str(more), more.resolve().parent)


def _batch(status: dict[str, object], stage: str) -> int:
    stages = status["stages"]
    detail = str(stages.get(stage, {}).get("detail", "batch -1"))  # type: ignore[attr-defined]
    return int(detail.split()[1].rstrip(","))
