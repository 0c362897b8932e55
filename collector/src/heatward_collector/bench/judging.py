"""How long a city takes to judge: a day whole, a new slot, a late node; and the ring beside it.

The limit is a plain copy of the same int16 grid into memory at hand, by one thread as all of it is:
nothing can look at every value faster. Beside it stands what no judging in arrays can leave out,
three reductions over the grid, for what a copy is worth differs between processors. Copy,
reductions and work take turns in one run, and medians count. Times are processor time.
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

from heatward_collector.core import MISSING, Raw, Seconds, compliance
from heatward_collector.core.grid import SLOT_S
from heatward_collector.core.hour_sums import HOUR_SLOTS
from heatward_collector.core.running_day import POINTS_AT_ONCE, PointRules, RunningDay
from heatward_collector.evaluation.window import Window
from heatward_collector.readings.projection import Projected

HOURS = 24
DAY_SLOTS = HOURS * HOUR_SLOTS
MINIMUM, GUARD = 18.0, 0.6
START_S = 1_767_225_600
ROOMS_A_BUILDING = 50
LOST = 0.0001
"""Share of the slots without a good reading, one by one: a bus that was disturbed."""
SILENT = 0.01
"""Share of the rooms that were not heard for six hours."""
STANDING_STILL = 0.0005
"""Share of the sensors that show the same all day."""
TURNS = 5


@dataclass(frozen=True, slots=True)
class JudgingMeasured:
    """Seconds of processor time, medians of the turns."""

    rooms: int
    copy_s: float
    """Copying a day's grid into memory that was touched before."""
    reduced_s: float
    """The smallest, the largest and the sum of every hour, block after block, and nothing else."""
    day_s: float
    """All of a day anew: spikes, held values, hours, sensors that stand still, verdicts."""
    tick_s: float
    """A slot that ends no hour comes in for every room."""
    hour_tick_s: float
    """One that ends an hour: every verdict moves."""
    late_s: float
    """A late day of one node."""
    put_s: float
    """One reading of every room into the ring."""
    save_s: float
    """Saving the ring after it."""
    start_s: float
    """Opening the ring of 48 h again, every slot proved by its CRC."""
    peak_bytes: int
    below: int
    """Rooms below at the end of the day, so that somebody can see that it was judged."""

    @property
    def ratio(self) -> float:
        """Judging a day, in copies."""
        return self.day_s / self.copy_s

    def as_json(self) -> str:
        """Return everything as one line."""
        return json.dumps(asdict(self) | {"ratio": self.ratio})


def measure(rooms: int, seed: int = 15, turns: int = TURNS) -> JudgingMeasured:
    """Measure a city of so many rooms."""
    chance = np.random.default_rng(seed)
    grid = city_day(rooms, chance)
    shown = np.zeros_like(grid)
    day = _Judging(shown)
    np.copyto(shown, grid)
    day.whole()  # once outside the measurement, as the copy's memory was touched before
    copied, reduced, judged = [], [], []
    for _ in range(turns):
        copied.append(_seconds(partial(np.copyto, shown, grid)))
        reduced.append(_seconds(partial(reduce_hours, shown)))
        day.begin()
        judged.append(_seconds(day.whole))
    half = DAY_SLOTS // 2
    shown[half:] = MISSING
    day.whole()
    ticks = []
    for slot in range(half, DAY_SLOTS):
        shown[slot] = grid[slot]
        ticks.append(_seconds(partial(day.slot, np.full(rooms, slot))))
    hour_ticks = ticks[HOUR_SLOTS - 1 :: HOUR_SLOTS]
    within = [one for number, one in enumerate(ticks, 1) if number % HOUR_SLOTS]
    late = [_seconds(partial(day.late, room)) for room in range(turns)]
    peak_of_judging = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    below, raw = day.below, grid[0].copy()
    del grid, shown, day
    put, saved, started = _ring(raw)
    return JudgingMeasured(
        rooms,
        median(copied),
        median(reduced),
        median(judged),
        median(within),
        median(hour_ticks),
        median(late),
        put,
        saved,
        started,
        peak_of_judging,
        below,
    )


