"""Whether an outdoor sensor measures the air: the sensors of a district against each other.

Sunshine warms one wall for some hours of some days; a wall of a heated house, a vent or a window
warms its sensor day and night. The air is the same for all, so the median of the others tells.
"""

from __future__ import annotations

from enum import Enum

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius

FEWEST_SENSORS = 3
"""Of two that differ nobody can tell which is wrong."""
FEWEST_NIGHTS = 3
NIGHT_HOURS = (0, 1, 2, 3, 4, 5)
"""Local hours without sunshine in any heating season."""
DAY_HOURS = (9, 10, 11, 12, 13, 14, 15, 16)
SUNLIT_KELVIN = 2.5
"""So much above the others within the brightest hours of the sunniest days. [K] Two uncalibrated
DS18B20 differ by up to 1 K (+-0.5 K each, datasheet)."""
SUNLIT_SHARE = 0.95
"""The share of day hours below which sunshine must lie: one sunny day in three shows."""
WARMED_KELVIN = 1.5
"""So much above the others at night, in the median. [K]"""


class OutdoorDoubt(Enum):
    """What an outdoor sensor seems to feel besides the air."""

    NONE = "none"
    SUN = "sun"
    WALL = "wall"
    UNKNOWN = "unknown"
    """Too few sensors or too few hours to compare."""


def outdoor_doubts(celsius: Celsius, local_hour: npt.NDArray[np.int64]) -> list[OutdoorDoubt]:
    """Return what each outdoor sensor of a district seems to feel.

    Parameters
    ----------
    celsius : float64 (hours, sensors)
        Hourly means, NaN where there is none. [degC]
    local_hour : int64 (hours,)
        Hour of the local day of each row, 0 to 23.

    Returns
    -------
    list of OutdoorDoubt (sensors,)
        ``WALL`` before ``SUN``: a warm wall is warm by day too.

    Raises
    ------
    ValueError
        If the axes differ in length.
    """
    if len(celsius) != len(local_hour):
        raise ValueError(f"{len(celsius)} rows of temperatures, {len(local_hour)} hours")
    night, day = np.isin(local_hour, NIGHT_HOURS), np.isin(local_hour, DAY_HOURS)
    return [_doubt(_above_others(celsius, one), night, day) for one in range(celsius.shape[1])]


def _above_others(celsius: Celsius, sensor: int) -> Celsius:
    """Return how far a sensor is above the median of the others, (hours,) [K]; NaN unknown."""
    others = np.delete(celsius, sensor, axis=1)
    comparable = np.isfinite(others).sum(axis=1) >= FEWEST_SENSORS - 1
    above = np.full(len(celsius), np.nan)
    if comparable.any():
        above[comparable] = celsius[comparable, sensor] - np.nanmedian(others[comparable], axis=1)
    return above


def _doubt(
    above: Celsius, night: npt.NDArray[np.bool_], day: npt.NDArray[np.bool_]
) -> OutdoorDoubt:
    at_night, by_day = above[night & np.isfinite(above)], above[day & np.isfinite(above)]
    if len(at_night) < FEWEST_NIGHTS * len(NIGHT_HOURS) or len(by_day) < len(at_night) // 2:
        return OutdoorDoubt.UNKNOWN
    usual = float(np.median(at_night))
    if usual >= WARMED_KELVIN:
        return OutdoorDoubt.WALL
    # Against its own night: an offset of the part is no sunshine.
    if float(np.quantile(by_day, SUNLIT_SHARE)) - usual >= SUNLIT_KELVIN:
        return OutdoorDoubt.SUN
    return OutdoorDoubt.NONE
