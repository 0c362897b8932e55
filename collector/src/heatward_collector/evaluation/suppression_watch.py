"""Watching for suppressed heating as the ledger grows: which days to look at, and what is said.

Days are folded one after the other; what changed is folded again from the midnight before it. So
the findings do not depend on when readings came: they are those of one fold over the whole ledger.
A look at a city takes minutes after a start: it may be done in pieces, and nothing is said before
it is through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from heatward_collector.conclusions.findings import FindingStore, Watched
from heatward_collector.core import Indices, Seconds
from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression.homes.home_grid import SLOT_S
from heatward_collector.core.suppression.season import (
    Episodes,
    in_order,
    said_of,
)
from heatward_collector.core.suppression.stops.episode import WATERMARK_S
from heatward_collector.core.suppression.supply import supply_findings
from heatward_collector.evaluation.day_fold import CELLS_AT_ONCE, DayFold
from heatward_collector.evaluation.day_parts import DayParts
from heatward_collector.evaluation.heating_duty import duty_at
from heatward_collector.evaluation.midnights import Midnight, Midnights, Notes
from heatward_collector.evaluation.older_days import days_touched
from heatward_collector.evaluation.running_fold import RunningFold
from heatward_collector.evaluation.stretches import Stretch, local_hours, stretches
from heatward_collector.evaluation.watched_network import WatchedNetwork, watched_network
from heatward_collector.evaluation.window import Window
from heatward_collector.local_days import bounds, day_of
from heatward_collector.outdoor.temperatures import OutdoorStore
from heatward_collector.pieces import IsEnough, Pieces, go_on, never
from heatward_collector.readings.follow import Follower
from heatward_collector.readings.projection import AT_ANY_TIME, project_all

LARGE_HOMES = 20_000
"""In a larger city late readings wait for the next quarter of an hour, and those of days that are
over for the next hour: somebody is always late, and a day costs as much as a town's week."""
LOOK_BACK_S = 3600
"""So often days that are over are folded again in a large city. [s]"""
LOOK_BACK_TIMES = 10
"""Nor before so many times as long as that took the last time: somebody is always late, and a look
back over millions of homes takes a quarter of an hour."""
MOST_WAITS = 10
"""While readings pour in, so many looks are left out at most."""
MOST_GIVEN_UP = 3
"""After edits of the registry gave up so many looks one after the other, one is done in a piece."""


