"""What is watched, some slots at a time, and what is carried from slot to slot and day to day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask, Seconds
from heatward_collector.core.suppression.falling.falls import CONTEXT_SLOTS, Usual
from heatward_collector.core.suppression.falling.leads import Lead
from heatward_collector.core.suppression.falling.usual import Past
from heatward_collector.core.suppression.homes.network import Level, Network
from heatward_collector.core.suppression.stops.episode import Episode


@dataclass(frozen=True, slots=True)
class Wander:
    """How much all homes of each source usually wander together, as it was known on a day."""

    midnight_s: int
    """Begin of that day. [s UTC]"""
    rate: Celsius
    """(2, sources) by night and by day. [1/h]"""


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
    wander: Wander | None = None
    """How much sources wander, kept so that it is told only once a day."""

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


def wander_of_day(memory: Memory, block: Block, usual: Usual, network: Network) -> Wander:
    """Return how much sources wander: told once a day, from the days before.

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
    known = memory.wander
    if known is not None and known.midnight_s == midnight_s:
        return known
    source = network.of_home[Level.SOURCE]
    count = len(network.places[Level.SOURCE])
    return Wander(midnight_s, memory.past.wander(usual.course, source, count))
