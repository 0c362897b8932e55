"""From which statistic on places have fallen, and what two comparisons of a part say together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from heatward_collector.core import Mask
from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.held_back.looks import Verdict
from heatward_collector.core.suppression.homes.network import Level

THRESHOLDS: Mapping[Level, float] = {
    Level.SOURCE: 4.0,
    Level.SUBSTATION: 5.5,
    Level.ZONE: 5.5,
    Level.BUILDING: 5.5,
}
"""From these on a place against others has fallen. [standard deviations] (simulated seasons)"""
OWN_THRESHOLD = 4.5
"""The same for the median of all sources against their past."""
MIDDLE_SOURCES, MIDDLE_THRESHOLD = 6, 3.0
"""From so many sources on what each of them does by itself no longer moves their middle far: this
is enough there. [standard deviations] (28 simulated seasons without events: from this on single
sources fell by up to 1.6 K, the middle of six by less than 1; in 11 of them that of four or five by
up to 1.2)"""
TESTED: Mapping[Level, int] = {
    Level.SOURCE: 6,
    Level.SUBSTATION: 12,
    Level.ZONE: 18,
    Level.BUILDING: 18,
}
"""For so many places the thresholds hold; with more of them they rise, so that as few are false."""
SUPPORT = 2.5
"""A part of a source is named for it from this on, and so far each of two comparisons must show a
fall that both of them show. [standard deviations]"""


def own_threshold(sources: int) -> float:
    """Return from which statistic on so many sources have fallen together."""
    return MIDDLE_THRESHOLD if sources >= MIDDLE_SOURCES else OWN_THRESHOLD


def threshold_of(level: Level, places: int) -> float:
    """Return the threshold for so many places: false alarms are shared out among all of them."""
    more = max(places / TESTED[level], 1.0)
    return float(np.sqrt(THRESHOLDS[level] ** 2 + 2.0 * np.log(more)))


def with_both(verdicts: Mapping[Level, Verdict], places: Hierarchy) -> dict[Level, Verdict]:
    """Return verdicts in which a fall of several buildings counts as it is seen: twice.

    It stands beside the rest of its source, and pulls that source down beside the others. What
    lets the rest wander has little to do with what lets other sources wander, so that two falls of
    which neither is clear are clear together. What one building does hardly moves its source.

    Parameters
    ----------
    verdicts : mapping of Verdict
        Of every level against others.
    places : Hierarchy
        Which home belongs where.
    """
    result, of_source = dict(verdicts), np.append(verdicts[Level.SOURCE].statistic, -np.inf)
    for level in (Level.SUBSTATION, Level.ZONE):
        mine = verdicts[level].statistic
        beside = of_source[places.source[level]]
        is_seen = _has_several(level, places) & (np.minimum(mine, beside) >= SUPPORT)
        both = np.where(is_seen, (mine + beside) / np.sqrt(2.0), -np.inf)
        result[level] = replace(verdicts[level], statistic=np.maximum(mine, both))
    return result


def _has_several(level: Level, places: Hierarchy) -> Mask:
    """Say which places of a level have homes in more than one building, (places,)."""
    place, building = places.place[level], places.place[Level.BUILDING]
    inside = (place >= 0) & (building >= 0)
    pairs = np.unique(np.stack([place[inside], building[inside]]), axis=1)
    return np.asarray(np.bincount(pairs[0], minlength=places.count(level)) > 1)
