"""Whether places are heated at all, told from the heat input that their rooms need.

Between what people and sun give an unheated home and what a heated one gets in such weather lies a
threshold; rooms themselves would tell days later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.suppression.heat_input import MINIMUM_CELSIUS
from heatward_collector.core.suppression.history import History
from heatward_collector.core.suppression.home_levels import Counts
from heatward_collector.core.suppression.medians import down
from heatward_collector.core.suppression.network import Level
from heatward_collector.core.suppression.place_days import Hierarchy

UNHEATED_KELVIN = 8.0
"""What people and sun give as heat input. [K] (simulated October days: 8, nine in ten below 13)"""
MOST_UNHEATED_KELVIN = 10.0
"""More before the season means that heat has come already. [K]"""
UNHEATED_DAYS = 5
"""How many days of its own a town needs until its unheated days count as much. [d]"""
HEATED_MORE_KELVIN = 3.0
"""Heated homes get so much more than holds the minimum. [K] (simulated)"""
HEATED_SHARE = 0.5
"""A place is heated from this part of the way between unheated and heated on. [1]"""
LUKEWARM_SHARE = 0.2
"""Some heat flows from this part on. [1]"""
SHARED_SHARE = 0.75
"""A zone is warmed through walls by heated homes beside it: it is heated from this part of what the
best heated zone of its source gets. [1]"""
RISE_SHARE, RISEN_SHARE = 0.5, 0.3
"""Heat has also come where the share rose so far within days, to at least the second. [1]"""
RISE_DAYS = (6, 3)
"""Days before the last one that it is held against: from, to. [d]"""
AGAIN_SHARE = 0.65
"""After a cold day it takes more, as a mean of two days: one of sun is no heat. [1]"""
STEADY_DAYS = 4
"""Days after heat has come from which places are compared. [d]"""
LOST_DAYS = 3
"""After so many days without heat a place is no longer heated. [d]"""


@dataclass(frozen=True, slots=True)
class HeatingState:
    """How long places of one level have been heated, (places,)."""

    days: Counts
    """Days since heat came, 0 while there is none."""
    cold_days: Counts
    """Days without heat in a row."""

    @classmethod
    def unheated(cls, places: int) -> HeatingState:
        """Return the state of so many places before any heat."""
        return cls(np.zeros(places, np.int64), np.zeros(places, np.int64))

    def after(self, is_heated: Mask, is_known: Mask) -> HeatingState:
        """Return the state after a day; an unknown one counts as the day before.

        Heat has come with its second day, and is gone after some days without.
        """
        heated = np.where(is_known, is_heated, self.days > 0)
        cold = np.where(heated, 0, self.cold_days + 1)
        goes_on = heated | ((self.days > 1) & (cold < LOST_DAYS))
        return HeatingState(np.where(goes_on, self.days + 1, 0), cold)

    @property
    def is_steady(self) -> Mask:
        """Return which places have been heated long enough to miss it, (places,)."""
        return np.asarray(self.days > STEADY_DAYS)


def unheated(history: History, season_s: int) -> float:
    """Return what people and sun give in this town: its days before the season. [K]"""
    before = history.start_s < season_s
    heat = history.series[Level.BUILDING].heat[before]
    known = heat[~np.isnan(heat)]
    if not len(known):
        return UNHEATED_KELVIN
    days = int(before.sum())
    own = min(float(np.median(known)), MOST_UNHEATED_KELVIN)
    return (own * days + UNHEATED_KELVIN * UNHEATED_DAYS) / (days + UNHEATED_DAYS)


def share_of_heat(heat: Celsius, outdoor: Celsius | float, given: float) -> Celsius:
    """Return how far places are from unheated, 0, to heated, 1.

    Parameters
    ----------
    heat : float64
        Heat input. [K]
    outdoor : float64
        Slowly followed outdoor temperature, of a shape that fits. [degC]
    given : float
        What people and sun give. [K]
    """
    usual = np.maximum(MINIMUM_CELSIUS - outdoor + HEATED_MORE_KELVIN - given, 1.0)
    return np.asarray((heat - given) / usual)


def heated_today(
    history: History, places: Hierarchy, states: Mapping[Level, HeatingState], given: float
) -> dict[Level, tuple[Mask, Mask]]:
    """Say of every place of each level whether it was heated on the last day, and if that is known.

    Parameters
    ----------
    history : History
        With that day.
    places : Hierarchy
        Which place belongs to which source.
    states : mapping of HeatingState
        As the day before left them: after a cold day, one warm day of sun is no heat.
    given : float
        What people and sun give. [K]
    """
    result = {}
    for level, series in history.series.items():
        recent = slice(-RISE_DAYS[0] - 1, None)
        share = share_of_heat(series.heat[recent], history.outdoor[recent, None], given)
        today, needed = share[-1], np.full(share.shape[1], HEATED_SHARE)
        if level is Level.ZONE:
            best = np.full(places.count(Level.SOURCE) + 1, -np.inf)
            np.fmax.at(best, places.source[level], today)
            needed = np.fmax(needed, SHARED_SHARE * np.minimum(best[places.source[level]], 1.0))
        before = down(share[: len(share) - RISE_DAYS[1]]) if len(share) > RISE_DAYS[1] else today
        both = np.fmin(today, (today + share[-2]) / 2) if len(share) > 1 else today
        is_doubted = (states[level].days > 0) & (states[level].cold_days > 0)
        with np.errstate(invalid="ignore"):
            again = both >= np.fmax(needed, AGAIN_SHARE)
            is_heated = np.where(is_doubted, again, today >= needed)
            if level is not Level.ZONE:
                is_heated |= (today >= RISEN_SHARE) & (today - before >= RISE_SHARE)
        result[level] = (is_heated, ~np.isnan(today))
    return result
