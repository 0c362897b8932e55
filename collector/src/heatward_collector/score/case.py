"""One simulated season as a detector sees it, beside the truth that it must not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from heatward_collector.core import MISSING, Celsius, Indices, Mask, Raw, Seconds
from heatward_collector.core.groups import medians
from heatward_collector.core.suppression import Declaration, Network
from heatward_collector.score.throttling import Days
from heatward_collector.score.truth import LongCut, OffPeriod
from heatward_collector.simulate import Season, Shape, Tree, measure
from heatward_node.scratchpad import HIGHEST_RAW, LOWEST_RAW, POWER_ON_RAW

SLOT_S, DAY_S = 300, 86_400
ZONE = ZoneInfo("Asia/Shanghai")
"""Where simulated towns lie."""
SLOTS_A_DAY = 288
"""Harbin has no change of clocks: every local day has as many. [slots]"""


@dataclass(frozen=True, slots=True)
class Case:
    """What is given to a detector, and what is known besides."""

    seed: int
    shape: Shape
    start_s: int
    """Begin of the first slot, a local midnight. [s UTC]"""
    raw: Raw
    """(slots of 5 min, rooms) what the sensors say. [1/16 degC]"""
    outdoor: Celsius
    """(slots,) outdoor temperature as it is known at the end of each slot. [degC]"""
    truth: Truth

    @property
    def tree(self) -> Tree:
        return self.shape.tree

    @property
    def network(self) -> Network:
        return self.shape.tree.network()

    @property
    def declarations(self) -> tuple[Declaration, ...]:
        return self.shape.declarations

    @property
    def days(self) -> Days:
        """The local days."""
        start = self.start_s + DAY_S * np.arange(len(self.raw) // SLOTS_A_DAY, dtype=np.int64)
        return Days(start, start + DAY_S)

    def has_value(self) -> Mask:
        """Say which homes measured something, (slots, homes)."""
        return homes_heard(self.raw, self.tree.room_home, len(self.tree.homes))


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything that a season's events did; the arrays are (days, buildings)."""

    periods: tuple[OffPeriod, ...] = ()
    cuts: tuple[LongCut, ...] = ()
    lifts: tuple[float, ...] = ()
    """Of each cut: homes minus outdoors (48 h) on the day that matters. [K]"""
    shortages: tuple[bool, ...] = ()
    """Whether each cut is one of all sources together."""
    shortfall: Celsius = field(default_factory=lambda: np.zeros((0, 0)))
    """Daily mean of the heat held back. [K]"""
    drop: Celsius = field(default_factory=lambda: np.zeros((0, 0)))
    """Daily fall of the median home against the twin. [K]"""
    median: Celsius = field(default_factory=lambda: np.zeros((0, 0)))
    """Daily mean of the median home. [degC]"""
    below: Celsius = field(default_factory=lambda: np.zeros((0, 0)))
    """(days, homes) 1 where a home was clearly below the standard, 0 where not, NaN between."""


def measured_raw(season: Season) -> Raw:
    """Return what the sensors of a season say where it counts, as the window would hold it.

    (slots, rooms) [1/16 degC]
    """
    sixteenths = np.rint(measure(season).celsius * 16).T
    good = (sixteenths >= LOWEST_RAW) & (sixteenths <= HIGHEST_RAW) & (sixteenths != POWER_ON_RAW)
    good &= _has_vote(season)
    return np.where(good, sixteenths, MISSING).astype(np.int16)


def _has_vote(season: Season) -> Mask:
    """Say when each room counts: not on days on which its home's service is suspended."""
    tree = season.tree
    vote = np.ones((len(season.time_s), len(tree.rooms)), bool)
    day = (season.time_s - season.time_s[0]) // DAY_S
    index = {home.id: number for number, home in enumerate(tree.homes)}
    for limit in season.shape.limits:
        first, last = (
            (moment - season.time_s[0]) // DAY_S for moment in (limit.start_s, limit.end_s - 1)
        )
        rooms = tree.room_home == index[limit.home]
        vote[np.ix_((day >= first) & (day <= last), rooms)] = False
    return vote


def homes_heard(raw: Raw, room_home: Indices, homes: int) -> Mask:
    """Say which homes have a room that measured, (slots, homes)."""
    first = np.searchsorted(room_home, np.arange(homes))
    return np.asarray(np.logical_or.reduceat(raw != MISSING, first, axis=1), bool)


def known_outdoor(time_s: Seconds, outdoor: Celsius, report_s: int = 3600) -> Celsius:
    """Return the outdoor temperature of the last report at the end of each slot. [degC]"""
    step_s = int(time_s[1] - time_s[0])
    reported = (time_s + step_s) // report_s * report_s
    index = np.clip((reported - time_s[0]) // step_s, 0, len(time_s) - 1)
    return np.asarray(np.round(outdoor[index], 1), np.float64)


def daily_means(values: npt.NDArray[np.floating[Any]]) -> Celsius:
    """Return the means of whole local days, (days, columns)."""
    days = len(values) // SLOTS_A_DAY
    blocks = values[: days * SLOTS_A_DAY].reshape(days, SLOTS_A_DAY, -1)
    return np.asarray(blocks.mean(axis=1, dtype=np.float64))


def building_medians(home_days: Celsius, building: Indices, buildings: int) -> Celsius:
    """Return the median home of each building, (days, buildings)."""
    return np.array([medians(day, building, buildings) for day in home_days]).reshape(
        len(home_days), buildings
    )


def home_days(season: Season) -> Celsius:
    """Return daily means of the true temperatures of homes, (days, homes). [degC]"""
    return daily_means(season.home_means().T)


def building_heat(season: Season, building: Indices, buildings: int) -> Celsius:
    """Return the daily heat input of each building's mean room, (days, buildings). [K]"""
    days = daily_means(season.heat.T)
    of_room = building[season.tree.room_home]
    total = np.array([np.bincount(of_room, day, buildings) for day in days])
    return np.asarray(total / np.bincount(of_room, minlength=buildings))


def names(tree: Tree, homes: Mask) -> frozenset[str]:
    """Return the buildings of some homes."""
    return frozenset(home.building for home, one in zip(tree.homes, homes, strict=True) if one)


def spread(values: Sequence[float]) -> float:
    """Return the median of values that may be none."""
    return float(np.median(values)) if len(values) else float("nan")
