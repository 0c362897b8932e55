"""How long pages of a large city take, while ingest takes its readings on the same core.

Broker, ingest and the web process are held on one core, where the machine has another one for
whoever asks; the city's readings come as often as its rooms are measured.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from heatward_collector.accounts import Accounts, Role
from heatward_collector.api.rights.door import SESSION_COOKIE
from heatward_collector.bench.city import (
    HOMES_A_BUILDING,
    INTERVAL_S,
    ROOMS_A_HOME,
    City,
    write_city,
)
from heatward_collector.bench.ingest import is_ready, wait
from heatward_collector.bench.running_stage import running_stage
from heatward_collector.bench.usage import cpu_seconds
from heatward_collector.config import Config, parse
from heatward_collector.errors import HeatwardError
from heatward_collector.ledger import LedgerReader
from heatward_collector.registry import open_registry
from heatward_collector.servers.mosquitto import IN_MEMORY, Mosquitto
from heatward_collector.servers.ports import HOST, free_port
from heatward_collector.servers.program import running
from heatward_node.events import Boot
from heatward_node.reading import Kind, Quality, Record, Sync, reading
from heatward_node.rom import rom_from_kernel_name
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.topics import Topic
from heatward_node.wire import encode_pack

READY_SECONDS = 120.0
WARM_REQUESTS = 3
"""Requests of every kind before the clock runs: a process that has just begun is another matter."""
PAUSE_S = 0.1
"""Mean pause between two requests: a run covers several looks at the city, which are taken every
few seconds beside the answers. Without it a quick page would be measured between two. [s]"""
LONGEST_ANSWER_S = 300.0
"""How long the first answer may take: it reads the whole registry. [s]"""
EPOCH = 0xBE7C5
Ask = tuple[str, str]
"""Address, and the cookie of whoever asks."""


@dataclass(frozen=True, slots=True)
class Answers:
    """How long the answers of one kind took."""

    name: str
    milliseconds: tuple[float, ...]
    largest_bytes: int
    cpu_milliseconds: float
    """Processor time of the web process for one answer, its looks ahead among it. [ms]"""

    def percentile(self, share: float) -> float:
        """Return the time within which a share of the answers came. [ms]"""
        return float(np.percentile(self.milliseconds, 100 * share))


@dataclass(frozen=True, slots=True)
class MeasuredPages:
    """The outcome of one run."""

    buildings: int
    rooms: int
    answers: tuple[Answers, ...]
    readings: int
    """Taken by ingest meanwhile."""
    readings_a_second: float
    one_core: bool


def measure(buildings: int, requests: int, seed: int, tell: Callable[[str], None]) -> MeasuredPages:
    """Ask ``requests`` times for every kind of page of a city with ``buildings``."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heatward-bench-")))
        broker = stack.enter_context(running(Mosquitto(folder, IN_MEMORY)))
        config = _config(folder, broker.port)
        tell(f"写入城市 / writing the city: {buildings:,} 栋 / buildings")
        city = write_city(config, buildings, min(buildings, 200), time.time(), seed)
        asks = _asks(config, city, random.Random(seed))
        core = _own_core()
        pids = [
            broker.pid,
            *(stack.enter_context(running_stage(name, config)) for name in ("ingest", "web")),
        ]
        if core is not None:
            for pid in pids:
                os.sched_setaffinity(pid, {core})
        wait(lambda: is_ready(config, ("ingest",)), READY_SECONDS, "ingest does not start")
        wait(lambda: _serves(config), READY_SECONDS, "the pages are not served")
        rate = buildings * HOMES_A_BUILDING * ROOMS_A_HOME / INTERVAL_S
        tell(f"提问 / asking, while ingest takes {rate:.0f} 读数 / readings a second")
        for one in asks.values():
            _answers("", itertools.islice(one, WARM_REQUESTS), config, pids[-1])
        stack.enter_context(_steady(broker.port, city, rate))
        before, began = _held(config), time.monotonic()
        answers = tuple(
            _answers(name, itertools.islice(one, requests), config, pids[-1])
            for name, one in asks.items()
        )
        seconds = time.monotonic() - began
        wait(lambda: _held(config) > before, READY_SECONDS, "ingest takes nothing")
        taken = _held(config) - before
    rooms = buildings * HOMES_A_BUILDING * ROOMS_A_HOME
    return MeasuredPages(buildings, rooms, answers, taken, taken / seconds, core is not None)


