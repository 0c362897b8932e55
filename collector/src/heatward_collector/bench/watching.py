"""What the watch for suppressed heating costs a city: time and memory of each kind of look.

Looks are taken as the evaluation takes them, from a ring of 48 hours: the first one of a new
process, quarters of an hour, one with late readings of a node, one behind midnight. Each source has
two hundred buildings, and one of them stops. Memory is that of the process itself; the pages of
files, which the kernel may take back, stand beside it.
"""

from __future__ import annotations

import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.bench.city import (
    BUILDINGS_A_DISTRICT,
    BUILDINGS_A_STREET,
    ROOMS_A_BUILDING,
    registry_rows,
)
from heatward_collector.bench.usage import PeakMemory
from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.core import Indices
from heatward_collector.core.grid import SLOT_S
from heatward_collector.core.suppression.stops.episode import WATERMARK_S
from heatward_collector.evaluation.midnights import Midnights
from heatward_collector.evaluation.suppression_watch import SuppressionWatch
from heatward_collector.evaluation.window import SLOTS, Window
from heatward_collector.ledger import LedgerReader
from heatward_collector.local_days import day_of
from heatward_collector.outdoor.temperatures import OutdoorStore, OutdoorValue
from heatward_collector.readings.follow import Follower
from heatward_collector.readings.projection import Fate, Projected
from heatward_collector.registry import Registry
from heatward_collector.rules import load_standard

NOON_S = 1_767_240_000
"""Noon in Harbin on 2026-01-01: nothing is read before it. [s UTC]"""
FIRST_LOOK_S = NOON_S + 32 * 3600 + WATERMARK_S
"""The evening of the next day. [s UTC]"""
BEHIND_MIDNIGHT_S = NOON_S + 36 * 3600 + WATERMARK_S + 900
STOP_S, LOSS_A_SLOT = NOON_S + 29 * 3600, 0.5
"""When the first source stops [s UTC], and what its rooms lose then. [1/16 K]"""
LATE_SLOTS = 24
"""A node that was silent for two hours. [slots]"""
QUARTER_S, FROST_C = 900, -20.0
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Look:
    """What a look cost."""

    cpu_s: float
    peak_bytes: int
    """The most that the process had of its own."""
    peak_mapped_bytes: int
    """The most that it had of files, which the kernel may take back."""


@dataclass(frozen=True, slots=True)
class WatchingMeasured:
    """A city watched for a day and a half."""

    rooms: int
    before: Look
    """Registry read, ring filled, nothing looked at."""
    first: Look
    tick: Look
    """A quarter of an hour later; times are the median of several."""
    late: Look
    """The same, with two hours of a node that were late."""
    midnight: Look
    findings: int
    """So that somebody can see that it was judged."""

    def as_json(self) -> str:
        """Return everything as one line."""
        return json.dumps(asdict(self))


def measure(rooms: int, ticks: int, tell: Tell) -> WatchingMeasured:
    """Measure a city of so many rooms, whole buildings of them."""
    buildings = max(1, rooms // ROOMS_A_BUILDING)
    with tempfile.TemporaryDirectory(prefix="heatward-bench-") as name:
        folder = Path(name)
        tell(f"登记 / registering {buildings * ROOMS_A_BUILDING:,} ...")
        _in_a_process(_register, folder, buildings)
        tell("看管 / watching ...")
        measured: WatchingMeasured = _in_a_process(watch, folder, ticks)
    return measured


def _in_a_process(work: Callable[[Path, int], Any], folder: Path, number: int) -> Any:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, folder, number).result()


def _register(folder: Path, buildings: int) -> None:
    registry = Registry(_address(folder))
    for first in range(0, buildings, BUILDINGS_A_DISTRICT):
        registry.put(registry_rows(min(first + BUILDINGS_A_DISTRICT, buildings), first))
    hours = range(NOON_S, BEHIND_MIDNIGHT_S, 3600)
    OutdoorStore(registry).put("d0", [OutdoorValue(one, FROST_C, "bench") for one in hours])
    registry.close()


