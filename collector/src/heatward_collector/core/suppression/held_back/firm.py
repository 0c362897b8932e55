"""When a fall that was possible is held against somebody: clear, broad, seen well, and no curve's.

A heating curve is lawfully wrong by some of the heat, families turn down their valves, and what a
stop has left looks like a cut at first. Whoever is accused wrongly needs proof as much.
"""

from __future__ import annotations

from heatward_collector.core.suppression.by_day.today import Today
from heatward_collector.core.suppression.held_back.cut import (
    ACCUSED_MARGIN,
    DAY_S,
    LEAST_KELVIN,
    Cut,
    View,
)
from heatward_collector.core.suppression.held_back.new_cuts import BACK_SHARE
from heatward_collector.core.suppression.homes.network import Level

LEAST_JUDGED_SHARE = 0.5
"""Nobody is accused where fewer of the homes that are heard can be compared. [1] (project rule)"""
MANY_SHARE = 0.75
"""Where fewer of a source's judged homes fell, and other sources did not, nobody is accused: a
curve that is lawfully lowered leaves some homes as they were, and so do families that turn down
their valves before they leave. [1] (simulated homes: of 37 true cuts of a source none began with
less than 0.8, of 4 false ones two)"""
DEEP_KELVIN = 2.5
"""So deep a fall of homes that are lived in is no chance, however long it was only possible. [K]
(of 27 falls that 35 simulated seasons left possible, the four that came to it were two cuts and
what two stops had left)"""
UNTRIED_CELSIUS, UNTRIED_KELVIN = -15.0, 2.0
"""In so severe a cold, if it is deeper than any before, a smaller fall against others is held
against nobody: where a curve or a boiler comes short shows only there. [degC] [K] (29 simulated
seasons without a cut: 204 of 252 building-days said falsely were those of five places in such a
cold, none of which fell by more than 1.9 K; in 44 with cuts none was said too late for it)"""
SLOW_DAYS = 7
"""A fall within a curve's error that is not clear so long after its begin is held against nobody: a
curve shows its error bit by bit as the weather changes, a valve that is closed within days. [d]
(105 simulated seasons: 234 of 291 days said falsely in 41 without a cut, 1 % of 8,074 days said
rightly in 64 with cuts)"""
SETTLED_DAYS = 6
"""In the first days of a cut its place may still be told better. [d]"""


def is_firm(today: Today, cut: Cut) -> bool:
    """Say whether a fall is clear, broad and seen well enough to be held against somebody."""
    is_of_source, is_deep = cut.level is Level.SOURCE, is_deep_fall(cut)
    margin = ACCUSED_MARGIN if is_of_source and not is_deep else 0.0
    is_broad = len(cut.affected) >= MANY_SHARE * cut.judged
    is_broad |= not is_of_source or cut.view is View.OWN_HISTORY
    homes = today.members(cut.level, cut.place).sum() - cut.silent
    if cut.statistic < cut.threshold + margin or cut.judged < LEAST_JUDGED_SHARE * homes:
        return False
    if not is_broad or _stays_shallow(today, cut) or _is_untried(cut) or _comes_slowly(today, cut):
        return False
    if is_of_source or cut.peak_kelvin >= DEEP_KELVIN:
        return True
    # Valves and floors of its parts follow a source that heats by hours each in its own way.
    place = today.network.places[cut.level].index(cut.place)
    return not today.keeps_hours(cut.level)[place]


def is_deep_fall(cut: Cut) -> bool:
    """Say whether homes that are lived in fell far, and two days later the supply was not back.

    What a stop has left looks as deep at first.
    """
    is_lasting = len(cut.ending) == 2 and max(cut.ending) <= -BACK_SHARE * cut.peak_kelvin
    return is_lasting and cut.peak_kelvin >= DEEP_KELVIN and not cut.looks_empty


def _stays_shallow(today: Today, cut: Cut) -> bool:
    """Say whether a fall against others has run its course and is still a small one.

    A curve that is lawfully lowered takes so much, and a cold spell later misses the standard.
    """
    has_run = today.start_s >= cut.start_s + SETTLED_DAYS * DAY_S
    return has_run and cut.view is View.OTHERS and cut.peak_kelvin < LEAST_KELVIN


def _is_untried(cut: Cut) -> bool:
    """Say whether a fall against others is small and came with a severe cold, the first so deep."""
    outdoor = cut.evidence.get("outdoor_celsius")
    is_severe = isinstance(outdoor, int | float) and outdoor <= UNTRIED_CELSIUS
    is_first = any(one.cause == "boiler_limit" and not one.is_excluded for one in cut.considered)
    return cut.view is View.OTHERS and is_severe and is_first and cut.peak_kelvin < UNTRIED_KELVIN


def _comes_slowly(today: Today, cut: Cut) -> bool:
    """Say whether a fall was not clear within days, and takes no more than a curve may be off."""
    days = (today.start_s - cut.start_s) // DAY_S
    return cut.is_within_curve and days >= SLOW_DAYS
