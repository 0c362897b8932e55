"""A season judged day by day: the fold that live evaluation and whole seasons share.

What is carried from day to day is a value. A day that is evaluated again after late readings starts
from the memory of the day before, and so gives what it would have given had they come in time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Mask, Seconds
from heatward_collector.core.suppression.acute import Block, Memory, watch
from heatward_collector.core.suppression.declared import Declaration
from heatward_collector.core.suppression.episode import Episode
from heatward_collector.core.suppression.falls import CONTEXT_SLOTS, Falls
from heatward_collector.core.suppression.finding import Finding
from heatward_collector.core.suppression.kinds import finding_of
from heatward_collector.core.suppression.network import Network
from heatward_collector.core.suppression.scan import Places

OUTDOOR_H = 6.0
"""Memory of the outdoor temperature from which the lift of rooms is told. [h]"""
LEAST_DELTA, USUAL_DELTA = 5.0, 30.0
"""Rates are never divided by less than the first [K]; the second stands for an unknown one, and
then nobody is accused."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Homes and weather of a run of whole local days."""

    start_s: int
    """Begin of the first slot, a local midnight. [s UTC]"""
    slot_s: int
    homes: npt.NDArray[np.float32]
    """(slots, homes), NaN missing. [degC]"""
    outdoor: Celsius
    """(slots,), NaN unknown. [degC]"""
    hour: Celsius
    """(slots,) local hour of each slot's begin. [h]"""
    is_season: Mask
    """(slots,) whether heating is owed."""

    @property
    def time_s(self) -> Seconds:
        """Begin of each slot. [s UTC]"""
        return self.start_s + self.slot_s * np.arange(len(self.homes), dtype=np.int64)


@dataclass(slots=True)
class Episodes:
    """Every episode that was said, by (place, first said); what was taken back is gone."""

    of_key: dict[tuple[str, str, int], Episode] = field(default_factory=dict)
    _open: set[tuple[str, str, int]] = field(default_factory=set)

    def take(self, memory: Memory) -> None:
        """Take in what a memory says now."""
        now = {_key(one): one for one in (*memory.recent, *memory.open)}
        for key in self._open - set(now):
            self.of_key.pop(key, None)  # a larger place took its part
        self.of_key.update(now)
        self._open = {_key(one) for one in memory.open}

    def sorted(self) -> list[Episode]:
        """Return all of them in order of time."""
        return sorted(self.of_key.values(), key=lambda one: (one.start_s, one.level, one.place))


def _key(episode: Episode) -> tuple[str, str, int]:
    return episode.level, episode.place, episode.detected_s


def judge_season(
    grid: Grid,
    network: Network,
    declarations: Sequence[Declaration],
    days: Sequence[tuple[int, int]],
    progress: Callable[[int], None] = lambda done: None,
) -> list[Finding]:
    """Judge a run of local days.

    Parameters
    ----------
    grid : Grid
        Homes and weather.
    network : Network
        Homes and places.
    declarations : sequence of Declaration
        What was declared.
    days : sequence of (int, int)
        Slots [from, to) of each local day, in order and without gaps.
    progress : callable
        Told after each day how many are done.

    Returns
    -------
    list of Finding
        In order of time; what was taken back by a larger place is not among them.
    """
    episodes = Episodes()
    for done, memory in enumerate(memories(grid, network, days), 1):
        episodes.take(memory)
        progress(done)
    hour_of = dict(zip(grid.time_s.tolist(), grid.hour.tolist(), strict=True))
    end_s = int(grid.time_s[-1]) + grid.slot_s if len(grid.homes) else grid.start_s
    found = episodes.sorted()
    return [finding_of(one, found, network, declarations, hour_of, end_s) for one in found]


def memories(
    grid: Grid, network: Network, days: Sequence[tuple[int, int]], memory: Memory | None = None
) -> Iterator[Memory]:
    """Yield the memory after each day."""
    places = Places(network)
    memory = memory or Memory.none(len(network.homes))
    padded = _padded(grid)
    for first, last in days:
        memory = after_day(memory, padded.slots(first, last), places)
        yield memory


def after_day(memory: Memory, block: Block, places: Places) -> Memory:
    """Return the memory after a whole day."""
    memory, votes = watch(memory, block, places)
    if not block.is_season[CONTEXT_SLOTS:].any():
        return memory
    day = Falls(*(getattr(votes, name)[CONTEXT_SLOTS:] for name in votes.__dataclass_fields__))
    past = memory.past.after(day, block.hour[CONTEXT_SLOTS:], block.homes[CONTEXT_SLOTS:])
    return replace(memory, past=past)


@dataclass(frozen=True, slots=True)
class _Padded:
    """A grid with context before its first slot."""

    block: Block

    def slots(self, first: int, last: int) -> Block:
        """Return some slots with what comes before them."""
        part = slice(first, last + CONTEXT_SLOTS)
        block = self.block
        return Block(
            block.time_s[part],
            block.hour[part],
            block.homes[part],
            block.delta[part],
            block.has_outdoor[part],
            block.is_season[part],
        )


def _padded(grid: Grid) -> _Padded:
    homes = np.asarray(grid.homes, np.float64)
    delta, has_outdoor = lifts(homes, grid.outdoor, grid.slot_s)
    before = np.full((CONTEXT_SLOTS, homes.shape[1]), np.nan)
    hours = np.concatenate([np.zeros(CONTEXT_SLOTS), grid.hour])
    start = grid.start_s - CONTEXT_SLOTS * grid.slot_s
    return _Padded(
        Block(
            start + grid.slot_s * np.arange(CONTEXT_SLOTS + len(homes), dtype=np.int64),
            hours,
            np.vstack([before, homes]),
            np.concatenate([np.full(CONTEXT_SLOTS, USUAL_DELTA), delta]),
            np.concatenate([np.zeros(CONTEXT_SLOTS, bool), has_outdoor]),
            np.concatenate([np.zeros(CONTEXT_SLOTS, bool), grid.is_season]),
        )
    )


def lifts(homes: Celsius, outdoor: Celsius, slot_s: int) -> tuple[Celsius, Mask]:
    """Return how far homes are above the outdoors of the last hours, and where that is known.

    Parameters
    ----------
    homes : float64 (slots, homes)
        NaN missing. [degC]
    outdoor : float64 (slots,)
        NaN unknown. [degC]
    slot_s : int
        Width of a slot. [s]

    Returns
    -------
    float64 (slots,), bool (slots,)
        At least ``LEAST_DELTA``, ``USUAL_DELTA`` where unknown. [K]
    """
    gain = 1.0 - np.exp(-slot_s / (OUTDOOR_H * 3600))
    followed, state = np.empty(len(outdoor)), np.nan
    for index, value in enumerate(outdoor.tolist()):
        if value == value:
            state = value if state != state else state + gain * (value - state)
        followed[index] = state if value == value else np.nan
    middle = _row_medians(homes)
    known = ~np.isnan(followed) & ~np.isnan(middle)
    delta = np.where(known, np.maximum(middle - followed, LEAST_DELTA), USUAL_DELTA)
    return delta, known


def _row_medians(rows: Celsius) -> Celsius:
    known = ~np.isnan(rows).all(axis=1)
    result = np.full(len(rows), np.nan)
    result[known] = np.nanmedian(rows[known], axis=1)
    return result
