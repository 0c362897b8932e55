"""For how long a suspicion must stand before it is believed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from heatward_collector.core import Indices
from heatward_collector.core.suppression.falling.scan import Suspect

HOLD, HOLD_FEW, HOLD_FLOOR = 1, 2, 8
"""For how many slots a suspicion must stand: as a rule, where few homes say it faintly, and in
heated floors. What is suspected rests on evidence that is gathered from 45 min on. [slots]"""
HOLD_ALL = 6
"""And of all sources together. [slots]"""
FEW_JUDGED, FAINT_SPARE, FAINT_AGAIN = 9, 5.0, 2.0
"""So few judged homes say it faintly with less than this above what is needed, for the first time
and where heat was held back in the days before: their steps of a
sixteenth of a degree fall together by chance in one slot, and not in the next. [homes, nat]
(simulated homes: with half of the rooms left out 15 of 20 false episodes in 330 building-months do
not come about, with all rooms 9 of 11; of 142 stops none is missed by it)"""


def slots_to_hold(suspect: Suspect, is_floor_heated: bool) -> int:
    """Return for how many slots a suspicion must stand."""
    if is_floor_heated:
        return HOLD_FLOOR
    # What is due by the clock chance would have to hit.
    faint = FAINT_AGAIN if suspect.is_repeated else FAINT_SPARE
    is_faint = suspect.judged <= FEW_JUDGED and suspect.spare < faint and not suspect.is_due
    return HOLD_FEW if is_faint else HOLD


def held_after(held: Indices, suspects: Iterable[Suspect]) -> Indices:
    """Return for how many slots each home has stood under suspicion, after one more.

    A home that is not suspected any more is forgotten slot by slot, for one slot may be noisy.

    Parameters
    ----------
    held : int32 (homes,)
        Until the slot before. [slots]
    suspects : iterable of Suspect
        Those of the slot; those that are nearly suspected too.

    Returns
    -------
    int32 (homes,)
    """
    after = np.maximum(held - 1, 0)
    for one in suspects:
        after[one.falling] = held[one.falling] + 1
    return np.asarray(after)
