"""One local day of the watch, folded as readings come: some slots at a time, however large a city.

What is said does not depend on how many slots are taken together, nor on whether a day is watched
while it runs or once it is over: the state is a value, and only what is new is worked on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask, Seconds
from heatward_collector.core.suppression.by_day.heating_duty import HeatingDuty
from heatward_collector.core.suppression.falling.falls import CONTEXT_SLOTS, DAY_SLOTS, Votes
from heatward_collector.core.suppression.findings.declared import declared_off
from heatward_collector.core.suppression.homes.days import Day
from heatward_collector.core.suppression.homes.home_grid import SLOT_S
from heatward_collector.core.suppression.season import lifts
from heatward_collector.core.suppression.slow_fold import after_slow_day, slow_day
from heatward_collector.core.suppression.stops.acute import watch
from heatward_collector.core.suppression.stops.declared_hours import DeclaredHours
from heatward_collector.core.suppression.stops.episode import Episode
from heatward_collector.core.suppression.stops.memory import Block, Memory
from heatward_collector.evaluation.arrays_aside import let_go_of
from heatward_collector.evaluation.judging import PartOf
from heatward_collector.evaluation.midnights import Midnight
from heatward_collector.evaluation.past_of_homes import past_after, usual_of
from heatward_collector.evaluation.watched_network import WatchedNetwork
from heatward_collector.pieces import Pieces
from heatward_collector.registry.laid_aside import blank_aside, let_go

CELLS_AT_ONCE = 500_000
"""So many slots of homes are watched together: what one needs on the way are some 500 bytes."""

MARK_SLOTS = 8
"""Every two hours the memory is remembered: four bytes a home, beside what all of them share."""


class DayFold:
    """A local day from its midnight on."""

    def __init__(
        self,
        midnight: Midnight,
        day: date,
        registry: WatchedNetwork,
        cells_at_once: int = CELLS_AT_ONCE,
    ) -> None:
        """Begin a day; what homes usually do is known of the midnight (see :meth:`begun`)."""
        self.date, self.registry, self._midnight = day, registry, midnight
        self._homes = registry.days.begin(midnight.carried, day)
        self._folder = registry.days.folder
        self.memory: Memory = midnight.memory
        self._watched = 0
        """So many slots of the day were watched."""
        self._marks: list[tuple[int, Memory]] = [(0, self.memory)]
        """Slots before which the memory is remembered: late readings go on from there."""
        count = len(registry.network.homes)
        self._at_once = max(1, cells_at_once // max(count, 1))
        shape = len(self._homes.time_s) - CONTEXT_SLOTS, count
        self._vote: Votes = blank_aside(shape, np.int8, self._folder)
        self._rate: Celsius = blank_aside(shape, np.float64, self._folder)

    @classmethod
    def begun(
        cls,
        midnight: Midnight,
        day: date,
        registry: WatchedNetwork,
        cells_at_once: int = CELLS_AT_ONCE,
    ) -> Pieces[DayFold]:
        """Begin a day from a midnight as it is kept: what homes usually do is told first."""
        memory = midnight.memory
        usual = memory.usual or (yield from usual_of(memory.past, registry.days.folder))
        known = replace(midnight, memory=replace(memory, usual=usual))
        return cls(known, day, registry, cells_at_once)

    @property
    def start_s(self) -> int:
        """The midnight with which it begins. [s UTC]"""
        return self._homes.start_s

    @property
    def read_until_s(self) -> int:
        """What was measured before was read: what comes of it now is late. [s UTC]"""
        return self.start_s + SLOT_S * self._homes.slots

    def go_on(self, part_of: PartOf, until_s: int) -> bool:
        """Watch some of the slots that end by ``until_s``, and return whether others are left.

        They are as many as are watched together: what was watched stays as it is. ``part_of`` gives
        the readings of the day and of the hour before it.
        """
        homes = self._homes
        last = (min(homes.end_s, until_s) - self.start_s) // SLOT_S
        end = min(self._watched + self._at_once, last)
        if end > homes.slots:
            homes.go_on(part_of, self.start_s + SLOT_S * end)
        if end > self._watched:
            self._watch(end)
        return end < last

    def again(self, part_of: PartOf, points: Indices, since_s: int) -> None:
        """Read late readings of some points, none from before ``since_s``.

        What they concern is not watched any more, until one goes on.
        """
        changed = self._homes.again(part_of, points, since_s)
        while self._marks[-1][0] > changed:
            self._marks.pop()
        self._watched, self.memory = self._marks[-1]

    def _watch(self, end: int) -> None:
        """Watch slots that were read, up to one."""
        homes, begin = self._homes, self._watched
        # The median home stands for all of them: the lifts of one home are those of the median.
        lift = lifts(homes.middle[:, None], homes.outdoor, SLOT_S)
        block = self._block(begin, end, *lift)
        self.memory, falls = watch(self.memory, block, self.registry.places)
        self._vote[begin:end], self._rate[begin:end] = falls.vote, falls.rate
        self._watched = end
        if end - self._marks[-1][0] >= MARK_SLOTS:
            self._marks.append((end, self.memory))
        self._let_go()

    def over(self, episodes: Sequence[Episode], duty: HeatingDuty | None) -> Pieces[Midnight]:
        """Return the midnight after the day, of which every slot must have been watched.

        Parameters
        ----------
        episodes : sequence of Episode
            Everything that was said of the season until then.
        duty : HeatingDuty or None
            What is owed on the day.
        """
        memory = replace((yield from self._memory_after()), usual=None)
        registry = self.registry
        today = self._slow_day()
        yield
        supply = after_slow_day(
            self._midnight.supply, today, registry.network, registry.hierarchy, duty
        )
        yield
        midnight = Midnight(memory, tuple(episodes), self._homes.carried(), supply)
        self._let_go()
        return midnight

    def heard(self) -> tuple[int, float]:
        """Return how many homes spoke in the last 24 hours, and for which share of them weather."""
        end = CONTEXT_SLOTS + self._homes.slots
        known = float((~np.isnan(self._homes.outdoor[end - DAY_SLOTS : end])).mean())
        return int((self._homes.last_heard >= end - DAY_SLOTS).sum()), known

    def _block(self, begin: int, end: int, delta: Celsius, has_outdoor: Mask) -> Block:
        """Return slots [begin, end) of the day behind their context."""
        homes, registry = self._homes, self.registry
        rows = slice(begin, end + CONTEXT_SLOTS)
        time_s, hour = homes.time_s[rows], homes.hour[rows]
        return Block(
            time_s,
            hour,
            homes.homes[rows],
            delta[rows],
            has_outdoor[rows],
            homes.is_season[rows],
            declared_off(registry.declarations, registry.network, time_s, hour),
        )

    def _memory_after(self) -> Pieces[Memory]:
        """Return what ``season.after_day`` says of the day, without room for all homes at once."""
        homes, memory, registry = self._homes, self.memory, self.registry
        if not homes.is_season[CONTEXT_SLOTS:].any():
            return memory
        told = declared_off(registry.declarations, registry.network, homes.time_s, homes.hour)
        past = yield from past_after(
            memory.past,
            (homes.time_s, homes.hour, homes.homes),
            (self._vote, self._rate),
            told,
            (*memory.recent, *memory.open),
            self._folder,
        )
        return replace(memory, past=past)

    def _slow_day(self) -> Day:
        homes, memory, registry = self._homes, self.memory, self.registry
        today = homes.homes[CONTEXT_SLOTS:]
        celsius = blank_aside(today.shape, np.float32, self._folder)
        for row, of_homes in enumerate(today):
            celsius[row] = of_homes
        let_go(celsius)
        homes.let_go()
        return slow_day(
            homes.start_s,
            homes.end_s,
            celsius,
            homes.outdoor[CONTEXT_SLOTS:],
            (*memory.recent, *memory.open),
            DeclaredHours.among(registry.declarations, registry.network, self._hour_of),
        )

    def _hour_of(self, time_s: Seconds) -> Celsius:
        """Return the local hours of some times; before the day's context they go back evenly."""
        homes = self._homes
        index = (time_s - int(homes.time_s[0])) // SLOT_S
        before = np.minimum(index, 0) * SLOT_S / 3600
        return np.asarray((homes.hour[np.maximum(index, 0)] + before) % 24)

    def _let_go(self) -> None:
        """Let this process hold no page of what lies in files."""
        self._homes.let_go()
        let_go(self._vote)
        let_go(self._rate)
        let_go_of(self.memory.past)
        if self.memory.usual is not None:
            let_go_of(self.memory.usual)
