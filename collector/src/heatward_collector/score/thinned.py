"""Seasons of which a part was not measured: silence must accuse nobody."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

import numpy as np

from heatward_collector.core import MISSING
from heatward_collector.score.case import SLOT_S, Case

HOUR_SLOTS = 3600 // SLOT_S
STREAM = 11
"""Of a seed's random numbers, lest they be those of the simulation."""


class Missing(StrEnum):
    """What falls silent."""

    ROOMS = "rooms"
    """Whole rooms, all winter."""
    HOURS = "hours"
    """Single hours, each room by itself."""


def thinned(case: Case, missing: Missing, share: float = 0.5) -> Case:
    """Return a case of which a share of rooms or hours, drawn by its seed, was not measured."""
    draw = np.random.default_rng([case.seed, STREAM])
    slots, rooms = case.raw.shape
    if missing is Missing.ROOMS:
        silent = np.broadcast_to(draw.random(rooms) < share, case.raw.shape)
    else:
        hours = draw.random((-(-slots // HOUR_SLOTS), rooms)) < share
        silent = np.repeat(hours, HOUR_SLOTS, axis=0)[:slots]
    return replace(case, raw=np.where(silent, np.int16(MISSING), case.raw))
