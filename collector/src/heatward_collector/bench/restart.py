"""What a start of the evaluation costs: with nothing, without its ring, and with a ring and a tail.

Each start is a process of its own over the same ledger, so that its memory is its own. All must end
with the same window, or nothing is measured. Of a large city the ledger may be shorter than the 48
hours of the ring, and the start with nothing left out: both grow with the readings.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import resource
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heatward_collector.bench.ingest import REGISTERED_AT_ONCE
from heatward_collector.bench.ledger_days import DAY_S, STEP_S, City, CityDays, sensor_name
from heatward_collector.conclusions.verdicts import VerdictStore
from heatward_collector.errors import HeatwardError
from heatward_collector.evaluation.evaluation import Evaluation
from heatward_collector.evaluation.window import SLOTS, Window
from heatward_collector.ledger import Batch, LedgerReader
from heatward_collector.readings.follow import Follower
from heatward_collector.registry import Registry, tables
from heatward_collector.replay.places import content_for
from heatward_collector.replay.recordings import RecordedSeries
from heatward_collector.rules import load_standard

END_S = 1_767_225_600 + 2 * DAY_S
HOURS, TAIL_MINUTES = 48, 60.0
SLOTS_AN_HOUR, SLOTS_A_DAY = 3600 // STEP_S, DAY_S // STEP_S
ROOMS_A_BUILDING = 50
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Start:
    """What one start cost its process."""

    batches: int
    """Batches of the ledger that were read."""
    registry_s: float
    """Processor time until the registry stood in memory. [s]"""
    clocks_s: float
    """From then until it knew where it is in the ledger, and the clocks. [s]"""
    opened_s: float
    """From then until the ring was there: that of its file, checked, or an empty one. [s]"""
    window_s: float
    """From then until the window stood: where the ring was empty, filled. [s]"""
    tail_s: float
    """From then until nothing was left to read. [s]"""
    window_clock_s: float
    """As ``window_s``, on the clock: one thread reads ahead of the other. [s]"""
    peak_bytes: int
    window: str
    """SHA-256 of the window that it ended with."""

    @property
    def cpu_s(self) -> float:
        """Processor time without the registry. [s]"""
        return self.clocks_s + self.opened_s + self.window_s + self.tail_s


@dataclass(frozen=True, slots=True)
class RestartMeasured:
    """Starts over the same hours."""

    rooms: int
    hours: int
    tail_minutes: float
    readings: int
    sealed: Start | None
    """With nothing but ledger and registry: every batch passes again."""
    refilled: Start
    """With its place in the ledger, and no ring: that is filled from the sealed days."""
    ring: Start
    """With the ring of some minutes ago."""
    registry_s: float
    """Processor time of the first that read the registry, and kept its columns. [s]"""

    @property
    def sealed_rate(self) -> float | None:
        """Readings a second of processor time, with nothing."""
        return None if self.sealed is None else self.readings / self.sealed.cpu_s

    @property
    def refilled_rate(self) -> float:
        """Readings a second of processor time, into a ring that is gone."""
        return self.readings / self.refilled.cpu_s

    @property
    def filled_clock_us(self) -> float:
        """What a reading takes into an empty ring, on the clock. [us]"""
        return 1e6 * self.refilled.window_clock_s / self.readings

    def as_json(self) -> str:
        """Return everything as one line."""
        rates = {"sealed_rate": self.sealed_rate, "refilled_rate": self.refilled_rate}
        return json.dumps(asdict(self) | rates | {"filled_clock_us": self.filled_clock_us})


def measure(
    rooms: int,
    tell: Tell,
    hours: int = HOURS,
    tail_minutes: float = TAIL_MINUTES,
    with_batches: bool = True,
) -> RestartMeasured:
    """Measure a city of so many rooms. Raises HeatwardError where the windows differ."""
    with tempfile.TemporaryDirectory(prefix="heatward-bench-") as name:
        folder = Path(name)
        tell(f"{hours} h, {rooms:,} 间 / rooms ...")
        days = -(-hours // 24)
        city = CityDays(City(rooms, END_S - days * DAY_S, 1))
        for _ in city.write(folder / "ledger", days, days * SLOTS_A_DAY - hours * SLOTS_AN_HOUR):
            pass
        tell("登记 / registering ...")
        _register(folder, rooms)
        reader = LedgerReader(folder / "ledger")
        last, begun = reader.head()[0], next(reader.batches(0, 1)).number
        reader.close()
        an_hour = (last - begun) / hours
        before_tail = last - round(an_hour * tail_minutes / 60)
        tell("开始 / starting ...")
        if with_batches:
            sealed = _in_a_process(start, folder, "sealed", last)
            registry_s = sealed.registry_s
            _in_a_process(start, folder, "ring", before_tail)
        else:
            sealed, heard = None, begun + round(an_hour / SLOTS_AN_HOUR)
            registry_s = _in_a_process(stand, folder, "ring", heard, before_tail)
            _in_a_process(start, folder, "ring", before_tail)
            no_ring = shutil.ignore_patterns("window")
            shutil.copytree(folder / "ring", folder / "sealed", ignore=no_ring)
            _in_a_process(stand, folder, "sealed", heard, last)
        ring = _in_a_process(start, folder, "ring", last)
        shutil.rmtree(folder / "sealed" / "window", ignore_errors=True)
        refilled = _in_a_process(start, folder, "sealed", last)
        if not ring.window == refilled.window == (sealed or ring).window:
            raise HeatwardError("the starts ended with different windows")
        readings = rooms * hours * SLOTS_AN_HOUR
        return RestartMeasured(
            rooms, hours, tail_minutes, readings, sealed, refilled, ring, registry_s
        )


class _Until(LedgerReader):
    """A ledger as it was when a batch was its newest."""

    def __init__(self, directory: Path, through: int) -> None:
        super().__init__(directory)
        self._through = through
        self.passed = 0
        """How many batches were handed out."""

    def batches(self, after: int = 0, limit: int | None = None) -> Iterator[Batch]:
        """Yield batches as a reader does, and none after the last."""
        for batch in super().batches(after, limit):
            if batch.number > self._through:
                return
            self.passed += 1
            yield batch


def _in_a_process(work: Callable[..., Any], *what: object) -> Any:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn) as pool:
        return pool.submit(work, *what).result()


def stand(folder: Path, state: str, heard: int, through: int) -> float:
    """Let a follower have its place in the ledger, as if all had passed.

    What it learns of every node, it learns from the batches up to ``heard``. Returns the processor
    time until the registry stood in memory. [s]
    """
    began = time.process_time()
    registry, reader = Registry(_address(folder)), _Until(folder / "ledger", heard)
    registry.directory()
    read_s = time.process_time() - began
    place = folder / state / "evaluate.sqlite"
    follower = Follower(place, reader, registry)
    follower.restarted()
    while batches := follower.next():
        follower.done(batches)
    follower.close()
    registry.close()
    with closing(sqlite3.connect(place)) as connection, connection:
        connection.execute("UPDATE cursor SET value = ? WHERE key = 'batch'", (through,))
    return read_s


def start(folder: Path, state: str, through: int) -> Start:
    """Start the evaluation, let it read up to a batch, and save its window."""
    times = [time.process_time()]
    registry = Registry(_address(folder))
    registry.directory()
    times.append(time.process_time())
    reader = _Until(folder / "ledger", through)
    follower = Follower(folder / state / "evaluate.sqlite", reader, registry)
    times.append(time.process_time())
    window = Window(folder / state / "window", follower.directory.points.ids)
    times.append(time.process_time())
    began = time.monotonic()
    verdicts = VerdictStore(folder / state / "verdicts.sqlite")
    standard = load_standard("harbin")
    evaluation = Evaluation(follower, window, verdicts, standard, lambda: float(END_S))
    times.append(time.process_time())
    window_clock_s = time.monotonic() - began
    while evaluation.step():
        pass
    times.append(time.process_time())
    evaluation.save()
    digest = hashlib.sha256(window.grid(window.start_s, SLOTS).tobytes()).hexdigest()
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    registry_s, clocks_s, opened_s, window_s, tail_s = np.diff(times).tolist()
    stages = registry_s, clocks_s, opened_s, window_s, tail_s
    done = Start(reader.passed, *stages, window_clock_s, peak, digest)
    follower.close()
    verdicts.close()
    registry.close()
    return done


def _address(folder: Path) -> str:
    return f"sqlite:///{folder / 'registry.sqlite'}"


def _register(folder: Path, rooms: int) -> None:
    """Put a city into a new registry, as a restore does: an edit would look for each row."""
    registry = Registry(_address(folder))
    with registry.database.edit() as connection:
        for first in range(0, rooms, REGISTERED_AT_ONCE):
            content = _content(range(first, min(first + REGISTERED_AT_ONCE, rooms)))
            for name, rows in content.items():
                # Places above the homes come again with every part.
                new = tables.METADATA.tables[name].insert().prefix_with("OR IGNORE")
                connection.execute(new, rows)
    registry.close()


def _content(rooms: range) -> dict[str, list[dict[str, Any]]]:
    """Return a registry of the rooms that the days are of, whose nodes nobody registered."""
    time_s, raw = np.array([0, STEP_S], np.int64), np.array([320, 320], np.int16)
    content = content_for(
        [
            RecordedSeries(f"b{room // ROOMS_A_BUILDING:05}", sensor_name(room), time_s, raw)
            for room in rooms
        ]
    )
    del content["node"]
    hung = [{**row, "node": None} for row in content.pop("assignment")]
    return {**content, "assignment": hung}
