"""What homes of other sources do at the same time: that is the weather, or the hour."""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.groups import medians, members_of
from heatward_collector.core.suppression.homes.medians import across, across_others

LEAST_CONTROL_HOMES = 4
FEW_SOURCES = 3
"""With so many the others of one are two at most, and have no median worth the name."""
LEAST_SHARED = -0.008
"""That all others warm up more than usual is believed up to this. [1/h]"""
HEATED_CELSIUS = 17.0
"""A source whose median home was colder on the day before has no heat. [degC]"""


def are_unheated(level: Celsius, source: Indices) -> Mask:
    """Say which homes lie at a source that had no heat on a day, (homes,).

    Parameters
    ----------
    level : float64 (homes,)
        Median of the day before, NaN where unknown. [degC]
    source : int32 (homes,)
        Source of each home, -1 for none.
    """
    of_source = medians(level, source, int(source.max(initial=0)) + 1)
    return np.asarray((source >= 0) & (of_source < HEATED_CELSIUS)[np.maximum(source, 0)])


def of_other_sources(rate: Celsius, source: Indices, least: float = LEAST_SHARED) -> Celsius:
    """Return what the homes of other sources do at the same time, at least ``least``. [1/h]

    A cold front, dusk and a festival's morning are the same for all; a supplier is not. Each source
    counts once, by the median of its homes; with fewer than three sources that speak, the median of
    the others is only one source, which may itself have been cut: then the smaller fall counts,
    and a rise does not.
    """
    sources = int(source.max(initial=-1)) + 1
    of_source = np.full((len(rate), max(sources, 1)), np.nan)
    for index, members in enumerate(members_of(source, sources)):
        if len(members) >= LEAST_CONTROL_HOMES:
            of_source[:, index] = across(rate[:, members])
    if sources > FEW_SOURCES:
        others = np.maximum(np.nan_to_num(across_others(of_source)), least)
    else:
        others = _smallest_of_others(of_source)
    return np.where(source >= 0, others[:, np.maximum(source, 0)], 0.0)


def _smallest_of_others(medians: Celsius) -> Celsius:
    """Return for each of a few sources the smallest fall of the others, and no rise."""
    others = np.zeros_like(medians)
    for index in range(medians.shape[1]):
        rest = np.delete(medians, index, axis=1)
        if rest.shape[1]:
            others[:, index] = np.maximum(np.nan_to_num(np.fmin.reduce(rest, axis=1)), 0.0)
    return others
