"""A sensor near a lamp or a screen: warmed by the same amount at the same hours of most evenings.

Sun comes and goes over hours, cooking is over sooner, a heater warms the room for longer than it
takes a lamp to warm a sensor.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.placement.doubt import Doubt, DoubtKind, strength_of
from heatward_collector.core.placement.quarters import (
    QUARTERS_A_DAY,
    QUARTERS_AN_HOUR,
    Quarters,
    middle,
)

NOON = 12.0
"""Evenings are looked at from noon to noon. [local h]"""
ON = (16 - 12, 22 - 12)
"""When it is switched on. [h after noon]"""
BURNS = (1.5, 9.0)
"""How long it burns. [h]"""
STEP = 1.2
"""Least rise and fall within half an hour. [K]"""
UNEQUAL = 0.4
"""So much of the rise may be missing in the fall."""
PLATEAU = 0.6
"""So much of the rise remains, in the middle of its time."""
SAME_HOUR = 1.0
"""Most evenings begin so close to their median. [h]"""
EVENINGS = 14
FEWEST = 8
"""Of 14 evenings."""


@dataclass(frozen=True, slots=True)
class Evenings:
    """The strongest square rise of each evening, (evenings, rooms)."""

    is_square: Mask
    on: npt.NDArray[np.int64]
    """Quarters after noon."""
    off: npt.NDArray[np.int64]
    rise: Celsius
    """[K]"""


def lamps(quarters: Quarters) -> Iterator[Doubt]:
    """Yield sensors that something warms every evening; none without other rooms."""
    noons = np.flatnonzero(quarters.hour == NOON)
    noons = noons[noons + QUARTERS_A_DAY <= len(quarters.celsius)]
    if len(noons) < EVENINGS:
        return
    above = quarters.above
    evenings = evenings_of(np.stack([above[one : one + QUARTERS_A_DAY] for one in noons.tolist()]))
    for room in np.flatnonzero(evenings.is_square.sum(axis=0) >= FEWEST).tolist():
        square = np.flatnonzero(evenings.is_square[:, room])
        on = evenings.on[square, room] / QUARTERS_AN_HOUR
        alike = square[np.abs(on - np.median(on)) <= SAME_HOUR]
        near = np.searchsorted(alike, alike + EVENINGS) - np.arange(len(alike))
        if len(alike) < FEWEST or near.max() < FEWEST:
            continue
        rise = float(np.median(evenings.rise[alike, room]))
        first, last = int(alike[0]), int(alike[-1])
        yield Doubt(
            room,
            DoubtKind.LAMP,
            quarters.at_s(int(noons[first]) + int(evenings.on[first, room])),
            quarters.at_s(int(noons[last]) + int(evenings.off[last, room])),
            strength_of(rise, STEP),
            {
                "rise_kelvin": rise,
                "from_hour": NOON + float(np.median(on)),
                "burns_hours": float(
                    np.median((evenings.off - evenings.on)[alike, room]) / QUARTERS_AN_HOUR
                ),
                "evenings": float(len(alike)),
                "evenings_looked_at": float(last - first + 1),
            },
        )


def evenings_of(above: Celsius) -> Evenings:
    """Look for a rise, a plateau and a fall, float64 (evenings, quarters from noon, rooms) in."""
    nights, quarters, rooms = above.shape
    step = np.full(above.shape, np.nan)
    step[:, 3:-3] = middle(
        np.stack([above[:, 4 + lag : quarters - 2 + lag] for lag in (0, 1)]), 0
    ) - middle(np.stack([above[:, lag : quarters - 6 + lag] for lag in (1, 2)]), 0)
    filled = np.where(np.isnan(step), 0.0, step)
    first, last = (QUARTERS_AN_HOUR * hour for hour in ON)
    on = filled[:, first:last].argmax(axis=1) + first
    at = np.arange(quarters)[None, :, None]
    shortest, longest = (round(QUARTERS_AN_HOUR * hours) for hours in BURNS)
    behind = (at >= on[:, None] + shortest) & (at <= on[:, None] + longest)
    off = np.where(behind, filled, np.inf).argmin(axis=1)
    rise = np.take_along_axis(filled, on[:, None], axis=1)[:, 0]
    fall = -np.take_along_axis(filled, off[:, None], axis=1)[:, 0]
    inside = (at > on[:, None]) & (at < off[:, None])
    outside = ((at < on[:, None]) & (at >= on[:, None] - 8)) | (
        (at > off[:, None]) & (at <= off[:, None] + 8)
    )
    lift = middle(np.where(inside, above, np.nan), 1) - middle(np.where(outside, above, np.nan), 1)
    with np.errstate(invalid="ignore"):
        square = (rise >= STEP) & (fall >= STEP) & (np.abs(rise - fall) <= UNEQUAL * rise)
        square &= lift >= PLATEAU * rise
    return Evenings(square.reshape(nights, rooms), on, off, rise)
