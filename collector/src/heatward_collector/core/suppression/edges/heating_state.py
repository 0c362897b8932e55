"""Whether places are heated at all, told from the heat input that their rooms need.

Between what people and sun give an unheated home and what a heated one gets in such weather lies a
threshold; rooms themselves would tell days later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.suppression.by_day.heat_input import MINIMUM_CELSIUS
from heatward_collector.core.suppression.by_day.history import History
from heatward_collector.core.suppression.by_day.home_levels import Counts
from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.homes.medians import down
from heatward_collector.core.suppression.homes.network import Level

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
"""A zone is warmed through walls by heated homes beside it, and cools those: it is heated from this
part of what the best heated zone of its source gets, or the best heated other sources. [1]"""
RISE_SHARE, RISEN_SHARE = 0.5, 0.3
"""Heat has also come where the share rose so far within days, to at least the second. [1]"""
RISEN_OF_OTHERS = 0.5
"""And to so much of what the best other sources get. [1]"""
RISE_DAYS = (6, 3)
"""Days before the last one that it is held against: from, to. [d]"""
AGAIN_SHARE = 0.65
"""After a cold day it takes more, as a mean of two days: one of sun is no heat. [1]"""
BESIDE_SHARE = 0.6
"""Places are held against other sources while those get this much. [1]"""
LACK_SHARE, LITTLE_SHARE = 0.4, 0.25
"""A place that gets so much less than the best other sources, by more than it usually does, is not
heated; after a cold day it is heated again once it lacks less than the second. [1] (simulated: a
zone without heat between heated ones lacks 0.35 to 0.6, heated places vary by 0.1)"""
FEW_SOURCES = 4
"""Of more sources that are heated, the second best stands for all of them."""
GAP_DAYS = 20
"""How far a place lies from other sources is a mean that forgets within so many days. [d]"""
STEADY_DAYS = 4
"""Days after heat has come from which places are compared. [d]"""
LOST_DAYS, LOST_AT_END_DAYS = 3, 2
"""After so many days without heat a place is no longer heated, and in a season's last week. [d]"""


@dataclass(frozen=True, slots=True)
class HeatingState:
    """How long places of one level have been heated, (places,)."""

    days: Counts
    """Days since heat came, 0 while there is none."""
    cold_days: Counts
    """Days without heat in a row."""
    gap: Celsius
    """How much less heat it usually gets than the best other sources. [K]"""

    @classmethod
    def unheated(cls, places: int) -> HeatingState:
        """Return the state of so many places before any heat."""
        return cls(np.zeros(places, np.int64), np.zeros(places, np.int64), np.zeros(places))

    def after(self, day: HeatedDay, lost_days: int = LOST_DAYS) -> HeatingState:
        """Return the state after a day; an unknown one counts as the day before.

        Heat has come with its second day, and is gone after some days without.
        """
        heated = np.where(day.is_known, day.is_heated, self.days > 0)
        cold = np.where(heated, 0, self.cold_days + 1)
        goes_on = heated | ((self.days > 1) & (cold < lost_days))
        days = np.where(goes_on, self.days + 1, 0)
        learns = heated & (days > STEADY_DAYS) & ~np.isnan(day.gap)
        gain = 1.0 / np.clip(days - STEADY_DAYS, 1, GAP_DAYS)
        gap = np.where(learns, self.gap + gain * (day.gap - self.gap), self.gap)
        return HeatingState(days, cold, gap)

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


@dataclass(frozen=True, slots=True)
class HeatedDay:
    """What a day says of the heating of all places of one level, (places,)."""

    is_heated: Mask
    is_known: Mask
    gap: Celsius
    """How much less heat than the best other sources it got; NaN where they are unheated. [K]"""


def shares_of_heat(history: History, level: Level, days: int, given: float) -> Celsius:
    """Return how far places are from unheated to heated on the last days, (days, places)."""
    heat = history.series[level].heat[-days:]
    return share_of_heat(heat, history.outdoor[-days:, None], given)


def heated_today(
    history: History,
    places: Hierarchy,
    states: Mapping[Level, HeatingState],
    given: float,
    compares: bool,
) -> dict[Level, HeatedDay]:
    """Say of every place of each level whether it was heated on the last day.

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
    compares : bool
        Whether places are also held against other sources, as near the end of a season: before,
        what gets much less than others is still heated.
    """
    best = beside(history, given, 2)
    result = {}
    for level, series in history.series.items():
        own = of_places(best, places, level)
        gap = own - series.heat[-len(own) :]
        is_heated = _by_itself(history, places, states, given, level, own[-1])
        if compares:
            lack = (gap - states[level].gap) / np.maximum(own - given, 1.0)
            is_heated = _beside_others(is_heated, lack, states[level])
        result[level] = HeatedDay(is_heated, ~np.isnan(series.heat[-1]), gap[-1])
    return result


