"""What a start of the evaluation costs: with nothing, without its ring, and with a ring and a tail.

Each start is a process of its own over the same ledger of 48 hours, so that its memory is its own.
All must end with the same window, or nothing is measured.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heatward_collector.bench.ingest import REGISTERED_AT_ONCE
from heatward_collector.bench.ledger_days import DAY_S, STEP_S, City, CityDays, sensor_name
from heatward_collector.conclusions.verdicts import VerdictStore
from heatward_collector.errors import HeatwardError
from heatward_collector.evaluation.process import Evaluation
from heatward_collector.evaluation.window import SLOTS, Window
from heatward_collector.ledger import Batch, LedgerReader
from heatward_collector.readings.follow import Follower
from heatward_collector.registry import Registry
from heatward_collector.replay.places import content_for
from heatward_collector.replay.recordings import RecordedSeries
from heatward_collector.rules import load_standard

START_S = 1_767_225_600
DAYS = 2
TAIL_SHARE = 1 / 48
"""How much of the two days came after the ring was saved: an hour."""
ROOMS_A_BUILDING = 50
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Start:
    """What one start cost its process."""

    batches: int
    """Batches of the ledger that were read."""
    registry_s: float
    """Processor time until the registry stood in memory. [s]"""
    cpu_s: float
    """Processor time from then on, until nothing was left to read. [s]"""
    peak_bytes: int
    window: str
    """SHA-256 of the window that it ended with."""


@dataclass(frozen=True, slots=True)
class RestartMeasured:
    """Three starts over the same 48 hours."""

    rooms: int
    readings: int
    """Of the 48 hours."""
    sealed: Start
    """With nothing but ledger and registry: every batch passes again."""
    refilled: Start
    """With its place in the ledger, and no ring: that is filled from the sealed days."""
    ring: Start
    """With the ring of an hour ago."""

    @property
    def sealed_rate(self) -> float:
        """Readings a second of processor time, with nothing."""
        return self.readings / self.sealed.cpu_s

    @property
    def refilled_rate(self) -> float:
        """Readings a second of processor time, into a ring that is gone."""
        return self.readings / self.refilled.cpu_s

    def as_json(self) -> str:
        """Return everything as one line."""
        rates = {"sealed_rate": self.sealed_rate, "refilled_rate": self.refilled_rate}
        return json.dumps(asdict(self) | rates)


def measure(rooms: int, tell: Tell) -> RestartMeasured:
    """Measure a city of so many rooms. Raises HeatwardError where the windows differ."""
    with tempfile.TemporaryDirectory(prefix="heatward-bench-") as name:
        folder = Path(name)
        tell(f"{DAYS} x 24 h, {rooms:,} 间 / rooms ...")
        for _ in CityDays(City(rooms, START_S, 1)).write(folder / "ledger", DAYS):
            pass
        registry = Registry(_address(folder))
        for first in range(0, rooms, REGISTERED_AT_ONCE):
            registry.put(_content(range(first, min(first + REGISTERED_AT_ONCE, rooms))))
        registry.close()
        reader = LedgerReader(folder / "ledger")
        last, begun = reader.head()[0], next(reader.batches(0, 1)).number
        reader.close()
        sealed = _in_a_process(folder, "sealed", last)
        _in_a_process(folder, "ring", last - round(TAIL_SHARE * (last - begun)))
        ring = _in_a_process(folder, "ring", last)
        shutil.rmtree(folder / "sealed" / "window")
        refilled = _in_a_process(folder, "sealed", last)
        if not sealed.window == ring.window == refilled.window:
            raise HeatwardError("the starts ended with different windows")
        return RestartMeasured(rooms, rooms * DAYS * SLOTS // 2, sealed, refilled, ring)


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


def _in_a_process(folder: Path, state: str, through: int) -> Start:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn) as pool:
        return pool.submit(start, folder, state, through).result()


def start(folder: Path, state: str, through: int) -> Start:
    """Start the evaluation, let it read up to a batch, and save its window."""
    began = time.process_time()
    registry = Registry(_address(folder))
    reader = _Until(folder / "ledger", through)
    follower = Follower(folder / state / "evaluate.sqlite", reader, registry)
    window = Window(folder / state / "window", follower.directory.points.ids)
    verdicts = VerdictStore(folder / state / "verdicts.sqlite")
    loaded = time.process_time()
    standard, now_s = load_standard("harbin"), float(START_S + DAYS * DAY_S)
    evaluation = Evaluation(follower, window, verdicts, standard, lambda: now_s)
    while evaluation.step():
        pass
    ended = time.process_time()
    evaluation.save()
    digest = hashlib.sha256(window.grid(window.start_s, SLOTS).tobytes()).hexdigest()
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done = Start(reader.passed, loaded - began, ended - loaded, peak, digest)
    follower.close()
    verdicts.close()
    registry.close()
    return done


def _address(folder: Path) -> str:
    return f"sqlite:///{folder / 'registry.sqlite'}"


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
