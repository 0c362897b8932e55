"""How many readings a second the line carries, one a message or in packs, at QoS 1.

Measured in one run on one broker, in turns: what ``mosquitto_sub`` receives, subscribed at QoS 1
and, as the collector is for readings, at QoS 0, or what InfluxDB takes by itself; then ingest
(ledger with fsync, acks) and view (InfluxDB) together, until every node has its last ack. Medians
of the turns count, for other work on the machine hits single ones.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median

import numpy as np

from heatward_collector.bench import load
from heatward_collector.bench.congestion import SETTING, congestion_control
from heatward_collector.bench.generator import generating
from heatward_collector.bench.newer_influxdb import newer_influxd
from heatward_collector.bench.raw_influxdb import raw_rate
from heatward_collector.bench.running_stage import running_stage
from heatward_collector.bench.telegraf import PeerTurn, peer_turn, telegraf
from heatward_collector.bench.usage import Meter, Usage, cpu_seconds, summed
from heatward_collector.config import Config, parse
from heatward_collector.errors import HeatwardError
from heatward_collector.ledger import LedgerReader
from heatward_collector.registry import open_registry
from heatward_collector.replay.places import content_for, plans_for
from heatward_collector.replay.recordings import RecordedSeries
from heatward_collector.running.status import read_status
from heatward_collector.servers.influxdb import Influxd
from heatward_collector.servers.mosquitto import IN_MEMORY, Mosquitto
from heatward_collector.servers.ports import HOST
from heatward_collector.servers.program import running
from heatward_collector.timeseries.process import behind

READY_SECONDS = 60.0
SETTLE_SECONDS = 300.0
NODES_A_BUILDING = 20
REGISTERED_AT_ONCE = 50_000
"""A city's rows together would need more memory than anything that is measured."""
EPOCH = 0xBE7C4
BASELINE = "baseline/v1"
OURS = ("ingest", "view")
Tell = Callable[[str], None]


@dataclass(slots=True)
class Measured:
    """The outcome of one run; rates are readings a second, medians over the turns."""

    readings: int
    """Of all turns together."""
    nodes: int
    pack: int
    mosquitto_sub_rate: float
    """Subscribed at QoS 1."""
    mosquitto_sub_qos0_rate: float
    ledger_rate: float
    view_rate: float | None
    """Until InfluxDB had everything too; None where there is none."""
    ratio: float
    """Readings on disk and acknowledged, for each of mosquitto_sub at QoS 1 in the same turn."""
    raw_influxdb_rate: float | None
    """What InfluxDB takes by itself; measured for packs."""
    view_ratio: float | None
    """Readings in InfluxDB, for each that it takes by itself."""
    peer_rate: float | None
    """Readings that Telegraf stores of the same load, where one is at hand."""
    peer_us: float | None
    """Processor time of Telegraf a reading. [us]"""
    peer_stored: int
    """How many of the readings it has stored, of all turns."""
    resent: int
    usage: dict[str, Usage] = field(default_factory=dict)
    mosquitto_alone_us: float = 0.0
    """Processor time of the broker a reading with mosquitto_sub. [us]"""
    mosquitto_settings: str = ""
    """And the rule by which the kernel sends."""

    def costs(self) -> list[tuple[str, dict[str, float]]]:
        """Return processor times a reading: the broker's with each, ours, and the peer's. [us]"""
        ours = {name: 1e6 * used.cpu_s / self.readings for name, used in self.usage.items()}
        rows = [
            ("broker, mosquitto_sub", {"mosquitto": self.mosquitto_alone_us}),
            ("broker, Heatward", {"mosquitto": ours.get("mosquitto", 0.0)}),
            ("Heatward", {name: ours[name] for name in OURS if name in ours}),
        ]
        if self.peer_us is not None:
            rows.append(("Telegraf", {"telegraf": self.peer_us}))
        return rows

    def as_json(self) -> str:
        """Return everything as one line."""
        return json.dumps(asdict(self))


@dataclass(slots=True)
class Turn:
    """One turn: what others reach, and what we do."""

    mosquitto_sub_rate: float
    mosquitto_sub_qos0_rate: float
    mosquitto_alone_s: float
    raw_influxdb_rate: float | None
    peer: PeerTurn | None = None
    ledger_rate: float = 0.0
    view_rate: float | None = None
    resent: int = 0
    usage: dict[str, Usage] = field(default_factory=dict)


