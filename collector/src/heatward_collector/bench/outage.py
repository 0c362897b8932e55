"""What is stored, and what is lost, where InfluxDB is away while nodes go on sending.

The same load goes through our line and, where one is at hand, through a Telegraf with each of
several buffers. InfluxDB is stopped before the first message and comes back behind the last one.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from heatward_collector.bench import load
from heatward_collector.bench.generator import generating
from heatward_collector.bench.ingest import (
    OURS,
    READY_SECONDS,
    SETTLE_SECONDS,
    is_ready,
    load_of,
    plan,
    wait,
)
from heatward_collector.bench.newer_influxdb import newer_influxd
from heatward_collector.bench.running_stage import running_stage
from heatward_collector.bench.telegraf import (
    for_peer,
    points_in,
    settled,
    stored_by_peer,
    telegraf,
)
from heatward_collector.bench.telling import Tell
from heatward_collector.config import Config
from heatward_collector.errors import HeatwardError
from heatward_collector.ledger import LedgerReader
from heatward_collector.servers.influxdb import Influxd
from heatward_collector.servers.mosquitto import IN_MEMORY, Mosquitto
from heatward_collector.servers.ports import HOST
from heatward_collector.servers.program import running
from heatward_collector.timeseries.process import behind

FIELD = "celsius"


@dataclass(frozen=True, slots=True)
class Kept:
    """What one party made of the load."""

    name: str
    stored: int
    """Readings in InfluxDB once no more came."""
    seconds: float
    """From the return of InfluxDB to the last of them. [s]"""


@dataclass(frozen=True, slots=True)
class OutageMeasured:
    """The same load through each."""

    sent: int
    """Readings."""
    away_s: float
    """How long InfluxDB was away at least. [s]"""
    in_ledger: int
    """Readings and first records of journals that are in our ledger."""
    kept: list[Kept]

    def as_json(self) -> str:
        """Return everything as one line."""
        return json.dumps(asdict(self))


def measure(
    nodes: int,
    each: int,
    pack: int,
    away_s: float,
    tell: Tell,
    peer: Path | None = None,
    buffers: Sequence[int] = (),
) -> OutageMeasured:
    """Send ``each`` readings of ``nodes`` nodes while InfluxDB is away for ``away_s`` seconds.

    Raises HeatwardError where there is no InfluxDB, or where it does not end.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heatward-bench-")))
        program = newer_influxd(True, tell)
        if program is None:
            raise HeatwardError("without an InfluxDB there is none that could be away")
        broker = stack.enter_context(running(Mosquitto(folder, IN_MEMORY)))
        influxd = stack.enter_context(running(Influxd(folder, program)))
        config = plan(folder, broker.port, f"http://{HOST}:{influxd.port}", nodes)
        for stage in OURS:
            stack.enter_context(running_stage(stage, config))
        wait(lambda: is_ready(config, OURS), READY_SECONDS, "the collector does not start")
        work = load_of(broker.port, nodes, each, pack)
        tell(f"Heatward: {work.records:,} 读数 / readings")
        kept = [_ours(work, config, influxd, away_s)]
        for turn, buffer in enumerate(buffers if peer is not None else ()):
            assert peer is not None
            tell(f"Telegraf, {buffer:,}")
            with telegraf(peer, folder, broker.port, influxd.port, buffer):
                kept.append(_peers(for_peer(work, turn), influxd, away_s, buffer))
        held = sum(batch.count for batch in LedgerReader(config.state.ledger).batches())
        return OutageMeasured(work.records, away_s, held, kept)


def _ours(work: load.Load, config: Config, influxd: Influxd, away_s: float) -> Kept:
    back = _sent_without(work, influxd, away_s)
    wait(lambda: behind(config)[0] == 0, SETTLE_SECONDS, "the view does not catch up")
    seconds = time.monotonic() - back
    return Kept("Heatward", points_in(influxd.port, config.timeseries.database, FIELD), seconds)


def _peers(work: load.Load, influxd: Influxd, away_s: float, buffer: int) -> Kept:
    before = stored_by_peer(influxd.port)
    back = _sent_without(work, influxd, away_s)
    stored, arrived_at = settled(influxd.port, before, work.records, back)
    return Kept(f"Telegraf, {buffer:,}", stored, arrived_at - back)


def _sent_without(work: load.Load, influxd: Influxd, away_s: float) -> float:
    """Send everything while InfluxDB is away; return when it was back. [s, monotonic]"""
    with generating(load.run, work) as (pipe, _):
        influxd.stop()
        gone = time.monotonic()
        pipe.send("go")
        pipe.recv()  # every node has its last ack, or the broker everything
        time.sleep(max(0.0, gone + away_s - time.monotonic()))
        influxd.start()
        return time.monotonic()
