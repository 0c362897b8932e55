"""How long the rooms of a city take to judge for a day, and a start from the ring, on this machine.

The limit beside it is a plain copy of the same int16 grid: nothing can look at every value faster.
"""

from __future__ import annotations

import json
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from heatward_collector.core import Raw, compliance
from heatward_collector.core.grid import SLOT_S
from heatward_collector.projection import Projected
from heatward_collector.window import Window

HOUR_SLOTS, DAY_SLOTS = 3600 // SLOT_S, 86_400 // SLOT_S
MINIMUM, GUARD = 18.0, 0.6
START_S = 1_767_225_600
POINTS_AT_ONCE = 8_192
TURNS = 3


@dataclass(frozen=True, slots=True)
class JudgingMeasured:
    """Seconds of processor time, medians of three."""

    rooms: int
    copy_s: float
    """Copying a day's grid."""
    day_s: float
    """Hourly means and verdicts of all rooms from a day's grid."""
    put_s: float
    """One reading of every room into the ring."""
    save_s: float
    """Saving the ring after it."""
    start_s: float
    """Opening the ring of 48 h again, every slot proved by its CRC."""
    peak_bytes: int

    @property
    def ratio(self) -> float:
        """Judging a day, in copies."""
        return self.day_s / self.copy_s

    def as_json(self) -> str:
        """Return everything as one line."""
        return json.dumps(asdict(self) | {"ratio": self.ratio})


def measure(rooms: int, seed: int = 15) -> JudgingMeasured:
    """Measure a city of so many rooms."""
    chance = np.random.default_rng(seed)
    usual = chance.integers(270, 380, rooms).astype(np.int16)
    grid = np.empty((DAY_SLOTS, rooms), np.int16)
    for slot in range(DAY_SLOTS):
        grid[slot] = usual + np.int16(slot % 7)
    copied = _timed(grid.copy)
    judged = _timed(partial(_judge, grid))
    put, saved, started = _ring(usual)
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return JudgingMeasured(rooms, copied, judged, put, saved, started, peak)


def _ring(raw: Raw) -> tuple[float, float, float]:
    """Return what a round of readings, saving it and a start cost. [s]"""
    with tempfile.TemporaryDirectory(prefix="heatward-bench-") as folder:
        points = [f"r{room:07}" for room in range(len(raw))]
        window = Window(Path(folder), points)
        window.advance(START_S)
        window.save("bench", 0)
        put, saved = [], []
        for turn in range(TURNS):
            projected = _round(raw, START_S - turn * SLOT_S)
            put.append(_timed(partial(window.put, projected), 1))
            saved.append(_timed(partial(window.save, "bench", turn), 1))
        return median(put), median(saved), _timed(partial(Window, Path(folder), points))


def _judge(grid: Raw) -> int:
    """Judge every room of a day as the evaluation does; return how many are below."""
    below = 0
    for first in range(0, grid.shape[1], POINTS_AT_ONCE):
        some = grid[:, first : first + POINTS_AT_ONCE]
        rooms = some.shape[1]
        means = compliance.hourly_means(some, HOUR_SLOTS, np.zeros(rooms))
        counts, known = np.ones(len(means), bool), np.ones(rooms, bool)
        days = compliance.judge_rooms(means, counts, MINIMUM, np.full(rooms, GUARD), known)
        below += int((days.verdict == compliance.Verdict.BELOW).sum())
    return below


def _round(raw: Raw, time_s: int) -> Projected:
    rooms = len(raw)
    return Projected(
        np.full(rooms, time_s, np.int64),
        np.arange(rooms, dtype=np.int32),
        np.arange(rooms, dtype=np.uint64),
        raw,
        raw / 16,
        np.zeros(rooms, np.uint8),
    )


def _timed(work: Callable[[], object], turns: int = TURNS) -> float:
    times = []
    for _ in range(turns):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return median(times)
