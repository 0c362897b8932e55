"""Refund tiers of a season: which one a home's day reaches, under the rule of that very day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Indices
from heatward_collector.core.compliance import BELOW_HOURS
from heatward_collector.core.standard import Rule

NO_TIER = -1
"""Stands for a day that gives nothing back."""
Hours = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SeasonTier:
    """One tier of one rule, as far as the rule was in force within a season."""

    rule: str
    first: date
    last: date
    below_celsius: float
    down_to_celsius: float | None
    """Where the next tier begins; None for the most severe."""
    share: float


def season_tiers(rules: Sequence[Rule], first: date, last: date) -> tuple[SeasonTier, ...]:
    """Return the tiers in force on some day of a season, rule by rule, from mild to severe.

    Parameters
    ----------
    rules : sequence of Rule
        Oldest first.
    first, last : date
        The season, both days included.
    """
    found: list[SeasonTier] = []
    ends = [*(rule.valid_from for rule in rules[1:]), None]
    for rule, end in zip(rules, ends, strict=True):
        begins = max(rule.valid_from, first)
        lasts = last if end is None else min(last, date.fromordinal(end.toordinal() - 1))
        limits = [*(tier.below_celsius for tier in rule.tiers[1:]), None]
        if begins <= lasts:
            found += [
                SeasonTier(rule.version, begins, lasts, tier.below_celsius, limit, tier.share)
                for tier, limit in zip(rule.tiers, limits, strict=True)
            ]
    return tuple(found)


def deepest_tier(hours: Hours, least_hours: float = BELOW_HOURS) -> Indices:
    """Return the most severe tier that each day reaches.

    Parameters
    ----------
    hours : float32 (tiers, ...)
        Hours under every tier of the season; 0 or NaN under those of a rule that is not in force
        on the day. [h]
    least_hours : float
        Hours under a limit that make a day of it: those of a verdict "below". [h]

    Returns
    -------
    int32 (...)
        Index of the tier, NO_TIER for none. Later tiers are more severe.
    """
    deepest = np.full(hours.shape[1:], NO_TIER, np.int32)
    for tier in range(hours.shape[0]):
        deepest[hours[tier] >= least_hours] = tier
    return deepest