@dataclass(slots=True)
class _Look:
    """One look at everything that was due when it began."""

    registry: WatchedNetwork
    until_s: int
    """Readings until then are looked at. [s UTC]"""
    began_s: float
    now_s: float
    """When it began, and when it was gone on with. [s UTC]"""
    doubtful: tuple[date, ...]
    """Days that are folded again."""
    is_other: bool
    """Whether the registry is another than that of the look before."""
    since: set[str] = field(default_factory=set)
    """Days that changed since it began."""
    pieces: Pieces[int] | None = None


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
        cells_at_once: int = CELLS_AT_ONCE,
    ) -> None:
        self._follower, self._window, self._standard = follower, window, standard
        self._on_day = on_day
        self._findings, self._midnights = findings, midnights
        self._zone = ZoneInfo(standard.timezone)
        self._outdoor = OutdoorStore(follower.registry)
        self._registry: WatchedNetwork | None = None
        self._running = RunningFold(cells_at_once)
        self._parts = DayParts(follower, window, self._zone, midnights.directory)
        self._midnight: tuple[date, str, Midnight] | None = None
        """The newest midnight, its day and its print."""
        notes = midnights.notes()
        is_ours = notes is not None and notes.incarnation == follower.incarnation
        self._notes = notes if notes is not None and is_ours else self._from_ledger()
        self._until_s = self._look_back_due_s = 0
        self._waits = self._given_up = 0
        self._underway: _Look | None = None

    @property
    def is_looking(self) -> bool:
        """Whether a look was left that one may go on with."""
        return self._underway is not None

    def heard(self, time_s: Seconds, point: Indices) -> None:
        """Take notice of readings: one that was to be read already makes another look due."""
        self._running.heard(time_s, point)

    def note(self, days: Iterable[date]) -> None:
        """Remember days that changed, also over a crash."""
        if self._notes.incarnation != self._follower.incarnation:
            self._midnights.clear()
            self._running.forget()
            self._midnight = self._underway = None
            self._notes = Notes(self._follower.incarnation)
        added = {day.isoformat() for day in days}
        if self._underway is not None:
            self._underway.since |= added
        if not added <= set(self._notes.doubtful):
            self._keep_notes(
                replace(
                    self._notes,
                    heard=tuple(sorted({*self._notes.heard, *added})),
                    doubtful=tuple(sorted({*self._notes.doubtful, *added})),
                )
            )

    def look(self, now_s: float, is_enough: IsEnough = never) -> int | None:
        """Look at everything that is due, or go on with a look that was left.

        Returns how many revisions were written once it is through; None where it was enough before,
        or nothing is due. While the ledger is far ahead no look is begun, now and then excepted.
        """
        self.note(())  # the ledger may be another one
        if self._underway is not None and self._underway.registry is not self._said_by_registry():
            self._give_up()
        look = self._underway = self._underway or self._begin(now_s)
        if look is None or look.pieces is None:
            return None
        look.now_s = now_s
        written = go_on(look.pieces, never if self._given_up >= MOST_GIVEN_UP else is_enough)
        if written is not None:
            self._underway, self._given_up = None, 0
        return written

    def _give_up(self) -> None:
        """Leave a look of another registry, and let one be due."""
        self._underway, self._until_s = None, 0
        self._running.forget()
        self._given_up += 1

    def _begin(self, now_s: float) -> _Look | None:
        """Begin a look, if one is due."""
        self._waits += 1
        if self._follower.lag and self._waits < MOST_WAITS:
            return None
        self._waits = 0
        until_s = int(now_s - WATERMARK_S) // SLOT_S * SLOT_S
        running = day_of(until_s, self._zone)
        before, registry = self._registry, self._said_by_registry()
        is_edited = registry is not before
        is_other = self._notes.registry != registry.whole_print
        changed = [date.fromisoformat(day) for day in self._notes.doubtful]
        doubtful = tuple(day for day in changed if day < running)
        is_late = self._running.is_late
        if len(registry.network.homes) > LARGE_HOMES:
            is_late &= until_s > self._until_s
            if until_s < self._look_back_due_s:
                doubtful = ()
        if not (is_edited or is_other or doubtful or is_late or until_s > self._until_s):
            return None
        if doubtful:
            self._running.forget()
        look = _Look(registry, until_s, now_s, now_s, doubtful, is_other)
        look.pieces = self._pieces(look)
        return look

    def _pieces(self, look: _Look) -> Pieces[int]:
        """Do a look; return how many revisions were written."""
        today = day_of(look.until_s - 1, self._zone)
        written, latest = 0, None
        heard = [date.fromisoformat(day) for day in self._notes.heard]
        for stretch in stretches(heard, today, self._zone):
            inside = [day for day in look.doubtful if stretch.first <= day <= stretch.last]
            if look.is_other or inside or stretch.last == today:
                fold, more = yield from self._stretch(stretch, min(inside, default=today), look)
                written += more
                latest = fold if stretch.last == today else None
        homes, registry = len(look.registry.network.homes), look.registry.whole_print
        self._findings.note(_watched(latest, homes, look.until_s, look.now_s))
        settled = {day.isoformat() for day in look.doubtful} - look.since
        later = tuple(day for day in self._notes.doubtful if day not in settled)
        self._keep_notes(replace(self._notes, doubtful=later, registry=registry))
        self._until_s = look.until_s
        if look.doubtful:
            took_s = look.now_s - look.began_s
            self._look_back_due_s = look.until_s + max(LOOK_BACK_S, round(LOOK_BACK_TIMES * took_s))
        return written

    def _stretch(
        self, stretch: Stretch, changed: date, look: _Look
    ) -> Pieces[tuple[DayFold | None, int]]:
        """Fold a stretch from the day that changed; return the last day, and what was written."""
        registry, until_s, zone = look.registry, look.until_s, self._zone
        last = stretch.last
        kept = self._latest(stretch.first, min(changed, last))
        first, midnight = kept or (stretch.first, registry.nothing())
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        episodes, fold = _episodes(midnight), None
        for day, part_of in self._parts.of(days):
            start, end = bounds(day, zone)
            if start >= until_s:
                break
            self._on_day()
            fold = yield from self._running.of(day, midnight, registry, part_of)
            while fold.go_on(part_of, until_s):
                yield
            episodes.take(fold.memory)
            if end > until_s:
                break
            self._running.forget()
            yield
            duty = duty_at(self._standard, start)
            midnight = self._keep(day, (yield from fold.over(episodes.sorted(), duty)))
            yield
        said = said_of(
            episodes.sorted(), registry.network, registry.declarations, local_hours(stretch, zone)
        )
        if midnight.supply is not None:
            said = in_order(
                [
                    *said,
                    *supply_findings(
                        midnight.supply, registry.declarations, registry.network, until_s
                    ),
                ]
            )
        span = bounds(stretch.first, zone)[0], stretch.next_s
        return fold, self._findings.record(said, span, int(look.now_s), self._follower.batch)

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
