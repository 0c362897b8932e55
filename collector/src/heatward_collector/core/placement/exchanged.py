"""Two sensors that were exchanged: both moved within the hour, each to where the other was.

One alone that moved may hang anywhere. Where two change places, each takes over the level of the
other, and both keep it: somebody unplugged both and mixed them up, or carried them to wrong homes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np

from heatward_collector.core import Celsius
from heatward_collector.core.placement.doubt import Doubt, DoubtKind, strength_of
from heatward_collector.core.placement.quarters import QUARTER_S, QUARTERS_A_DAY, Quarters

TOGETHER_S = 3_600
"""Both are moved within an hour. [s]"""
ALIKE = 0.3
"""By so much of the step a level may differ from the one that the other had."""
LEAST_OFF = 0.0625
"""The sensor's own step: nothing is more alike. [K]"""
DAYS = 4
"""Levels are medians over so long on either side; a move is only said where they hold so long."""


def exchanged(quarters: Quarters, moved: Sequence[Doubt]) -> Iterator[Doubt]:
    """Yield both of every two moved sensors that took over each other's level."""
    for one, other in permutations(moved, 2):
        if one.room == other.room or abs(one.start_s - other.start_s) > TOGETHER_S:
            continue
        before, after = _levels(quarters, one)
        before_other, after_other = _levels(quarters, other)
        step = abs(after - before)
        off = max(abs(after - before_other), abs(after_other - before))
        if off > ALIKE * step:
            continue
        yield Doubt(
            one.room,
            DoubtKind.EXCHANGED,
            one.start_s,
            one.end_s,
            strength_of(ALIKE * step / max(off, LEAST_OFF), 1.0),
            {
                "lasting_kelvin": after - before,
                "off_kelvin": off,
            },
        )


def _levels(quarters: Quarters, moved: Doubt) -> tuple[float, float]:
    """Return the level against the other rooms before and after a move. [K]"""
    at = (moved.start_s - quarters.start_s) // QUARTER_S
    above: Celsius = quarters.above[:, moved.room]
    side = DAYS * QUARTERS_A_DAY
    before, after = above[max(0, at - side) : at - 1], above[at + 2 : at + side]
    return float(np.nanmedian(before)), float(np.nanmedian(after))
