"""Interruptions as they happen: votes of homes become episodes, from slot to slot.

The state is a value: the same slots after the same memory give the same episodes, whether they come
one by one or as a whole season.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask, Seconds
from heatward_collector.core.suppression import episode as one
from heatward_collector.core.suppression.episode import SLOT_S, Episode
from heatward_collector.core.suppression.falls import (
    CONTEXT_SLOTS,
    FALLING,
    LEAST_CONTROL_HOMES,
    VOID,
    Falls,
    Votes,
    falls,
)
from heatward_collector.core.suppression.network import Level
from heatward_collector.core.suppression.scan import SILENT_SCORE, Places, Suspect, explain
from heatward_collector.core.suppression.usual import Past, class_of

LEAST_GAIN = 9.0
"""A place is suspected from this likelihood ratio on: e to the ninth, about 8000. [nat]"""
LEAST_SHARE = 0.6
"""Share of the judged homes that must fall. (``at least 60 %`` of homes)"""
SEVERAL_GAIN, REST_GAIN = 12.0, 3.0
"""A place with several buildings needs this, and the second without its clearest building: one
building does not accuse its whole source. [nat]"""
LONE_GAIN = 14.0
"""A building alone whose homes do not all fall needs this, about a million to one. [nat]"""
CONTROL_SHARE = 0.34
"""If as many homes of other sources fall too, weather or a holiday does it."""
LEAST_DROP = 0.2
"""Homes must have fallen by this, by the median. [K]"""
HOLD_NIGHT, HOLD_DAY, HOLD_LONE_DAY, HOLD_FLOOR, HOLD_ALL = 2, 3, 5, 8, 6
"""For how many slots a suspicion must stand: by night, by day, one building by day, heated floors,
and all sources together. [slots]"""
WATERMARK_S = 1800
"""Readings are waited for this long before a slot is judged. [s]"""
ALL_SHARE, ALL_DELTA = 0.8, 20.0
"""All sources together: this share of all homes must fall, by night, so far from the outdoors as
the latter. [K]"""
PROMOTION_S = 3 * 3600
"""A larger place replaces smaller ones that began to fall within this. [s]"""
LEAST_DELTA = 12.0
"""Nearer to the outdoors than this nothing is said at all: seven hours without heat at 12 K cooled
real rooms by half a kelvin, as households do. [K]"""
RECENT_S = 14 * 86_400
"""How long ended episodes are remembered. [s]"""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is carried from slot to slot and from day to day."""

    past: Past
    held: Indices
    """For how many slots each home has been part of a suspicion."""
    open: tuple[Episode, ...] = ()
    recent: tuple[Episode, ...] = ()
    """Ended, of the last two weeks."""
    held_all: int = 0

    @classmethod
    def none(cls, homes: int) -> Memory:
        """Return the memory before the first day."""
        return cls(Past.none(homes), np.zeros(homes, np.int32))


@dataclass(frozen=True, slots=True)
class Block:
    """Some slots of one local day, with ``CONTEXT_SLOTS`` before them."""

    time_s: Seconds
    """(slots,) begin of each slot, context included. [s UTC]"""
    hour: Celsius
    """(slots,) local hour. [h]"""
    homes: Celsius
    """(slots, homes) [degC]"""
    delta: Celsius
    """(slots,) distance to the outdoors; a usual one where that is not known. [K]"""
    has_outdoor: Mask
    """(slots,) whether that is known."""
    is_season: Mask
    """(slots,) whether heating is owed; out of season nothing is watched."""


def watch(memory: Memory, block: Block, places: Places) -> tuple[Memory, Falls]:
    """Let the slots of a block pass; return the memory after them, and how the homes voted."""
    source = places.network.of_home[Level.SOURCE]
    votes = falls(block.homes, block.delta, block.hour, source, memory.past.usual())
    heard = memory.past.was_heard()
    watcher = _Watcher(memory, block, votes, places)
    for slot in range(CONTEXT_SLOTS, len(block.time_s)):
        watcher.step(slot, heard)
    return watcher.memory(), votes


