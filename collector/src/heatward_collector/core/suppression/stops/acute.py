"""Interruptions as they happen: votes of homes become episodes, from slot to slot.

The state is a value: the same slots after the same memory give the same episodes, whether they come
one by one or as a whole season.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.suppression.falling.control import control_shares
from heatward_collector.core.suppression.falling.everywhere import all_together, falls_everywhere
from heatward_collector.core.suppression.falling.falls import (
    CONTEXT_SLOTS,
    DAY_SLOTS,
    Falls,
    Usual,
    falls,
)
from heatward_collector.core.suppression.falling.holding import HOLD_ALL, held_after, slots_to_hold
from heatward_collector.core.suppression.falling.leads import (
    LEAD_HOMES,
    is_led,
    may_lead,
    with_lead,
)
from heatward_collector.core.suppression.falling.scan import Places, Suspect
from heatward_collector.core.suppression.falling.suspicion import LEAD_GAIN, Suspicions
from heatward_collector.core.suppression.falling.usual import class_of
from heatward_collector.core.suppression.findings.declared import lately
from heatward_collector.core.suppression.homes.medians import across
from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.core.suppression.stops.alone import with_own_past
from heatward_collector.core.suppression.stops.doubts import is_sure, may_pass, stopped_lately
from heatward_collector.core.suppression.stops.elsewhere import Elsewhere, without
from heatward_collector.core.suppression.stops.episode import SLOT_S, TOGETHER_RULE, Episode
from heatward_collector.core.suppression.stops.long_look import is_due, losing
from heatward_collector.core.suppression.stops.memory import Block, Memory, sources_of_day
from heatward_collector.core.suppression.stops.now import Now
from heatward_collector.core.suppression.stops.opening import Opening
from heatward_collector.core.suppression.stops.promotion import PROMOTION_S, may_take
from heatward_collector.core.suppression.stops.series import Series
from heatward_collector.core.suppression.stops.together import Together

DOUBT_S = 3 * 3600
"""For so long a fall that may have other causes can become one that has none: airing is over by
then, and families have left one after the other. [s]"""
LEAST_DELTA = 10.0
"""Nearer to the outdoors than this nothing is said at all. [K]"""
RECOVERY_S = 6 * 3600
"""Homes warm up for so long after a stop, and are no control group meanwhile. [s]"""
TOLD_SLOTS = DAY_SLOTS
"""Homes of which a stop was declared within so many slots are no control group. [slots]"""
RECENT_S = 14 * 86_400
"""How long ended episodes are remembered. [s]"""


def watch(memory: Memory, block: Block, places: Places) -> tuple[Memory, Falls]:
    """Let the slots of a block pass; return the memory after them, and how the homes fell."""
    source = places.network.of_home[Level.SOURCE]
    usual = memory.usual or memory.past.usual()
    sources = sources_of_day(memory, block, usual, places.network)
    memory = replace(memory, sources=sources)
    aside = lately(block.told, TOLD_SLOTS)
    if sources.unheated.any():  # nearly never: a mask of every slot is not made for nobody
        aside = aside | sources.unheated
    scored = falls(block.homes, block.delta, block.hour, source, usual, aside)
    watcher = _Watcher(memory, block, usual, scored, places, aside, sources.wander)
    for slot in range(len(block.time_s) - CONTEXT_SLOTS):
        watcher.step(slot)
    return replace(watcher.memory(), usual=usual), scored


class _Watcher:
    """The slots of one block, one by one."""

    def __init__(
        self,
        memory: Memory,
        block: Block,
        usual: Usual,
        scored: Falls,
        places: Places,
        aside: Mask,
        wander: Celsius,
    ) -> None:
        self._aside = aside
        self._memory, self._block, self._falls, self._places = memory, block, scored, places
        self._open, self._recent = list(memory.open), list(memory.recent)
        self._held, self._held_all = memory.held, memory.held_all
        self._leads = memory.leads
        self._source = places.network.of_home[Level.SOURCE]
        self._sources = len(places.network.places[Level.SOURCE])
        self._elsewhere = Elsewhere(block.homes, self._source, self._sources)
        self._usual = usual
        self._opening = Opening(block, scored, places, memory.past, self._elsewhere, wander)
        now = slice(CONTEXT_SLOTS, None)
        self._together = Together(block, scored, places, memory.past, usual, aside)
        self._series = Series(block, scored, places, self._elsewhere)
        self._everywhere = falls_everywhere(block.delta[now], scored.raw_evidence)
        self._everywhere &= class_of(block.hour[now]) == 0
        self._blocked = ~block.is_season[now] | (block.delta[now] < LEAST_DELTA)
        self._is_heard = memory.past.was_heard()
        self._is_heard &= ~places.network.is_floor_heated
        self._suspicions = Suspicions(
            places, scored, memory.past.was_heard(), block.hour[now], self._blocked
        )

    def memory(self) -> Memory:
        """Return what is to be carried on."""
        return replace(
            self._memory,
            open=tuple(self._open),
            recent=tuple(self._recent),
            held=self._held,
            held_all=self._held_all,
            leads=self._leads,
        )

    def step(self, index: int) -> None:
        """Judge one slot."""
        at = index + CONTEXT_SLOTS
        if self._open:
            self._follow(at)
        if self._blocked[index]:
            self._held, self._held_all = np.zeros_like(self._held), 0
            return
        self._look(index)
        if is_due(float(self._block.hour[at])):
            self._look_back(at)
        if self._together.is_worth[index]:
            now = self._now(at, self._control(at))
            self._open = self._together.beside(now, self._opening)
        if dues := self._series.due(at, self._recent):
            now = self._now(at, self._control(at))
            self._open = self._series.beside(now, dues, self._opening)

    def _look(self, index: int) -> None:
        """Look for places whose homes fall together."""
        at = index + CONTEXT_SLOTS
        is_worth = self._suspicions.any(index)
        if not is_worth:
            self._held = held_after(self._held, ())
            if not self._everywhere[index]:
                self._held_all = 0
                return
        control = self._control(at)
        found, nearly = [], []
        if is_worth:
            stops, due = self._stops(at), self._series.are_due(at, self._recent)
            found = self._suspicions.of(index, control[0], stops, due=due)
            nearly = self._suspicions.of(index, control[0], stops, LEAD_GAIN, due)
        self._hear(at, found, nearly, control)
        for suspect in nearly:
            if suspect.spare < 0:
                self._lead(at, suspect, control)
        self._held_all = self._held_all + 1 if self._everywhere[index] and not found else 0
        if self._held_all >= HOLD_ALL:
            raw = self._falls.raw_evidence[:, index : index + 1]
            for suspect in all_together(self._places, raw):
                self._found(at, suspect, "all_sources_fall", control)

    def _hear(
        self,
        at: int,
        found: list[Suspect],
        nearly: list[Suspect],
        control: tuple[Celsius, Indices],
    ) -> None:
        """Believe suspicions that have stood for long enough."""
        self._held = held_after(self._held, (*nearly, *found))
        for one in found:
            suspect = replace(one, stood=int(np.median(self._held[one.falling])))
            is_slow = bool(self._places.network.is_floor_heated[suspect.falling].all())
            is_early = suspect.stood < slots_to_hold(suspect, is_slow)
            if not (is_slow and is_early):
                self._found(at, suspect, "homes_fall_together", control, bool(is_early))

    def _look_back(self, at: int) -> None:
        """Look for places whose homes keep losing for hours, unless it is said already.

        What something else may explain is left to the short look, which may yet exclude it.
        """
        course, busy = self._usual.course, self._busy(at)
        for one in losing(self._places, self._block, at, course, self._is_heard, busy):
            if all(set(one.place.homes.tolist()).isdisjoint(other.homes) for other in self._open):
                episode = self._opening.of_long(self._now(at, self._control(at)), one, course)
                if episode is not None and is_sure(episode):
                    self._open.append(episode)

    def _now(self, at: int, control: tuple[Celsius, Indices]) -> Now:
        """Return what is known in a slot beside a suspicion."""
        return Now(at, *control, self._busy(at), self._open, self._recent)

    def _control(self, at: int) -> tuple[Celsius, Indices]:
        vote = self._falls.vote[at - CONTEXT_SLOTS]
        return control_shares(vote, self._source, self._sources, self._busy(at))

    def _opened(
        self,
        at: int,
        suspect: Suspect,
        rule: str,
        control: tuple[Celsius, Indices],
        older: Episode | None = None,
    ) -> Episode | None:
        """Return a new episode, or an older one as it is now; None where it is no stop."""
        silent = self._suspicions.silent[at - CONTEXT_SLOTS]
        episode = self._opening.of(self._now(at, control), suspect, rule, silent, older)
        return episode and with_own_past(episode, self._block, at, self._usual.course)

    def _stops(self, at: int) -> Indices:
        """Return how often heat was held back from each place in the last days, (places,)."""
        stops = stopped_lately(self._recent, int(self._block.time_s[at]))
        return np.array([stops[one.level, one.id] for one in self._places.all], np.int32)

    def _busy(self, at: int) -> Mask:
        """Say which homes are no control group: without heat, or only just with heat again."""
        busy: Mask = np.array(self._aside[at])
        since_s = int(self._block.time_s[at]) - RECOVERY_S
        for episode in (*self._open, *self._recent):
            if episode.end_s is None or (episode.end_s > since_s and not _is_of_all(episode)):
                busy[list(episode.homes)] = True
        return busy

    def _found(
        self,
        at: int,
        suspect: Suspect,
        rule: str,
        control: tuple[Celsius, Indices],
        is_early: bool = False,
    ) -> None:
        """Open an episode, unless one that is open says it already.

        What is early accuses nobody yet; that something else may explain it is kept at once.
        """
        homes = frozenset(suspect.place.homes.tolist())
        inside = [one for one in self._open if homes & frozenset(one.homes)]
        if rule != "all_sources_fall":
            self._open = [one for one in self._open if one.rule != "all_sources_fall"]
            inside = [one for one in inside if one.rule != "all_sources_fall"]
        if any(homes <= frozenset(one.homes) for one in inside):
            if not is_early:
                self._lift(at, suspect, control, [one for one in inside if may_pass(one)])
            return
        episode = self._opened(at, suspect, rule, control)
        if episode is None or (is_early and is_sure(episode)):
            return
        for older in inside:
            if not may_take(suspect, older, self._held):
                return
            if episode.start_s - older.start_s < PROMOTION_S:
                self._open.remove(older)
                episode = replace(episode, start_s=min(episode.start_s, older.start_s))
        if any(frozenset(one.homes) & homes for one in self._open):
            return  # part of it has been without heat for long: that is another story
        self._open.append(episode)

    def _lead(self, at: int, suspect: Suspect, control: tuple[Celsius, Indices]) -> None:
        """Take note of a fall that is not clear, and believe it when it comes again."""
        homes = frozenset(suspect.place.homes.tolist())
        if suspect.judged < LEAD_HOMES or len(self._places.buildings(suspect.place.homes)) < 2:
            return
        if any(not homes.isdisjoint(one.homes) for one in self._open):
            return
        episode = self._opened(at, suspect, "homes_fall_together", control)
        if episode is None or not may_lead(episode.hour):
            return
        if is_led(self._leads, episode.place, episode.start_s):
            self._open.append(replace(episode, spare=episode.spare + LEAD_GAIN, is_repeated=True))
        else:
            self._leads = with_lead(self._leads, episode.place, episode.start_s)

    def _lift(
        self, at: int, suspect: Suspect, control: tuple[Celsius, Indices], doubted: list[Episode]
    ) -> None:
        """Say what was doubtful of a place again, if by now nothing else explains it."""
        for older in doubted:
            is_recent = int(self._block.time_s[at]) - older.start_s <= DOUBT_S
            if is_recent and older.homes == tuple(suspect.place.homes.tolist()):
                episode = self._opened(at, suspect, older.rule, control, older)
                if episode is not None and is_sure(episode):
                    self._open[self._open.index(older)] = episode

    def _follow(self, at: int) -> None:
        """Look at every open episode: does it go on, or is the heat back?"""
        now_s = int(self._block.time_s[at]) + SLOT_S
        middle = self._elsewhere.medians(at, self._busy(at))
        still: list[Episode] = []
        for episode in self._open:
            affected = np.array(episode.affected, np.int32)
            moved = (middle - np.array(episode.elsewhere))[None]
            shift = float(without(moved, int(self._source[affected[0]]))[0])
            below = self._block.homes[at : at + 1, affected] - np.array(episode.reference)
            now = episode.followed(float(across(below)[0]), shift, now_s)
            (still if now.is_open else self._recent).append(now)
        self._open = still
        oldest = int(self._block.time_s[at]) - RECENT_S
        self._recent = [episode for episode in self._recent if episode.start_s >= oldest]


def _is_of_all(episode: Episode) -> bool:
    """Say whether all sources stopped with it, and so warm up alike: each is as good a measure."""
    return episode.rule == TOGETHER_RULE
