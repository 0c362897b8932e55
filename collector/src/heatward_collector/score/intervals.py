"""How sure a rate is: exact Poisson bounds, and bootstrap intervals over whole seasons."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

CONFIDENCE = 0.95
DRAWS = 2000
BOOTSTRAP_SEED = 20211029
"""Fixed, so that the same rows always give the same interval."""
_ENOUGH = 60
"""Halvings of an interval after which a float does not move any more."""


def poisson_upper(count: int, confidence: float = CONFIDENCE) -> float:
    """Return the one-sided upper bound of a Poisson mean of which ``count`` were seen.

    The mean at which so few would be seen with probability ``1 - confidence``, exactly.
    """
    low, high = float(count), count + 10.0 * math.sqrt(count + 1.0) + 10.0
    for _ in range(_ENOUGH):
        middle = (low + high) / 2
        if _at_most(count, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def ratio_interval(
    numerators: Sequence[float], denominators: Sequence[float], draws: int = DRAWS
) -> tuple[float, float]:
    """Return the 95 % interval of a sum over a sum when whole seasons are drawn again.

    Parameters
    ----------
    numerators, denominators : (seasons,)
        What each season contributes.
    draws : int
        How often as many seasons are drawn with replacement.

    Returns
    -------
    tuple of float
        NaN where no season has a denominator.
    """
    above, below = np.asarray(numerators, np.float64), np.asarray(denominators, np.float64)
    if len(above) == 0 or below.sum() == 0:
        return math.nan, math.nan
    weight = _weights(len(above), draws)
    total = weight @ below
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = (weight @ above) / total
    return _middle(ratios[total > 0])


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that this share does not exceed; infinite ones count as such."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def quantile_interval(
    groups: Sequence[Sequence[float]], share: float, draws: int = DRAWS
) -> tuple[float, float]:
    """Return the 95 % interval of a quantile of all values when whole groups are drawn again."""
    values = np.array([value for group in groups for value in group], np.float64)
    if len(values) == 0:
        return math.nan, math.nan
    owner = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    order = np.argsort(values, kind="stable")
    ordered, owner = values[order], owner[order]
    found = []
    for weight in _weights(len(groups), draws):
        passed = np.cumsum(weight[owner])
        if passed[-1] > 0:
            place = np.searchsorted(passed, math.ceil(share * passed[-1]))
            found.append(ordered[place])
    return _middle(np.array(found))


def _at_most(count: int, mean: float) -> float:
    """Return the probability of at most ``count`` where the mean is known."""
    logs = [k * math.log(mean) - mean - math.lgamma(k + 1) for k in range(count + 1)]
    return math.fsum(math.exp(one) for one in logs)


def _weights(seasons: int, draws: int) -> npt.NDArray[np.int64]:
    random = np.random.default_rng(BOOTSTRAP_SEED)
    return random.multinomial(seasons, np.full(seasons, 1 / seasons), size=draws)


def _middle(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return the bounds of the middle 95 %, as values that occurred: infinity stays infinity."""
    low, high = np.quantile(
        values, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], method="inverted_cdf"
    )
    return float(low), float(high)