@dataclass(slots=True)
class _Readings:
    """What all rooms show, and up to when it is in the ring."""

    window: Window
    stopped: Indices
    """Points of the source that stops."""
    until_s: int = NOON_S
    _warmth: Any = field(init=False)
    _noise: Any = field(init=False)

    def __post_init__(self) -> None:
        chance, rooms = np.random.default_rng(7), len(self.window.points)
        self._warmth = chance.normal(20.5 * 16, 16.0, rooms).astype(np.int16)
        self._noise = chance.integers(0, 2, (7, rooms), dtype=np.int16)

    def hear(self, until_s: int) -> None:
        """Put in what rooms showed until then."""
        everybody = np.arange(len(self._warmth), dtype=np.int32)
        while self.until_s < until_s:
            self.put(self.until_s, everybody)
            self.until_s += SLOT_S

    def put(self, time_s: int, point: Indices) -> None:
        """Put in what some rooms showed at a time."""
        slot = time_s // SLOT_S
        rhythm = round(6 * np.sin(2 * np.pi * slot / (86_400 // SLOT_S)))
        raw = self._warmth + self._noise[slot % 7] + np.int16(rhythm)
        lost = LOSS_A_SLOT * max(0, time_s - STOP_S) / SLOT_S
        raw[self.stopped] -= np.int16(lost)
        time = np.full(len(point), time_s, np.int64)
        sensor, fate = np.zeros(len(point), np.uint64), np.full(len(point), Fate.JUDGED, np.uint8)
        self.window.put(Projected(time, point, sensor, raw[point], raw[point] / 16, fate))


def watch(folder: Path, ticks: int) -> WatchingMeasured:
    """Let a new process watch a city that is registered in a folder."""
    standard, registry = load_standard("harbin"), Registry(_address(folder))
    follower = Follower(folder / "evaluate.sqlite", LedgerReader(folder / "ledger"), registry)
    window = Window(folder / "window", follower.directory.points.ids, SLOTS)
    findings, midnights = FindingStore(folder / "findings.sqlite"), Midnights(folder / "midnights")
    with _looking() as filled:
        window.advance(FIRST_LOOK_S)
        rooms = len(follower.directory.points)
        first_source = np.arange(min(BUILDINGS_A_STREET * ROOMS_A_BUILDING, rooms), dtype=np.int32)
        readings = _Readings(window, first_source)
        readings.hear(FIRST_LOOK_S)
        window.save("", 0)
    watching = SuppressionWatch(follower, window, findings, midnights, standard)
    zone = ZoneInfo(standard.timezone)
    watching.note(sorted({day_of(one, zone) for one in (NOON_S, FIRST_LOOK_S)}))

    def look(now_s: int) -> Look:
        readings.hear(now_s)
        window.save("", 0)
        with _looking() as looked:
            watching.look(now_s)
        return looked()

    first = look(FIRST_LOOK_S)
    each = [look(FIRST_LOOK_S + (one + 1) * QUARTER_S) for one in range(ticks)]
    now_s = FIRST_LOOK_S + ticks * QUARTER_S
    for slot in range(LATE_SLOTS):
        time_s = now_s - WATERMARK_S - (slot + 1) * SLOT_S
        readings.put(time_s, np.array([0, 1], np.int32))
        watching.heard(np.array([time_s, time_s]), np.array([0, 1], np.int32))
    late = look(now_s + QUARTER_S)
    window.advance(BEHIND_MIDNIGHT_S)
    midnight = look(BEHIND_MIDNIGHT_S)
    tick = Look(
        median(one.cpu_s for one in each),
        max(one.peak_bytes for one in each),
        max(one.peak_mapped_bytes for one in each),
    )
    count = findings.open_count()
    follower.close()
    registry.close()
    return WatchingMeasured(rooms, filled(), first, tick, late, midnight, count)


@contextmanager
def _looking() -> Iterator[Callable[[], Look]]:
    began = time.process_time()
    with PeakMemory() as peak:
        yield lambda: Look(ended - began, peak.own_bytes, peak.mapped_bytes)
        ended = time.process_time()


def _address(folder: Path) -> str:
    return f"sqlite:///{folder / 'registry.sqlite'}"
