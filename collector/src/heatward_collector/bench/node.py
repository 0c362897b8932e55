"""What a node costs a reading: processor time, memory, bytes on the card.

The real program on files that look like a 1-Wire bus, against a real Mosquitto and the real
ingest; only its interval is shorter than a configuration may say, since nobody waits hours for
twenty rounds. A second one beside it, which measured once and then only waits, shows what the loop
costs between rounds. The limit, in the same turn: the same records of the same journal, put into a
plain SQLite table by a bare Python, one transaction and so one fsync a round. Medians of turns
count.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from heatward_collector.bench.ingest import READY_SECONDS, is_ready, plan, series, wait
from heatward_collector.bench.running_stage import running_stage
from heatward_collector.bench.usage import Meter, Usage, summed
from heatward_collector.config import Config
from heatward_collector.errors import HeatwardError
from heatward_collector.ledger import LedgerReader
from heatward_collector.replay.places import plans_for, rom_for
from heatward_collector.servers.mosquitto import IN_MEMORY, Mosquitto
from heatward_collector.servers.ports import HOST
from heatward_collector.servers.program import running
from heatward_node.publisher import Identity
from heatward_node.rom import kernel_name
from heatward_node.scratchpad import usual_scratchpad

ROUND_S = 1
"""How often the busy node measures; its loop looks at the clock twice as often. [s]"""
NEVER_S = 10**10
"""The waiting node's interval: one round at its start. [s]"""
INTERVAL_S = 300
"""How often a home is measured. [s]"""
WARM_ROUNDS = 2
"""Of the busy node before the measurement: the first goes out with the greeting."""
ARRIVAL_SECONDS = 300.0
STOP_SECONDS = 60.0
RAW_16THS_CELSIUS = 328
NODE = """\
import sys
from dataclasses import replace
from pathlib import Path
from heatward_node.config import load
from heatward_node.running import run_node
run_node(replace(load(Path(sys.argv[1])), interval_s=int(sys.argv[2])))
"""
PLAIN = """\
import sqlite3, sys
source = sqlite3.connect(sys.argv[1])
data = source.execute("SELECT data FROM record ORDER BY log, seq").fetchall()
source.close()
link = sqlite3.connect(sys.argv[2], isolation_level=None)
link.execute("PRAGMA journal_mode = WAL")
link.execute("PRAGMA synchronous = FULL")
link.execute("CREATE TABLE record (number INTEGER PRIMARY KEY, data BLOB NOT NULL)")
print(len(data), sum(len(row[0]) for row in data), flush=True)
sys.stdin.readline()
a_round = int(sys.argv[3])
for at in range(0, len(data), a_round):
    link.execute("BEGIN")
    link.executemany("INSERT INTO record (data) VALUES (?)", data[at : at + a_round])
    link.execute("COMMIT")
print("done", flush=True)
sys.stdin.readline()
"""
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn; processor times are of the node alone unless named otherwise."""

    readings: int
    cpu_us: float
    """A reading, with the loop between rounds a second apart. [us]"""
    idle_us: float
    """A second of waiting. [us]"""
    plain_us: float
    """A record put into a plain table. [us]"""
    record_bytes: float
    """What a record is, as the journal keeps it."""
    usage: dict[str, Usage]
    plain_records: int
    plain: Usage


@dataclass(frozen=True, slots=True)
class NodeMeasured:
    """What came of it; figures are a reading, medians over turns."""

    sensors: int
    readings: int
    """Of all turns together."""
    cpu_us: float
    idle_us_a_second: float
    home_cpu_us: float
    """With a round each five minutes, by the two above. [us]"""
    plain_cpu_us: float
    ratio: float
    """Processor time of the busy node for one of the plain insert, in the same turn."""
    written_bytes: float
    plain_written_bytes: float
    record_bytes: float
    plain_peak_own_bytes: int
    usage: dict[str, Usage]
    """Of all turns together, by process."""

    def as_json(self) -> str:
        """Return everything as one line."""
        return json.dumps(asdict(self))


def measure(sensors: int, rounds: int, turns: int, tell: Tell) -> NodeMeasured:
    """Measure a node of so many sensors. Raises HeatwardError where its readings do not arrive."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heatward-bench-")))
        broker = stack.enter_context(running(Mosquitto(folder, IN_MEMORY)))
        config = plan(folder, broker.port, "embedded", 2 * turns)
        pids = {
            "mosquitto": broker.pid,
            "ingest": stack.enter_context(running_stage("ingest", config)),
        }
        wait(lambda: is_ready(config, ("ingest",)), READY_SECONDS, "the collector does not start")
        identities = [one.identity for one in plans_for(series(2 * turns))]
        done = []
        for number in range(turns):
            tell(f"{number + 1}/{turns}: {rounds} x {sensors} 读数 / readings")
            busy, waiting = (
                _Node(folder / f"{name}-{number}", identity, broker.port, sensors)
                for name, identity in zip(
                    ("busy", "waiting"), identities[2 * number :], strict=False
                )
            )
            done.append(_turn(busy, waiting, config, pids, rounds))
        return _measured(sensors, done)


