"""Watching for suppressed heating as the ledger grows: which days to look at, and what is said.

Days are folded one after the other; what changed is folded again from the midnight before it. So
the findings do not depend on when readings came: they are those of one fold over the whole ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.conclusions.findings import FindingStore, Watched
from heatward_collector.core import Indices, Seconds
from heatward_collector.core.grid import HOLD_S
from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression.homes.home_grid import SLOT_S
from heatward_collector.core.suppression.season import (
    Episodes,
    Grid,
    in_order,
    said_of,
)
from heatward_collector.core.suppression.stops.episode import WATERMARK_S
from heatward_collector.core.suppression.supply import supply_findings
from heatward_collector.evaluation.day_fold import DayFold
from heatward_collector.evaluation.heating_duty import duty_at
from heatward_collector.evaluation.judging import PartOf
from heatward_collector.evaluation.midnights import Midnight, Midnights, Notes
from heatward_collector.evaluation.older_days import days_touched, groups, part_from_ledger
from heatward_collector.evaluation.stretches import FOR_EVER_S, Stretch, stretches
from heatward_collector.evaluation.voting import SLOTS_AN_HOUR, SPIKE_REACH_S
from heatward_collector.evaluation.watched_network import WatchedNetwork, watched_network
from heatward_collector.evaluation.window import Window
from heatward_collector.local_days import bounds, day_of, hours_of
from heatward_collector.outdoor.temperatures import OutdoorStore
from heatward_collector.readings.follow import Follower
from heatward_collector.readings.projection import AT_ANY_TIME, project_all

SETTLED_S = SPIKE_REACH_S
"""A reading may still change the slots before its own: as a neighbour of a lone spike. [s]"""
LARGE_HOMES = 20_000
"""In a larger city late readings wait for the next quarter of an hour, and those of days that are
over for the next hour: somebody is always late, and a day costs as much as a town's week."""
LOOK_BACK_S = 3600
"""So often days that are over are folded again in a large city. [s]"""
MOST_WAITS = 10
"""While readings pour in, so many looks are left out at most."""