def city_day(rooms: int, chance: np.random.Generator) -> Raw:
    """Return a day of rooms, (slots, rooms) [1/16 degC]: one in twenty cold, a few with gaps."""
    is_cold = chance.random(rooms) < 0.05
    usual = np.where(is_cold, 272, chance.integers(310, 380, rooms)).astype(np.int16)
    noise = chance.integers(0, 2, (7, rooms), dtype=np.int16)
    grid = np.empty((DAY_SLOTS, rooms), np.int16)
    for slot in range(DAY_SLOTS):
        rhythm = round(10 * np.sin(2 * np.pi * slot / DAY_SLOTS))
        grid[slot] = usual + np.int16(rhythm) + noise[slot % 7]
        grid[slot, chance.integers(0, rooms, round(LOST * rooms))] = MISSING
    some = chance.permutation(rooms)
    silent, still = round(SILENT * rooms), round(STANDING_STILL * rooms)
    grid[: 6 * HOUR_SLOTS, some[:silent]] = MISSING
    grid[:, some[silent : silent + still]] = 320
    return grid


def reduce_hours(grid: Raw) -> None:
    """Find the smallest, the largest and the sum of every hour, in the blocks of a running day."""
    slots, rooms = grid.shape
    for hour in range(0, slots, HOUR_SLOTS):
        for first in range(0, rooms, POINTS_AT_ONCE):
            rows = grid[hour : hour + HOUR_SLOTS, first : first + POINTS_AT_ONCE]
            np.maximum.reduce(rows, axis=0)
            np.minimum.reduce(rows, axis=0)
            np.add.reduce(rows, axis=0, dtype=np.int16)


class _Judging:
    """A city's day under the rules of the core, as the evaluation keeps it."""

    def __init__(self, grid: Raw) -> None:
        self._grid = grid
        rooms = grid.shape[1]
        building = (np.arange(rooms) // ROOMS_A_BUILDING).astype(np.int32)
        self._rules = PointRules(
            MINIMUM,
            np.full(rooms, GUARD),
            np.broadcast_to(np.zeros(rooms), (HOURS, rooms)),
            np.ones(rooms, bool),
            np.full(rooms, SLOT_S, np.int32),
            building,
            int(building[-1]) + 1,
        )
        self._day = RunningDay(0, self._rules)
        self._everybody = np.arange(rooms, dtype=np.int32)

    @property
    def below(self) -> int:
        """How many rooms are below."""
        return int((self._day.judged.verdict == compliance.Verdict.BELOW).sum())

    def begin(self) -> None:
        """Let no hour be over."""
        self._catch_up(0)

    def whole(self) -> None:
        """Judge the day anew, in the memory that is there."""
        slots = np.arange(DAY_SLOTS)
        for first in range(0, len(self._everybody), POINTS_AT_ONCE):
            self._day.touch(slots, np.full(DAY_SLOTS, first, np.int32))
        self._catch_up(HOURS)

    def slot(self, slot: Seconds) -> None:
        """Judge again after a slot came in for every room; ``slot`` names it for each."""
        self._day.touch(slot, self._everybody)
        self._catch_up(int(slot[0] + 1) // HOUR_SLOTS)

    def late(self, room: int) -> None:
        """Let a whole day of one room come in."""
        slots = np.arange(DAY_SLOTS)
        self._day.touch(slots, np.full(DAY_SLOTS, room, np.int32))
        self._catch_up(HOURS)

    def _catch_up(self, over: int) -> None:
        self._day.catch_up(self._block, over, np.arange(HOURS) < over)

    def _block(self, first: int, slots: int, points: slice) -> Raw:
        return self._grid[first : first + slots, points]


def _ring(raw: Raw) -> tuple[float, float, float]:
    """Return what a round of readings, saving it and a start cost. [s]"""
    with tempfile.TemporaryDirectory(prefix="heatward-bench-") as folder:
        points = [f"r{room:07}" for room in range(len(raw))]
        window = Window(Path(folder), points)
        window.advance(START_S)
        window.save("bench", 0)
        put, saved, started = [], [], []
        for turn in range(3):
            projected = _round(raw, START_S - turn * SLOT_S)
            put.append(_seconds(partial(window.put, projected)))
            saved.append(_seconds(partial(window.save, "bench", turn)))
        for _ in range(3):
            started.append(_seconds(partial(Window, Path(folder), points)))
        return median(put), median(saved), median(started)


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


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
