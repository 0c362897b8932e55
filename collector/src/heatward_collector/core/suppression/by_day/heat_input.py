"""How much heat flows, estimated from room and outdoor temperatures alone.

``tau dT/dt = (Tout - T) + H``: the heat input H is in kelvin above the outdoors. It says when heat
flows and how much relative to other days, never watts.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Mask

DAILY_TAU_H = 80.0
"""Time constant of whole homes for daily work. [h] (real stops gave 45 to 157, median 86)"""
HOURLY_TAU_H = 40.0
"""Time constant of what warms and cools within hours. [h] (detection.md: events of 1 to 8 h)"""
HOURLY_OUTDOOR_H = 6.0
"""How long outdoor temperature is remembered in hourly work. [h] (detection.md)"""
MINIMUM_CELSIUS = 20.0
"""Room temperature that the heat is held against. [degC] (Heilongjiang's rule)"""
BEGIN_ADEQUACY, HOLD_ADEQUACY = 1.2, 0.7
"""Heat input over the needed one at which heating begins, and above which it goes on. [1] Sun
warms a room by day without heating: it takes more to begin than to go on. (tuned on one house)"""

Values = TypeVar("Values", float, Celsius)


def heat_input(
    celsius: Values, change_kelvin_per_h: Values, outdoor: Values, tau_h: float = DAILY_TAU_H
) -> Values:
    """Return the heat input that explains temperatures and their change. [K]

    Parameters
    ----------
    celsius, change_kelvin_per_h : float or float64, same shape
        Room temperature [degC] and how fast it rises [K/h].
    outdoor : float or float64
        Filtered outdoor temperature. [degC]
    tau_h : float
        Time constant. [h]

    References
    ----------
    .. [1] Madsen & Holst, Estimation of continuous-time models for the heat dynamics of a
       building, Energy and Buildings 22, 1995.
    """
    return celsius - outdoor + tau_h * change_kelvin_per_h


def followed(outdoor: Celsius, hours: float, step_h: float = 1.0) -> Celsius:
    """Return a causal exponential filter of outdoor temperature, (times,); it waits at NaN."""
    gain = 1.0 - np.exp(-step_h / hours)
    result, state = np.empty(len(outdoor)), np.nan
    for index, new in enumerate(outdoor.tolist()):
        if new == new:
            state = new if state != state else state + gain * (new - state)
        result[index] = state
    return result


def heating_hours(
    celsius: Celsius,
    outdoor: Celsius,
    begin: float = BEGIN_ADEQUACY,
    hold: float = HOLD_ADEQUACY,
    minimum: float = MINIMUM_CELSIUS,
) -> Mask:
    """Say in which hours a room was heated.

    Parameters
    ----------
    celsius, outdoor : float64 (hours,)
        Room and outdoor temperature at the beginning of each hour, NaN missing. [degC]
    begin, hold : float
        Heat input, relative to what holds the minimum, from which heating is said to begin, and
        above which it is said to go on. [1]
    minimum : float
        Room temperature that the heat is held against. [degC]

    Returns
    -------
    bool (hours,)
        Each hour needs the temperature at its end, too: the last one is never heated, nor is one
        next to a gap.
    """
    change = np.full(len(celsius), np.nan)
    change[:-1] = np.diff(celsius)
    outside = followed(outdoor, HOURLY_OUTDOOR_H)
    flows = heat_input(celsius, change, outside, HOURLY_TAU_H)
    result, is_on = np.zeros(len(celsius), bool), False
    for hour, (heat, needed) in enumerate(zip(flows.tolist(), minimum - outside, strict=True)):
        is_on = bool(heat > (hold if is_on else begin) * needed)
        result[hour] = is_on
    return result


def adequacy(
    heat: npt.NDArray[np.float64], outdoor: Celsius | float, minimum: float = MINIMUM_CELSIUS
) -> Celsius:
    """Return heat input over what holds the minimum, NaN where next to none is needed. [1]"""
    needed = np.asarray(minimum - outdoor, np.float64)
    return np.asarray(np.where(needed > 1.0, heat / np.maximum(needed, 1.0), np.nan))
