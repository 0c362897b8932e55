"""The pass rate of a supplier: of the home-days that could be judged, how many met the standard.

Two things are uncertain. A marginal day may be either, so the rate lies between the days that are
certainly met and those that are not certainly below. And only some buildings are measured: homes
of one building share its pipes, so buildings are drawn anew, not homes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Indices
from heatward_collector.core.compliance import Verdict

DRAWS = 2000
"""Bootstrap samples: their quantiles are then known to about 0.3 percentage points."""
CONFIDENCE = 0.95
LEAST_BUILDINGS = 2
"""Fewer buildings than this cannot be drawn anew."""
_COUNTED = (Verdict.MET, Verdict.MARGINAL_PLUS, Verdict.MARGINAL_MINUS, Verdict.BELOW)


@dataclass(frozen=True, slots=True)
class PassRate:
    """Home-days by verdict, and the rate with its bounds; NaN where nothing was judged."""

    judged: int
    """The denominator: home-days that could be judged."""
    met: int
    likely_met: int
    """Marginal, but more likely met."""
    likely_below: int
    below: int
    buildings: int
    """With a day that could be judged."""
    low: float
    """Lower bound of certainly met, and upper bound of not certainly below. [0 to 1]"""
    high: float

    @property
    def rate(self) -> float:
        """Met or more likely met, of the judged. [0 to 1]"""
        return (self.met + self.likely_met) / self.judged if self.judged else float("nan")


def pass_rate(
    verdict: npt.NDArray[np.int8],
    building: Indices,
    draws: int = DRAWS,
    confidence: float = CONFIDENCE,
    seed: int = 0,
) -> PassRate:
    """Return the pass rate of some homes.

    Parameters
    ----------
    verdict : int8 (homes, days)
        Verdicts; NOT_JUDGEABLE days do not count.
    building : int32 (homes,)
        Each home's building; whatever numbers.
    draws : int
        Bootstrap samples of buildings.
    confidence : float
        Of the interval from ``low`` to ``high``. [0 to 1]
    seed : int
        The same seed and the same homes give the same bounds.

    References
    ----------
    .. [1] B. Efron, R. Tibshirani, An Introduction to the Bootstrap, 1993, 8.3 (clusters).
    """
    names, index = np.unique(building, return_inverse=True)
    counts = np.zeros((len(names), len(_COUNTED)), np.int64)
    for column, kind in enumerate(_COUNTED):
        np.add.at(counts[:, column], index, (verdict == kind).sum(axis=1))
    counts = counts[counts.sum(axis=1) > 0]
    met, likely_met, likely_below, below = counts.sum(axis=0).tolist()
    low, high = _bounds(counts, draws, confidence, seed)
    judged = int(counts.sum())
    return PassRate(judged, met, likely_met, likely_below, below, len(counts), low, high)


def _bounds(
    counts: npt.NDArray[np.int64], draws: int, confidence: float, seed: int
) -> tuple[float, float]:
    buildings = len(counts)
    if buildings < LEAST_BUILDINGS:
        return float("nan"), float("nan")
    random = np.random.default_rng(seed)
    weights = random.multinomial(buildings, np.full(buildings, 1 / buildings), draws)
    drawn = weights @ counts
    judged = drawn.sum(axis=1)
    tail = (1 - confidence) / 2
    met = np.quantile(drawn[:, 0] / judged, tail)
    not_below = np.quantile((judged - drawn[:, 3]) / judged, 1 - tail)
    return float(met), float(not_below)
