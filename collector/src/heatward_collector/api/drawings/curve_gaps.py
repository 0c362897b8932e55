"""Curves as they may be drawn: a gap in the readings stays a gap, however few points are kept."""

from __future__ import annotations

import numpy as np

from ..city.facts import Curve


def open_gaps(curve: Curve, longest_step_s: int) -> Curve:
    """Put a missing value wherever two readings lie further apart than they may."""
    late = np.flatnonzero(np.diff(curve.time_s) > longest_step_s) + 1
    if late.size == 0:
        return curve
    return Curve(
        np.insert(curve.time_s, late, curve.time_s[late - 1] + 1),
        np.insert(curve.celsius, late, np.nan),
        None if curve.low is None else np.insert(curve.low, late, np.nan),
        None if curve.high is None else np.insert(curve.high, late, np.nan),
    )


def thinned(curve: Curve, most: int) -> Curve:
    """Keep about ``most`` points of a line: each gap, and of each stretch its extremes."""
    if curve.time_s.size <= most or curve.low is not None:
        return curve
    keep = set(np.flatnonzero(np.isnan(curve.celsius)).tolist())
    for group in np.array_split(np.arange(curve.time_s.size), max(most // 2, 1)):
        finite = group[np.isfinite(curve.celsius[group])]
        if finite.size:
            keep.add(int(finite[curve.celsius[finite].argmin()]))
            keep.add(int(finite[curve.celsius[finite].argmax()]))
    order = np.array(sorted(keep))
    return Curve(curve.time_s[order], curve.celsius[order])