def measure(
    nodes: int,
    each: int,
    with_influxdb: bool,
    tell: Tell,
    pack: int = 1,
    turns: int = 1,
    peer: Path | None = None,
) -> Measured:
    """Measure ``nodes`` nodes with ``each`` readings; ``tell`` hears what is being done.

    ``peer`` is the binary of a Telegraf, which gets the same load in every turn.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heatward-bench-")))
        broker = stack.enter_context(running(Mosquitto(folder, IN_MEMORY)))
        settings = f"{broker.settings}# {SETTING} = {congestion_control()}\n"
        tell(settings)
        pids = {"mosquitto": broker.pid}
        program = newer_influxd(with_influxdb, tell)
        url, influx_port = "embedded", 0
        if program is not None:
            influxd = stack.enter_context(running(Influxd(folder, program)))
            influx_port, pids["influxd"] = influxd.port, influxd.pid
            url = f"http://{HOST}:{influx_port}"
        config = plan(folder, broker.port, url, nodes)
        stages = ("ingest", "view") if program is not None else ("ingest",)
        for stage in stages:
            pids[stage] = stack.enter_context(running_stage(stage, config))
        wait(lambda: is_ready(config, stages), READY_SECONDS, "the collector does not start")
        done = []
        for number in range(turns):
            work = load_of(broker.port, nodes, each, pack, number)
            tell(f"{number + 1}/{turns}: {work.messages:,} x QoS 1, {work.records:,} readings")
            done.append(_turn(work, config, pids, influx_port))
            if peer is not None and influx_port:
                with telegraf(peer, folder, broker.port, influx_port) as other:
                    done[-1].peer = peer_turn(other, work, number)
                tell(f"  Telegraf {done[-1].peer.rate:,.0f}/s")
            rates = done[-1].mosquitto_sub_rate, done[-1].mosquitto_sub_qos0_rate
            tell(f"  mosquitto_sub {rates[0]:,.0f}/s; QoS 0 {rates[1]:,.0f}/s")
            tell(f"  {' + '.join(stages)} {done[-1].ledger_rate:,.0f}/s")
        _check(config, turns * (work.records + work.is_begun * nodes))
        return _measured(work, done, settings)


def _turn(work: load.Load, config: Config, pids: dict[str, int], influx_port: int) -> Turn:
    with Meter({"mosquitto": pids["mosquitto"]}) as meter:
        baseline = _mosquitto_sub(work, 1)
    baselines = baseline, _mosquitto_sub(work, 0)
    raw = None
    if influx_port and work.pack > 1:
        raw = raw_rate(influx_port, work.records, len(work.nodes), work.start_s, load.STEP_S)
    turn = Turn(*baselines, meter.usage["mosquitto"].cpu_s, raw)
    _our_line(work, config, pids, bool(influx_port), turn)
    return turn


def _measured(work: load.Load, done: list[Turn], settings: str) -> Measured:
    readings = work.records * len(done)
    raws = [turn.raw_influxdb_rate for turn in done if turn.raw_influxdb_rate is not None]
    peers = [turn.peer for turn in done if turn.peer is not None]
    views = [turn.view_rate for turn in done if turn.view_rate is not None]
    return Measured(
        readings,
        len(work.nodes),
        work.pack,
        median(turn.mosquitto_sub_rate for turn in done),
        median(turn.mosquitto_sub_qos0_rate for turn in done),
        median(turn.ledger_rate for turn in done),
        median(views) if views else None,
        median(turn.ledger_rate / turn.mosquitto_sub_rate for turn in done),
        median(raws) if raws else None,
        median(view / raw for view, raw in zip(views, raws, strict=True)) if raws else None,
        median(peer.rate for peer in peers) if peers else None,
        median(peer.cpu_us for peer in peers) if peers else None,
        sum(peer.stored for peer in peers),
        sum(turn.resent for turn in done),
        {name: summed(turn.usage[name] for turn in done) for name in done[0].usage},
        1e6 * sum(turn.mosquitto_alone_s for turn in done) / readings,
        settings,
    )


def _check(config: Config, readings: int) -> None:
    held = sum(batch.count for batch in LedgerReader(config.state.ledger).batches())
    if held != readings:
        raise HeatwardError(f"{readings} records were sent and acknowledged, {held} are held")


def _our_line(
    work: load.Load, config: Config, pids: dict[str, int], has_view: bool, turn: Turn
) -> None:
    with generating(load.run, work) as (pipe, pid), Meter(pids) as meter:
        cpu = -cpu_seconds(pid)
        pipe.send("go")
        began, ended, turn.resent = pipe.recv()
        cpu += cpu_seconds(pid)
        if has_view:
            # Its cursor, which moves once InfluxDB has the points: a status is up to a second old.
            wait(lambda: behind(config)[0] == 0, SETTLE_SECONDS, "the view does not catch up")
            turn.view_rate = work.records / (time.monotonic() - began)
    turn.ledger_rate = work.records / (ended - began)
    turn.usage = {**meter.usage, "load": Usage(cpu_s=cpu)}


def _mosquitto_sub(work: load.Load, qos: int) -> float:
    """Return how many readings a second mosquitto_sub receives from the same load.

    On topics of their own, so that the collector, which stays connected, has no part in it.
    """
    count = str(work.messages)
    topics = f"{BASELINE}/+/readings"
    where = ["-p", str(work.port), "-t", topics]
    command = ["mosquitto_sub", *where, "-q", str(qos), "-C", count]
    plain = replace(work, confirmed_by="puback", prefix=BASELINE)
    with generating(load.run, plain) as (pipe, _):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as subscriber:
            time.sleep(0.5)  # until it has subscribed; it says nothing of it
            pipe.send("go")
            began = pipe.recv()[0]
            subscriber.wait(SETTLE_SECONDS)
        return work.records / (time.monotonic() - float(began))


def plan(folder: Path, port: int, url: str, nodes: int) -> Config:
    """Return a configuration whose registry knows every node and its room."""
    config = configured(folder, port, url)
    registry, rooms = open_registry(config), series(nodes)
    for first in range(0, nodes, REGISTERED_AT_ONCE):
        registry.put(content_for(rooms[first : first + REGISTERED_AT_ONCE]))
    registry.close()
    return config


def configured(folder: Path, port: int, url: str) -> Config:
    """Return a configuration whose state lies in a folder."""
    text = "\n".join(
        [
            f"[state]\ndirectory = {json.dumps(str(folder / 'state'))}",
            f'[mqtt]\nurl = "mqtt://{HOST}:{port}"',
            f'[timeseries]\nurl = "{url}"',
            '[log]\nlevel = "warning"\nformat = "text"',
        ]
    )
    return parse(text, "bench")


def series(nodes: int) -> list[RecordedSeries]:
    """Return a stand-in for a recording: one room and sensor a node."""
    time_s = np.array([0, load.STEP_S], np.int64)
    raw = np.array([320, 320], np.int16)
    return [
        RecordedSeries(f"b{index // NODES_A_BUILDING:03}", f"s{index:05}", time_s, raw)
        for index in range(nodes)
    ]


def names(nodes: int) -> list[tuple[str, str]]:
    """Return the names of nodes and their sensors, as :func:`plan` registers them."""
    recorded = series(nodes)
    plans = plans_for(recorded)
    return [(p.identity.node, s.sensor) for p, s in zip(plans, recorded, strict=True)]


def load_of(port: int, nodes: int, each: int, pack: int, turn: int = 0) -> load.Load:
    """Return ``each`` readings of nodes that :func:`plan` knows; the last is measured about now."""
    bursts = max(1, each // (pack * (load.BURST if pack == 1 else 1)))
    start_s = int(time.time()) - (each + 2) * load.STEP_S
    # The BOOT of an epoch would make of each node's first pack another one than usual.
    return load.Load(
        port, names(nodes), bursts, start_s, EPOCH + turn, pack=pack, is_begun=pack > 1
    )


def is_ready(config: Config, stages: tuple[str, ...]) -> bool:
    """Say whether ingest is connected, and the view at work where it is one of the stages."""
    ingest = read_status(config.state.status, "ingest")
    connected = ingest is not None and "mqtt" in ingest["stages"]
    return connected and ("view" not in stages or viewed(config) >= 0)


def viewed(config: Config) -> int:
    """Return up to which batch the time series is written; -1 where the view is not at work."""
    view = read_status(config.state.status, "view")
    if view is None or "timeseries" not in view["stages"]:
        return -1
    return int(str(view["stages"]["timeseries"]["detail"]).split()[1].rstrip(","))


def wait(condition: Callable[[], bool], timeout_s: float, failure: str) -> None:
    """Wait until something is true. Raises HeatwardError with ``failure`` after the time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise HeatwardError(f"{failure} within {timeout_s:.0f} s; see what it logs above")
        time.sleep(0.05)
