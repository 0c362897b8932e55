"""What measurements on site say of a sensor where it hangs: a correction with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius

INSTRUMENT_U = 0.11
"""Standard uncertainty of a certified thermometer, the same in every check with it. [K] (+-0.2 K,
taken as rectangular)"""
EACH_U = 0.31
"""What differs from check to check: the point, moving air, a quarter of an hour. [K] (project
estimate; with the instrument 0.33 K for one check and 0.21 K for three)"""
LARGEST_KELVIN = 5.0
"""A larger difference is no correction but a fault. [K]"""
WORST_RATIO = 3.0
"""Checks that lie further from their mean than so many times ``EACH_U`` contradict each other."""


@dataclass(frozen=True, slots=True)
class SiteCorrection:
    """What to add to a sensor in its room."""

    kelvin: float
    uncertainty_kelvin: float
    checks: int


def site_correction(
    differences: Celsius, instrument_u: float = INSTRUMENT_U, each_u: float = EACH_U
) -> SiteCorrection | None:
    """Return the correction that some checks ask for; None where they contradict each other.

    Parameters
    ----------
    differences : float64 (checks,)
        Certified thermometer minus calibrated sensor; NaN where the sensor said nothing. [K]
    instrument_u, each_u : float
        Standard uncertainties common to all checks, and of each alone. [K]

    Returns
    -------
    SiteCorrection or None
        None too without a difference, or where the mean is beyond ``LARGEST_KELVIN``.

    References
    ----------
    .. [1] JCGM 100:2008, 4.2 and 5.1: means of repeated observations, combined uncertainty.
    """
    known = differences[~np.isnan(differences)]
    if not len(known):
        return None
    mean = float(known.mean())
    if abs(mean) > LARGEST_KELVIN or np.abs(known - mean).max() > WORST_RATIO * each_u:
        return None
    u = float(np.sqrt(instrument_u**2 + each_u**2 / len(known)))
    return SiteCorrection(mean, u, len(known))
