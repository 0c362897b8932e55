"""The detector of suppressed heating on a simulated season: what is scored."""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Celsius, quality
from heatward_collector.core.suppression import Finding, Level
from heatward_collector.core.suppression.by_day.heating_duty import HeatingDuty, Season
from heatward_collector.core.suppression.homes.home_grid import (
    SLOT_S,
    HomeTemperatures,
    RoomLevels,
    home_temperatures,
    quarter_hours,
    without_stuck,
)
from heatward_collector.core.suppression.season import Grid, judge_season
from heatward_collector.score.case import SLOT_S as READING_SLOT_S
from heatward_collector.score.case import SLOTS_A_DAY, Case
from heatward_collector.simulate.calendar import is_heat_due, legal_season, local_hour
from heatward_collector.simulate.plans import winter_of

MINIMUM_CELSIUS = 20.0
"""What simulated towns owe. [degC] (Heilongjiang, from 2021-10-29)"""
EACH = SLOT_S // READING_SLOT_S


def detect(case: Case) -> list[Finding]:
    """Return what the detector says of a season."""
    return judge_season(
        grid_of(case),
        case.network,
        case.declarations,
        days_of(case),
        duty_of=lambda _: duty_of(case),
    )


def duty_of(case: Case) -> HeatingDuty:
    """Return what is owed in a simulated winter."""
    return HeatingDuty(Season(*legal_season(winter_of(case.seed))), MINIMUM_CELSIUS)


def grid_of(case: Case) -> Grid:
    """Return a season as the detector sees it, from the same steps as live and from files."""
    homes = _homes(case)
    time_s = case.start_s + SLOT_S * np.arange(len(homes), dtype=np.int64)
    return Grid(
        start_s=case.start_s,
        slot_s=SLOT_S,
        homes=homes,
        outdoor=case.outdoor[EACH - 1 :: EACH][: len(homes)],
        hour=local_hour(time_s),
        is_season=is_heat_due(time_s),
    )


def days_of(case: Case) -> list[tuple[int, int]]:
    """Return the slots [from, to) of every local day."""
    a_day = SLOTS_A_DAY // EACH
    return [(first, first + a_day) for first in range(0, len(case.raw) // EACH, a_day)]


def _homes(case: Case) -> HomeTemperatures:
    home = case.tree.room_home
    raw = quality.without_spikes(case.raw)
    rooms: Celsius = quarter_hours(raw, np.zeros(raw.shape[1]), EACH)
    building = case.network.of_home[Level.BUILDING][home]
    homes, _ = home_temperatures(
        without_stuck(rooms, building), home, len(case.tree.homes), RoomLevels.unknown(len(home))
    )
    return homes
