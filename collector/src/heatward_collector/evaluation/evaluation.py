"""Window and verdicts, kept equal to what ledger and registry say.

Days inside the window are judged from it, older ones from one pass over the ledger for all that
wait. Which days wait is kept with the cursor, so a crash forgets none.
"""

from __future__ import annotations

import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from datetime import date
from itertools import takewhile
from zoneinfo import ZoneInfo

from heatward_collector.conclusions.verdicts import VerdictStore
from heatward_collector.core.grid import HOLD_S
from heatward_collector.core.standard import Standard
from heatward_collector.evaluation.judging import GridOf, JudgedDay, judged_day, judged_once
from heatward_collector.evaluation.older_days import (
    days_touched,
    doubtful_days,
    grid_from_ledger,
    groups,
)
from heatward_collector.evaluation.paced_watch import PacedWatch
from heatward_collector.evaluation.suppression_watch import SuppressionWatch
from heatward_collector.evaluation.window import Window
from heatward_collector.ledger import Batch
from heatward_collector.ledger.columns import ReadingColumns
from heatward_collector.local_days import bounds, day_of
from heatward_collector.outdoor.temperatures import OutdoorStore
from heatward_collector.pieces import Pieces, whole
from heatward_collector.readings.doubts import Doubt
from heatward_collector.readings.follow import Follower
from heatward_collector.readings.projection import Projected, placed_all, project_all
from heatward_collector.registry import Directory

