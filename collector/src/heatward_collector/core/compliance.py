"""Whether a room, a home, a building met the heating standard on a day: guarded and three-valued.

The rule is that of JCGM 106 and ILAC-G8 with guard bands: "below" and "met" are said only where
the measurement uncertainty cannot turn them round; between them lie two marginal verdicts. The
uncertainty is a constant bias of each sensor, so more samples never narrow the band.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices, Mask

RESOLUTION_U = 0.018
"""Standard uncertainty of 1/16 degC counts: 0.0625 / sqrt(12). [K]"""
DRIFT_U = 0.1
"""Drift of a DS18B20 over a season. [K] (estimate after its datasheet's ageing figure)"""
PLACEMENT_U_DOCUMENTED = 0.3
PLACEMENT_U_UNKNOWN = 0.5
"""How far a placement may be from the middle of the room. [K] (project estimate)"""
ONE_SIDED_95 = 1.645
"""Coverage factor of a one-sided 95 % decision (JCGM 106:2012, 8.3)."""
BELOW_HOURS = 4
"""A room counts as below from this many hours a day. [h] (project rule)"""
COVERAGE_NEEDED = 0.75
"""Share of the hours that count, below which a day is not judgeable. (project rule)"""
BUILDING_HOMES_BELOW = 3
"""A building needs at least this many homes below. Half of 4 would be false in 7 % of cases."""


class Verdict(IntEnum):
    """What a day's temperatures say about the standard, the most severe last."""

    NOT_JUDGEABLE = 0
    MET = 1
    MARGINAL_PLUS = 2
    MARGINAL_MINUS = 3
    BELOW = 4


@dataclass(frozen=True, slots=True)
class RoomDays:
    """One day of many rooms; all arrays (rooms,)."""

    verdict: npt.NDArray[np.uint8]
    coverage: Celsius
    """Share of the hours that count and have a value. [0 to 1]"""
    mean: Celsius
    minimum: Celsius
    """Of the hourly means that count. [degC]"""
    hours_below: Celsius
    """Hours certainly below the minimum. [h]"""
    hours_possibly_below: Celsius
    degree_hours: Celsius
    """Sum over the counted hours of what they lack to the minimum. [K h]"""
    guard: Celsius
    """Width of the guard band. [K]"""

    @classmethod
    def nothing(cls, rooms: int) -> RoomDays:
        """Return rooms of which nothing is known."""
        unknown = (np.full(rooms, np.nan) for _ in range(7))
        return cls(np.zeros(rooms, np.uint8), *unknown)


def guard_band(
    calibration_u: Celsius,
    placement_u: Celsius,
    resolution_u: float = RESOLUTION_U,
    drift_u: float = DRIFT_U,
    coverage_factor: float = ONE_SIDED_95,
) -> Celsius:
    """Return how far a mean must be from a limit before it is called. [K]

    Parameters
    ----------
    calibration_u, placement_u : float64 (rooms,)
        Standard uncertainties of the sensor's calibration and placement. [K]
    resolution_u, drift_u : float
        Standard uncertainties of counting and of drift. [K]
    coverage_factor : float
        1.645 for a one-sided 95 % decision.

    Returns
    -------
    float64 (rooms,)
        Guard band. [K]

    References
    ----------
    .. [1] JCGM 106:2012, 8.3; ILAC-G8:09/2019, 4.2.
    """
    variance = calibration_u**2 + placement_u**2 + resolution_u**2 + drift_u**2
    return np.asarray(coverage_factor * np.sqrt(variance))


def judge_rooms(
    means: Celsius,
    counts: Mask,
    minimum: float,
    guard: Celsius,
    is_judged: Mask,
    below_hours: float = BELOW_HOURS,
    coverage_needed: float = COVERAGE_NEEDED,
) -> RoomDays:
    """Judge one day of many rooms.

    Parameters
    ----------
    means : float64 (hours, rooms)
        Hourly means, NaN where missing. [degC]
    counts : bool (hours,)
        Hours in which a measurement counts under the rule.
    minimum : float
        What the standard requires. [degC]
    guard : float64 (rooms,)
        Guard bands. [K]
    is_judged : bool (rooms,)
        False for rooms that are never judged: suspended service, another use, bad placement.
    below_hours : float
        Hours below that make a day below. [h]
    coverage_needed : float
        Least share of the counted hours with a value.

    Returns
    -------
    RoomDays
        NOT_JUDGEABLE where coverage is short, and as long as fewer hours count than make a day
        below: a cold early morning is not "met". A day with enough hours certainly below is
        "below" only with coverage too: missing data never accuses.
    """
    day = means[counts]
    absent = np.isnan(day)
    known, hours = _hours_of(~absent), len(day)
    coverage = known / max(1, hours)
    certain = _hours_of(day <= minimum - guard)
    # NaN is below nothing.
    possible = _hours_of(day < minimum + guard)
    under = _hours_of(day < minimum)
    coldest = np.fmin.reduce(day, axis=0, initial=np.nan)
    lacking = minimum - day
    lacking[absent] = day[absent] = 0.0
    mean = np.add.reduce(day, axis=0) / np.maximum(known, 1)
    mean[known == 0] = np.nan
    return RoomDays(
        verdicts_of(
            hours, coverage, certain, possible, under, is_judged, below_hours, coverage_needed
        ),
        coverage,
        mean,
        coldest,
        certain.astype(np.float64),
        possible.astype(np.float64),
        np.add.reduce(np.maximum(lacking, 0.0, out=lacking), axis=0),
        guard,
    )


def verdicts_of(
    hours: int,
    coverage: Celsius,
    certain: npt.NDArray[Any],
    possible: npt.NDArray[Any],
    under: npt.NDArray[Any],
    is_judged: Mask,
    below_hours: float = BELOW_HOURS,
    coverage_needed: float = COVERAGE_NEEDED,
) -> npt.NDArray[np.uint8]:
    """Return verdicts from hours counted; the rule that :func:`judge_rooms` describes.

    Parameters
    ----------
    hours : int
        How many hours of the day count. [h]
    coverage : float64 (rooms,)
        Share of them with a value. [0 to 1]
    certain, possible, under : (rooms,)
        Hours certainly below, possibly below, and below by the mean alone. [h]
    is_judged, below_hours, coverage_needed
        As for :func:`judge_rooms`.

    Returns
    -------
    uint8 (rooms,)
        Values of :class:`Verdict`.
    """
    is_possible = possible >= below_hours
    is_minus = is_possible & (under >= below_hours)
    # MET, and one worse for each of the two; in bytes, for a city has many rooms.
    verdict = np.uint8(Verdict.MET) + is_possible.view(np.uint8) + is_minus.view(np.uint8)
    np.maximum(verdict, (certain >= below_hours) * np.uint8(Verdict.BELOW), out=verdict)
    is_known = is_judged & (coverage >= coverage_needed) & (hours >= below_hours)
    return np.asarray(verdict * is_known)


def worst_of_group(verdict: npt.NDArray[np.uint8], group: Indices, groups: int) -> Indices:
    """Return the verdict of each group of rooms: the worst of those that could be judged.

    A home is below where any of its rooms is, and met only where a room is and none is worse.

    Parameters
    ----------
    verdict : uint8 (rooms,)
        Verdicts.
    group : int32 (rooms,)
        Index of each room's home, -1 for none.
    groups : int
        How many homes there are.

    Returns
    -------
    int32 (groups,)
        Verdicts of homes; NOT_JUDGEABLE where no room was judged.
    """
    worst = np.zeros(groups, np.int32)
    inside = group >= 0
    np.maximum.at(worst, group[inside], verdict[inside].astype(np.int32))
    return worst


@dataclass(frozen=True, slots=True)
class BuildingDays:
    """One day of many buildings; all arrays (buildings,)."""

    verdict: Indices
    judged: Indices
    """Homes that could be judged: the denominator."""
    below: Indices
    met: Indices


def judge_buildings(
    home_verdict: Indices,
    building: Indices,
    buildings: int,
    homes_below: int = BUILDING_HOMES_BELOW,
) -> BuildingDays:
    """Judge one day of many buildings by their homes.

    Below: more than half of the judged homes, and at least ``homes_below``. Met: more than half
    are met and the building is not below. Otherwise marginal, or not judgeable without homes.

    Parameters
    ----------
    home_verdict : int32 (homes,)
        Verdicts of homes.
    building : int32 (homes,)
        Index of each home's building, -1 for none.
    buildings : int
        How many buildings there are.
    homes_below : int
        Least number of homes below.
    """

    def _homes(mask: Mask) -> Indices:
        chosen = building[mask & (building >= 0)]
        return np.bincount(chosen, minlength=buildings).astype(np.int32)

    judged = _homes(home_verdict != Verdict.NOT_JUDGEABLE)
    below = _homes(home_verdict == Verdict.BELOW)
    met = _homes(home_verdict == Verdict.MET)
    lower = _homes(home_verdict >= Verdict.MARGINAL_MINUS)
    verdict = np.full(buildings, Verdict.MARGINAL_PLUS, np.int32)
    verdict[2 * lower > judged] = Verdict.MARGINAL_MINUS
    verdict[2 * met > judged] = Verdict.MET
    verdict[(2 * below > judged) & (below >= homes_below)] = Verdict.BELOW
    verdict[judged == 0] = Verdict.NOT_JUDGEABLE
    return BuildingDays(verdict, judged, below, met)


def hours_under(means: Celsius, limit: float, guard: Celsius) -> tuple[Celsius, Celsius]:
    """Return hours certainly and possibly under a refund tier's limit, (rooms,) each. [h]"""
    present = ~np.isnan(means)
    certain = (means <= limit - guard).sum(axis=0).astype(np.float64)
    possible = ((means < limit + guard) & present).sum(axis=0).astype(np.float64)
    return certain, possible


def _hours_of(mask: Mask) -> npt.NDArray[np.uint8]:
    """Return in how many hours of a day something is true, (rooms,). [h]"""
    return np.asarray(np.add.reduce(mask.view(np.uint8), axis=0, dtype=np.uint8))
