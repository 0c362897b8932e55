"""Invented winter weather that goes on for ever: the same at a given time, whoever asks."""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Celsius, Seconds

MEAN_CELSIUS = -19.0
"""A January day in Harbin. [degC]"""
SWING_KELVIN = 5.0
COLDEST_UTC_HOUR = 22.0
"""Six in the morning in Harbin. [h]"""
WAVE_DAYS = (2.7, 5.3, 11.0)
"""Cold air comes and goes with waves of some days. [d]"""
WAVE_KELVIN = 1.6


def outdoor_celsius(time_s: Seconds, seed: int) -> Celsius:
    """Return outdoor temperatures at some times. [degC]"""
    phase = np.random.default_rng(seed).uniform(0, 2 * np.pi, len(WAVE_DAYS))
    hours = (time_s % 86_400) / 3600
    celsius = MEAN_CELSIUS - SWING_KELVIN * np.cos((hours - COLDEST_UTC_HOUR) / 24 * 2 * np.pi)
    for days, begin in zip(WAVE_DAYS, phase, strict=True):
        celsius = celsius + WAVE_KELVIN * np.sin(time_s / (days * 86_400) * 2 * np.pi + begin)
    return np.asarray(celsius)