class _Watcher:
    """The slots of one block, one by one."""

    def __init__(self, memory: Memory, block: Block, votes: Falls, places: Places) -> None:
        self._block, self._votes, self._places = block, votes, places
        self._raw_vote = votes.raw_vote()
        self._memory = memory
        self._open = list(memory.open)
        self._recent = list(memory.recent)
        self._held = memory.held.copy()
        self._held_all = memory.held_all
        self._source = places.network.of_home[Level.SOURCE]

    def memory(self) -> Memory:
        """Return what is to be carried on."""
        return replace(
            self._memory,
            open=tuple(self._open),
            recent=tuple(self._recent),
            held=self._held,
            held_all=self._held_all,
        )

    def step(self, slot: int, heard: Mask) -> None:
        """Judge one slot."""
        vote = self._votes.vote[slot]
        if self._open:
            self._follow(slot)
        if not self._block.is_season[slot] or self._block.delta[slot] < LEAST_DELTA:
            self._held[:] = 0
            self._held_all = 0
            return
        silent = heard & (vote == VOID) & ~self._votes.aired[slot]
        suspects = self._suspects(slot, vote, silent)
        held = np.zeros_like(self._held)
        for suspect in suspects:
            held[suspect.falling] = self._held[suspect.falling] + 1
        self._held = held
        for suspect in suspects:
            if np.median(held[suspect.falling]) >= self._hold(slot, suspect):
                self._found(slot, suspect, silent, "homes_fall_together")
        self._all_together(slot, silent, bool(suspects))

    def _suspects(self, slot: int, vote: Votes, silent: Mask) -> list[Suspect]:
        """Return the places whose homes fall together, weather and sun excluded."""
        if not (vote == FALLING).any():
            return []
        counts = self._votes.counts[slot]
        score = self._votes.score[slot].astype(np.float64)
        score[silent] = SILENT_SCORE
        found = self._explained(_void(vote, (vote == FALLING) & ~counts), score)
        if not counts.all():
            taken = np.zeros(len(vote), bool)
            for suspect in found:
                taken[suspect.place.homes] = True
            for suspect in self._explained(_void(vote, taken), score):
                if len(self._places.buildings(suspect.falling)) > 1:
                    found.append(suspect)
        return [suspect for suspect in found if self._is_plausible(slot, suspect)]

    def _explained(self, vote: Votes, score: Celsius) -> list[Suspect]:
        """Return what explains the falls: of homes with radiators, then of the other homes.

        A heated floor stays warm for hours after the heat has gone, so that its home says nothing
        against a stop; where all homes of a place have one, they are held against each other.
        """
        floor = self._places.network.is_floor_heated
        quick = _void(vote, floor & (vote != FALLING))
        found = [
            suspect for suspect in self._explain(quick, score) if not floor[suspect.falling].all()
        ]
        if not floor.any():
            return found
        slow = _void(vote, ~floor)
        for suspect in found:
            slow[suspect.place.homes] = VOID
        return found + self._explain(slow, score)

    def _explain(self, vote: Votes, score: Celsius) -> list[Suspect]:
        return explain(
            self._places, vote, np.where(vote == VOID, 0.0, score), LEAST_GAIN, LEAST_SHARE
        )

    def _is_plausible(self, slot: int, suspect: Suspect) -> bool:
        """Refuse what happens elsewhere too, and a building alone in which some home stayed warm.

        The latter stands where it is very clear.
        """
        if self._control(slot, suspect.place.homes)[0] >= CONTROL_SHARE:
            return False
        buildings = self._places.network.of_home[Level.BUILDING][suspect.place.homes]
        if (buildings == buildings[0]).all():
            own = float(self._votes.own_score[slot][suspect.falling].sum())
            is_clear = len(suspect.falling) == suspect.judged or suspect.gain >= LONE_GAIN
            return own >= LEAST_GAIN and is_clear
        score = np.where(self._votes.vote[slot] == VOID, 0.0, self._votes.score[slot])
        gains = np.bincount(np.maximum(buildings, 0), score[suspect.place.homes], minlength=1)
        rest = suspect.gain - float(gains.max())
        return suspect.gain >= SEVERAL_GAIN and rest >= REST_GAIN

    def _hold(self, slot: int, suspect: Suspect) -> int:
        if self._places.network.is_floor_heated[suspect.falling].all():
            return HOLD_FLOOR
        if class_of(self._block.hour[slot : slot + 1])[0] == 0:
            return HOLD_NIGHT
        several = len(self._places.buildings(suspect.falling)) > 1
        return HOLD_DAY if several else HOLD_LONE_DAY

    def _control(self, slot: int, homes: Indices) -> tuple[float, int]:
        """Return the share of homes that fall at a usual other source, and how many were asked.

        Each source counts once, by the lower median: two suppliers may hold back heat in the same
        night, and weather is what most of them see. NaN without another source.
        """
        other = self._others(homes)
        votes, source = self._votes.vote[slot][other], self._source[other]
        count = len(self._places.network.places[Level.SOURCE])
        judged = np.bincount(source[votes != VOID], minlength=count)
        falling = np.bincount(source[votes == FALLING], minlength=count)
        speaking = judged >= LEAST_CONTROL_HOMES
        if not speaking.any():
            return float("nan"), 0
        shares = np.sort(falling[speaking] / judged[speaking])
        return float(shares[(len(shares) - 1) // 2]), int(judged[speaking].sum())

    def _others(self, homes: Indices | Sequence[int]) -> Mask:
        """Say which homes hang on other sources, and are in no episode themselves."""
        own = np.unique(self._source[np.asarray(homes)])
        other = ~np.isin(self._source, own) & (self._source >= 0)
        for episode in self._open:
            other[list(episode.homes)] = False
        return np.asarray(other)

    def _found(self, slot: int, suspect: Suspect, silent: Mask, rule: str) -> None:
        """Open an episode, unless one that is open says it already."""
        homes = frozenset(suspect.place.homes.tolist())
        inside = [e for e in self._open if homes & frozenset(e.homes)]
        if any(homes <= frozenset(e.homes) for e in inside):
            return
        episode = self._opened(slot, suspect, silent, rule)
        if episode is None:
            return
        for older in inside:
            if episode.start_s - older.start_s < PROMOTION_S:
                self._open.remove(older)
                episode = replace(episode, start_s=min(episode.start_s, older.start_s))
        if any(frozenset(e.homes) & homes for e in self._open):
            return  # part of it has been without heat for long: that is another story
        self._open.append(episode)

    def _opened(self, slot: int, suspect: Suspect, silent: Mask, rule: str) -> Episode | None:
        block = self._block
        affected = suspect.falling
        curve = self._contrast(affected, slice(slot - one.ONSET_SLOTS, slot + 1))
        begin = slot - one.ONSET_SLOTS + one.onset(curve)
        start = curve[begin - slot + one.ONSET_SLOTS]
        drop = float(start - curve[-1])
        if not drop >= LEAST_DROP:
            return None
        share, control = self._control(slot, suspect.place.homes)
        now_s = int(block.time_s[slot]) + SLOT_S
        return Episode(
            level=suspect.place.level,
            place=suspect.place.id,
            homes=tuple(suspect.place.homes.tolist()),
            affected=tuple(affected.tolist()),
            judged=suspect.judged,
            silent=int(silent[suspect.place.homes].sum()),
            start_s=int(block.time_s[begin]),
            detected_s=now_s + WATERMARK_S,
            rule=rule,
            gain=suspect.gain,
            delta=float(block.delta[begin]) if block.has_outdoor[begin] else float("nan"),
            hour=float(block.hour[begin]),
            drop=drop,
            level_celsius=float(start),
            lowest=float(curve[-1]),
            lowest_s=now_s,
            heard_s=now_s,
            control_share=share,
            control_homes=control,
        )

    def _contrast(self, homes: Indices, slots: slice) -> Celsius:
        """Return the median of homes without what homes of other sources did, (slots,). [degC]"""
        rows = self._block.homes[slots]
        others = rows[:, self._others(homes)]
        own = _row_medians(rows[:, homes])
        if others.shape[1] < LEAST_CONTROL_HOMES:
            return own
        return own - np.nan_to_num(_row_medians(others - others[-1]))

    def _follow(self, slot: int) -> None:
        """Look at every open episode: does it go on, or is the heat back?"""
        still: list[Episode] = []
        for episode in self._open:
            now = self._followed(episode, slot)
            (still if now.end_s is None else self._recent).append(now)
        self._open = still
        oldest = int(self._block.time_s[slot]) - RECENT_S
        self._recent = [episode for episode in self._recent if episode.start_s >= oldest]

    def _followed(self, episode: Episode, slot: int) -> Episode:
        now_s = int(self._block.time_s[slot]) + SLOT_S
        rows = self._block.homes[slot - 1 : slot + 1]
        others = rows[:, self._others(episode.affected)]
        if others.shape[1] >= LEAST_CONTROL_HOMES:
            change = float(_row_medians((others[1] - others[0])[None])[0])
            episode = replace(episode, shift=episode.shift + (change if change == change else 0.0))
        value = _row_medians(rows[1:, list(episode.affected)])[0] - episode.shift
        if np.isnan(value):
            gone = now_s - episode.heard_s >= one.SILENT_SLOTS * SLOT_S
            return replace(episode, end_s=episode.heard_s) if gone else episode
        if value <= episode.lowest:
            drop = max(episode.drop, episode.level_celsius - float(value))
            return replace(
                episode,
                lowest=float(value),
                lowest_s=now_s,
                heard_s=now_s,
                drop=drop,
                rising=0,
            )
        needed = max(one.RISE_KELVIN, one.RISE_SHARE * episode.drop)
        rising = episode.rising + 1 if value - episode.lowest >= needed else 0
        if rising >= one.RISE_SLOTS:
            return replace(episode, end_s=episode.lowest_s, rising=rising, heard_s=now_s)
        return replace(episode, rising=rising, heard_s=now_s)

    def _all_together(self, slot: int, silent: Mask, is_known: bool) -> None:
        """Notice that all sources stop together, where no control group can."""
        raw = self._raw_vote[slot]
        judged = raw != VOID
        night = class_of(self._block.hour[slot : slot + 1])[0] == 0
        falling = (raw == FALLING).sum() / max(int(judged.sum()), 1)
        enough = night and falling >= ALL_SHARE and judged.sum() >= LEAST_CONTROL_HOMES
        enough = enough and self._block.delta[slot] >= ALL_DELTA
        self._held_all = self._held_all + 1 if enough and not is_known else 0
        if self._held_all < HOLD_ALL:
            return
        score = self._votes.raw_score[slot].astype(np.float64)
        for suspect in self._explained(raw, score):
            if suspect.place.level is Level.SOURCE:
                self._found(slot, suspect, silent, "all_sources_fall")


def _void(vote: Votes, mask: Mask) -> Votes:
    return np.where(mask, np.int8(VOID), vote)


def _row_medians(rows: Celsius) -> Celsius:
    ordered = np.sort(rows, axis=1)
    count = (~np.isnan(rows)).sum(axis=1)
    line = np.arange(len(rows))
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, rows.shape[1] - 1)
    return np.where(count > 0, (ordered[line, low] + ordered[line, high]) / 2, np.nan)
