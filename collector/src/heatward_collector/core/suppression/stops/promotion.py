"""Which episodes a place takes over that falls around them: they are a part of its stop."""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Indices
from heatward_collector.core.suppression.falling.scan import PLACE_COST, Suspect
from heatward_collector.core.suppression.stops.doubts import is_sure
from heatward_collector.core.suppression.stops.episode import Episode

PROMOTION_S = 3 * 3600
"""A larger place replaces smaller ones that began to fall within this. [s]"""
PROMOTION_SLOTS = 3
"""The other homes of the larger place must have been suspected for so long. [slots] (simulated
homes: of stops of a building that were laid to its source, most were in a single slot)"""
BESIDE_GAIN = 3.0
"""Unless heat was held back from it in the last days, and all homes beyond what was named say so
much by themselves. [nat] (simulated homes: so of 6 stops of sources in ten towns, which are said up
to half an hour sooner, and of no fall that was laid to a larger place than its own)"""
CROSSING_GAIN = PLACE_COST
"""What only crosses a place that was named, as a zone its buildings, must be so much clearer than
that was: else each of the two takes the part of the other as their homes begin to fall or air.
[nat] (simulated homes: 6 in 22 seasons, of one stop three times to and fro)"""


def may_take(suspect: Suspect, older: Episode, held: Indices) -> bool:
    """Say whether a suspected place may take over an episode that was named of some of its homes.

    Parameters
    ----------
    suspect : Suspect
        What falls now.
    older : Episode
        What was named before.
    held : int32 (homes,)
        For how many slots each home has stood under suspicion. [slots]
    """
    if not is_sure(older):
        return True
    is_part = frozenset(older.homes) <= frozenset(suspect.place.homes.tolist())
    if not is_part and suspect.spare < older.spare + CROSSING_GAIN:
        return False
    beside = np.setdiff1d(suspect.falling, older.affected)
    is_again = suspect.is_repeated and _said_beyond(suspect, older) >= BESIDE_GAIN
    if is_again or not len(beside):
        return True
    # What falls beside must be more than one slot's chance.
    return bool(np.median(held[beside]) >= PROMOTION_SLOTS)


def _said_beyond(suspect: Suspect, older: Episode) -> float:
    """Return what homes say that are no part of what was named. [nat]"""
    beyond = ~np.isin(suspect.place.homes, older.homes)
    return float(suspect.said[beyond].sum()) if len(suspect.said) else 0.0
