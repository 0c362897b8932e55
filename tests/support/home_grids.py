"""Days of the watch as grids of the core, so that both can be held against each other."""

from __future__ import annotations

from datetime import date

import numpy as np

from heatward_collector.core.grid import SLOT_S as READING_SLOT_S
from heatward_collector.core.suppression.falling.falls import CONTEXT_SLOTS
from heatward_collector.core.suppression.homes.home_grid import SLOT_S
from heatward_collector.core.suppression.season import Grid
from heatward_collector.evaluation.home_days import Carried, HomeDay, HomeDays
from heatward_collector.evaluation.judging import GridOf, part_of_grid
from heatward_collector.evaluation.voting import BEFORE_S


def grid_of_day(day: HomeDay) -> Grid:
    """Return what was read of a day, behind its context."""
    read = slice(0, CONTEXT_SLOTS + day.slots)
    return Grid(
        int(day.time_s[0]),
        SLOT_S,
        day.homes[read].astype(np.float32),
        day.outdoor[read],
        day.hour[read],
        day.is_season[read],
    )


def read_at_once(
    days: HomeDays, before: Carried, day: date, grid_of: GridOf, until_s: int
) -> tuple[Grid, Carried]:
    """Return a day's slots that end by ``until_s`` behind their context, and what is carried."""
    homes = days.begin(before, day)
    start_s = homes.start_s - BEFORE_S
    raw = grid_of(start_s, (homes.end_s - start_s) // READING_SLOT_S)
    homes.go_on(part_of_grid(raw, start_s), until_s)
    return grid_of_day(homes), homes.carried()
