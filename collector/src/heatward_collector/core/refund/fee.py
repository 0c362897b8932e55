"""What one day of heating costs a home."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Mask

Yuan = Celsius


@dataclass(frozen=True, slots=True)
class DayFee:
    """A day's fee of many homes, (homes,) each. [yuan]"""

    certain: Yuan
    """NaN where it is not known."""
    is_partial: Mask
    """Where the metered part is missing, so that this is the fixed part alone."""


def day_fee(yuan_per_m2: float, area_m2: Celsius, season_days: int) -> Yuan:
    """Return seasonal fee x usable area / days of that season.

    Parameters
    ----------
    yuan_per_m2 : float
        Fee of the whole season. [yuan/m2]
    area_m2 : float64 (homes,)
        Usable area, NaN where it is not known. [m2]
    season_days : int
        Days of that very season, both ends included. [d]

    Returns
    -------
    float64 (homes,)
        NaN where the area is. [yuan]

    References
    ----------
    .. [1] Harbin Urban Heating Measures: by usable area (a repost).
    """
    if season_days < 1:
        raise ValueError(f"a season of {season_days} days")
    return yuan_per_m2 * area_m2 / season_days


def two_part_day_fee(
    area_fee: Yuan,
    is_metered: Mask,
    fixed_fee: Yuan,
    heat_yuan: Yuan,
    season_days: int,
    at_most_by_area: bool = False,
) -> DayFee:
    """Return a day's fee where some homes pay a fixed part by area and the rest by meter.

    Parameters
    ----------
    area_fee : float64 (homes,)
        What the day would cost by area alone. [yuan]
    is_metered : bool (homes,)
        Homes that pay by the two-part tariff.
    fixed_fee : float64 (homes,)
        The part of a day's fee that they pay whatever the meter says. [yuan]
    heat_yuan : float64 (homes,)
        What the season's metered heat cost, NaN where no reading of the meter is known. [yuan]
    season_days : int
        Days of that season, over which the metered part is spread evenly. [d]
    at_most_by_area : bool
        Whether both parts together cost no more than by area alone.

    References
    ----------
    .. [1] Harbin's prices of the winter 2011-12, both parts and their limit: press of 2011-10-17.
    """
    if season_days < 1:
        raise ValueError(f"a season of {season_days} days")
    both = fixed_fee + np.nan_to_num(heat_yuan, nan=0.0) / season_days
    if at_most_by_area:
        both = np.minimum(both, area_fee)
    return DayFee(
        np.where(is_metered, both, area_fee), np.asarray(is_metered & np.isnan(heat_yuan))
    )
