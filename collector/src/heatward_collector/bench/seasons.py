"""A season judged again from sealed days: here, by one worker and by two; what each stage costs.

Workers are processes of a dask.distributed cluster as on machines of their own. What is parted is
the reading of the days; clocks before it and the fold after it are of the whole town. All ways must
bring the same blocks, or nothing is measured.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.bench.ledger_days import STEP_S, City, CityDays, sensor_name
from heatward_collector.bench.usage import cpu_seconds
from heatward_collector.core.standard import Standard
from heatward_collector.errors import HeatwardError
from heatward_collector.from_files.district import read_directory
from heatward_collector.from_files.recording import days_between
from heatward_collector.from_files.season import findings_of
from heatward_collector.from_ledger.day_block import DayBlock, Places, Times, times_known
from heatward_collector.from_ledger.season import (
    OnScheduler,
    one_by_one,
    run_of_blocks,
    runs,
    season_of_blocks,
)
from heatward_collector.registry import Directory, Registry, spreadsheets
from heatward_collector.replay.places import content_for
from heatward_collector.replay.recordings import RecordedSeries
from heatward_collector.rules import load_standard
from heatward_collector.servers.ports import HOST, free_port

START_S = 1_767_225_600
CITY = "harbin"
ROOMS_A_BUILDING = 50
WORKERS = 1, 2
PLAIN = 1, 2
"""Processes without a scheduler: what the machine itself gives two that work side by side."""
READY_SECONDS = 120
Tell = Callable[[str], None]


class Cluster(NamedTuple):
    """A scheduler and its workers."""

    address: str
    workers: list[subprocess.Popen[bytes]]


@dataclass(frozen=True, slots=True)
class ByWorkers:
    """Days read on so many workers."""

    workers: int
    seconds: float
    """On the clock. [s]"""
    cpu_s: list[float]
    """Processor time of each worker. [s]"""
    own_cpu_s: float
    """Of the process that asked and gathered. [s]"""


@dataclass(frozen=True, slots=True)
class SeasonsMeasured:
    """One city's days, read in several ways."""

    rooms: int
    days: int
    readings: int
    clocks_cpu_s: float
    """What the ledger says of clocks, where nobody has followed it. [s]"""
    serial_s: float
    serial_cpu_s: float
    """Days read in this process, on the clock and of the processor. [s]"""
    registry_cpu_s: float
    """The registry read, once a season. [s]"""
    fold_cpu_s: float
    """Findings of the whole season from its days. [s]"""
    by_workers: list[ByWorkers]
    plain_s: list[float]
    """The limit: the same days in one plain process and in two of them, on the clock. [s]"""

    @property
    def limit(self) -> float:
        """How many times faster two plain processes are than one on this machine."""
        return self.plain_s[0] / self.plain_s[-1]

    @property
    def speedup(self) -> float:
        """How many times faster all workers are than the fewest, on the clock."""
        return self.by_workers[0].seconds / self.by_workers[-1].seconds

    @property
    def serial_season_s(self) -> float:
        """Processor time of all that grows with the days, in one process. [s]"""
        return self.clocks_cpu_s + self.serial_cpu_s + self.fold_cpu_s

    def as_json(self) -> str:
        """Return everything as one line."""
        more = {"speedup": self.speedup, "limit": self.limit}
        return json.dumps(asdict(self) | more | {"serial_season_s": self.serial_season_s})


def measure(rooms: int, days: int, tell: Tell) -> SeasonsMeasured:
    """Write days of a city and judge them. Raises HeatwardError where the blocks differ."""
    with tempfile.TemporaryDirectory(prefix="heatward-bench-") as name:
        folder, standard = Path(name), load_standard(CITY)
        tell(f"{days} x 24 h, {rooms:,} 间 / rooms ...")
        places = written(folder, rooms, days)
        began = time.process_time()
        times = times_known(places.ledger, None)
        clocks_s = time.process_time() - began
        span = span_of(days, standard)
        began, began_cpu = time.monotonic(), time.process_time()
        blocks = list(one_by_one(span, places, times))
        serial = time.monotonic() - began, time.process_time() - began_cpu
        tell(f"  {serial[1]:.1f} s CPU")
        expected = _digest(blocks)
        plain = [_in_plain_processes(count, span, places, times) for count in PLAIN]
        found = []
        for workers in WORKERS:
            with cluster(folder, workers) as running:
                one, digest = _on(running, span, places, times)
            if digest != expected:
                raise HeatwardError(f"{workers} workers bring other blocks than this process")
            tell(f"  {workers}: {one.seconds:.1f} s")
            found.append(one)
        began = time.process_time()
        directory = read_directory(places.registry, ZoneInfo(standard.timezone))
        registry_s = time.process_time() - began
        began = time.process_time()
        _fold(directory, standard, blocks)
        fold_s = time.process_time() - began
        readings = sum(block.readings for block in blocks)
        return SeasonsMeasured(
            rooms, len(span), readings, clocks_s, *serial, registry_s, fold_s, found, plain
        )


