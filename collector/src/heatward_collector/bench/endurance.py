"""A city's readings for a long time: does anything grow, wait, or get lost?

Real Mosquitto, ingest, view (InfluxDB beside it) and evaluation with its window and its watch for
suppressed heating; streets of two hundred buildings have a source each. Every node speaks once
before the measurement, so that journals and series are known. Then evaluation starts, and is
through with its first look at the day: what that took is told. Lag is from sending a message to
its ack, which leaves once its readings are on disk.
"""

from __future__ import annotations

import json
import multiprocessing
import multiprocessing.connection
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from heatward_collector.bench import city_load
from heatward_collector.bench.backfill import lag_ms
from heatward_collector.bench.city import BUILDINGS_A_DISTRICT, HOMES_A_BUILDING, registry_rows
from heatward_collector.bench.city_load import CityLoad, Sent
from heatward_collector.bench.ingest import EPOCH, configured, is_ready, viewed, wait
from heatward_collector.bench.newer_influxdb import newer_influxd
from heatward_collector.bench.running_stage import running_stage
from heatward_collector.bench.usage import Meter, Usage, cpu_seconds
from heatward_collector.config import Config
from heatward_collector.errors import HeatwardError
from heatward_collector.ledger import LedgerReader
from heatward_collector.outdoor.temperatures import OutdoorStore, OutdoorValue
from heatward_collector.registry import open_registry
from heatward_collector.running.status import read_status
from heatward_collector.servers.influxdb import Influxd
from heatward_collector.servers.mosquitto import IN_MEMORY, Mosquitto
from heatward_collector.servers.ports import HOST
from heatward_collector.servers.program import running

