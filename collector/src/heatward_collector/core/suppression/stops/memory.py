"""What is watched, some slots at a time, and what is carried from slot to slot and day to day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask, Seconds
from heatward_collector.core.suppression.falling.falls import CONTEXT_SLOTS, Usual
from heatward_collector.core.suppression.falling.leads import Lead
from heatward_collector.core.suppression.falling.other_sources import are_unheated
from heatward_collector.core.suppression.falling.usual import Past
from heatward_collector.core.suppression.homes.network import Level, Network
from heatward_collector.core.suppression.stops.episode import Episode


@dataclass(frozen=True, slots=True)
class SourcesOfDay:
    """What the days before tell of the sources."""

    midnight_s: int
    """Begin of the day. [s UTC]"""
    wander: Celsius
    """(2, sources) how much their homes usually wander together, by night and by day. [1/h]"""
    unheated: Mask
    """(homes,) whether the source of a home has no heat yet: it cools down, and then warms up for
    days, whatever the weather does, and is no measure for others. (simulated homes: of 127 false
    findings of 12 towns 59 do not come about by it, and no stop is missed)"""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is carried from slot to slot and from day to day."""

    past: Past
    held: Indices
    """For how many slots each home has been part of a suspicion."""
    open: tuple[Episode, ...] = ()
    recent: tuple[Episode, ...] = ()
    """Ended, of the last weeks."""
    held_all: int = 0
    usual: Usual | None = None
    """What ``past`` says is usual, kept so that it is told only once a day."""
    leads: tuple[Lead, ...] = ()
    """Of the last days."""
    sources: SourcesOfDay | None = None
    """What is known of the sources, kept so that it is told only once a day."""

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
    told: Mask
    """(slots, homes) whether it was declared beforehand that no heat comes."""


def sources_of_day(memory: Memory, block: Block, usual: Usual, network: Network) -> SourcesOfDay:
    """Return what is known of the sources: told once a day, from the days before.

    Parameters
    ----------
    memory : Memory
        What is carried on, with what was told last.
    block : Block
        Slots with their context.
    usual : Usual
        What homes usually do.
    network : Network
        The homes.
    """
    now_s, hour = int(block.time_s[CONTEXT_SLOTS]), float(block.hour[CONTEXT_SLOTS])
    midnight_s = now_s - round(hour * 3600)
    known = memory.sources
    if known is not None and known.midnight_s == midnight_s:
        return known
    source, past = network.of_home[Level.SOURCE], memory.past
    count = len(network.places[Level.SOURCE])
    unheated = are_unheated(past.level[-1].astype(np.float64), source)
    unheated[unheated] = past.are_new(np.flatnonzero(unheated).astype(np.int32))
    return SourcesOfDay(midnight_s, past.wander(usual.course, source, count), unheated)
