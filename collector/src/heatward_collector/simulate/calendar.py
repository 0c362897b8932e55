"""Harbin's days: local hours, the legal heating season, and the Spring Festival of every year."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Mask, Seconds

DAY_S = 86_400
HOUR_S = 3600
LOCAL_ZONE_S = 8 * HOUR_S
"""Harbin is 8 hours ahead of UTC, all year. [s]"""
LEGAL_START, LEGAL_STOP = "10-20", "04-21"
"""First day with heat, and first day without it. (Harbin: 20 October to 20 April, both included)"""
SIMULATED_FROM, SIMULATED_TO = "10-08", "05-07"
"""A simulated season also shows unheated days on both sides; [from, to)."""
SPRING_FESTIVALS = (
    *("2015-02-19", "2016-02-08", "2017-01-28", "2018-02-16", "2019-02-05", "2020-01-25"),
    *("2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17"),
    *("2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03", "2031-01-23", "2032-02-11"),
    *("2033-01-31", "2034-02-19", "2035-02-08", "2036-01-28", "2037-02-15", "2038-02-04"),
    *("2039-01-24", "2040-02-12"),
)
"""First days of the lunar year: the second new moon after the winter solstice, China time."""


def local_midnight(day: str) -> int:
    """Return the local midnight that begins a day such as ``2025-10-20``. [s UTC]"""
    return int(np.datetime64(day, "s").astype(np.int64)) - LOCAL_ZONE_S


def local_hour(time_s: Seconds) -> Celsius:
    """Return the local hour of the day, 0 to 24. [h]"""
    return np.asarray((time_s + LOCAL_ZONE_S) % DAY_S / HOUR_S)


def is_within_hours(time_s: Seconds, first: float, last: float) -> Mask:
    """Say which times are in the local hours [first, last) of any day; they may pass midnight."""
    return np.asarray((local_hour(time_s) - first) % 24 < (last - first) % 24)


def legal_season(winter: int) -> tuple[int, int]:
    """Return [from, to) of the heat due in the winter that begins in a year. [s UTC]"""
    return local_midnight(f"{winter}-{LEGAL_START}"), local_midnight(f"{winter + 1}-{LEGAL_STOP}")


def simulated_season(winter: int) -> tuple[int, int]:
    """Return where a whole simulated season starts, and its number of days. [s UTC, d]"""
    first = local_midnight(f"{winter}-{SIMULATED_FROM}")
    return first, (local_midnight(f"{winter + 1}-{SIMULATED_TO}") - first) // DAY_S


def is_heat_due(time_s: Seconds) -> Mask:
    """Say which times lie in the legal season of their winter, (times,)."""
    local = (time_s + LOCAL_ZONE_S).astype("datetime64[s]")
    month = local.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (local.astype("datetime64[D]") - local.astype("datetime64[M]")).astype(np.int64) + 1
    date: npt.NDArray[np.int64] = 100 * month + day
    return np.asarray((date >= 1020) | (date < 421))
