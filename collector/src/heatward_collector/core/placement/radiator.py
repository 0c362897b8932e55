"""A sensor at the radiator: warmer than the others, and only while the building is heated.

Its excess is a share of what the radiator gives. When the heat of the whole building goes, the
excess collapses within two hours, while a room that is simply warm cools as slowly as the others.
Without such hours nothing can be said.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.placement.doubt import Doubt, DoubtKind, strength_of
from heatward_collector.core.placement.quarters import (
    FEWEST_TOGETHER,
    QUARTERS_AN_HOUR,
    Quarters,
    middle,
    running_mean,
    shifted,
)

EXCESS = 1.5
"""Above the others, for most of the three hours before: a meal is cooked sooner. [K]"""
COLLAPSE = 0.6
"""So much of the excess goes,"""
COLLAPSE_KELVIN = 1.5
"""and at least this. [K]"""
REST = -1.0
"""It does not end further below the others: that would be an open window. [K]"""
BUILDING_FALL = 0.4
"""Median fall of the others in the same hours. [K]"""
FALLING = 0.25
"""A room falls with them by at least this. [K]"""
TOGETHER = 0.7
"""Share of the group's rooms that fall."""
NIGHT = (20.0, 8.0)
"""In the afternoon rooms of one side cool when the sun leaves them. [local h]"""
APART = 10 * QUARTERS_AN_HOUR
"""Two falls closer than this are one. [quarters]"""
FEWEST_FALLS = 5
"""Fewer may coincide with a heater or a valve of its own."""
ANSWERED = 0.7
"""Share of the building's falls, while it was warmer, in which the excess collapsed. That it also
collapses at other times proves nothing: its own valve may have closed."""


def radiators(quarters: Quarters) -> Iterator[Doubt]:
    """Yield sensors whose excess goes with the heat of their building."""
    above = running_mean(quarters.above, 5)
    own = running_mean(quarters.celsius, 5)
    before = middle(np.stack([shifted(above, by) for by in (3, 8, 14)]), 0)
    after = np.maximum(shifted(above, -7), shifted(above, -10))
    drop = shifted(own, 3) - shifted(own, -7)
    building = running_mean(quarters.others, 5)
    with np.errstate(invalid="ignore"):
        warm = before >= EXCESS
        collapsed = warm & (before - after >= np.maximum(COLLAPSE * before, COLLAPSE_KELVIN))
        collapsed &= after >= REST
        falls = shifted(building, 3) - shifted(building, -7) >= BUILDING_FALL
    falls &= _fall_together(drop, quarters) & quarters.between(*NIGHT)[:, None]
    at_once = collapsed & falls
    for room in np.flatnonzero(at_once.any(axis=0)).tolist():
        fallen = _episodes(falls[:, room] & warm[:, room])
        answered = [one for one in fallen if at_once[one[0] : one[1], room].any()]
        if len(answered) < FEWEST_FALLS or len(answered) < ANSWERED * len(fallen):
            continue
        share = len(answered) / len(fallen)
        lost = [float(np.nanmax((before - after)[slice(*one), room])) for one in answered]
        yield Doubt(
            room,
            DoubtKind.RADIATOR,
            quarters.at_s(answered[0][0]),
            quarters.at_s(answered[-1][1]),
            strength_of(float(np.median(lost)), COLLAPSE_KELVIN),
            {
                "falls_of_the_building": float(len(fallen)),
                "falls_answered_share": share,
                "excess_lost_kelvin": float(np.median(lost)),
                "above_others_kelvin": float(np.nanmedian(before[warm[:, room], room])),
            },
        )


def _fall_together(drop: Celsius, quarters: Quarters) -> Mask:
    """Say when most rooms of a room's group fall, (quarters, rooms)."""
    result = np.zeros(drop.shape, bool)
    with np.errstate(invalid="ignore"):
        falling = drop >= FALLING
    known = ~np.isnan(drop)
    for one in np.unique(quarters.group[quarters.group >= 0]).tolist():
        members = np.flatnonzero(quarters.group == one)
        here = known[:, members].sum(axis=1)
        share = falling[:, members].sum(axis=1) >= TOGETHER * here
        result[:, members] = (share & (here >= FEWEST_TOGETHER))[:, None]
    return result


def _episodes(hits: Mask) -> list[tuple[int, int]]:
    """Return [from, to) of what happens, with pauses shorter than ``APART`` bridged."""
    at = np.flatnonzero(hits)
    if not len(at):
        return []
    cuts = np.flatnonzero(np.diff(at) > APART)
    begins = at[np.concatenate([[0], cuts + 1])]
    ends = at[np.concatenate([cuts, [len(at) - 1]])] + 1
    return list(zip(begins.tolist(), ends.tolist(), strict=True))
