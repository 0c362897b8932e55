"""How places follow the weather, and what of that is known before any data.

Two views side by side: a place against others, in which weather cancels but for what places differ
in, and a place's own history, which alone can show a cut of all sources together.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from heatward_collector.core import Celsius
from heatward_collector.core.suppression.by_day.onset import Prior, Wander
from heatward_collector.core.suppression.homes.days import WeatherDay
from heatward_collector.core.suppression.homes.network import Level

MILD_CELSIUS, USUAL_RANGE_KELVIN, USUAL_SUN_KELVIN = -8.0, 8.0, 1.0
"""Around these a response is counted: a winter's day. [degC] [K] [K]"""
ANY_LEVEL_KELVIN, OWN_LEVEL_CELSIUS = 4.0, 21.0
"""How far places by themselves lie apart, and around what. [K] [degC]"""
SPREAD: Mapping[Level, tuple[float, ...]] = MappingProxyType(
    {
        Level.SOURCE: (0.7, 0.044, 0.044, 0.049, 0.008, 0.025, 0.6, 1.9, 0.9, 5.0, 0.43),
        Level.SUBSTATION: (0.15, 0.01, 0.06, 0.05, 0.015, 0.05, 0.8, 1.2, 1.4, 5.0, 0.12),
        Level.ZONE: (0.15, 0.01, 0.06, 0.05, 0.015, 0.05, 0.8, 1.2, 1.4, 5.0, 0.12),
        Level.BUILDING: (0.4, 0.02, 0.06, 0.05, 0.015, 0.05, 0.8, 1.2, 1.4, 5.0, 0.12),
    }
)
"""How far places lie apart [K], and differ in following each term of the weather [K/K], the cold
homes among them [1], what acute stops have left [K], and what moves all of them [1]. (likeliest on
40 simulated seasons without events; what is wider takes the fall out of cuts that come with the
cold)"""
WANDER: Mapping[Level, Wander] = MappingProxyType(
    {
        Level.SOURCE: Wander(0.33, 0.65, 0.78, 0.05),
        Level.SUBSTATION: Wander(0.42, 0.5, 0.78, 0.08),
        Level.ZONE: Wander(0.33, 0.4, 0.78, 0.08),
        Level.BUILDING: Wander(0.33, 0.4, 0.78, 0.08),
    }
)
"""How places wander against others. (likeliest on the same seasons)"""
OWN_MEAN = (0.01, 0.08, -0.035, -0.016, 0.065, -0.85, 4.4, 0.5)
OWN_SPREAD = (0.045, 0.025, 0.05, 0.01, 0.03, 0.5, 0.9, 0.7)
"""How a source's rooms follow each term of the weather, and its cold homes, and how far that is
known. [K/K] [1] (likeliest on the same seasons)"""
ALL_SPREAD = (0.02, 0.01, 0.033, 0.004, 0.018, 0.22, 0.5, 0.9)
"""The same for the middle of all sources of a town."""
OWN_WANDER, ALL_WANDER = Wander(0.42, 0.72, 0.78, 0.07), Wander(0.33, 0.65, 0.78, 0.06)
"""How a source, and the middle of all, wander around what the weather lets expect."""
RECOVERY_KELVIN = 5.0
"""How far an acute stop may have cooled rooms; what is left of it is forgotten. [K]"""


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
    spread = np.array(SPREAD[level])
    return Prior(np.zeros(len(spread)), spread, WANDER[level])


def own_prior(of_all: bool = False) -> Prior:
    """Return what is known of a source's own history, or of the middle of all."""
    mean = np.array([0.0 if of_all else OWN_LEVEL_CELSIUS, *OWN_MEAN, 0.0])
    spread = ALL_SPREAD if of_all else OWN_SPREAD
    return Prior(
        mean,
        np.array([ANY_LEVEL_KELVIN, *spread, RECOVERY_KELVIN]),
        ALL_WANDER if of_all else OWN_WANDER,
    )


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
