"""A sensor held in a hand, or before a hair dryer: warm within minutes, back within the hour.

What happens often, or again at the same hour of other days, is a household's: cooking, a bath, a
beam of sun.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.placement.doubt import Doubt, DoubtKind, Rooms, strength_of
from heatward_collector.core.placement.quarters import middle, shifted

SLOT_S = 300
"""Slots of 15 min are too wide for it. [s]"""
DAY_S = 86_400
BASE = 12
"""The hour before, whose median is what it rises from. [slots]"""
FEWEST_BEFORE = 9
"""Of them that have a reading: behind a gap a sensor may warm itself. [slots]"""
SETTLED = 0.5
"""Between the warmest and the coldest of that hour, lone values apart. [K]"""
RISE = 3.0
"""Above the hour before; a hand is 10 K and more warmer than a room, sun on a wall is not. [K]"""
WITHIN = 3
"""So soon the rise is complete: 15 min. [slots]"""
SHORTEST, LONGEST = 2, 11
"""How long it stays above half of its rise: 10 min, a spike is shorter, to 55 min. [slots]"""
BACK = 0.35
"""So much of the rise may remain afterwards."""
RARE_S = 14 * DAY_S
"""Another of the same sensor so near is a household's way. [s]"""


def hands(rooms: Rooms) -> Iterator[Doubt]:
    """Yield sensors that were warmed for minutes; none on slots of 15 min."""
    if rooms.slot_s != SLOT_S or len(rooms.celsius) <= BASE + 2 * LONGEST:
        return
    celsius = rooms.celsius
    base = _before(celsius)
    with np.errstate(invalid="ignore"):
        begins = (celsius - base >= RISE / 2) & ~(shifted(celsius, 1) - base >= RISE / 2)
        begins &= (np.fmax(shifted(celsius, -1), shifted(celsius, -2)) - base) >= RISE
    for room in np.flatnonzero(begins.any(axis=0)).tolist():
        found = [
            one
            for at in np.flatnonzero(begins[:, room]).tolist()
            if (one := _warmth(celsius[:, room], at, float(base[at, room]))) is not None
        ]
        starts = np.array([at for at, _, _ in found], np.int64) * SLOT_S
        for number, (at, slots, rise) in enumerate(found):
            others = np.abs(np.delete(starts, number) - starts[number])
            if (others < RARE_S).any():
                continue
            start_s = rooms.start_s + at * SLOT_S
            yield Doubt(
                room,
                DoubtKind.HAND_WARMED,
                start_s,
                start_s + slots * SLOT_S,
                strength_of(rise, RISE),
                {
                    "rise_kelvin": rise,
                    "minutes": slots * SLOT_S / 60,
                    "before_celsius": float(base[at, room]),
                },
            )


def _before(celsius: Celsius) -> Celsius:
    """Return the median of the hour before each slot where it was settled, else NaN. [degC]"""
    result = np.full(celsius.shape, np.nan)
    # Only where a reading stands high above the one of 15 min before is the hour looked at.
    with np.errstate(invalid="ignore"):
        steep = celsius - np.fmin(shifted(celsius, WITHIN), shifted(celsius, 1)) >= RISE / 2
    slot, room = np.nonzero(steep)
    slot, room = slot[slot >= BASE], room[slot >= BASE]
    hour = celsius[slot[:, None] - np.arange(BASE, 0, -1), room[:, None]]
    known = (~np.isnan(hour)).sum(axis=1)
    ordered = np.sort(hour, axis=1)
    spread = np.take_along_axis(ordered, np.maximum(known - 2, 0)[:, None], 1)[:, 0] - ordered[:, 1]
    settled: Mask = (known >= FEWEST_BEFORE) & (spread <= SETTLED)
    result[slot, room] = np.where(settled, middle(hour, 1), np.nan)
    return result


def _warmth(celsius: Celsius, begin: int, base: float) -> tuple[int, int, float] | None:
    """Return begin, length in slots, and height [K] of a short warmth; None for anything else."""
    after = celsius[begin : begin + 2 * LONGEST] - base
    if len(after) < 2 * LONGEST or np.isnan(after).sum() > WITHIN:
        return None
    known = np.flatnonzero(~np.isnan(after))
    peak = float(np.nanmax(after))
    low = known[after[known] < peak / 2]
    low = low[low > 0]
    if not len(low) or peak < RISE:
        return None
    slots = int(low[0])
    rises_soon = bool(np.nanmax(after[:WITHIN]) >= RISE)
    returns = bool(np.nanmedian(after[LONGEST:]) <= BACK * peak)
    again = bool((after[low[0] : LONGEST * 2][~np.isnan(after[low[0] :])] > peak * 0.6).any())
    if rises_soon and returns and not again and SHORTEST <= slots <= LONGEST:
        return begin, slots, peak
    return None
