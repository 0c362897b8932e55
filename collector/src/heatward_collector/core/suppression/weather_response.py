"""How places follow the weather, and what of that is known before any data.

Two views side by side: a place against others, in which weather cancels but for what places differ
in, and a place's own history, which alone can show a cut of all sources together.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from heatward_collector.core import Celsius
from heatward_collector.core.suppression.days import WeatherDay
from heatward_collector.core.suppression.network import Level
from heatward_collector.core.suppression.onset import Prior
from heatward_collector.core.suppression.place_days import COUPLING_SPREAD

MILD_CELSIUS, USUAL_RANGE_KELVIN, USUAL_SUN_KELVIN = -8.0, 8.0, 1.0
"""Around these a response is counted: a winter's day. [degC] [K] [K]"""
ANY_LEVEL_KELVIN = 4.0
"""How far places lie apart. [K]"""
SPREAD = (0.04, 0.04, 0.04, 0.015, 0.04, 0.2, 0.2)
"""How far places differ in following each term of the weather. [K/K] (likeliest on 25 simulated
seasons without events; what is wider takes the fall out of cuts that come with the cold)"""
COMMON = 0.15
"""How far places differ in following what moves all of them. [K/K] (thermostatic valves hold some
back; likeliest 0.13 for buildings)"""
OWN_MEAN = (0.0, 0.05, 0.0, 0.0, 0.2, 0.2, 1.5)
OWN_SPREAD = (0.04, 0.04, 0.04, 0.03, 0.10, 0.4, 0.6)
"""How a source's rooms follow each term of the weather, and how far that is known. [K/K] (simulated
seasons)"""
RECOVERY_KELVIN = 5.0
"""How far an acute stop may have cooled rooms; what is left of it is forgotten. [K]"""
MEMORY: Mapping[Level, float] = MappingProxyType(
    {Level.SOURCE: 0.85, Level.SUBSTATION: 0.75, Level.ZONE: 0.75, Level.BUILDING: 0.75}
)
"""Autocorrelation of what is left, from day to day. [1] (simulated: 0.87 sources, 0.69 others)"""
OWN_MEMORY = 0.85
DEVIATION_KELVIN = 0.15
"""Standard deviation of a day's surprise. [K] (simulated: 0.15 sources, 0.16 others)"""


def weather_terms(day: WeatherDay) -> Celsius:
    """Return what of a day's weather places may follow, (terms,); NaN where it is not known."""
    short, slow, long = (day.followed[index] for index in (1, 2, 3))
    return np.array(
        [
            slow - MILD_CELSIUS,
            short - slow,
            long - slow,
            day.range_kelvin - USUAL_RANGE_KELVIN,
            day.usual_range_kelvin - USUAL_RANGE_KELVIN,
            *(day.sun - USUAL_SUN_KELVIN),
        ]
    )


def contrast_prior(level: Level) -> Prior:
    """Return what is known of a place against others."""
    spread = np.array([ANY_LEVEL_KELVIN, *SPREAD, COUPLING_SPREAD, RECOVERY_KELVIN, COMMON])
    return Prior(np.zeros(len(spread)), spread, MEMORY[level])


def own_prior() -> Prior:
    """Return what is known of a source's own history."""
    mean = np.array([0.0, *OWN_MEAN, 0.0, 0.0])
    spread = np.array([ANY_LEVEL_KELVIN, *OWN_SPREAD, COUPLING_SPREAD, RECOVERY_KELVIN])
    return Prior(mean, spread, OWN_MEMORY)


def contrast_terms(
    weather: Celsius, cold: Celsius, recovering: Celsius, common: Celsius
) -> Celsius:
    """Return the terms of places against others, (days, places, terms).

    Parameters
    ----------
    weather : float64 (days, weather terms)
    cold : float64 (days, places)
        Followed lack of cold homes. [K]
    recovering : float64 (days, places)
        What may be left of acute stops. [1]
    common : float64 (days, places)
        What stands beside each place. [degC]
    """
    usual = np.nanmean(common) if (~np.isnan(common)).any() else 0.0
    own = own_terms(weather, cold, recovering)
    return np.concatenate([own, (common - usual)[:, :, None]], axis=2)


def own_terms(weather: Celsius, cold: Celsius, recovering: Celsius) -> Celsius:
    """Return the terms of places by themselves, (days, places, terms)."""
    days, places = cold.shape
    wide = np.broadcast_to(weather[:, None, :], (days, places, weather.shape[1]))
    each = (cold[:, :, None], recovering[:, :, None])
    return np.concatenate([np.ones((days, places, 1)), wide, *each], axis=2)
