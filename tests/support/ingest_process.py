"""The real ingest process as a thread, and real nodes that talk to it over a real broker."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from heatward_collector.config import parse
from heatward_collector.ingest import process
from heatward_collector.ledger import LedgerReader
from heatward_collector.registry import open_registry, spreadsheets
from heatward_collector.replay.virtual_node import VirtualNode
from heatward_collector.running.status import read_status
from support.evidence import SAMPLE
from support.ports import HOST, wait_until

Key = tuple[str, int, int]
"""Node, epoch and sequence number."""


class IngestProcess:
    """Ingest on the sample district, connected to a broker's port."""

    def __init__(self, folder: Path, broker_port: int, more: str = "") -> None:
        text = f'[state]\ndirectory = "{folder}"\n[mqtt]\nurl = "mqtt://{HOST}:{broker_port}"\n'
        self.config = parse(text + more)
        spreadsheets.import_folder(open_registry(self.config), SAMPLE)
        self._stop = threading.Event()
        arguments = (self.config, self._stop)
        self._thread = threading.Thread(target=process.run, args=arguments, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(20)
        assert not self._thread.is_alive()

    def counters(self) -> dict[str, int]:
        """Return what the process counts, as it last wrote it down."""
        status = read_status(self.config.state.status, "ingest")
        return {} if status is None else dict(status["counters"])

    def kept(self) -> dict[Key, bytes]:
        """Return every record on disk; fails where one is there twice."""
        reader = LedgerReader(self.config.state.ledger)
        kept: dict[Key, bytes] = {}
        for batch in reader.batches():
            for position in range(batch.count):
                number, record = batch.entry(position)
                source = reader.source(number)
                key = (source.node, source.epoch, record.seq)
                assert key not in kept
                kept[key] = record.to_bytes()
        return kept


def journals(nodes: Iterable[VirtualNode]) -> dict[Key, bytes]:
    """Return every record that nodes have written down."""
    return {
        (node.identity.node, log.epoch, record.seq): record.to_bytes()
        for node in nodes
        for log in node.journal.logs
        for after in range(0, log.last_seq, 300)
        for record in node.journal.read(log, after, 300)
    }


def pump_until_done(nodes: Iterable[VirtualNode], timeout_s: float = 30) -> None:
    """Let nodes speak until the collector has confirmed everything."""

    def done() -> bool:
        for node in nodes:
            while node.pump():
                pass
            node.publisher.ask()
        return all(node.is_done for node in nodes)

    wait_until(done, "the collector has everything", timeout_s)
