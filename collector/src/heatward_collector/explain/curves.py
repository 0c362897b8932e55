"""The part of a season that a plot of one finding shows: its homes, their control group, when."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.suppression import Finding, Kind, Level, Network
from heatward_collector.explain.plot import Curves, median_of

HOUR_S, DAY_S = 3600, 86_400
AROUND_S = 12 * HOUR_S
"""What is shown before and after a short finding. [s]"""
AROUND_SLOW_S = 5 * DAY_S
"""The same for one that lasts for days. [s]"""
LONGEST_S = 70 * DAY_S
"""Of a longer one the beginning is shown. [s]"""
MOST_POINTS = 400
"""Of each line; beyond that neighbours are taken together."""
SLOW = (Kind.THROTTLING, Kind.LATE_START, Kind.EARLY_STOP)


def span_of(finding: Finding) -> tuple[int, int]:
    """Return [from, to) of what is shown. [s UTC]"""
    around = AROUND_SLOW_S if finding.kind in SLOW else AROUND_S
    last = max(finding.detected_s, finding.end_s or 0)
    return finding.start_s - around, min(last + around, finding.start_s + LONGEST_S)


def curves_of(
    finding: Finding,
    network: Network,
    homes: npt.NDArray[np.floating],
    outdoor: Celsius,
    start_s: int,
    slot_s: int,
) -> Curves:
    """Cut the curves of a finding out of a season.

    Parameters
    ----------
    finding : Finding
        What is to be shown.
    network : Network
        Homes and places; its homes are the columns of ``homes``.
    homes : float (slots, homes)
        Home temperatures, NaN where missing. [degC]
    outdoor : float64 (slots,)
        NaN where unknown. [degC]
    start_s, slot_s : int
        Begin of the first slot, and their width. [s]

    Returns
    -------
    Curves
        Homes of the place, and as control group the median of homes of other heat sources, else of
        other buildings.
    """
    inside = _homes_of(finding, network)
    first, last = ((moment - start_s) // slot_s for moment in span_of(finding))
    first = int(np.clip(first, 0, max(len(homes) - 2, 0)))
    last = int(np.clip(last, first + 2, len(homes)))
    rows = homes[first:last].astype(np.float64)
    each = -(-len(rows) // MOST_POINTS)
    time_s = start_s + slot_s * np.arange(first, last, each, dtype=np.int64)
    return Curves(
        time_s=time_s + slot_s * each // 2,
        homes=_thinned(rows[:, inside], each),
        fell=np.isin(np.array(network.homes)[inside], finding.affected),
        peers=_thinned(median_of(rows[:, _peers(inside, network)])[:, None], each)[:, 0],
        outdoor=_thinned(outdoor[first:last, None], each)[:, 0],
    )


def _homes_of(finding: Finding, network: Network) -> Mask:
    """Say which homes belong to the place of a finding, and which fell wherever they are."""
    fell = np.isin(network.homes, finding.affected)
    places = network.places.get(finding.level, ())
    if finding.place in places:
        return fell | network.members(finding.level, places.index(finding.place))
    return fell | np.isin(network.homes, [finding.place])


def _peers(inside: Mask, network: Network) -> Mask:
    for level in (Level.SOURCE, Level.BUILDING):
        index = network.of_home[level]
        others = ~np.isin(index, index[inside])
        if others.any():
            return np.asarray(others)
    return np.zeros(len(inside), bool)


def _thinned(values: Celsius, each: int) -> Celsius:
    """Return means of neighbours, (points, columns); NaN only where all of them are."""
    if each == 1:
        return values
    missing = -len(values) % each
    padded = np.vstack([values, np.full((missing, values.shape[1]), np.nan)])
    blocks = padded.reshape(-1, each, values.shape[1])
    count = np.isfinite(blocks).sum(axis=1)
    total = np.nansum(blocks, axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
