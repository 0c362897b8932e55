"""A season judged again from sealed days in one run on workers, from the ledger to findings.

``bench seasons`` compares ways; this says how long the whole takes, for a city whose days take
longer to write than to judge: a folder in which they lie may be used again.
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from heatward_collector.bench.seasons import CITY, Tell, cluster, span_of, written
from heatward_collector.bench.usage import cpu_seconds
from heatward_collector.errors import HeatwardError
from heatward_collector.from_files.district import read_directory
from heatward_collector.from_files.season import findings_of
from heatward_collector.from_ledger.day_block import Places, times_known
from heatward_collector.from_ledger.season import OnScheduler, season_of_blocks
from heatward_collector.rules import load_standard

ABOUT = "city.json"
"""Says which city's days lie in a folder; written once they all do."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the run."""

    seconds: float
    """On the clock. [s]"""
    cpu_s: float
    """Processor time of this process. [s]"""


@dataclass(frozen=True, slots=True)
class WholeMeasured:
    """A season from the ledger to findings."""

    rooms: int
    days: int
    readings: int
    findings: int
    workers: int
    clocks: Stage
    """What the ledger says of clocks, where nobody has followed it."""
    read: Stage
    """Days read by the workers, and gathered here."""
    worker_cpu_s: list[float]
    """Processor time of each worker. [s]"""
    fold: Stage
    """The registry read, and findings of the whole season."""
    peak_bytes: int
    """Of this process."""

    @property
    def seconds(self) -> float:
        """The whole on the clock. [s]"""
        return self.clocks.seconds + self.read.seconds + self.fold.seconds

    @property
    def cpu_s(self) -> float:
        """Processor time of all processes but the scheduler. [s]"""
        own = self.clocks.cpu_s + self.read.cpu_s + self.fold.cpu_s
        return own + sum(self.worker_cpu_s)

    def as_json(self) -> str:
        """Return everything as one line."""
        return json.dumps(asdict(self) | {"seconds": self.seconds, "cpu_s": self.cpu_s})


def measure(rooms: int, days: int, folder: Path, tell: Tell, workers: int = 2) -> WholeMeasured:
    """Judge so many whole days of a city. Raises HeatwardError where other days lie there."""
    places = days_in(folder, rooms, days, tell)
    standard = load_standard(CITY)
    zone, span = ZoneInfo(standard.timezone), span_of(days + 1, standard)
    with cluster(folder, workers) as running:
        tell("时钟 / clocks ...")
        with _timed() as clocks:
            times = times_known(places.ledger, None)
        tell(f"{clocks[0].seconds:.1f} s; 逐日 / days ...")
        pids = [worker.pid for worker in running.workers]
        before = [cpu_seconds(pid) for pid in pids]
        with _timed() as read:
            blocks = list(OnScheduler(running.address)(span, places, times))
        after = [cpu_seconds(pid) for pid in pids]
    tell(f"{read[0].seconds:.1f} s; 汇总 / fold ...")
    with _timed() as fold:
        directory = read_directory(places.registry, zone)
        season = season_of_blocks(directory, standard, blocks)
        found = findings_of(season, span[0], span[-1], zone)
    return WholeMeasured(
        rooms,
        len(span),
        sum(block.readings for block in blocks),
        len(found),
        workers,
        clocks[0],
        read[0],
        [ended - begun for begun, ended in zip(before, after, strict=True)],
        fold[0],
        1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    )


def days_in(folder: Path, rooms: int, days: int, tell: Tell) -> Places:
    """Return the days of a city in a folder; write them there where it is empty.

    One day more is written than is judged: local days begin before those of the ledger. Raises
    HeatwardError where something else lies there.
    """
    about = {"rooms": rooms, "days": days}
    if (folder / ABOUT).exists():
        if json.loads((folder / ABOUT).read_text(encoding="utf-8")) != about:
            raise HeatwardError(f"{folder} holds days of another city")
        return Places(folder / "ledger", folder / "registry", CITY)
    if folder.exists() and any(folder.iterdir()):
        raise HeatwardError(f"{folder} is not empty, and no whole city")
    tell(f"{days} x 24 h, {rooms:,} 间 / rooms ...")
    folder.mkdir(parents=True, exist_ok=True)
    places = written(folder, rooms, days + 1)
    (folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")
    return places


@contextmanager
def _timed() -> Iterator[list[Stage]]:
    """Yield a list in which a stage is once it is over."""
    stages: list[Stage] = []
    began, began_cpu = time.monotonic(), time.process_time()
    yield stages
    stages.append(Stage(time.monotonic() - began, time.process_time() - began_cpu))
