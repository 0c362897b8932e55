"""What is owed in the winter of a local day: from when to when heat is due, and how warm."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from heatward_collector.core.standard import Standard, winter_of
from heatward_collector.core.suppression.by_day.heating_duty import ALWAYS, HeatingDuty, Season
from heatward_collector.local_days import bounds, day_of, span


def duty_on(standard: Standard, day: date) -> HeatingDuty | None:
    """Return what is owed in the winter of a day, None before the first rule that is known.

    The minimum may change within a winter: it is the one of the day, before the season that of the
    season's first day.
    """
    zone = ZoneInfo(standard.timezone)
    first, last = standard.season_of(winter_of(day))
    rule = standard.rule_on(max(day, first))
    if rule is None:
        return None
    season = Season(*span(first, last, zone))
    return HeatingDuty(
        ALWAYS if standard.season.all_year else season,
        rule.minimum_celsius,
        bounds(rule.valid_from, zone)[0],
    )


def duty_at(standard: Standard, start_s: int) -> HeatingDuty | None:
    """Return what is owed in the winter of the day that begins at a local midnight. [s UTC]"""
    return duty_on(standard, day_of(start_s, ZoneInfo(standard.timezone)))
