"""Windows: a home that falls faster than any stop of heating makes it has one open."""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Celsius, Mask

STEEP_KELVIN, STEEP_SHARE = (0.3, 0.45), (0.012, 0.020)
"""In one and two slots no stop of heating cools a room faster than this, absolutely [K] and as a
share of the distance to the outdoors: twice what a full stop does in its first quarter of an
hour."""
COARSE_KELVIN = 0.2
"""A home whose temperature moves in steps of this or more [K] has a coarse sensor: one step is no
open window, and makes noise of its own. (a DS18B20 counts in 0.0625 K)"""
LATELY_SLOTS = (5, 16)
"""Within so few slots many homes show that their sensors are fine, and within so many most of them:
others are looked at for a day."""
LEAST_CHANGE = 1e-3
"""What differs by less is the same. [K]"""
AIRING_SLOTS = 10
"""After 2.5 h the air of an aired room is back. [slots]"""


def coarse_steps(homes: Celsius) -> Celsius:
    """Return the smallest change of each home within some slots, where it is coarse, (homes,). [K]

    0 where smaller changes were seen, or none.
    """
    result = np.zeros(homes.shape[1])
    left = np.arange(homes.shape[1])
    for slots in (*LATELY_SLOTS, len(homes)):  # most homes show within hours that they are not
        near = homes[-slots:]
        change = np.abs(np.diff(near if len(left) == near.shape[1] else near[:, left], axis=0))
        is_fine = ((change > LEAST_CHANGE) & (change < COARSE_KELVIN)).any(axis=0)
        left = left[~is_fine]
    change = np.abs(np.diff(homes[:, left], axis=0))
    change[~(change > LEAST_CHANGE)] = np.inf
    smallest = change.min(axis=0, initial=np.inf)
    result[left] = np.where(np.isfinite(smallest), smallest, 0.0)
    return result


def aired_lately(homes: Celsius, delta: Celsius, slots: int, step: Celsius) -> Mask:
    """Say when a home fell too steeply for a stop of heating within the last hours."""
    near = slice(-(slots + AIRING_SLOTS - 1 + len(STEEP_KELVIN)), None)
    steep = are_steep(homes[near], delta[near], step)
    count = np.vstack([np.zeros(homes.shape[1], np.int32), np.cumsum(steep, axis=0)])
    return np.asarray(count[AIRING_SLOTS:] > count[:-AIRING_SLOTS])


def are_steep(homes: Celsius, delta: Celsius, step: Celsius) -> Mask:
    """Say when homes fell too steeply for a stop of heating.

    Parameters
    ----------
    homes : float64 (slots, homes)
        Temperatures. [degC]
    delta : float64 (slots,)
        Distance to the outdoors. [K]
    step : float64 (homes,)
        Steps of coarse sensors, else 0. [K]

    Returns
    -------
    bool (slots - 2, homes)
        Of all slots but the first ones, with which the others are compared.
    """
    steep = np.zeros((len(homes) - len(STEEP_KELVIN), homes.shape[1]), bool)
    far = delta[len(STEEP_KELVIN) :]
    for span, (kelvin, share) in enumerate(zip(STEEP_KELVIN, STEEP_SHARE, strict=True), 1):
        fall = homes[:-span] - homes[span:]
        steep |= fall[len(fall) - len(steep) :] > (np.maximum(kelvin, share * far)[:, None] + step)
    return steep
