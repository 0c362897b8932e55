"""A test reading that goes through the whole line, looked for behind every stage of it.

A node of no home takes it with the node's real code and sends it through the broker. It must come
into the ledger, be acknowledged to the node, stand in the time series, and be behind the judging.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from heatward_collector.canary import CANARY_NODE, CANARY_ROM, CANARY_SENSOR
from heatward_collector.config import Config, read_secret
from heatward_collector.errors import StoreError
from heatward_collector.ledger import LedgerReader
from heatward_collector.replay.virtual_node import VirtualNode
from heatward_collector.running.status import read_status
from heatward_collector.timeseries import open_timeseries
from heatward_collector.timeseries.process import cursor_file
from heatward_node.mqtt import Broker
from heatward_node.publisher import Identity

SHOWN_RAW = 16 * 21
"""What the test reading says: 21 degC. [1/16 degC]"""
BATCHES_AT_ONCE = 500


class Step(StrEnum):
    """Where a reading passes, in this order."""

    BROKER = "broker"
    LEDGER = "ledger"
    ACK = "ack"
    VIEW = "view"
    EVALUATE = "evaluate"


@dataclass(frozen=True, slots=True)
class Passed:
    """A test reading in the ledger: when it was taken, and in which batch it stands."""

    time_s: int
    batch: int


class CanaryTrace:
    """One test reading after the other, and how far the newest have come."""

    def __init__(
        self, config: Config, district: str, folder: Path, now: Callable[[], float]
    ) -> None:
        self._config, self._now = config, now
        self._began_s = int(now())
        self._reader = LedgerReader(config.state.ledger)
        self._store = open_timeseries(config)
        self._incarnation, self._batch = self._reader.incarnation, self._reader.head()[0]
        self._waiting: dict[Step, list[Passed]] = {Step.VIEW: [], Step.EVALUATE: []}
        self.passed_s: dict[Step, int] = dict.fromkeys(Step, self._began_s)
        """When the newest test reading that is known behind each step was taken. [s UTC]"""
        self._node = VirtualNode(
            Identity(district, CANARY_NODE), [CANARY_ROM], broker_of(config), folder, self._began_s
        )
        self._node.connection.open()

    def send(self) -> None:
        """Take one more test reading, and ask for its acknowledgement."""
        self._node.play(int(self._now()), {CANARY_ROM: SHOWN_RAW})
        while self._node.pump():
            pass
        self._node.publisher.ask()

    def pump(self) -> None:
        """Let the node speak and hear."""
        while self._node.pump():
            pass
        # What earlier lives have left goes first, a log after the other, each once it has its ack.
        self._node.publisher.ask()
        if self._node.connection.is_connected:
            self.passed_s[Step.BROKER] = int(self._now())
        if self._node.is_done:
            self.passed_s[Step.ACK] = max(self.passed_s[Step.ACK], self._node.clock.now_s)

    def look(self) -> None:
        """See behind which steps the readings are; a store that is away has taken none."""
        self._look_into_ledger()
        self._let_pass(Step.VIEW, self._is_in_view)
        self._let_pass(Step.EVALUATE, self._is_judged)

    def stopped(self, now_s: float, after_s: float) -> Step | None:
        """Return the first step behind which no reading has been for so long, None where all are.

        What comes later than that step waits for it, and is not named.
        """
        return next((one for one in Step if now_s - self.passed_s[one] > after_s), None)

    def close(self) -> None:
        """Disconnect."""
        self._node.close()
        self._reader.close()

    def _look_into_ledger(self) -> None:
        reader = self._reader
        if reader.incarnation != self._incarnation:
            self._incarnation, self._batch = reader.incarnation, 0
            self._waiting = {step: [] for step in self._waiting}
        for batch in reader.batches(self._batch, BATCHES_AT_ONCE):
            self._batch = batch.number
            own = batch.readings["wall_s"][batch.readings["sensor"] == CANARY_SENSOR]
            if len(own):
                found = Passed(int(own.max()), batch.number)
                self.passed_s[Step.LEDGER] = max(self.passed_s[Step.LEDGER], found.time_s)
                for waiting in self._waiting.values():
                    waiting.append(found)

    def _let_pass(self, step: Step, has_passed: Callable[[Passed], bool]) -> None:
        """Look for the newest reading first: who is behind it is behind all before."""
        waiting = self._waiting[step]
        for place in range(len(waiting) - 1, -1, -1):
            if has_passed(waiting[place]):
                self.passed_s[step] = max(self.passed_s[step], waiting[place].time_s)
                del waiting[: place + 1]
                return

    def _is_in_view(self, one: Passed) -> bool:
        if not self._is_behind(cursor_file(self._config), one):
            return False
        try:
            return len(self._store.canaries(one.time_s, one.time_s + 1)) > 0
        except StoreError:
            return False

    def _is_judged(self, one: Passed) -> bool:
        if not self._is_behind(self._config.state.directory / "evaluate.sqlite", one):
            return False
        status = read_status(self._config.state.status, "evaluate") or {}
        judged: Any = status.get("stages", {}).get("verdicts", {}).get("last_success")
        return isinstance(judged, int | float) and judged >= one.time_s

    def _is_behind(self, cursor: Path, one: Passed) -> bool:
        incarnation, batch = cursor_of(cursor)
        return incarnation == self._incarnation and batch >= one.batch


def cursor_of(path: Path) -> tuple[str, int]:
    """Return how far a follower of the ledger is: incarnation and batch."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as found:
            held = dict(found.execute("SELECT key, value FROM cursor"))
    except sqlite3.Error:
        return "", 0  # nobody follows yet
    return str(held.get("incarnation", "")), int(held.get("batch", 0))


def broker_of(config: Config) -> Broker:
    """Return how the test reading's node reaches the broker: with a certificate of its own."""
    mqtt, own = config.mqtt, config.watch.certificate_file
    return Broker(
        mqtt.host,
        mqtt.port,
        username=mqtt.username,
        password=read_secret(mqtt.password_file),
        ca_file=mqtt.ca_file,
        certificate_file=own,
        key_file=own,
        protocol="3.1.1" if mqtt.embedded else "auto",
    )
