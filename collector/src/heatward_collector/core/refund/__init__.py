"""What a season below the standard gives back: pure rules over homes and days."""

from heatward_collector.core.refund.account import Account, SeasonDays, settle
from heatward_collector.core.refund.fee import DayFee, day_fee, two_part_day_fee
from heatward_collector.core.refund.notified import Notices, notified_days
from heatward_collector.core.refund.tiers import NO_TIER, SeasonTier, deepest_tier, season_tiers

__all__ = [
    "NO_TIER",
    "Account",
    "DayFee",
    "Notices",
    "SeasonDays",
    "SeasonTier",
    "day_fee",
    "deepest_tier",
    "notified_days",
    "season_tiers",
    "settle",
    "two_part_day_fee",
]
