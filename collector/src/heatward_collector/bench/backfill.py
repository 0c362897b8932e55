"""How fast a day of silence drains, and whether anybody else waits for it.

Nodes with a day in their journals send it in packs, each the next one after the ack of the last.
Beside them other nodes go on with one reading a message; their lag is from sending to the ack,
which is sent once the reading is on disk.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from heatward_collector.bench import live, load
from heatward_collector.bench.generator import generating
from heatward_collector.bench.ingest import EPOCH, READY_SECONDS, is_ready, names, plan, wait
from heatward_collector.bench.running_stage import running_stage
from heatward_collector.bench.usage import Meter, Usage
from heatward_collector.errors import HeatwardError
from heatward_collector.ledger import LedgerReader
from heatward_collector.servers.mosquitto import IN_MEMORY, Mosquitto
from heatward_collector.servers.program import running

PACK = 288
"""A day of records, each five minutes."""
FIX_EVERY = 12
"""Readings between two clock fixes, which come hourly."""
QUIET_SECONDS = 10.0
"""So long the live nodes are alone."""
LIVE_MESSAGES = 3_000
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BackfillMeasured:
    """What came of it."""

    nodes: int
    """With a day to catch up."""
    readings: int
    """Of the backlog."""
    rate: float
    """Readings of the backlog on disk and acknowledged, a second."""
    live_nodes: int
    live_rate: float
    """Messages of the live nodes, a second."""
    alone_ms: dict[str, float]
    """Lag of the live nodes while nobody catches up: p50, p99, most. [ms]"""
    beside_ms: dict[str, float]
    """While the backlog drains. [ms]"""
    usage: dict[str, Usage]

    def as_json(self) -> str:
        """Return everything as one line."""
        return json.dumps(asdict(self))


def measure(nodes: int, live_nodes: int, every_s: float, tell: Tell) -> BackfillMeasured:
    """Let ``nodes`` catch up a day while others go on. Raises HeatwardError where some is lost."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heatward-bench-")))
        broker = stack.enter_context(running(Mosquitto(folder, IN_MEMORY)))
        tell(broker.settings)
        config = plan(folder, broker.port, "embedded", nodes + live_nodes)
        pids = {"mosquitto": broker.pid, "ingest": 0}
        pids["ingest"] = stack.enter_context(running_stage("ingest", config))
        wait(lambda: is_ready(config, ("ingest",)), READY_SECONDS, "the collector does not start")
        everybody = names(nodes + live_nodes)
        start_s = int(time.time()) - PACK * load.STEP_S
        backlog_of = everybody[:nodes], 1, start_s, EPOCH
        late = load.Load(broker.port, *backlog_of, pack=PACK, is_begun=True, fix_every=FIX_EVERY)
        going_on = load.Load(
            broker.port, everybody[nodes:], LIVE_MESSAGES, start_s, EPOCH + 1, each_asks=True
        )
        backlog = stack.enter_context(generating(load.run, late)).pipe
        others = stack.enter_context(generating(live.run, going_on, every_s)).pipe
        others.send("go")
        time.sleep(QUIET_SECONDS)
        tell(f"{late.records:,} readings of {nodes:,} nodes; {live_nodes} nodes go on")
        with Meter(pids) as meter:
            backlog.send("go")
            began, ended, _ = backlog.recv()
        others.send("stop")
        lags: list[tuple[float, float]] = others.recv()
        held = sum(batch.count for batch in LedgerReader(config.state.ledger).batches())
        if held < late.records:
            raise HeatwardError(f"{late.records} records were acknowledged, {held} are held")
        return BackfillMeasured(
            nodes,
            late.records,
            late.records / (ended - began),
            live_nodes,
            live_nodes / every_s,
            lag_ms([lag for sent, lag in lags if sent < began]),
            lag_ms([lag for sent, lag in lags if began <= sent <= ended]),
            meter.usage,
        )


def lag_ms(lags: Sequence[float]) -> dict[str, float]:
    """Return p50, p99 and the longest of some lags [s], in milliseconds; nothing of none."""
    if not lags:
        return {}
    ordered = sorted(1000 * lag for lag in lags)
    places = {"p50": 0.50, "p99": 0.99, "most": 1.0}
    return {
        name: ordered[min(int(share * len(ordered)), len(ordered) - 1)]
        for name, share in places.items()
    }
