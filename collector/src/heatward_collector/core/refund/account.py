"""One season's account of many homes: days under every tier, and what they give back.

What sensors say is *indicated*; what certified measurements say is *official*. Every amount is a
pair of what is certain and what is possible: the guard band of the measurement and the 48 hours
after a notice leave some days open. A day that could not be judged gives nothing and is counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.compliance import BELOW_HOURS
from heatward_collector.core.refund.notified import Notices, notified_days
from heatward_collector.core.refund.tiers import NO_TIER, Hours, deepest_tier

WHOLE_DAY_SHARE = 1.0
"""Of a day without heating that was owed: late start, early stop. (press, 2012-09-17)"""
Counts = Indices


@dataclass(frozen=True, slots=True)
class SeasonDays:
    """What was measured in one season; arrays are (homes, days) or (tiers, homes, days)."""

    shares: Celsius
    """(tiers,) share of the day's fee under each tier, as in ``season_tiers``. [0 to 1]"""
    certain_hours: Hours
    """Hours certainly and possibly under every tier of the day's rule. [h]"""
    possible_hours: Hours
    judged: Mask
    """Days that could be judged, with enough coverage."""
    unheated: Mask
    """Days of a late start or an early stop: heating was owed and did not come."""
    official_tier: Indices
    """Tier by a certified measurement of that day, NO_TIER where none is or it met."""


@dataclass(frozen=True, slots=True)
class Account:
    """What one season comes to, home by home; pairs are (2, ...): certain, possible."""

    tier: Indices
    """(2, homes, days) tier of each day, NO_TIER for none and on unheated days."""
    notified: Mask
    """(2, homes, days) days behind a notice."""
    days: Counts
    """(2, homes, tiers) notified days."""
    days_not_notified: Counts
    """(2, homes, tiers) days that were measured, but not notified."""
    unheated_days: Counts
    """(homes,)"""
    official_days: Counts
    """(homes, tiers) days with a certified measurement below."""
    judged_days: Counts
    """(homes,)"""
    yuan: Celsius
    """(2, homes) indicated, unheated days among it; NaN where the day's fee is not known."""
    yuan_not_notified: Celsius
    """(2, homes) what the days that were not notified would have come to."""
    yuan_unheated: Celsius
    """(homes,)"""
    yuan_official: Celsius
    """(homes,) by certified measurements alone, on days behind a notice."""


def settle(
    season: SeasonDays,
    notices: Notices,
    day_fee: Celsius,
    least_hours: float = BELOW_HOURS,
    unheated_share: float = WHOLE_DAY_SHARE,
) -> Account:
    """Return the account of a season.

    Parameters
    ----------
    season : SeasonDays
        What was measured.
    notices : Notices
        What the residents told the supplier.
    day_fee : float64 (homes,)
        Fee of one day, NaN where it is not known. [yuan]
    least_hours : float
        Hours under a limit that make a day of it. [h]
    unheated_share : float
        Share of the fee of a day without heating that was owed. [0 to 1]

    References
    ----------
    .. [1] Heilongjiang Urban Heating Regulations as amended 2021-10-29; Harbin heating office,
       press of 2012-09-17; Harbin Urban Heating Measures.
    """
    counted = season.judged & ~season.unheated
    tiers = len(season.shares)
    tier = np.stack(
        [
            np.where(counted, deepest_tier(hours, least_hours), NO_TIER)
            for hours in (season.certain_hours, season.possible_hours)
        ]
    )
    certain, possible = tier != NO_TIER
    notified = np.stack(notified_days(certain, possible, season.judged, notices))
    official = np.where(season.unheated, NO_TIER, season.official_tier)
    days = np.stack([_count(tier[one], notified[one], tiers) for one in (0, 1)])
    # What is certainly notified is possibly so: the rest of the certain days may yet be notified.
    others = np.stack([_count(tier[one], ~notified[1 - one], tiers) for one in (0, 1)])
    every_official = np.ones(official.shape, bool)
    unheated_days = season.unheated.sum(axis=1).astype(np.int32)
    yuan_unheated = unheated_share * unheated_days * day_fee
    return Account(
        tier=tier,
        notified=notified,
        days=days,
        days_not_notified=others,
        unheated_days=unheated_days,
        official_days=_count(official, every_official, tiers),
        judged_days=season.judged.sum(axis=1).astype(np.int32),
        yuan=days @ season.shares * day_fee + yuan_unheated,
        yuan_not_notified=others @ season.shares * day_fee,
        yuan_unheated=yuan_unheated,
        yuan_official=_count(official, notified[1], tiers) @ season.shares * day_fee,
    )


def _count(tier: Indices, chosen: Mask, tiers: int) -> Counts:
    """Return (homes, tiers) how many of the chosen days lie in each tier."""
    counts = np.zeros((len(tier), tiers), np.int32)
    for one in range(tiers):
        counts[:, one] = ((tier == one) & chosen).sum(axis=1)
    return counts
