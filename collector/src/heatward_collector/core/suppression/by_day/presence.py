"""Are there people in the homes? Rooms in which somebody airs, cooks and moves are never still.

Families of one house that leave together, and turn down their valves before they go, cool like a
house from which heat is held back. What tells them apart is small: a room that nobody enters
follows nothing but its walls, while a cold family goes on living.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Mask
from heatward_collector.core.suppression.homes.medians import quantiles_down

BEFORE_DAYS = 30
"""Days before that tell how a home is when it is lived in. [d]"""
CALM_SHARE, USUAL_SHARE = 0.1, 0.6
"""A home's calm days are its stillest tenth; on most other days it must be livelier, or its sensor
is too restless to tell. [1]"""
LIVELY = 1.6
"""On a lively day rooms move by so many times what they do on a calm one. [1] (simulated: in
two empty houses rooms moved by 0.03 to 0.09 K, in lived-in ones on most days by 0.1 to 0.5)"""
EMPTY_SHARE = 0.45
"""Homes look empty with at most this share of the lively days that homes elsewhere have. [1]
(31 simulated seasons: of 40 true cuts the stillest had 0.51 of it, of 22 falls in seasons without
a cut five had less)"""
LEAST_HOMES, LEAST_HOME_DAYS = 2, 6
"""With fewer homes, or days of all of them, that can tell nothing is said. (project rule)"""
HOMES_AT_ONCE = 8_192
"""What is asked for a home takes some 500 bytes on the way."""


@dataclass(frozen=True, slots=True)
class Presence:
    """What homes show of people in them."""

    share: float
    """Of the days of all homes, those that were lively. [1]"""
    elsewhere: float
    """The same of the other homes. [1]"""
    homes: int
    home_days: int

    @property
    def is_known(self) -> bool:
        """Whether it says anything."""
        return self.homes >= LEAST_HOMES and self.home_days >= LEAST_HOME_DAYS

    @property
    def looks_empty(self) -> bool:
        """Whether nobody seems to live there; never without evidence of it."""
        return self.is_stiller(EMPTY_SHARE)

    def is_stiller(self, share: float) -> bool:
        """Say whether there were at most so many of the lively days of homes elsewhere. [1]"""
        return self.is_known and self.share <= share * self.elsewhere

    @property
    def facts(self) -> dict[str, float | str]:
        """Return its numbers for a sentence, none where it says nothing."""
        if not self.is_known:
            return {}
        return {
            "lively_days_share": round(self.share, 2),
            "lively_elsewhere_share": round(self.elsewhere, 2),
        }


@dataclass(frozen=True, slots=True)
class Lively:
    """On which of the days from one on each home was lively."""

    is_lively: Mask
    """(days, homes) known to be."""
    is_known: Mask
    """(days, homes) whether that can be told."""
    lively_days: int
    known_days: int
    """Of all homes."""

    def of(self, inside: Mask) -> Presence:
        """Return what they tell of people in some homes, (homes,); all others stand beside them."""
        mine = np.flatnonzero(inside)
        known = self.is_known[:, mine]
        days, lively = int(known.sum()), int(self.is_lively[:, mine].sum())
        return Presence(
            _share(lively, days),
            _share(self.lively_days - lively, self.known_days - days),
            int(known.any(axis=0).sum()),
            days,
        )


def lively_days(
    stir: npt.NDArray[np.floating], first: int, homes_at_once: int = HOMES_AT_ONCE
) -> Lively:
    """Return how lively homes were on the days from one on.

    Parameters
    ----------
    stir : float (days, homes)
        How far rooms move within hours, by :attr:`HomeDay.stir`; NaN unknown. [K]
    first : int
        The first of those days; the days before it tell how homes are when they are lived in.
    homes_at_once : int
        So many are looked at together; what is said does not depend on it.
    """
    before, since = stir[max(first - BEFORE_DAYS, 0) : first], stir[first:]
    lively, known = np.zeros(since.shape, bool), np.zeros(since.shape, bool)
    if len(before) and len(since):
        for begin in range(0, stir.shape[1], homes_at_once):
            some = slice(begin, begin + homes_at_once)
            calm, usual = (
                quantiles_down(before[:, some], share) for share in (CALM_SHARE, USUAL_SHARE)
            )
            known[:, some] = ~np.isnan(since[:, some]) & (usual > LIVELY * calm)
            lively[:, some] = known[:, some] & (since[:, some] > LIVELY * calm)
    return Lively(lively, known, int(lively.sum()), int(known.sum()))


def presence(stir: npt.NDArray[np.floating], inside: Mask, first: int) -> Presence:
    """Return what the days from one on tell of people in some homes, by :func:`lively_days`.

    Parameters
    ----------
    stir : float (days, homes)
        How far rooms move within hours; NaN unknown. [K]
    inside : bool (homes,)
        The homes that are asked about; all others stand beside them.
    first : int
        The first of those days.
    """
    return lively_days(stir, first).of(inside)


def _share(lively: int, days: int) -> float:
    return float(lively / max(days, 1))
