"""The slow half as a fold over local days: levels, weather, history and the cuts they show.

What is carried from day to day is a value, as in the acute half. A season is a loop, a running
collector takes the same step at the end of each day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius
from heatward_collector.core.suppression.cut import Cut
from heatward_collector.core.suppression.days import Day, WeatherMemory, home_day, weather_day
from heatward_collector.core.suppression.declared import Declaration
from heatward_collector.core.suppression.finding import Finding
from heatward_collector.core.suppression.history import History
from heatward_collector.core.suppression.home_levels import HomeLevels, levelled
from heatward_collector.core.suppression.looks import usual_deviations
from heatward_collector.core.suppression.network import Level, Network
from heatward_collector.core.suppression.place_days import Buildings, Hierarchy, place_days
from heatward_collector.core.suppression.throttling import Today, judge_day

WATERMARK_S = 1800
"""A day is judged so long after its end. [s]"""
SETTLED_DAYS = 3
"""After an acute finding a home has no vote on its usual level for so long. [d]"""
LONG_AGO = 99


@dataclass(frozen=True, slots=True)
class SupplyMemory:
    """What is carried from day to day."""

    levels: HomeLevels
    buildings: Buildings
    weather: WeatherMemory
    history: History
    deviations: Mapping[str, Celsius]
    """How large a day's surprise usually is, by level. [K]"""
    quiet_days: npt.NDArray[np.int64]
    """(homes,) days since an acute finding touched the home. [d]"""
    cuts: tuple[Cut, ...] = ()
    """All that were said, ended ones too."""

    @classmethod
    def none(cls, network: Network, places: Hierarchy) -> SupplyMemory:
        """Return the memory before the first day."""
        homes = len(network.homes)
        return cls(
            HomeLevels.unknown(homes),
            Buildings.unknown(places.count(Level.BUILDING)),
            WeatherMemory.unknown(),
            History.none(places),
            usual_deviations(network),
            np.full(homes, LONG_AGO, np.int64),
        )


def after_supply_day(
    memory: SupplyMemory, day: Day, network: Network, places: Hierarchy, minimum: float
) -> SupplyMemory:
    """Return the memory after one more local day.

    Parameters
    ----------
    memory : SupplyMemory
        As the day before left it; it is not changed.
    day : Day
        What was measured.
    network, places : Network, Hierarchy
        Homes and places, in both the same.
    minimum : float
        The standard. [degC]
    """
    homes = home_day(day)
    weather_memory, weather = weather_day(memory.weather, day, homes.sun)
    quiet = np.where(day.is_touched, 0, memory.quiet_days + 1)
    levels, level_day = levelled(
        homes.median,
        ~day.has_no_vote & (quiet > SETTLED_DAYS),
        memory.levels,
        places.place[Level.BUILDING],
        places.place[Level.SOURCE],
        places.count(Level.BUILDING),
        places.count(Level.SOURCE),
    )
    buildings, of_places = place_days(level_day, memory.buildings, places)
    history = memory.history.after(day.start_s, homes, weather, level_day.value, of_places, places)
    today = Today(history, network, places, day.end_s + WATERMARK_S, minimum)
    cuts, deviations = judge_day(today, memory.cuts, memory.deviations)
    return replace(
        memory,
        levels=levels,
        buildings=buildings,
        weather=weather_memory,
        history=history,
        deviations=deviations,
        quiet_days=quiet,
        cuts=cuts,
    )


def supply_findings(
    memory: SupplyMemory, declarations: Sequence[Declaration], now_s: int
) -> list[Finding]:
    """Return what is said of the supply until now, in order of time."""
    found = [cut.finding(declarations, now_s) for cut in memory.cuts]
    return sorted(found, key=lambda one: (one.start_s, one.level, one.place))
