"""How one series of a room goes with another, over some days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Mask


@dataclass(frozen=True, slots=True)
class Relation:
    """A straight line through pairs of values, each (rooms,)."""

    slope: Celsius
    correlation: Celsius
    pairs: Celsius


def relation(response: Celsius, cause: Celsius, counted: Mask) -> Relation:
    """Fit ``response`` on ``cause`` by least squares, each room for itself.

    Parameters
    ----------
    response, cause : float64 (slots, rooms)
        NaN where missing; ``cause`` may be (slots, 1).
    counted : bool (slots, rooms) or (slots, 1)
        Which pairs count.

    Returns
    -------
    Relation
        NaN where a room has fewer than two pairs or one of the two stands still.
    """
    use = counted & ~np.isnan(response) & ~np.isnan(cause)
    pairs = use.sum(axis=0).astype(np.float64)
    many = np.maximum(pairs, 1.0)

    def _centred(values: Celsius) -> Celsius:
        kept = np.where(use, values, 0.0)
        return np.where(use, kept - kept.sum(axis=0) / many, 0.0)

    one, two = _centred(response), _centred(cause)
    across, own, other = (one * two).sum(axis=0), (two * two).sum(axis=0), (one * one).sum(axis=0)
    moves = (own > 0.0) & (other > 0.0)
    slope = np.full(pairs.shape, np.nan)
    correlation = np.full(pairs.shape, np.nan)
    slope[moves] = across[moves] / own[moves]
    correlation[moves] = across[moves] / np.sqrt(own[moves] * other[moves])
    return Relation(slope, correlation, pairs)
