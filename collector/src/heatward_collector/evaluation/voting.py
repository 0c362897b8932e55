"""Which rooms speak for their homes on a day, and how warm they are: what the detector looks at.

The same rooms are left out as where the standard is judged: other uses, suspended service, bad
placement. Where the grid comes from, window, ledger or file, is the caller's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask, quality
from heatward_collector.core.grid import HOLD_S, hold
from heatward_collector.core.grid import SLOT_S as READING_SLOT_S
from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression.homes import home_grid
from heatward_collector.core.suppression.homes.home_grid import SLOT_S, HomeTemperatures, RoomLevels
from heatward_collector.evaluation.judging import (
    GridOf,
    PartOf,
    calibration_of_day,
    part_of_grid,
    reasons_not_judged,
)
from heatward_collector.local_days import bounds
from heatward_collector.registry import Directory

SLOTS_AN_HOUR = 3600 // SLOT_S
_EACH = SLOT_S // READING_SLOT_S
BEFORE_S = HOLD_S
"""A day needs so much of the day before. [s]"""
SPIKE_REACH_S = quality.SPIKE_SLOTS * READING_SLOT_S
"""So far away a reading may still be a neighbour of a spike. [s]"""
POINTS_AT_ONCE = 8_192
"""What a point needs while its day is looked through is ten times what is kept of it."""


class RoomVoices:
    """What rooms say on one local day, any quarters of an hour of any of them."""

    def __init__(self, directory: Directory, standard: Standard, day: date) -> None:
        self._start, self._end = bounds(day, ZoneInfo(standard.timezone))
        self.offset, _ = calibration_of_day(directory, self._start, self._end)
        """(hours, points) calibration. [K]"""
        self._intervals = directory.intervals
        self._silent = ~has_say(directory, standard, day, (self._start + self._end) // 2)

    def quarters(self, part_of: PartOf, first: int, last: int, points: slice | Indices) -> Celsius:
        """Return the slots [first, last) of the day, (slots, points). [degC]

        They do not depend on how many are asked for at once. A value holds for its sensor's
        interval. NaN where a point has no reading, or no say that day.
        """
        begin = self._start + first * SLOT_S
        end = min(self._start + last * SLOT_S + SPIKE_REACH_S, self._end)
        # As much before as a value holds, and as a neighbour of a spike may be away; but never more
        # than the hour before the day, which is all that a day knows.
        known = max(begin - HOLD_S - SPIKE_REACH_S, self._start - HOLD_S)
        raw = part_of(known, (end - known) // READING_SLOT_S, points)
        held = hold(quality.without_spikes(raw), self._intervals[points])
        held = held[(begin - known) // READING_SLOT_S :][: (last - first) * _EACH]
        rooms = home_grid.quarter_hours(held, np.zeros(held.shape[1]), _EACH)
        hour = np.arange(first, last) // SLOTS_AN_HOUR
        rooms += self.offset[:, points][hour]
        rooms[:, self._silent[points]] = np.nan
        return rooms


def room_day(directory: Directory, standard: Standard, day: date, grid_of: GridOf) -> Celsius:
    """Return quarters of an hour of a local day for every point, (slots, points). [degC]"""
    start, end = bounds(day, ZoneInfo(standard.timezone))
    grid = grid_of(start - HOLD_S, (end - start + HOLD_S) // READING_SLOT_S)
    voices, part_of = RoomVoices(directory, standard, day), part_of_grid(grid, start - HOLD_S)
    rooms = np.empty(((end - start) // SLOT_S, len(directory.points)))
    for first in range(0, rooms.shape[1], POINTS_AT_ONCE):
        some = slice(first, first + POINTS_AT_ONCE)
        rooms[:, some] = voices.quarters(part_of, 0, len(rooms), some)
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