def _in_plain_processes(count: int, span: list[date], places: Places, times: Times) -> float:
    """Return how long so many processes take that share the days and bring nothing back. [s]"""
    spawn = multiprocessing.get_context("spawn")
    shares = [(runs(span)[number::count], places, times) for number in range(count)]
    with ExitStack() as stack:
        pools = [stack.enter_context(ProcessPoolExecutor(1, spawn)) for _ in shares]
        # What a process imports, and its registry, are paid once a season, as by workers.
        for number, pool in enumerate(pools):
            pool.submit(keep_to_a_core, 0, number).result()
            pool.submit(_read_runs, [span[:1]], places, times).result()
        began = time.monotonic()
        for done in [
            pool.submit(_read_runs, *share) for pool, share in zip(pools, shares, strict=True)
        ]:
            done.result()
        return time.monotonic() - began


def keep_to_a_core(pid: int, number: int) -> None:
    """Give a process, 0 for this one, and its threads to come one of the cores in turn.

    Days are read ahead by a thread of its own, so that a single worker would take a part of the
    second one's core.
    """
    cores = sorted(os.sched_getaffinity(0 if pid else os.getppid()))
    os.sched_setaffinity(pid, {cores[number % len(cores)]})


def _read_runs(some: list[list[date]], places: Places, times: Times) -> int:
    return sum(block.readings for run in some for block in run_of_blocks(run, places, times))


def _on(running: Cluster, span: list[date], places: Places, times: Times) -> tuple[ByWorkers, str]:
    from distributed import Client

    with Client(running.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        # What a worker imports, and its registry, are paid once a season, not once a day.
        client.run(run_of_blocks, span[:1], places, times)
    pids = [worker.pid for worker in running.workers]
    before, own = [cpu_seconds(pid) for pid in pids], time.process_time()
    began = time.monotonic()
    blocks = list(OnScheduler(running.address)(span, places, times))
    seconds = time.monotonic() - began
    after = [cpu_seconds(pid) for pid in pids]
    cpu_s = [ended - begun for begun, ended in zip(before, after, strict=True)]
    measured = ByWorkers(len(pids), seconds, cpu_s, time.process_time() - own)
    return measured, _digest(blocks)


def _fold(directory: Directory, standard: Standard, blocks: list[DayBlock]) -> None:
    zone = ZoneInfo(standard.timezone)
    season = season_of_blocks(directory, standard, blocks)
    findings_of(season, blocks[0].day, blocks[-1].day, zone)


def _digest(blocks: Iterable[DayBlock]) -> str:
    total = hashlib.sha256()
    for block in blocks:
        total.update(block.rooms.tobytes())
        total.update(f"{block.day} {block.readings}".encode())
    return total.hexdigest()


def span_of(days: int, standard: Standard) -> list[date]:
    """Return the whole local days that were written."""
    zone = ZoneInfo(standard.timezone)
    first = datetime.fromtimestamp(START_S, UTC).astimezone(zone).date() + timedelta(days=1)
    return days_between(first, first + timedelta(days=days - 2))


def written(folder: Path, rooms: int, days: int) -> Places:
    """Write days of a city, and its registry, into a folder."""
    for _ in CityDays(City(rooms, START_S)).write(folder / "ledger", days):
        pass
    time_s, raw = np.array([0, STEP_S], np.int64), np.array([320, 320], np.int16)
    content = content_for(
        [
            RecordedSeries(f"b{room // ROOMS_A_BUILDING:05}", sensor_name(room), time_s, raw)
            for room in range(rooms)
        ]
    )
    del content["node"]  # the days' nodes are others, and nobody registered them
    hung = [{**row, "node": None} for row in content.pop("assignment")]
    registry = Registry(f"sqlite:///{folder / 'registry.sqlite'}")
    registry.put({**content, "assignment": hung})
    spreadsheets.export_folder(registry, folder / "registry")
    registry.close()
    return Places(folder / "ledger", folder / "registry", CITY)


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """Run a scheduler and workers of one thread and one core each; yield once all are there.

    Raises HeatwardError where dask.distributed is not installed, or they do not come.
    """
    try:
        from distributed import Client  # an extra: not everybody has it
    except ImportError as error:
        raise HeatwardError("pip install 'heatward-collector[dask]'") from error
    address = f"tcp://{HOST}:{free_port()}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    port = address.rpartition(":")[2]
    programs: list[tuple[str, ...]] = [("scheduler", "--port", port, "--dashboard-address", ":0")]
    programs += [("worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny")] * workers
    running = [
        subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{name}", *options],
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for name, *options in programs
    ]
    for number, worker in enumerate(running[1:]):
        keep_to_a_core(worker.pid, number)
    try:
        with Client(  # type: ignore[no-untyped-call]
            address, timeout=READY_SECONDS, set_as_default=False
        ) as client:
            client.wait_for_workers(workers, timeout=READY_SECONDS)
        yield Cluster(address, running[1:])
    finally:
        for process in running:
            process.kill()
            process.wait()
