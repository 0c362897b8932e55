"""Numbers as verdicts print them: a revision means that something visible changed."""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Celsius

SCALE = 1e4
"""Four digits are printed."""
HALF_WAY = 1e-3
"""So near to a half in the fifth digit the slow way decides. [1e-4 of the unit]"""
LARGE = 1e9
"""Above it, too, where a number times SCALE has no digit behind the point that counts."""


def printed(value: float) -> float | None:
    """Round to what is printed, None for NaN.

    Sums differ in their last bits by how many rooms are summed at once. Those are rounded away
    first: else they would decide where the fifth digit is just a half.
    """
    return None if np.isnan(value) else round(round(float(value), 9), 4)


def all_printed(values: Celsius) -> Celsius:
    """Return what :func:`printed` says of each of many values, (n,); NaN where it says None."""
    is_known = ~np.isnan(values)
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = values * SCALE
        whole = np.rint(scaled)
        is_slow = ~(np.abs(np.abs(scaled - whole) - 0.5) > HALF_WAY) | ~(np.abs(values) < LARGE)
    found: Celsius = whole / SCALE
    for one in np.flatnonzero(is_slow & is_known).tolist():
        found[one] = printed(values[one])
    return found
