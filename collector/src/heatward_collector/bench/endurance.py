"""A city's readings for a long time, one a message: does anything grow, wait, or get lost?

Real Mosquitto, ingest, view (InfluxDB beside it) and evaluation with its window. Every room speaks
once before the measurement, so that journals and series are known. Lag is from sending a message to
its ack, which leaves once the reading is on disk.
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
from heatward_collector.bench.city_load import CityLoad, Sent
from heatward_collector.bench.ingest import EPOCH, is_ready, names, plan, viewed, wait
from heatward_collector.bench.newer_influxdb import newer_influxd
from heatward_collector.bench.running_stage import running_stage
from heatward_collector.bench.usage import Meter, Usage, cpu_seconds
from heatward_collector.config import Config
from heatward_collector.errors import HeatwardError
from heatward_collector.ledger import LedgerReader
from heatward_collector.running.status import read_status
from heatward_collector.servers.influxdb import Influxd
from heatward_collector.servers.mosquitto import IN_MEMORY, Mosquitto
from heatward_collector.servers.ports import HOST
from heatward_collector.servers.program import running

MINUTE_S = 60.0
CONNECTIONS = 200
STEP_S = 60
"""Where there are fewer rooms than the rate needs, readings are so far apart. [s]"""
SAMPLE_S = 5.0
"""Memory is looked at so often: a look at gigabytes takes long. [s]"""
READY_S, READY_S_A_ROOM = 180.0, 0.002
SETTLE_S = 1_800.0
OURS = ("ingest", "view", "evaluate")
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
    rooms: int, rate: float, seconds: float, with_influxdb: bool, tell: Tell
) -> EnduranceMeasured:
    """Send for so many seconds. Raises HeatwardError where a process does not start or follow."""
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
        config = _registered(folder, broker.port, url, rooms)
        patience_s = READY_S + READY_S_A_ROOM * rooms
        for stage in OURS:
            pids[stage] = stack.enter_context(running_stage(stage, config))
        wait(lambda: _are_ready(config), patience_s, "the collector does not start")
        city = stack.enter_context(_speaking(_load(broker.port, rooms, rate, seconds), patience_s))
        return _measured(rooms, rate, seconds, config, city, pids, tell)


def _measured(
    rooms: int,
    rate: float,
    seconds: float,
    config: Config,
    city: Pipe,
    pids: Mapping[str, int],
    tell: Tell,
) -> EnduranceMeasured:
    tell(f"每间一次 / once a room: {rooms:,} ...")
    city.send((rate, rooms))
    before: Sent = city.recv()
    wait(lambda: _behind(config) == 0, SETTLE_S, "view or evaluation do not catch up")
    tell(f"{rate:,.0f}/s, {seconds:,.0f} s ...")
    with Meter(pids, SAMPLE_S) as meter:
        moments = [_moment(pids)]
        city.send((rate, max(1, round(rate * seconds))))
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
        rate,
        sent.messages,
        before.messages + sent.messages - held,
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


def _registered(folder: Path, port: int, url: str, rooms: int) -> Config:
    """Write the registry in a process of its own: its memory is no part of the measurement."""
    with ProcessPoolExecutor(1, _SPAWN) as pool:
        return pool.submit(plan, folder, port, url, rooms).result()


def _load(port: int, rooms: int, rate: float, seconds: float) -> CityLoad:
    """Let the last reading be measured when it is sent, and those before it in their turn."""
    step_s = max(STEP_S, round(rooms / rate))
    turns = 1 + rate * seconds / rooms
    start_s = int(time.time() + seconds - turns * step_s)
    return CityLoad(port, names(rooms), start_s, step_s, EPOCH, min(CONNECTIONS, rooms))


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
