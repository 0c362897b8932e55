"""A city's readings for a long time: does anything grow, wait, or get lost?

Real Mosquitto, ingest, view (InfluxDB beside it) and evaluation with its window and its watch for
suppressed heating; streets of two hundred buildings have a source each. Every node speaks once
before the measurement, so that journals and series are known. Then evaluation starts, and is
through with its first look at the day: what that took is told. Lag is from sending a message to
its ack, which leaves once its readings are on disk.

Rooms get verdicts once an hour has half an hour of their values, and all of them anew when an hour
is over. A measurement over the end of an hour has both in it: the same load is sent unmeasured for
so long before that the hour has enough values.

A short measurement has a look of the watch at a quarter of an hour in it or not, as it happens.
Where one is asked for, two stretches of the same load are sent, one over a look and one behind it:
only the second one is the measurement, and what evaluation took more in the first is a look.
"""

from __future__ import annotations

import json
import multiprocessing
import multiprocessing.connection
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from heatward_collector.bench import city_load
from heatward_collector.bench.city import HOMES_A_BUILDING
from heatward_collector.bench.city_load import CityLoad, Sent, Stretch
from heatward_collector.bench.following import (
    RECEIVING,
    batches_behind,
    first_look_ms,
    is_window_told,
    verdicts_written,
    wait_until_followed,
)
from heatward_collector.bench.frosty_city import registered
from heatward_collector.bench.ingest import EPOCH, is_ready, wait
from heatward_collector.bench.minutes import Minute, minutes_of, moment_of
from heatward_collector.bench.newer_influxdb import newer_influxd
from heatward_collector.bench.quarter_looks import over_a_look
from heatward_collector.bench.running_stage import running_stage
from heatward_collector.bench.telling import Tell, stage
from heatward_collector.bench.usage import Meter, Usage
from heatward_collector.config import Config
from heatward_collector.errors import HeatwardError
from heatward_collector.ledger import LedgerReader
from heatward_collector.servers.influxdb import Influxd
from heatward_collector.servers.mosquitto import IN_MEMORY, Mosquitto
from heatward_collector.servers.ports import HOST
from heatward_collector.servers.program import running

MINUTE_S = 60.0
CONNECTIONS = 200
FIRST_ROUND_RATE = 8_400.0
"""Messages a second of the round before the measurement, where the line carries them: at a low rate
a city's first round would take ten minutes. What it leaves behind is waited for. [1/s]"""
STEP_S = 60
"""Where there are fewer rooms than the rate needs, readings are so far apart. [s]"""
HOUR_S = 3600
SAMPLE_S = 5.0
"""Memory is looked at so often: a look at gigabytes takes long. [s]"""
READY_S, READY_S_A_ROOM = 180.0, 0.002
FIRST_LOOK_S = 3_600.0
BEFORE_THE_HOUR_S = 900
"""So long before the end of an hour a measurement over it begins. [s]"""
WARM_UP_S = 1_200
"""And for so long at least the load is sent before: with it 35 minutes of the hour have values. [s]
"""
EVALUATION = "evaluate"
Pipe = multiprocessing.connection.Connection
_SPAWN = multiprocessing.get_context("spawn")


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
    verdicts: int
    """Verdicts of the measurement, new or changed."""
    behind: int
    """Batches of the ledger that view or evaluation had not taken in when the last ack came."""
    late_s: float
    """How far the sender was behind its rate at the worst. [s]"""
    seconds: float
    """From the first message to the last."""
    minutes: list[Minute]
    usage: dict[str, Usage]
    """Each process over all minutes."""
    look_s: float | None = None
    """Processor time of evaluation for a look at a quarter of an hour, if that was asked for; then
    none is in ``usage``. [s]"""

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
    over_the_hour: bool = False,
    look_apart: bool = False,
) -> EnduranceMeasured:
    """Send for so many seconds, in a city of about so many rooms: whole buildings of five homes.

    With ``over_the_hour`` the measurement begins some time before an hour ends. With ``look_apart``
    it has no look at a quarter of an hour in it, which is measured before. Raises HeatwardError
    where a process does not start or follow.
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
        with stage(tell, f"登记 / registering {rooms:,}"):
            config = registered(folder, broker.port, url, buildings, rooms_a_node)
        patience_s = READY_S + READY_S_A_ROOM * rooms
        for name in RECEIVING:
            pids[name] = stack.enter_context(running_stage(name, config))
        wait(lambda: is_ready(config, RECEIVING), patience_s, "the collector does not start")
        sent_s = 2 * seconds if look_apart else seconds
        load = _load(broker.port, buildings, rooms_a_node, rate, sent_s, over_the_hour)
        city = stack.enter_context(_speaking(load, patience_s))
        with stage(tell, f"每间一次 / once a room: {rooms:,}"):
            first_rate = max(rate / rooms_a_node, FIRST_ROUND_RATE)
            city.send(Stretch(first_rate, load.homes, is_patient=True))
            before = [city.recv()]
        pids[EVALUATION] = _evaluating(stack, config, patience_s, tell)
        if over_the_hour:
            before.append(_warmed_up(city, rate / rooms_a_node, tell))
        if not look_apart:
            return _measured(load, before, rate, seconds, config, city, pids, tell)
        over, with_look_s = over_a_look(load, rate, seconds, config, city, pids[EVALUATION], tell)
        measured = _measured(load, [*before, over], rate, seconds, config, city, pids, tell)
        # In a small city two stretches differ by more than a look.
        look_s = max(0.0, with_look_s - measured.usage[EVALUATION].cpu_s)
        return replace(measured, look_s=look_s)


def _evaluating(stack: ExitStack, config: Config, patience_s: float, tell: Tell) -> int:
    """Start evaluation, and wait until the watch's first look is through; return its pid."""
    with stage(tell, "评判开始 / evaluation starts"):
        pid = stack.enter_context(running_stage(EVALUATION, config))
        wait(lambda: is_window_told(config), patience_s, "evaluation does not start")
        wait_until_followed(config)
        wait(lambda: first_look_ms(config) is not None, FIRST_LOOK_S, "the watch is not through")
    tell(f"首次监视 / the watch's first look {(first_look_ms(config) or 0) / 1000:,.1f} s")
    return pid


