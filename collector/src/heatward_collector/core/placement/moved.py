"""A sensor that was moved: another level from one hour to the next, which stays.

A valve, a heater or a journey changes a room over hours; the others show what the building does.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.placement.doubt import Doubt, DoubtKind, strength_of
from heatward_collector.core.placement.quarters import (
    QUARTER_S,
    QUARTERS_A_DAY,
    QUARTERS_AN_HOUR,
    Quarters,
    shifted,
)

STEP = 1.5
"""Least change against the others. [K]"""
STILL = 3 * QUARTERS_AN_HOUR
"""So long it stands still on either side of the step; what opens a window comes back, and what a
valve does goes on. [quarters]"""
STILL_SHARE = 0.3
"""By so much of the step it may move meanwhile."""
DAYS = 4
"""So long the levels before and after hold."""
ALIKE = 0.4
"""By so much of the step the lasting change may differ from it."""
LOW, HIGH = 10.0, 90.0
"""Percentiles: the days before and those after lie apart but for a tenth of their time."""
FEWEST = 0.7
"""Share of the days on either side with a reading."""


def moves(quarters: Quarters) -> Iterator[Doubt]:
    """Yield sensors whose level against the others changed at once and for days."""
    above = quarters.above
    side = DAYS * QUARTERS_A_DAY
    jump, sudden = _steps(quarters)
    for room in np.flatnonzero(sudden.any(axis=0)).tolist():
        column = above[:, room]
        last = -side
        for at in np.flatnonzero(sudden[:, room]).tolist():
            if at < side or at + side >= len(column) or at - last < side:
                continue
            lasting = lasting_step(column[at - side : at - 1], column[at + 2 : at + side])
            if lasting is None or abs(lasting - jump[at, room]) > ALIKE * abs(jump[at, room]):
                continue
            last = at
            start_s = quarters.at_s(at)
            yield Doubt(
                room,
                DoubtKind.MOVED,
                start_s,
                start_s + side * QUARTER_S,
                strength_of(abs(lasting), STEP),
                {
                    "step_kelvin": float(jump[at, room]),
                    "lasting_kelvin": lasting,
                    "days_held": float(DAYS),
                },
            )


def lasting_step(before: Celsius, after: Celsius) -> float | None:
    """Return the change of the median where two stretches lie apart, else None. [K]"""
    one, two = before[~np.isnan(before)], after[~np.isnan(after)]
    if len(one) < FEWEST * len(before) or len(two) < FEWEST * len(after):
        return None
    step = float(np.median(two) - np.median(one))
    rising = step > 0
    lower, upper = (one, two) if rising else (two, one)
    apart = np.percentile(upper, LOW) > np.percentile(lower, HIGH)
    return step if apart and abs(step) >= STEP else None


def _steps(quarters: Quarters) -> tuple[Celsius, Mask]:
    """Return the step at each quarter [K], and where it is one: still before, still after.

    The room itself makes it, not the others, and both sides are looked at for hours.
    """
    own = quarters.celsius
    jump = shifted(own, -1) - shifted(own, 1)
    others = shifted(quarters.others, -1) - shifted(quarters.others, 1)
    with np.errstate(invalid="ignore"):
        sudden = (np.abs(jump) >= STEP) & (np.abs(others) <= STILL_SHARE * np.abs(jump))
        # Steps are rare: only at them the hours on either side are looked at.
        slot, room = np.nonzero(sudden)
        least = STILL_SHARE * np.abs(jump[slot, room])
        still = np.ones(len(slot), bool)
        for side in (-1, 1):
            level = own[slot + side, room]
            for by in range(2, STILL + 1):
                at = np.clip(slot + side * by, 0, len(own) - 1)
                still &= ~(np.abs(own[at, room] - level) > least)
    sudden[slot, room] = still
    # The steepest of neighbours is the step.
    size = np.where(sudden, np.abs(jump), 0.0)
    for by in (1, -1):
        beside = shifted(size, by)
        sudden &= ~(beside > size) & ~((beside == size) & (by > 0))
    return jump, np.asarray(sudden)
