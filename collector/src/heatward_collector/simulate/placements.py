"""What a sensor feels where it hangs: the room's air, or rather its window, radiator or lamp."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Seconds

from .calendar import HOUR_S, local_hour
from .presence import COOKING_HOURS, day_count, first_midnight
from .season import Season
from .sensing import Placement, Sensing
from .suppliers import delayed

WINDOW_SHARE = (0.05, 0.20)
"""How far a sill is on the way from the room to the outdoors."""
SILL_SUN_KELVIN = (2.0, 10.0)
RADIATOR_SHARE = (0.05, 0.20)
"""Kelvin warmer for a kelvin of heat input."""
MEAL_KELVIN = (2.0, 6.0)
MEAL_LENGTH_H = 0.8
REFRIGERATOR_KELVIN = (1.5, 4.0)
REFRIGERATOR_CYCLE_S = (1800.0, 4200.0)
LAMP_KELVIN = (2.0, 6.0)
LAMP_HOURS = (17.5, 23.0)
INNER_WALL_LAG_H = (3.0, 10.0)
Float32 = npt.NDArray[np.float32]


def placements(season: Season, sensing: Sensing, draw: np.random.Generator) -> list[Placement]:
    """Draw where each room's sensor hangs; what was asked for stands."""
    bad = [place for place in Placement if place is not Placement.GOOD]
    rooms = season.tree.rooms
    is_bad = draw.random(len(rooms)) < sensing.bad_places
    which = draw.integers(0, len(bad), len(rooms))
    return [
        sensing.placements.get(room, bad[which[index]] if is_bad[index] else Placement.GOOD)
        for index, room in enumerate(rooms)
    ]


def felt(season: Season, where: list[Placement], draw: np.random.Generator) -> Float32:
    """Return the temperature at each sensor, float32 (rooms, times). [degC]"""
    result = season.rooms.copy()
    for index, place in enumerate(where):
        own = np.random.default_rng(draw.integers(2**63))
        if place is Placement.WINDOW:
            result[index] += _window(season, index, own)
        elif place is Placement.RADIATOR:
            result[index] += own.uniform(*RADIATOR_SHARE) * season.heat[index]
        elif place is Placement.KITCHEN:
            result[index] += _kitchen(season.time_s, own)
        elif place is Placement.REFRIGERATOR:
            result[index] += _refrigerator(season.time_s, own)
        elif place is Placement.LAMP:
            first, last = LAMP_HOURS
            hour = local_hour(season.time_s)
            result[index] += own.uniform(*LAMP_KELVIN) * ((hour >= first) & (hour < last))
        elif place is Placement.INNER_WALL:
            air = result[index].astype(np.float64)
            result[index] = delayed(air, season.time_s, own.uniform(*INNER_WALL_LAG_H))
    return result


def _window(season: Season, room: int, draw: np.random.Generator) -> Float32:
    sun = season.outdoors.sun[season.fabric.facade[room]]
    towards = season.outdoor - season.rooms[room]
    return np.asarray(
        draw.uniform(*WINDOW_SHARE) * towards + draw.uniform(*SILL_SUN_KELVIN) * sun, np.float32
    )


def _kitchen(time_s: Seconds, draw: np.random.Generator) -> Float32:
    warm = np.zeros(len(time_s), dtype=np.float32)
    since_h = (time_s - first_midnight(time_s)) / HOUR_S
    for day in range(day_count(time_s)):
        for meal in COOKING_HOURS:
            start = 24.0 * day + meal + draw.normal(0.0, 0.4)
            cooking = slice(*np.searchsorted(since_h, (start, start + MEAL_LENGTH_H)))
            warm[cooking] = draw.uniform(*MEAL_KELVIN)
    return warm


def _refrigerator(time_s: Seconds, draw: np.random.Generator) -> Float32:
    """Behind it the air warms while the compressor runs, about half of each cycle."""
    phase = (time_s % draw.uniform(*REFRIGERATOR_CYCLE_S)) / REFRIGERATOR_CYCLE_S[1]
    return np.asarray(draw.uniform(*REFRIGERATOR_KELVIN) * (0.5 + 0.5 * (phase < 0.4)), np.float32)