def _turn(busy: _Node, waiting: _Node, config: Config, pids: dict[str, int], rounds: int) -> Turn:
    with ExitStack() as stack:
        arrivals = stack.enter_context(closing(_Arrivals(config)))
        waiting_pid = stack.enter_context(waiting.running(NEVER_S))
        arrivals.wait_for(waiting.sensors)
        busy_pid = stack.enter_context(busy.running(ROUND_S))
        arrivals.wait_for(WARM_ROUNDS * busy.sensors)
        arrivals.count()  # what came in meanwhile is no part of the measurement
        with Meter({"node": busy_pid, "waiting node": waiting_pid, **pids}) as meter:
            began, cpu_s, idle_cpu_s = time.monotonic(), -cpu_of(busy_pid), -cpu_of(waiting_pid)
            readings = arrivals.wait_for(rounds * busy.sensors)
            cpu_s += cpu_of(busy_pid)
            idle_cpu_s += cpu_of(waiting_pid)
            seconds = time.monotonic() - began
    plain_cpu_s, records, size, plain = _plain(busy)
    return Turn(
        readings,
        1e6 * cpu_s / readings,
        1e6 * idle_cpu_s / seconds,
        1e6 * plain_cpu_s / records,
        size / records,
        meter.usage,
        records,
        plain,
    )


def _measured(sensors: int, done: list[Turn]) -> NodeMeasured:
    cpu_us = median(turn.cpu_us for turn in done)
    idle_us = median(turn.idle_us for turn in done)
    return NodeMeasured(
        sensors,
        sum(turn.readings for turn in done),
        cpu_us,
        idle_us,
        cpu_us + idle_us * (INTERVAL_S - ROUND_S) / sensors,
        median(turn.plain_us for turn in done),
        median(turn.cpu_us / turn.plain_us for turn in done),
        median(turn.usage["node"].written_bytes / turn.readings for turn in done),
        median(turn.plain.written_bytes / turn.plain_records for turn in done),
        median(turn.record_bytes for turn in done),
        max(turn.plain.peak_own_bytes for turn in done),
        {name: summed(turn.usage[name] for turn in done) for name in done[0].usage},
    )


class _Node:
    """A node's folder: its configuration, its bus, its journal."""

    def __init__(self, folder: Path, identity: Identity, port: int, sensors: int) -> None:
        self.folder = folder
        self.sensors = sensors
        self.journal = folder / "journal.sqlite"
        bus = folder / "devices"
        for number in range(sensors):
            file = bus / kernel_name(rom_for(f"{identity.node}-{number}")) / "w1_slave"
            file.parent.mkdir(parents=True)
            file.write_bytes(_shown(RAW_16THS_CELSIUS + number))
        (folder / "node.toml").write_text(
            f'[node]\nid = "{identity.node}"\ndistrict = "{identity.district}"\n'
            f'[mqtt]\nhost = "{HOST}"\nport = {port}\n[bus]\npath = "devices"\n'
        )

    @contextmanager
    def running(self, interval_s: int) -> Iterator[int]:
        """Run the program; give its process id. Raises HeatwardError where it ends badly."""
        command = [sys.executable, "-c", NODE, str(self.folder / "node.toml"), str(interval_s)]
        log = self.folder / "log"
        with log.open("ab") as file:
            process = subprocess.Popen(command, stdout=file, stderr=file, stdin=subprocess.DEVNULL)
        try:
            yield process.pid
            process.send_signal(signal.SIGTERM)
            if process.wait(STOP_SECONDS) != 0:
                raise HeatwardError(f"the node ended badly:\n{log.read_text()[-1000:]}")
        finally:
            process.kill()
            process.wait()


class _Arrivals:
    """Readings as they come into the ledger."""

    def __init__(self, config: Config) -> None:
        self._reader = LedgerReader(config.state.ledger)
        self._head = self._reader.head()[0]
        self._readings = 0

    def wait_for(self, more: int) -> int:
        """Wait for so many more than were counted last; return how many came."""
        before = self._readings
        wait(lambda: self.count() >= before + more, ARRIVAL_SECONDS, "readings do not arrive")
        return self._readings - before

    def count(self) -> int:
        """Return how many came since this was made."""
        for batch in self._reader.batches(self._head):
            self._head = batch.number
            self._readings += len(batch.readings)
        return self._readings

    def close(self) -> None:
        self._reader.close()


def _plain(node: _Node) -> tuple[float, int, int, Usage]:
    """Put a journal's records into a plain table; return CPU seconds, records, bytes and usage."""
    table = node.folder / "plain.sqlite"
    command = [sys.executable, "-c", PLAIN, str(node.journal), str(table), str(node.sensors)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        said = process.stdout.readline().split()
        with Meter({"plain": process.pid}) as meter:
            cpu_s = -cpu_of(process.pid)
            process.stdin.write("go\n")
            if process.stdout.readline() != "done\n":
                raise HeatwardError("the plain insert ended badly; see what it said above")
            cpu_s += cpu_of(process.pid)
        process.stdin.write("end\n")
    return cpu_s, int(said[0]), int(said[1]), meter.usage["plain"]


def cpu_of(pid: int) -> float:
    """Return the processor time of a process so far, finer than the ticks of /proc. [s]

    The number of a process's clock is the complement of its id and CPUCLOCK_SCHED. (Linux,
    include/linux/posix-timers.h)
    """
    return time.clock_gettime((~pid << 3) | 2)


def _shown(raw: int) -> bytes:
    """Return what the kernel's file shows at a temperature. [1/16 degC]"""
    scratchpad = usual_scratchpad(raw)
    line = scratchpad.hex(" ")
    return f"{line} : crc={scratchpad[8]:02x} YES\n{line} t={raw * 1000 // 16}\n".encode()
