"""What is known in one slot beside a suspicion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.suppression.stops.episode import Episode


@dataclass(frozen=True, slots=True)
class Now:
    """One slot, and what of others and of earlier stops is known in it."""

    at: int
    """Slot of the block."""
    share: Celsius
    """(sources,) share of homes that fall at a usual other source, NaN without one."""
    asked: Indices
    """(sources,) how many homes of other sources were asked."""
    busy: Mask
    """(homes,) which are no control group."""
    open: Sequence[Episode]
    ended: Sequence[Episode]
    """Of the last weeks."""
