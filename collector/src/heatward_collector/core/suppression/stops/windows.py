"""Whose windows were open: what goes out by them is no heat that was held back."""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Indices
from heatward_collector.core.suppression.falling.airing import are_steep, coarse_steps
from heatward_collector.core.suppression.falling.falls import DAY_SLOTS, SLOTS_AN_HOUR
from heatward_collector.core.suppression.stops.memory import Block

LEAST_SHUT = 2
"""So many homes of a building must have lost their heat with their windows shut. (simulated homes:
of 22 accusations of a building by the long look that were none 10 do not come about by it, and none
of 666 stops in 14 seasons is missed)"""
OPENED_SLOTS = SLOTS_AN_HOUR
"""What was aired so long before the begin is still cooler by it. [slots]"""


def have_shut(block: Block, begin: int, at: int, homes: Indices) -> bool:
    """Say whether enough homes lost what they lost with their windows shut.

    Parameters
    ----------
    block : Block
        Slots with their context.
    begin, at : int
        The slot in which homes began to lose, and the one that is now.
    homes : int32 (n,)
        Those homes.
    """
    step = coarse_steps(block.homes[at - DAY_SLOTS : at + 1, homes])
    since = slice(max(begin - OPENED_SLOTS, 0), at + 1)
    opened = np.any(are_steep(block.homes[since, homes], block.delta[since], step), axis=0)
    return int((~opened).sum()) >= LEAST_SHUT
