"""What homes of other sources do in a slot: the measure of what a source's own homes do."""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.suppression.falling.falls import FALLING, VOID, Votes
from heatward_collector.core.suppression.falling.other_sources import LEAST_CONTROL_HOMES


def control_shares(
    vote: Votes, source: Indices, sources: int, busy: Mask
) -> tuple[Celsius, Indices]:
    """Return for each source the share of homes that fall at a usual other source.

    Each source counts once, by the lower median: two suppliers may hold back heat in the same
    night, and weather is what most of them see.

    Parameters
    ----------
    vote : int8 (homes,)
        Votes of the slot.
    source : int32 (homes,)
        Source of each home, -1 for none.
    sources : int
        How many there are.
    busy : bool (homes,)
        Homes that stand under suspicion themselves, which are not asked.

    Returns
    -------
    float64 (sources,), int32 (sources,)
        NaN without another source; and how many homes were asked.
    """
    asked = (vote != VOID) & ~busy & (source >= 0)
    judged = np.bincount(source[asked], minlength=sources)
    falling = np.bincount(source[asked & (vote == FALLING)], minlength=sources)
    speaking = judged >= LEAST_CONTROL_HOMES
    share = np.where(speaking, falling / np.maximum(judged, 1), np.inf)
    order = np.argsort(share, kind="stable")
    rank = np.empty(sources, np.int64)
    rank[order] = np.arange(sources)
    others = int(speaking.sum()) - speaking.astype(np.int64)
    middle = np.maximum(others - 1, 0) // 2
    middle += rank <= middle  # a source does not count among the others of its own
    known = others > 0
    result = np.full(sources, np.nan)
    result[known] = share[order[middle[known]]]
    homes = np.where(speaking, judged, 0)
    return result, (homes.sum() - homes).astype(np.int32)
