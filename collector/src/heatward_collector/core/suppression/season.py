"""A season judged day by day: the fold that live evaluation and whole seasons share.

What is carried from day to day is a value. A day that is evaluated again after late readings starts
from the memory of the day before, and so gives what it would have given had they come in time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Mask, Seconds
from heatward_collector.core.suppression.by_day.heating_duty import HeatingDuty
from heatward_collector.core.suppression.falling.falls import CONTEXT_SLOTS, MIDDLE, SPANS, Falls
from heatward_collector.core.suppression.falling.scan import Places
from heatward_collector.core.suppression.falling.usual import Past
from heatward_collector.core.suppression.findings.declared import Declaration, declared_off, lately
from heatward_collector.core.suppression.findings.finding import Finding
from heatward_collector.core.suppression.homes.days import Day
from heatward_collector.core.suppression.homes.medians import across
from heatward_collector.core.suppression.homes.network import Network
from heatward_collector.core.suppression.slow_fold import SlowFold, slow_day
from heatward_collector.core.suppression.stops.acute import watch
from heatward_collector.core.suppression.stops.begin import stopped_homes
from heatward_collector.core.suppression.stops.declared_hours import DeclaredHours
from heatward_collector.core.suppression.stops.episode import ONSET_SLOTS, Episode
from heatward_collector.core.suppression.stops.kinds import findings_of
from heatward_collector.core.suppression.stops.memory import Block, Memory

OUTDOOR_H, OUTDOOR_SLOTS = 6.0, 72
"""Memory of the outdoor temperature from which the lift of rooms is told [h], and what of it is
looked at: three times as much. [slots]"""
LEAST_DELTA, USUAL_DELTA = 5.0, 30.0
"""Rates are never divided by less than the first [K]; the second stands for an unknown one, and
then nobody is accused."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Homes and weather of a run of slots, whole local days in a season."""

    start_s: int
    """Begin of the first slot, a local midnight in a season. [s UTC]"""
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

    def hour_of(self, time_s: Seconds) -> Celsius:
        """Return the local hour of some times; before the first slot it goes back evenly. [h]"""
        index = (time_s - self.start_s) // self.slot_s
        before = np.minimum(index, 0) * self.slot_s / 3600
        return np.asarray((self.hour[np.maximum(index, 0)] + before) % 24)


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
    duty_of: Callable[[int], HeatingDuty | None] = lambda start_s: None,
) -> list[Finding]:
    """Judge a run of local days, acute and slow.

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
    duty_of : callable
        What is owed in the winter of the day that begins at a midnight [s UTC]; the slow half
        judges nothing where that is not known.

    Returns
    -------
    list of Finding
        In order of time; what was taken back by a larger place is not among them.
    """
    episodes, slow = Episodes(), SlowFold(network, duty_of)
    hours = DeclaredHours.among(declarations, network, grid.hour_of)
    for done, (memory, (first, last)) in enumerate(
        zip(memories(grid, network, days, declarations), days, strict=True), 1
    ):
        episodes.take(memory)
        slow.take(_slow_day(grid, first, last, memory, hours))
        progress(done)
    acute = said_of(episodes.sorted(), network, declarations, grid)
    return in_order(acute + slow.findings(declarations))


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings in order of time."""
    return sorted(findings, key=lambda one: (one.start_s, one.level, one.place, one.kind))


def _slow_day(grid: Grid, first: int, last: int, memory: Memory, hours: DeclaredHours) -> Day:
    start_s = grid.start_s + first * grid.slot_s
    return slow_day(
        start_s,
        start_s + (last - first) * grid.slot_s,
        grid.homes[first:last],
        grid.outdoor[first:last],
        (*memory.recent, *memory.open),
        hours,
    )


def said_of(
    episodes: Sequence[Episode],
    network: Network,
    declarations: Sequence[Declaration],
    grid: Grid,
) -> list[Finding]:
    """Return what is said of episodes, in order of time; ``grid`` knows the local hours."""
    found = [
        finding
        for one in episodes
        for finding in findings_of(one, episodes, network, declarations, grid.hour_of)
    ]
    return sorted(found, key=lambda one: (one.start_s, one.level, one.place))


def memories(
    grid: Grid,
    network: Network,
    days: Sequence[tuple[int, int]],
    declarations: Sequence[Declaration] = (),
    memory: Memory | None = None,
) -> Iterator[Memory]:
    """Yield the memory after each day."""
    places = Places(network)
    memory = memory or Memory.none(len(network.homes))
    padded = _padded(grid, network, declarations)
    for first, last in days:
        memory = after_day(memory, _part(padded, first, last), places)
        yield memory


def after_day(memory: Memory, block: Block, places: Places) -> Memory:
    """Return the memory after a whole day."""
    memory, scored = watch(memory, block, places)
    if not block.is_season[CONTEXT_SLOTS:].any():
        return memory
    day = block.time_s, block.hour, block.homes
    past = past_after(memory.past, day, scored, block.told, (*memory.recent, *memory.open))
    return replace(memory, past=past, usual=None)


def past_after(
    past: Past,
    day: tuple[Seconds, Celsius, Celsius],
    scored: Falls,
    told: Mask,
    stops: Iterable[Episode],
) -> Past:
    """Return the past with one more day, of which the slots of stops are left out.

    Parameters
    ----------
    past : Past
        Until the day.
    day : int64 (slots,), float64 (slots,), float64 (slots, homes)
        Begins of its slots [s UTC], their local hours [h] and the homes [degC], all of them with
        ``CONTEXT_SLOTS`` before.
    scored : Falls
        Of the day alone; votes and rates are asked for.
    told : bool (slots, homes)
        Where no heat was declared beforehand, with the context.
    stops : iterable of Episode
        What is known at the end of the day.
    """
    time_s, hour, homes = day
    now = slice(CONTEXT_SLOTS, None)
    stopped = stopped_homes(stops, time_s, homes.shape[1])
    aside = lately(told | stopped, SPANS[MIDDLE])[now]
    return past.after(scored, hour[now], homes[now], aside)


def _part(block: Block, first: int, last: int) -> Block:
    """Return some slots of a padded grid with what comes before them."""
    part = slice(first, last + CONTEXT_SLOTS)
    return Block(
        block.time_s[part],
        block.hour[part],
        block.homes[part],
        block.delta[part],
        block.has_outdoor[part],
        block.is_season[part],
        block.told[part],
    )


def _padded(grid: Grid, network: Network, declarations: Sequence[Declaration]) -> Block:
    """Return a grid with empty context before its first slot."""
    count = len(grid.homes) + CONTEXT_SLOTS
    homes = np.full((count, grid.homes.shape[1]), np.nan, np.float32)
    homes[CONTEXT_SLOTS:] = grid.homes
    start_s = grid.start_s - CONTEXT_SLOTS * grid.slot_s
    before = start_s + grid.slot_s * np.arange(CONTEXT_SLOTS, dtype=np.int64)
    padded = Grid(
        start_s,
        grid.slot_s,
        homes,
        np.concatenate([np.full(CONTEXT_SLOTS, np.nan), grid.outdoor]),
        np.concatenate([grid.hour_of(before), grid.hour]),
        np.concatenate([np.zeros(CONTEXT_SLOTS, bool), grid.is_season]),
    )
    return block_of(padded, network, declarations)


def block_of(grid: Grid, network: Network, declarations: Sequence[Declaration]) -> Block:
    """Return slots behind their context, as they are watched."""
    homes = np.asarray(grid.homes, np.float64)
    delta, has_outdoor = lifts(homes, grid.outdoor, grid.slot_s, CONTEXT_SLOTS - ONSET_SLOTS)
    told = declared_off(declarations, network, grid.time_s, grid.hour)
    return Block(grid.time_s, grid.hour, homes, delta, has_outdoor, grid.is_season, told)


def lifts(homes: Celsius, outdoor: Celsius, slot_s: int, first: int = 0) -> tuple[Celsius, Mask]:
    """Return how far homes are above the outdoors of the last hours, and where that is known.

    Parameters
    ----------
    homes : float64 (slots, homes)
        NaN missing. [degC]
    outdoor : float64 (slots,)
        NaN unknown. [degC]
    slot_s : int
        Width of a slot. [s]
    first : int
        Before this slot nobody needs it: it is unknown there.

    Returns
    -------
    float64 (slots,), bool (slots,)
        At least ``LEAST_DELTA``, ``USUAL_DELTA`` where unknown. [K]
    """
    weight = np.exp(-np.arange(OUTDOOR_SLOTS) * slot_s / (OUTDOOR_H * 3600))
    is_known = ~np.isnan(outdoor)
    total = np.convolve(np.where(is_known, outdoor, 0.0), weight)[: len(outdoor)]
    followed = total / np.maximum(np.convolve(is_known, weight)[: len(outdoor)], 1e-9)
    middle = np.full(len(homes), np.nan)
    middle[first:] = across(homes[first:])
    known = is_known & ~np.isnan(middle)
    delta = np.where(known, np.maximum(middle - followed, LEAST_DELTA), USUAL_DELTA)
    return delta, known