class SuppressionWatch:
    """Keeps the findings equal to what ledger and registry say."""

    def __init__(
        self,
        follower: Follower,
        window: Window,
        findings: FindingStore,
        midnights: Midnights,
        standard: Standard,
        on_day: Callable[[], None] = lambda: None,
    ) -> None:
        self._follower, self._window, self._standard = follower, window, standard
        self._on_day = on_day
        self._findings, self._midnights = findings, midnights
        self._zone = ZoneInfo(standard.timezone)
        self._outdoor = OutdoorStore(follower.registry)
        self._registry: WatchedNetwork | None = None
        self._running: DayFold | None = None
        """The day that runs, of which only new slots are worked on."""
        self._midnight: tuple[date, str, Midnight] | None = None
        """The newest midnight, its day and its print."""
        notes = midnights.notes()
        is_ours = notes is not None and notes.incarnation == follower.incarnation
        self._notes = notes if notes is not None and is_ours else self._from_ledger()
        self._until_s = self._looked_back_s = 0
        self._earliest_s = FOR_EVER_S
        self._late: list[Indices] = []
        """Points of which something came from before the last look."""
        self._waits = 0

    def heard(self, time_s: Seconds, point: Indices) -> None:
        """Take notice of readings: one from before the last look makes another one due."""
        late = time_s < self._until_s + SETTLED_S
        if self._running is not None:  # days that are over are named to :meth:`note`
            late &= time_s >= self._running.start_s - HOLD_S
        if late.any():
            self._earliest_s = min(self._earliest_s, int(time_s[late].min()))
            self._late.append(np.unique(point[late]))

    def note(self, days: Iterable[date]) -> None:
        """Remember days that changed, also over a crash."""
        if self._notes.incarnation != self._follower.incarnation:
            self._midnights.clear()
            self._running = self._midnight = None
            self._notes = Notes(self._follower.incarnation)
        added = {day.isoformat() for day in days}
        if not added <= set(self._notes.doubtful):
            self._keep_notes(
                replace(
                    self._notes,
                    heard=tuple(sorted({*self._notes.heard, *added})),
                    doubtful=tuple(sorted({*self._notes.doubtful, *added})),
                )
            )

    def look(self, now_s: float) -> int | None:
        """Look at everything that is due; return how many revisions were written, None if nothing.

        While the ledger is far ahead it is left for later, now and then excepted.
        """
        self._waits += 1
        if self._follower.lag and self._waits < MOST_WAITS:
            return None
        self._waits = 0
        until_s = int(now_s - WATERMARK_S) // SLOT_S * SLOT_S
        today, running = day_of(until_s - 1, self._zone), day_of(until_s, self._zone)
        before, registry = self._registry, self._said_by_registry()
        is_edited = registry is not before
        is_other = self._notes.registry != registry.whole_print
        changed = [date.fromisoformat(day) for day in self._notes.doubtful]
        doubtful = [day for day in changed if day < running]
        is_late = bool(self._late)
        if len(registry.network.homes) > LARGE_HOMES:
            is_late &= until_s > self._until_s
            if until_s < self._looked_back_s + LOOK_BACK_S:
                doubtful = []
        if not (is_edited or is_other or doubtful or is_late or until_s > self._until_s):
            return None
        if doubtful:
            self._running, self._looked_back_s = None, until_s
        written, latest = 0, None
        heard = [date.fromisoformat(day) for day in self._notes.heard]
        for stretch in stretches(heard, today, self._zone):
            inside = [day for day in doubtful if stretch.first <= day <= stretch.last]
            if is_other or inside or stretch.last == today:
                fold, more = self._stretch(stretch, min(inside, default=today), until_s, now_s)
                written += more
                latest = fold if stretch.last == today else None
        self._late, self._earliest_s = [], FOR_EVER_S
        self._findings.note(_watched(latest, len(registry.network.homes), until_s, now_s))
        later = tuple(day.isoformat() for day in changed if day not in doubtful)
        self._keep_notes(replace(self._notes, doubtful=later, registry=registry.whole_print))
        self._until_s = until_s
        return written

    def _stretch(
        self, stretch: Stretch, changed: date, until_s: int, now_s: float
    ) -> tuple[DayFold | None, int]:
        """Fold a stretch from the day that changed; return the last day, and what was written."""
        registry, zone = self._said_by_registry(), self._zone
        last = stretch.last
        kept = self._latest(stretch.first, min(changed, last))
        first, midnight = kept or (stretch.first, registry.nothing())
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        episodes, fold = _episodes(midnight), None
        for day, part_of in self._parts(days):
            start, end = bounds(day, zone)
            if start >= until_s:
                break
            self._on_day()
            fold = self._fold(day, midnight, registry, part_of)
            fold.go_on(part_of, until_s)
            episodes.take(fold.memory)
            if end > until_s:
                self._running = fold
                break
            duty = duty_at(self._standard, start)
            midnight = self._keep(day, fold.over(episodes.sorted(), duty))
        said = said_of(
            episodes.sorted(), registry.network, registry.declarations, self._hours(stretch)
        )
        if midnight.supply is not None:
            said = in_order(
                [*said, *supply_findings(midnight.supply, registry.declarations, until_s)]
            )
        span = bounds(stretch.first, zone)[0], stretch.next_s
        return fold, self._findings.record(said, span, int(now_s), self._follower.batch)

    def _fold(
        self, day: date, midnight: Midnight, registry: WatchedNetwork, part_of: PartOf
    ) -> DayFold:
        """Return a day to be gone on with, late readings among it, or from its midnight on."""
        running, self._running = self._running, None
        if running is None or (running.date, running.registry) != (day, registry):
            return DayFold(midnight, day, registry)
        if self._late:
            running.again(part_of, np.concatenate(self._late), self._earliest_s)
        return running

    def _latest(self, first: date, last: date) -> tuple[date, Midnight] | None:
        """Return the newest midnight of a day from first to last that counts, and that day."""
        newest = self._midnight
        if newest is not None and first <= last == newest[0] and newest[1] == self._print_at(last):
            return last, newest[2]
        found = self._midnights.latest(first, last, self._print_at)
        if found is not None:
            self._midnight = found[0], self._print_at(found[0]), found[1]
        return found

    def _keep(self, day: date, midnight: Midnight) -> Midnight:
        """Keep the midnight after a day."""
        after = day + timedelta(days=1)
        print_of = self._print_at(after)
        kept = self._midnights.keep(after, midnight, print_of)
        self._midnight = after, print_of, kept
        return kept

    def _parts(self, days: Sequence[date]) -> Iterator[tuple[date, PartOf]]:
        """Yield days with their readings: older ones from the ledger, many at once."""
        older = [day for day in days if not self._is_in_window(day)]
        for group in groups(older, len(self._follower.directory.points)):
            part_of = part_from_ledger(self._follower, group, self._zone, self._midnights.directory)
            yield from ((day, part_of) for day in group)
        yield from ((day, self._window.part) for day in days if self._is_in_window(day))

    def _is_in_window(self, day: date) -> bool:
        return bounds(day, self._zone)[0] - HOLD_S >= self._window.start_s

    def _hours(self, stretch: Stretch) -> Grid:
        """Return a grid without homes, for the local hours of a stretch and the day after it."""
        count = (stretch.last - stretch.first).days + 2
        days = [stretch.first + timedelta(days=number) for number in range(count)]
        hours = np.array(list(chain.from_iterable(hours_of(day, self._zone) for day in days)))
        quarter = np.arange(len(hours) * SLOTS_AN_HOUR) % SLOTS_AN_HOUR / SLOTS_AN_HOUR
        hour = np.repeat(hours, SLOTS_AN_HOUR) + quarter
        slots = len(hour)
        return Grid(
            bounds(stretch.first, self._zone)[0],
            SLOT_S,
            np.zeros((slots, 0), np.float32),
            np.full(slots, np.nan),
            hour,
            np.ones(slots, bool),
        )

    def _said_by_registry(self) -> WatchedNetwork:
        """Return what the registry says, prepared anew after an edit."""
        directory = self._follower.directory
        if self._registry is None or self._registry.version != directory.version:
            self._registry = watched_network(
                directory, self._standard, self._outdoor.series, self._midnights.directory
            )
        return self._registry

    def _print_at(self, day: date) -> str:
        """Return the print of the registry as far as it matters to the midnight before a day."""
        return self._said_by_registry().print_until(bounds(day, self._zone)[0])

    def _from_ledger(self) -> Notes:
        """Return notes as they would be had we watched from the first batch on."""
        follower = self._follower
        days: set[date] = set()
        pieces = follower.readings_measured(*AT_ANY_TIME)
        for readings in project_all(pieces, follower.clocks, follower.directory):
            self._on_day()
            days |= days_touched(readings.judged().time_s, self._zone)
        self._midnights.clear()
        heard = tuple(sorted(day.isoformat() for day in days))
        notes = Notes(follower.incarnation, heard, heard)
        self._midnights.note(notes)
        return notes

    def _keep_notes(self, notes: Notes) -> None:
        if notes != self._notes:
            self._notes = notes
            self._midnights.note(notes)


def _episodes(midnight: Midnight) -> Episodes:
    """Return what was said until a midnight."""
    episodes = Episodes(
        {(str(one.level), one.place, one.detected_s): one for one in midnight.episodes}
    )
    episodes.take(midnight.memory)
    return episodes


def _watched(fold: DayFold | None, homes: int, until_s: int, now_s: float) -> Watched:
    heard, known = fold.heard() if fold is not None else (0, 0.0)
    return Watched(int(now_s), until_s, homes, heard, round(known, 3))
