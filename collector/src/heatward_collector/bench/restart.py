"""What a start of the evaluation costs: with nothing, without its ring, and with a ring and a tail.

Each start is a process of its own over the same ledger, so that its memory is its own. All must end
with the same window, or nothing is measured. The ring of some minutes ago is that of the start
before, its newest slots torn as by a crash, and so read again up to where the tail begins: in a
large city it takes too long to fill a second one. With nothing, every batch passes one by one; of a
large city that is left out.
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
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heatward_collector.bench.ledger_days import STEP_S
from heatward_collector.bench.sealed_city import END_S, SealedCity
from heatward_collector.bench.telling import Tell, stage
from heatward_collector.conclusions.verdicts import VerdictStore
from heatward_collector.errors import HeatwardError
from heatward_collector.evaluation.evaluation import Evaluation
from heatward_collector.evaluation.window import SLOTS, Window
from heatward_collector.ledger import Batch, LedgerReader
from heatward_collector.ledger.sealed_day import SealedDay, sealed_days
from heatward_collector.readings.follow import Follower
from heatward_collector.registry import Registry
from heatward_collector.rules import load_standard

HOURS, TAIL_MINUTES = 48, 60.0
STATES = "starts-measured"
"""What the starts keep lies there in the city's folder, until the end. Of 2.5 million rooms that
are 6 GB."""
FOLLOWER, WINDOW = "evaluate.sqlite", "window"


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
    rooms_a_node: int
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
    rooms_a_node: int = 1,
    folder: Path | None = None,
) -> RestartMeasured:
    """Measure a city of so many rooms, whole nodes of them.

    In a ``folder`` the city stays, and is used again. Raises HeatwardError where another city lies
    there, or where the windows differ.
    """
    rooms = max(1, rooms // rooms_a_node) * rooms_a_node
    with ExitStack() as stack:
        if folder is None:
            folder = Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="heatward-bench-"))
            )
        city = SealedCity(folder, rooms, hours, rooms_a_node)
        city.prepare(tell)
        states = stack.enter_context(_states(folder))
        reader = stack.enter_context(closing(LedgerReader(city.ledger)))
        last, first = reader.head()[0], SealedDay(sealed_days(city.ledger)[0]).first_number
        before_tail = last - round((last + 1 - first) / hours * tail_minutes / 60)
        sealed = None
        if with_batches:
            with stage(tell, "什么都没有 / with nothing"):
                sealed = _in_a_process(start, city, states / "sealed", last)
        state = states / "followed"
        with stage(tell, "登记册、时钟 / registry, clocks"):
            registry_s = _in_a_process(stand, city, state, last)
        with stage(tell, "没有环形文件 / without the ring"):
            refilled = _in_a_process(start, city, state, last)
        with stage(tell, f"退回 {tail_minutes:g} 分钟 / {tail_minutes:g} minutes back"):
            _in_a_process(go_back, city, state, before_tail)
        with stage(tell, "环形文件和账本末尾 / ring and tail"):
            ring = _in_a_process(start, city, state, last)
    if not ring.window == refilled.window == (sealed or ring).window:
        raise HeatwardError("the starts ended with different windows")
    if sealed is not None:
        registry_s = sealed.registry_s
    return RestartMeasured(
        rooms, rooms_a_node, hours, tail_minutes, city.readings, sealed, refilled, ring, registry_s
    )


@contextmanager
def _states(folder: Path) -> Iterator[Path]:
    """Yield an empty folder inside another, which is deleted at the end."""
    states = folder / STATES
    shutil.rmtree(states, ignore_errors=True)  # of one that was killed
    states.mkdir()
    try:
        yield states
    finally:
        shutil.rmtree(states, ignore_errors=True)


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


def stand(city: SealedCity, state: Path, through: int) -> float:
    """Let a follower have its place in the ledger, as if all had passed.

    What it learns of every node, it learns from the first round. Returns the processor time until
    the registry stood in memory. [s]
    """
    began = time.process_time()
    registry, reader = Registry(city.address), _Until(city.ledger, _first_round(city.ledger))
    registry.directory()
    read_s = time.process_time() - began
    follower = Follower(state / FOLLOWER, reader, registry)
    follower.restarted()
    while batches := follower.next():
        follower.done(batches)
    follower.close()
    registry.close()
    _place(state, through)
    return read_s


def start(city: SealedCity, state: Path, through: int) -> Start:
    """Start the evaluation, let it read up to a batch, and save its window."""
    times = [time.process_time()]
    registry = Registry(city.address)
    registry.directory()
    times.append(time.process_time())
    reader = _Until(city.ledger, through)
    follower = Follower(state / FOLLOWER, reader, registry)
    times.append(time.process_time())
    window = Window(state / WINDOW, follower.directory.points.ids)
    times.append(time.process_time())
    began = time.monotonic()
    verdicts = VerdictStore(state / "verdicts.sqlite")
    standard = load_standard("harbin")
    evaluation = Evaluation(follower, window, verdicts, standard, lambda: float(END_S))
    times.append(time.process_time())
    window_clock_s = time.monotonic() - began
    while evaluation.step():
        pass
    times.append(time.process_time())
    evaluation.save()
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    registry_s, clocks_s, opened_s, window_s, tail_s = np.diff(times).tolist()
    stages = registry_s, clocks_s, opened_s, window_s, tail_s
    done = Start(reader.passed, *stages, window_clock_s, peak, digest(window))
    follower.close()
    verdicts.close()
    registry.close()
    return done


def go_back(city: SealedCity, state: Path, through: int) -> None:
    """Let a state be as it was when a batch was its newest: window and place in the ledger.

    Slots that later batches reach into are torn, as a crash between two saves leaves them, and so
    the start that follows empties them and reads them again, up to that batch.
    """
    with closing(LedgerReader(city.ledger)) as reader:
        later_s = reader.received_after(through)
    path = state / WINDOW / "state.json"
    held = json.loads(path.read_text(encoding="utf-8"))
    first, crc = held["first_slot"], held["crc"]
    torn = first + SLOTS if later_s is None else int(later_s) // STEP_S
    for slot in range(max(torn, first), first + SLOTS):
        crc[slot % SLOTS] ^= 1
    path.write_text(json.dumps({**held, "batch": through}), encoding="utf-8")
    _place(state, through)
    start(city, state, through)


def _first_round(ledger: Path) -> int:
    """Return the last batch of the first round of all nodes: rounds lie far apart."""
    day = SealedDay(sealed_days(ledger)[0])
    received = day.stretch(0).received_at_ms
    ends = np.searchsorted(received, received[0] + 1000 * STEP_S // 2)
    return day.first_number + int(ends) - 1


def _place(state: Path, batch: int) -> None:
    with closing(sqlite3.connect(state / FOLLOWER)) as connection, connection:
        connection.execute("UPDATE cursor SET value = ? WHERE key = 'batch'", (batch,))


def digest(window: Window) -> str:
    """Return the SHA-256 of what the window holds; slot by slot, or it would be in memory twice."""
    held = hashlib.sha256()
    for slot in range(SLOTS):
        held.update(window.part(window.start_s + slot * STEP_S, 1, slice(None)).tobytes())
    return held.hexdigest()
