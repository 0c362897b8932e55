"""A sensor at a window: cold by a share of the way to the outdoors, at once and always.

A room that is badly heated is as cold, but follows the outdoor temperature only over days.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heatward_collector.core.placement.doubt import Doubt, DoubtKind, strength_of
from heatward_collector.core.placement.quarters import (
    QUARTERS_A_DAY,
    Quarters,
    lasting,
    middle,
    running_mean,
    windows,
)
from heatward_collector.core.placement.relation import relation

WINDOW = 14 * QUARTERS_A_DAY
STEP = 7 * QUARTERS_A_DAY
FEWEST_WINDOWS = 4
"""So many windows show it, that is about 5 weeks,"""
ALWAYS = 0.7
"""and this share of those that could: a sill stays one, while a tilted window, a closed valve or a
trip passes."""
NIGHT = (23.5, 6.5)
"""Neither sun nor cooking. [local h]"""
FAST = QUARTERS_A_DAY + 1
"""Only what changes within a day is fast; walls take longer. [quarters]"""
BELOW = -1.5
"""Median at night against the others. [K]"""
SLOPE = 0.06
"""Kelvin for a kelvin outdoors within the night; 5 % is the least share of a sill."""
CORRELATION = 0.28
"""Between the two, at night."""
SHARE_OF_LEVEL = 0.4
"""The fast slope explains at least so much of the level: the same share acts on both."""
WARMER_THAN_OUTDOORS = 15.0
"""Smaller differences show no share of it. [K]"""
FEWEST_PAIRS = WINDOW // 8
"""Of about 0.29 that are night. [quarters]"""


def sills(quarters: Quarters) -> Iterator[Doubt]:
    """Yield sensors that hang at a window; none without outdoor temperatures and other rooms."""
    begins = windows(len(quarters.celsius), WINDOW, STEP)
    if not len(begins):
        return
    night = quarters.between(*NIGHT)[:, None]
    above = quarters.above
    outdoor = quarters.outdoor[:, None]
    fast = above - running_mean(above, FAST)
    weather = outdoor - running_mean(outdoor, FAST)
    warmer = quarters.others - outdoor
    found = []
    for begin in begins.tolist():
        some = slice(begin, begin + WINDOW)
        fit = relation(fast[some], weather[some], night[some])
        dark = night[some, 0]
        found.append(
            (middle(above[some][dark], 0), fit.slope, fit.correlation, fit.pairs)
            + (middle(warmer[some][dark], 0),)
        )
    level, slope, correlation, pairs, difference = (
        np.array(one) for one in zip(*found, strict=True)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        judged = (difference >= WARMER_THAN_OUTDOORS) & (pairs >= FEWEST_PAIRS)
        hits = judged & (level <= BELOW) & (slope >= SLOPE) & (correlation >= CORRELATION)
        hits &= slope >= SHARE_OF_LEVEL * -level / difference
    for room in lasting(hits, judged, FEWEST_WINDOWS, ALWAYS):
        seen = np.flatnonzero(hits[:, room])
        yield Doubt(
            room,
            DoubtKind.SILL,
            quarters.at_s(int(begins[seen[0]])),
            quarters.at_s(int(begins[seen[-1]]) + WINDOW),
            strength_of(float(np.median(slope[seen, room])), SLOPE),
            {
                "above_others_kelvin": float(np.median(level[seen, room])),
                "slope_kelvin_per_kelvin": float(np.median(slope[seen, room])),
                "correlation": float(np.median(correlation[seen, room])),
                "warmer_than_outdoors_kelvin": float(np.median(difference[seen, room])),
            },
        )