CLOCK_BACK_S = 3600
"""A window further ahead of our clock than this was moved by a wrong one, and is filled again."""

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
        watch: SuppressionWatch | None = None,
        piece_s: float = math.inf,
    ) -> None:
        """Begin with what ledger and registry say; a look is left after about ``piece_s``."""
        self._follower = follower
        self._window = window
        self._verdicts = verdicts
        self._standard = standard
        self._zone = ZoneInfo(standard.timezone)
        self._outdoor = OutdoorStore(follower.registry)
        self._now = now
        self._watch = watch
        self.counters: Counter[str] = Counter()
        self._paced = None if watch is None else PacedWatch(watch, piece_s, self.counters)
        self._days: dict[date, JudgedDay] = {}
        self._noted: set[date] = set()
        """Days of which something came since a judgement began."""
        self._begin()

    @property
    def waiting(self) -> int:
        """How many days that have begun wait to be judged."""
        return len(self._begun(day_of(self._now(), self._zone)))

    def step(self) -> bool:
        """Take in what is next; return whether there was anything."""
        follower = self._follower
        if follower.restarted():
            self._refill()
        batches = follower.next()
        self._fit_window()
        days: set[date] = set()
        for readings in project_all(batches, follower.clocks, follower.directory):
            self._placed(readings)
            days |= days_touched(readings.judged().time_s, self._zone)
        follower.done(batches, days)
        self._noted |= days
        doubts = follower.doubts()
        if doubts:
            self._look_again(doubts)
        return bool(batches or doubts)

    def judge(self) -> int:
        """Judge every day that waits, and today; return how many verdicts are new or changed."""
        return whole(self.judging())

    def judging(self) -> Pieces[int]:
        """Do what :meth:`judge` does, in pieces, between which readings may be taken in.

        A day waits until all of it was judged after the last reading that came: whoever is killed
        between two pieces judges it again as a whole. Only one is done at a time; one that is left
        is closed.
        """
        follower, now = self._follower, self._now()
        self._noted.clear()
        today = day_of(now, self._zone)
        waiting = self._begun(today)
        days = {*waiting, *self._verdicts.provisional_days(), today}
        from_window = {day for day in days if self._covers(day)}
        older = sorted(days - from_window)
        self._forget(from_window)
        written = 0
        for day in sorted(from_window):
            written += yield from self._judge_again(day, now)
        for group in groups(older, len(follower.directory.points)):
            directory = follower.directory
            grid_of = grid_from_ledger(follower, group, self._zone, self._window.directory)
            for day in group:
                written += yield from self._judge(day, directory, grid_of, now)
        if self._watch is not None:
            self._watch.note(waiting)
        self.look()
        follower.settled_days([day for day in waiting if day not in self._noted])
        self.counters["verdicts"] += written
        self.counters["days_judged"] += len(days)
        return written

    def look(self) -> None:
        """Look for suppressed heating, or go on with it, for about a piece."""
        if self._paced is not None:
            self._paced.look(self._now())

    def go_on_looking(self, busy: bool) -> bool:
        """Go on with a look that was left, for a piece; return whether there was one."""
        return self._paced is not None and self._paced.go_on(self._now(), busy)

    def save(self) -> None:
        """Save the window with the batch up to which it counts."""
        self._window.save(self._follower.incarnation, self._follower.batch)

    def _begun(self, today: date) -> list[date]:
        return [day for day in self._follower.days() if day <= today]

    def _judge(self, day: date, directory: Directory, grid_of: GridOf, now: float) -> Pieces[int]:
        verdicts = judged_once(directory, self._standard, day, grid_of, now, self._outdoor.series)
        return self._verdicts.recording(day, verdicts, int(now), self._follower.batch)

    def _judge_again(self, day: date, now: float) -> Pieces[int]:
        """Judge a day of the window: what changed since the last time, if there was one."""
        directory, batch = self._follower.directory, self._follower.batch
        judged = self._days.get(day)
        if judged is None or judged.directory is not directory:
            judged = judged_day(directory, self._standard, day, self._window.directory)
            if judged is None:
                return (yield from self._verdicts.recording(day, [], int(now), batch))
        found = judged.judge(self._window.part, now, self._outdoor.series, in_blocks=True)
        self._days[day] = judged  # what comes between two pieces is noted there
        try:
            return (
                yield from self._verdicts.recording(
                    day, found.verdicts, int(now), batch, found.silent
                )
            )
        except BaseException:
            self._days.pop(day, None)  # what changed is not kept: else it would be judged no more
            raise

    def _forget(self, judged: Set[date]) -> None:
        """Forget days that are not judged now, and all where the registry is another."""
        directory = self._follower.directory
        self._days = {
            day: one
            for day, one in self._days.items()
            if day in judged and one.directory is directory
        }

    def _covers(self, day: date) -> bool:
        start, _ = bounds(day, self._zone)
        return start - HOLD_S >= self._window.start_s

    def _begin(self) -> None:
        """Make the window what it would be had it never stopped."""
        follower, window = self._follower, self._window
        if window.incarnation != follower.incarnation or window.batch > follower.batch:
            log.warning(
                "event=window_filled_again detail=the saved window is of %s batch %d, the ledger "
                "is %s at batch %d",
                window.incarnation or "no ledger or other rooms,",
                window.batch,
                follower.incarnation or "empty",
                follower.batch,
            )
            self._refill()
            return
        self._fit_window()
        new = follower.reader.batches(window.batch)
        tail: Iterable[Batch] = takewhile(lambda batch: batch.number <= follower.batch, new)
        self._put(tail)
        if window.torn is not None:
            self._put(follower.readings_measured(*window.torn))

    def _fit_window(self) -> None:
        """Move the window to our clock; fill it again where clock or registry left it behind."""
        now = self._now()
        is_ahead = self._window.end_s - now > CLOCK_BACK_S
        if is_ahead or not self._window.fits(self._points()):
            self._refill()
        self._window.advance(now)

    def _refill(self) -> None:
        follower, window = self._follower, self._window
        window.reshape(self._points())
        window.clear()
        window.advance(self._now())
        self._put(follower.readings_measured(window.start_s, window.end_s))
        self._days.clear()
        self.counters["window_refills"] += 1
        self.save()

    def _put(self, batches: Iterable[Batch | ReadingColumns]) -> None:
        follower = self._follower
        for readings in placed_all(batches, follower.clocks, follower.directory):
            self._window.put(readings)

    def _points(self) -> Sequence[str]:
        return self._follower.directory.points.ids

    def _placed(self, readings: Projected) -> None:
        """Let window and watch see readings whose time is known now."""
        judged = readings.judged()
        self._window.put(judged)
        for day in self._days.values():
            day.touch(judged.time_s, judged.point)
        if self._watch is not None:
            self._watch.heard(judged.time_s, judged.point)

    def _look_again(self, doubts: Sequence[Doubt]) -> None:
        """Note the days that doubts may change, and let the window see what they moved."""
        self._fit_window()
        days = doubtful_days(self._follower, doubts, self._zone, self._placed)
        if any(doubt.reason == "assignment" or doubt.is_late for doubt in doubts):
            self._refill()
        self._follower.note_days(days)
        self._noted |= days
        self.save()
        self._follower.settled(doubts)