def _by_itself(
    history: History,
    places: Hierarchy,
    states: Mapping[Level, HeatingState],
    given: float,
    level: Level,
    others_heat: Celsius,
) -> Mask:
    """Say which places of a level got enough on the last day."""
    share = shares_of_heat(history, level, RISE_DAYS[0] + 1, given)
    today, needed = share[-1], np.full(share.shape[1], HEATED_SHARE)
    if level is Level.ZONE:
        best = np.full(places.count(Level.SOURCE) + 1, -np.inf)
        np.fmax.at(best, places.source[level], today)
        of_others = share_of_heat(others_heat, history.outdoor[-1], given)
        of_others = np.where(shares_buildings(places), of_others, -np.inf)
        best_beside = np.fmax(best[places.source[level]], of_others)
        needed = np.fmax(needed, SHARED_SHARE * np.minimum(best_beside, 1.0))
    before = down(share[: len(share) - RISE_DAYS[1]]) if len(share) > RISE_DAYS[1] else today
    both = np.fmin(today, (today + share[-2]) / 2) if len(share) > 1 else today
    is_doubted = (states[level].days > 0) & (states[level].cold_days > 0)
    with np.errstate(invalid="ignore"):
        again = both >= np.fmax(needed, AGAIN_SHARE)
        is_heated = np.where(is_doubted, again, today >= needed)
        if level is not Level.ZONE:
            least = share_of_heat(others_heat, history.outdoor[-1], given) * RISEN_OF_OTHERS
            risen = today >= np.fmax(RISEN_SHARE, least)
            is_heated |= risen & (today - before >= RISE_SHARE)
    return np.asarray(is_heated)


def shares_buildings(places: Hierarchy) -> Mask:
    """Say which zones have homes in buildings that other zones heat, too, (zones,)."""
    zone, building = places.place[Level.ZONE], places.place[Level.BUILDING]
    pairs = np.unique(np.stack([building, zone])[:, (building >= 0) & (zone >= 0)], axis=1)
    zones_inside = np.bincount(pairs[0], minlength=places.count(Level.BUILDING))
    result = np.zeros(places.count(Level.ZONE), bool)
    result[pairs[1][zones_inside[pairs[0]] > 1]] = True
    return result


def _beside_others(is_heated: Mask, lack: Celsius, state: HeatingState) -> Mask:
    """Correct what places say by themselves where other sources are heated."""
    both = np.fmax(lack[-1], lack.mean(axis=0))
    known = ~np.isnan(both)
    most = np.where(state.cold_days > 0, LITTLE_SHARE, LACK_SHARE)
    with np.errstate(invalid="ignore"):
        return np.where(known, np.where(state.cold_days > 0, both, lack[-1]) < most, is_heated)


def of_places(of_sources: Celsius, places: Hierarchy, level: Level) -> Celsius:
    """Return for each place what belongs to its source, (days, places); NaN for one of none."""
    nobody = np.full((len(of_sources), 1), np.nan)
    return np.asarray(np.hstack([of_sources, nobody])[:, places.source[level]])


def beside(history: History, given: float, days: int, least_share: float = BESIDE_SHARE) -> Celsius:
    """Return for each source the heat of the best heated others on the last days.

    It is that of the second of them, of the first where few are heated that day, (days, sources);
    NaN where that is less than a share of what a heated place gets. [K]
    """
    heat = history.series[Level.SOURCE].heat[-days:]
    sources = heat.shape[1]
    best = np.full(heat.shape, np.nan)
    if sources < 2:
        return best
    outdoor, day = history.outdoor[-days:, None], np.arange(len(heat))
    ordered = np.sort(np.where(np.isnan(heat), -np.inf, heat), axis=1)[:, ::-1]
    with np.errstate(invalid="ignore"):
        heated = (share_of_heat(heat, outdoor, given) >= BESIDE_SHARE).sum(axis=1)
    rank = np.clip(heated - FEW_SOURCES, 0, 1)
    middle = ordered[day, rank]
    for source in range(sources):
        passed = heat[:, source] >= middle
        next_one = ordered[day, np.minimum(rank + 1, sources - 1)]
        best[:, source] = np.where(passed, next_one, middle)
    with np.errstate(invalid="ignore"):
        return np.where(share_of_heat(best, outdoor, given) >= least_share, best, np.nan)
