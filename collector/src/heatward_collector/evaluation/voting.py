"""Which rooms speak for their homes on a day, and how warm they are: what the detector looks at.

The same rooms are left out as where the standard is judged: other uses, suspended service, bad
placement. Where the grid comes from, window, ledger or file, is the caller's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.core import Celsius, Mask, quality
from heatward_collector.core.grid import HOLD_S, hold
from heatward_collector.core.grid import SLOT_S as READING_SLOT_S
from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression.homes import home_grid
from heatward_collector.core.suppression.homes.home_grid import SLOT_S, HomeTemperatures, RoomLevels
from heatward_collector.evaluation.judging import GridOf, calibration_of_day, reasons_not_judged
from heatward_collector.local_days import bounds
from heatward_collector.registry import Directory

SLOTS_AN_HOUR = 3600 // SLOT_S
_EACH = SLOT_S // READING_SLOT_S
POINTS_AT_ONCE = 8_192
"""What a point needs while its day is looked through is ten times what is kept of it."""


def room_day(directory: Directory, standard: Standard, day: date, grid_of: GridOf) -> Celsius:
    """Return quarters of an hour of a local day for every point, (slots, points). [degC]

    A value holds for its sensor's interval. NaN where a point has no reading, or no say that day.
    """
    start, end = bounds(day, ZoneInfo(standard.timezone))
    before = HOLD_S // READING_SLOT_S
    grid = grid_of(start - HOLD_S, (end - start) // READING_SLOT_S + before)
    offset, _ = calibration_of_day(directory, start, end)
    silent = ~has_say(directory, standard, day, (start + end) // 2)
    rooms = np.empty(((end - start) // SLOT_S, len(silent)))
    for first in range(0, len(silent), POINTS_AT_ONCE):
        some = slice(first, first + POINTS_AT_ONCE)
        raw = quality.without_spikes(grid[:, some])
        held = hold(raw, directory.intervals[some])[before:]
        rooms[:, some] = home_grid.quarter_hours(held, np.zeros(held.shape[1]), _EACH)
        rooms[:, some] += np.repeat(offset[:, some], SLOTS_AN_HOUR, axis=0)
    rooms[:, silent] = np.nan
    return rooms


def has_say(directory: Directory, standard: Standard, day: date, noon_s: int) -> Mask:
    """Say which points speak for their homes on a day, (points,)."""
    _, suitable = directory.placements(noon_s)
    return np.asarray(reasons_not_judged(directory, standard, day, suitable) == 0)


def home_season(directory: Directory, days: Sequence[Celsius]) -> HomeTemperatures:
    """Return the homes of consecutive days, (slots, homes), columns as in ``directory.homes``."""
    order = np.argsort(directory.point_home, kind="stable")
    order = order[directory.point_home[order] >= 0]
    home = directory.point_home[order]
    rooms = np.concatenate([day[:, order] for day in days])
    rooms = home_grid.without_stuck(rooms, directory.home_building[home])
    homes, _ = home_grid.home_temperatures(
        rooms, home, len(directory.homes), RoomLevels.unknown(len(order))
    )
    return homes