def begin_before_an_hour(now_s: float) -> int:
    """Return when a measurement over the end of an hour may begin. [s UTC]

    Local hours end when those of UTC do.
    """
    end = -(-(now_s + WARM_UP_S + BEFORE_THE_HOUR_S) // HOUR_S) * HOUR_S
    return int(end) - BEFORE_THE_HOUR_S


def _warmed_up(city: Pipe, messages_a_second: float, tell: Tell) -> Sent:
    """Send until a measurement over the end of an hour may begin."""
    now_s = time.time()
    left_s = begin_before_an_hour(now_s) - now_s
    tell(f"到整点前 / until before an hour ends {left_s / 60:.0f} min ...")
    messages = max(1, round(messages_a_second * left_s))
    city.send(Stretch(messages_a_second, messages, int(now_s)))
    sent: Sent = city.recv()
    return sent


def _measured(
    load: CityLoad,
    before: Sequence[Sent],
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
        moments, verdicts = [moment_of(pids)], -verdicts_written(config)
        city.send(load.stretch(rate, seconds))
        while not city.poll(max(0.0, moments[-1].at + MINUTE_S - time.monotonic())):
            moments.append(moment_of(pids))
        sent: Sent = city.recv()
        moments.append(moment_of(pids))
        behind = batches_behind(config)
        wait_until_followed(config)
    verdicts += verdicts_written(config)
    with closing(LedgerReader(config.state.ledger)) as reader:
        held = sum(batch.count for batch in reader.batches())
    messages = sum(one.messages for one in (*before, sent))
    return EnduranceMeasured(
        rooms,
        each,
        rate,
        each * sent.messages,
        each * messages - held,
        sum(one.unanswered for one in (*before, sent)),
        verdicts,
        behind,
        sent.late_s,
        sent.ended - sent.began,
        minutes_of(moments, sent),
        meter.usage,
    )


def _load(
    port: int, buildings: int, rooms_a_node: int, rate: float, seconds: float, is_timely: bool
) -> CityLoad:
    """Let the last round be measured when it is sent, and those before it in their turn.

    With ``is_timely`` rounds are as far apart as the rate makes them, so that from a moment on each
    may be measured when it is sent.
    """
    homes = buildings * HOMES_A_BUILDING
    rooms = homes * rooms_a_node
    step_s = max(1 if is_timely else STEP_S, round(rooms / rate))
    turns = 1 + rate * seconds / rooms
    start_s = int(time.time() + seconds - turns * step_s)
    return CityLoad(port, homes, rooms_a_node, start_s, step_s, EPOCH, min(CONNECTIONS, homes))


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
