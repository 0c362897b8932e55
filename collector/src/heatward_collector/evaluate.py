"""The evaluate process: window and verdicts from the ledger.

Days inside the window are judged from it, older ones from one pass over the ledger for all that
wait. Which days wait is kept with the cursor, so a crash forgets none.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.config import Config
from heatward_collector.core import MISSING, Raw
from heatward_collector.core.grid import HOLD_S, SLOT_S, merge
from heatward_collector.core.standard import Standard
from heatward_collector.follow import Doubt, Follower
from heatward_collector.judging import GridOf, judge_day
from heatward_collector.ledger import LedgerReader
from heatward_collector.local_days import bounds, day_of, days_of
from heatward_collector.projection import project
from heatward_collector.registry import open_registry
from heatward_collector.rules import load_standard
from heatward_collector.status import StatusWriter
from heatward_collector.verdicts import VerdictStore
from heatward_collector.window import Window

POLL_SECONDS = 0.2
TICK_SECONDS = 60.0
SAVE_SECONDS = 60.0
QUIET_SECONDS = 1.0
"""A backlog is judged once nothing new has come for this long, or at the next tick."""
CELLS_AT_ONCE = 20_000_000
"""How many grid cells an older judgement may hold: 80 MB."""

log = logging.getLogger(__name__)


class Evaluation:
    """Keeps window and verdicts equal to what ledger and registry say."""

    def __init__(
        self,
        follower: Follower,
        window: Window,
        verdicts: VerdictStore,
        standard: Standard,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._follower = follower
        self._window = window
        self._verdicts = verdicts
        self._standard = standard
        self._zone = ZoneInfo(standard.timezone)
        self._now = now
        self.counters: Counter[str] = Counter()
        self._window.advance(now())
        if (window.incarnation, window.batch) != (follower.incarnation, follower.batch):
            self._refill()

    @property
    def waiting(self) -> bool:
        """Whether days wait to be judged."""
        return bool(self._follower.days())

    def step(self) -> bool:
        """Take in what is next; return whether there was anything."""
        follower = self._follower
        if follower.restarted():
            self._refill()
        self._window.advance(self._now())
        batches = follower.next()
        days: set[date] = set()
        for batch in batches:
            judged = project(batch, follower.clocks, follower.directory).judged()
            self._window.put(judged)
            days |= days_of(np.unique(judged.time_s // 3600) * 3600, self._zone)
        follower.done(batches, days)
        doubts = follower.doubts()
        if doubts:
            follower.note_days(self._doubtful_days(doubts))
            self._refill()
            follower.settled(doubts)
        return bool(batches or doubts)

    def judge(self) -> int:
        """Judge every day that waits, and today; return how many verdicts are new or changed."""
        follower, now = self._follower, self._now()
        days = set(follower.days())
        recent = {day_of(now, self._zone), day_of(now - 86_400, self._zone)}
        from_window = {day for day in days | recent if self._covers(day)}
        older = sorted(days - from_window)
        written = sum(self._judge(day, self._window.grid, now) for day in sorted(from_window))
        for group in self._groups(older):
            grid_of = self._grid_from_ledger(group)
            written += sum(self._judge(day, grid_of, now) for day in group)
        follower.settled_days(days)
        self.counters["verdicts"] += written
        self.counters["days_judged"] += len(from_window) + len(older)
        return written

    def save(self) -> None:
        """Save the window with the batch up to which it counts."""
        self._window.save(self._follower.incarnation, self._follower.batch)

    def _judge(self, day: date, grid_of: GridOf, now: float) -> int:
        verdicts = judge_day(self._follower.directory, self._standard, day, grid_of, now)
        return self._verdicts.record(verdicts, int(now), self._follower.batch)

    def _covers(self, day: date) -> bool:
        start, _ = bounds(day, self._zone)
        return start - HOLD_S >= self._window.start_s

    def _groups(self, days: Sequence[date]) -> list[list[date]]:
        """Split days into runs of near neighbours that fit the memory set aside for them."""
        slots_a_day = 86_400 // SLOT_S
        points = max(1, len(self._follower.directory.points))
        most = max(1, CELLS_AT_ONCE // (slots_a_day * points))
        groups: list[list[date]] = []
        for day in days:
            if groups and (day - groups[-1][0]).days < most:
                groups[-1].append(day)
            else:
                groups.append([day])
        return groups

    def _grid_from_ledger(self, days: Sequence[date]) -> GridOf:
        """Read the days from the ledger in one pass."""
        first = bounds(days[0], self._zone)[0] - HOLD_S
        end = bounds(days[-1], self._zone)[1]
        follower = self._follower
        slots = (end - first) // SLOT_S
        shape = (slots, len(follower.directory.points))
        grid, offset = np.full(shape, MISSING, np.int16), np.zeros(shape, np.uint16)
        for batch in follower.reader.batches_measured(first, end):
            if batch.number > follower.batch:
                break
            judged = project(batch, follower.clocks, follower.directory).judged()
            merge(grid, offset, judged.time_s, judged.point, judged.raw, first)

        def grid_of(start_s: int, wanted: int) -> Raw:
            begin = (start_s - first) // SLOT_S
            return grid[begin : begin + wanted]

        return grid_of

    def _refill(self) -> None:
        follower, window = self._follower, self._window
        points = [point.id for point in follower.directory.points]
        window.reshape(points)
        window.clear()
        window.advance(self._now())
        for batch in follower.reader.batches_measured(window.start_s, window.end_s):
            if batch.number > follower.batch:
                break
            window.put(project(batch, follower.clocks, follower.directory).judged())
        self.counters["window_refills"] += 1
        self.save()

    def _doubtful_days(self, doubts: Sequence[Doubt]) -> set[date]:
        """Return the days that a doubt may change: those with readings in its range."""
        follower = self._follower
        days: set[date] = set()
        for doubt in doubts:
            everything = doubt.boot is not None
            start, end = (0, 0) if everything else (doubt.from_s, doubt.to_s)
            for batch in follower.reader.batches_measured(start, end):
                projected = project(batch, follower.clocks, follower.directory)
                inside = projected.time_s > 0
                if doubt.sensor is not None:
                    inside &= projected.sensor == doubt.sensor
                if not everything:
                    inside &= (projected.time_s >= start) & (projected.time_s < end)
                hours = np.unique(projected.time_s[inside] // 3600) * 3600
                days |= days_of(hours, self._zone)
        return days | {day + timedelta(days=1) for day in days}


def run(config: Config, stop: threading.Event) -> None:
    """Follow the ledger and judge until told to stop."""
    status = StatusWriter(config.state.status, "evaluate")
    follower = Follower(
        config.state.directory / "evaluate.sqlite",
        LedgerReader(config.state.ledger),
        open_registry(config),
    )
    window = Window(config.state.window, [point.id for point in follower.directory.points])
    verdicts = VerdictStore(config.state.verdicts)
    standard = load_standard(config.rules.city, config.rules.file)
    evaluation = Evaluation(follower, window, verdicts, standard)
    last_busy = last_judged = last_saved = 0.0
    while not stop.is_set():
        busy = evaluation.step()
        now = time.monotonic()
        last_busy = now if busy else last_busy
        quiet = now - last_busy >= QUIET_SECONDS and evaluation.waiting
        if quiet or now - last_judged >= TICK_SECONDS:
            evaluation.judge()
            last_judged = time.monotonic()
            status.stage("verdicts", detail=f"{evaluation.counters['verdicts']} new or changed")
        if now - last_saved >= SAVE_SECONDS:
            evaluation.save()
            last_saved = now
        status.stage("window", detail=f"batch {follower.batch}, {follower.lag} behind")
        status.count(
            {
                **evaluation.counters,
                "batches_behind": follower.lag,
                "days_waiting": len(follower.days()),
            }
        )
        status.flush()
        if not busy:
            stop.wait(POLL_SECONDS)
    evaluation.save()
    status.flush(force=True)
    follower.close()
    verdicts.close()