MINUTE_S = 60.0
CONNECTIONS = 200
STEP_S = 60
"""Where there are fewer rooms than the rate needs, readings are so far apart. [s]"""
FROST_C, HOUR_S = -20.0, 3600
WEATHER_HOURS = 48
"""Outdoor temperatures are known for so long before and behind the beginning: the watch asks."""
SAMPLE_S = 5.0
"""Memory is looked at so often: a look at gigabytes takes long. [s]"""
READY_S, READY_S_A_ROOM = 180.0, 0.002
SETTLE_S = 1_800.0
FIRST_LOOK_S = 3_600.0
RECEIVING, EVALUATION = ("ingest", "view"), "evaluate"
OURS = (*RECEIVING, EVALUATION)
LOOK_COUNTER = "findings_look_milliseconds"
Tell = Callable[[str], None]
Pipe = multiprocessing.connection.Connection
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute of the measurement; the last one may be shorter."""

    seconds: float
    asked: int
    """Messages that asked for an ack in it."""
    lag_ms: dict[str, float]
    """Their lag: p50, p99, most; empty where none asked."""
    cores: dict[str, float]
    """Processor time of each process a second."""


@dataclass(frozen=True, slots=True)
class EnduranceMeasured:
    """What came of it."""

    rooms: int
    rooms_a_node: int
    """Readings a message."""
    rate: float
    """Readings a second that were sent."""
    readings: int
    """Sent in the measurement; those before it are not counted in anything but ``lost``."""
    lost: int
    """Readings that were sent and are not in the ledger."""
    unanswered: int
    behind: int
    """Batches of the ledger that view or evaluation had not taken in when the last ack came."""
    late_s: float
    """How far the sender was behind its rate at the worst. [s]"""
    seconds: float
    """From the first message to the last."""
    minutes: list[Minute]
    usage: dict[str, Usage]
    """Each process over all minutes."""

    def microseconds(self, name: str) -> float:
        """Return the processor time of a process a reading. [us]"""
        return 1e6 * self.usage[name].cpu_s / self.readings

    def cores(self, names: Sequence[str]) -> float:
        """Return the processor time of some processes together, a second."""
        return sum(self.usage[name].cpu_s for name in names if name in self.usage) / self.seconds

    def as_json(self) -> str:
        """Return everything as one line."""
        return json.dumps(asdict(self))


def measure(
    rooms: int,
    rate: float,
    seconds: float,
    with_influxdb: bool,
    tell: Tell,
    rooms_a_node: int = 1,
) -> EnduranceMeasured:
    """Send for so many seconds, in a city of about so many rooms: whole buildings of five homes.

    Raises HeatwardError where a process does not start or follow.
    """
    buildings = max(1, round(rooms / (HOMES_A_BUILDING * rooms_a_node)))
    rooms = buildings * HOMES_A_BUILDING * rooms_a_node
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heatward-bench-")))
        broker = stack.enter_context(running(Mosquitto(folder, IN_MEMORY)))
        tell(broker.settings)
        pids = {"mosquitto": broker.pid}
        program = newer_influxd(with_influxdb, tell)
        url = "embedded"
        if program is not None:
            influxd = stack.enter_context(running(Influxd(folder, program)))
            pids["influxd"] = influxd.pid
            url = f"http://{HOST}:{influxd.port}"
        tell(f"登记 / registering {rooms:,} ...")
        config = _registered(folder, broker.port, url, buildings, rooms_a_node)
        patience_s = READY_S + READY_S_A_ROOM * rooms
        for stage in RECEIVING:
            pids[stage] = stack.enter_context(running_stage(stage, config))
        wait(lambda: is_ready(config, RECEIVING), patience_s, "the collector does not start")
        load = _load(broker.port, buildings, rooms_a_node, rate, seconds)
        city = stack.enter_context(_speaking(load, patience_s))
        tell(f"每间一次 / once a room: {rooms:,} ...")
        city.send((rate / rooms_a_node, load.homes))
        before: Sent = city.recv()
        pids[EVALUATION] = stack.enter_context(running_stage(EVALUATION, config))
        wait(lambda: _are_ready(config), patience_s, "evaluation does not start")
        wait(lambda: _behind(config) == 0, SETTLE_S, "view or evaluation do not catch up")
        wait(lambda: _first_look_ms(config) is not None, FIRST_LOOK_S, "the watch is not through")
        tell(f"首次监视 / the watch's first look {(_first_look_ms(config) or 0) / 1000:,.1f} s")
        return _measured(load, before, rate, seconds, config, city, pids, tell)


def _measured(
    load: CityLoad,
    before: Sent,
    rate: float,
    seconds: float,
    config: Config,
    city: Pipe,
    pids: Mapping[str, int],
    tell: Tell,
) -> EnduranceMeasured:
    each, rooms = load.rooms_a_home, load.homes * load.rooms_a_home
    tell(f"{rate:,.0f}/s, {seconds:,.0f} s ...")
    with Meter(pids, SAMPLE_S) as meter:
        moments = [_moment(pids)]
        city.send((rate / each, max(1, round(rate * seconds / each))))
        while not city.poll(max(0.0, moments[-1].at + MINUTE_S - time.monotonic())):
            moments.append(_moment(pids))
        sent: Sent = city.recv()
        moments.append(_moment(pids))
        behind = _behind(config)
        wait(lambda: _behind(config) == 0, SETTLE_S, "view or evaluation do not catch up")
    with closing(LedgerReader(config.state.ledger)) as reader:
        held = sum(batch.count for batch in reader.batches())
    return EnduranceMeasured(
        rooms,
        each,
        rate,
        each * sent.messages,
        each * (before.messages + sent.messages) - held,
        before.unanswered + sent.unanswered,
        behind,
        sent.late_s,
        sent.ended - sent.began,
        _minutes(moments, sent),
        meter.usage,
    )


@dataclass(frozen=True, slots=True)
class _Moment:
    """Processor time of all processes at a moment. [monotonic s]"""

    at: float
    cpu_s: dict[str, float]


def _moment(pids: Mapping[str, int]) -> _Moment:
    return _Moment(time.monotonic(), {name: cpu_seconds(pid) for name, pid in pids.items()})


def _minutes(moments: Sequence[_Moment], sent: Sent) -> list[Minute]:
    minutes = []
    for begin, end in pairwise(moments):
        lags = [lag for at, lag in sent.lags if begin.at <= at < end.at]
        seconds = end.at - begin.at
        cores = {name: (cpu_s - begin.cpu_s[name]) / seconds for name, cpu_s in end.cpu_s.items()}
        minutes.append(Minute(seconds, len(lags), lag_ms(lags), cores))
    return minutes


def _registered(folder: Path, port: int, url: str, buildings: int, rooms_a_node: int) -> Config:
    """Write the registry in a process of its own: its memory is no part of the measurement."""
    with ProcessPoolExecutor(1, _SPAWN) as pool:
        return pool.submit(_register, folder, port, url, buildings, rooms_a_node).result()


def _register(folder: Path, port: int, url: str, buildings: int, rooms_a_node: int) -> Config:
    config = configured(folder, port, url)
    registry = open_registry(config)
    outdoor = OutdoorStore(registry)
    hour = int(time.time()) // HOUR_S
    hours = [HOUR_S * (hour + one) for one in range(-WEATHER_HOURS, WEATHER_HOURS)]
    weather = [OutdoorValue(one, FROST_C, "bench") for one in hours]
    for first in range(0, buildings, BUILDINGS_A_DISTRICT):
        last = min(first + BUILDINGS_A_DISTRICT, buildings)
        content = registry_rows(last, first, rooms_a_node)
        registry.put(content)
        for district in content["district"]:
            outdoor.put(district["id"], weather)
    registry.close()
    return config


def _load(port: int, buildings: int, rooms_a_node: int, rate: float, seconds: float) -> CityLoad:
    """Let the last round be measured when it is sent, and those before it in their turn."""
    homes = buildings * HOMES_A_BUILDING
    rooms = homes * rooms_a_node
    step_s = max(STEP_S, round(rooms / rate))
    turns = 1 + rate * seconds / rooms
    start_s = int(time.time() + seconds - turns * step_s)
    return CityLoad(port, homes, rooms_a_node, start_s, step_s, EPOCH, min(CONNECTIONS, homes))


def _are_ready(config: Config) -> bool:
    told = read_status(config.state.status, "evaluate")
    return is_ready(config, OURS) and told is not None and "window" in told["stages"]


def _behind(config: Config) -> int:
    """Return how many batches of the ledger view and evaluation have before them."""
    with closing(LedgerReader(config.state.ledger)) as reader:
        head = reader.head()[0]
    told = read_status(config.state.status, "evaluate")
    detail = "" if told is None else str(told["stages"]["window"]["detail"])
    taken = int(detail.split()[1].rstrip(",")) if detail else 0
    return head - min(viewed(config), taken)


def _first_look_ms(config: Config) -> float | None:
    """Return what a look of the watch took, None while it had none. [ms]"""
    told = read_status(config.state.status, "evaluate")
    took: float | None = None if told is None else told["counters"].get(LOOK_COUNTER)
    return took


@contextmanager
def _speaking(load: CityLoad, patience_s: float) -> Iterator[Pipe]:
    """Run the city in a process of its own; yield its pipe once it is connected."""
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=city_load.run, args=(load, theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(patience_s):
            raise HeatwardError(f"the city is not connected within {patience_s:.0f} s")
        ours.recv()
        yield ours
        ours.send("end")
        process.join(10)
    finally:
        process.kill()
        process.join()