def _config(folder: Path, mqtt_port: int) -> Config:
    return parse(
        f"[state]\ndirectory = {json.dumps(str(folder / 'state'))}\n"
        f'[mqtt]\nurl = "mqtt://{HOST}:{mqtt_port}"\n'
        f"[web]\nport = {free_port()}\n"
        '[rules]\ncity = "demo"\n[log]\nlevel = "warning"\nformat = "text"',
        "bench",
    )


def _own_core() -> int | None:
    """Return a core for the servers, and leave it to them; None where there is only one."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return None
    return cores[-1]


def _asks(config: Config, city: City, chance: random.Random) -> dict[str, Iterator[Ask]]:
    """Return endless requests by the name of their kind."""
    registry = open_registry(config)
    accounts = Accounts(registry, time.time)

    def cookie(role: Role, scope: str = "") -> str:
        person = accounts.people.add(f"{role.value}-{scope or 'all'}", "bench", role, scope)
        return f"{SESSION_COOKIE}={accounts.sessions.open(person.id, role)}"

    street, district, of_city = (
        cookie(Role.STREET, city.streets[0]),
        cookie(Role.DISTRICT, city.districts[0]),
        cookie(Role.CITY),
    )
    registry.close()
    charted, others = _endless(city.charted, chance), _endless(city.buildings, chance)
    return {
        "/today 街道 / street": itertools.repeat(("/today", street)),
        "/today 区 / district": itertools.repeat(("/today", district)),
        "/today 市 / city": itertools.repeat(("/today", of_city)),
        "/building 有曲线 / with its curve": ((f"/building/{one}", of_city) for one in charted),
        "/building 任一 / any": ((f"/building/{one}", of_city) for one in others),
    }


def _endless(among: Sequence[str], chance: random.Random) -> Iterator[str]:
    while True:
        yield chance.choice(among)


def _answers(name: str, asks: Iterator[Ask], config: Config, web: int) -> Answers:
    """Ask one after the other, with pauses as of readers who do not wait for each other."""
    took, largest, cpu_s, chance = [], 0, -cpu_seconds(web), random.Random(name)
    link = http.client.HTTPConnection(HOST, config.web.port, timeout=LONGEST_ANSWER_S)
    for path, cookie in asks:
        time.sleep(chance.uniform(0, 2 * PAUSE_S))
        began = time.perf_counter()
        link.request("GET", path, headers={"Cookie": cookie})
        answer = link.getresponse()
        body = answer.read()
        took.append(1e3 * (time.perf_counter() - began))
        if answer.status != 200:
            raise HeatwardError(f"{path} is answered with {answer.status}")
        largest = max(largest, len(body))
    link.close()
    cpu_s += cpu_seconds(web)
    return Answers(name, tuple(took), largest, 1e3 * cpu_s / len(took))


def _serves(config: Config) -> bool:
    link = http.client.HTTPConnection(HOST, config.web.port, timeout=5)
    try:
        link.request("GET", "/healthz")
        return link.getresponse().status < 600
    except OSError:
        return False
    finally:
        link.close()


def _held(config: Config) -> int:
    return sum(batch.count for batch in LedgerReader(config.state.ledger).batches())


@contextmanager
def _steady(port: int, city: City, rate: float) -> Iterator[None]:
    """Publish readings of one home after the other, ``rate`` a second, in the background."""
    client = paho.Client(CallbackAPIVersion.VERSION2, "bench-homes")
    client.connect(HOST, port)
    client.loop_start()
    stop = threading.Event()
    thread = threading.Thread(target=_publish, args=(client, city, rate, stop), daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join()
    client.loop_stop()
    client.disconnect()


def _publish(client: paho.Client, city: City, rate: float, stop: threading.Event) -> None:
    began = time.monotonic()
    for number in itertools.count():
        due = began + number / rate
        if stop.wait(max(due - time.monotonic(), 0)):
            return
        turn, home = divmod(number, len(city.nodes))
        district, node, sensor = city.nodes[home]
        record = _record(turn + 1, sensor, int(time.time()))
        pack = encode_pack(EPOCH, [record], ask_ack=turn % 10 == 9)
        client.publish(str(Topic(district, node, "readings")), pack, qos=1)


def _record(seq: int, sensor: str, now_s: int) -> Record:
    rom = rom_from_kernel_name(sensor)
    if seq == 1:
        return Record(Kind.BOOT, 1, 0, None, 0, Quality.GOOD, Boot(rom * 2).to_body())
    return reading(seq, seq * 1000, now_s, Sync.SYNCHRONISED, rom, usual_scratchpad(330))
