"""The slow half within a season: which days it folds, and what the acute half tells it of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.suppression.by_day.heating_duty import HeatingDuty, Season
from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.findings.declared import Declaration
from heatward_collector.core.suppression.findings.finding import Finding
from heatward_collector.core.suppression.held_back.cut import DAY_S
from heatward_collector.core.suppression.homes.days import Day
from heatward_collector.core.suppression.homes.home_grid import HomeTemperatures
from heatward_collector.core.suppression.homes.network import Network
from heatward_collector.core.suppression.stops.declared_hours import DeclaredHours
from heatward_collector.core.suppression.stops.episode import Episode
from heatward_collector.core.suppression.stops.touched_homes import touched_homes
from heatward_collector.core.suppression.supply import (
    WATERMARK_S,
    SupplyMemory,
    after_supply_day,
    supply_findings,
    without_past,
)

SETTLING_DAYS = 7
"""After promised hours have become others, rooms and walls take so long to find their new level.
[d] (project rule)"""


def after_slow_day(
    memory: SupplyMemory | None,
    day: Day,
    network: Network,
    places: Hierarchy,
    duty: HeatingDuty | None,
) -> SupplyMemory | None:
    """Return the memory of the slow half after a local day.

    Parameters
    ----------
    memory : SupplyMemory or None
        As the day before left it, None before the first.
    day : Day
        What was measured.
    network, places : Network, Hierarchy
        Homes and places.
    duty : HeatingDuty or None
        What is owed in this winter; where that is not known, nothing is judged.
    """
    if duty is None or not duty.covers(day.start_s):
        return memory
    memory = memory or SupplyMemory.none(network, places)
    if day.has_new_hours.any():
        memory = without_past(memory, day.has_new_hours, network, places, day.start_s)
    return after_supply_day(memory, day, network, places, duty)


def slow_day(
    start_s: int,
    end_s: int,
    celsius: HomeTemperatures,
    outdoor: Celsius,
    episodes: Iterable[Episode],
    hours: DeclaredHours | None = None,
) -> Day:
    """Return a day as the slow half sees it.

    Homes of a place that a stop has cooled are not compared for some days. What a supplier does
    every day in the hours he has declared is his homes' usual day, and with less heat than on other
    such days they are seen to fall; but where these hours have just become others, nobody is
    compared. Homes without a vote have no temperature here: both halves see the same homes.

    Parameters
    ----------
    start_s, end_s : int
        Local midnights. [s UTC]
    celsius : float32 (slots, homes)
        NaN missing. [degC]
    outdoor : float64 (slots,)
        NaN unknown. [degC]
    episodes : iterable of Episode
        Those that are known at the end of the day.
    hours : DeclaredHours or None
        The hours in which suppliers promise heat, None where nobody has declared any.
    """
    homes = celsius.shape[1]
    held, changed = _nobody(homes), _nobody(homes)
    if hours is None:
        touched = touched_homes(start_s, end_s, celsius, episodes)
    else:
        unexplained = (one for one in episodes if not hours.explain(one))
        touched = touched_homes(start_s, end_s, celsius, unexplained)
        touched = touched.also(hours.changed(end_s - SETTLING_DAYS * DAY_S, end_s))
        held |= hours.hold(end_s - 1)
        changed |= hours.changed(start_s, end_s)
    return Day(
        *(start_s, end_s, celsius, outdoor),
        is_touched=touched.today,
        has_no_vote=_nobody(homes),
        has_hours=held,
        has_new_hours=changed,
        was_stopped=touched.by_past_stops,
    )


def _season_of(duty: HeatingDuty | None) -> Season | None:
    return None if duty is None else duty.season


def _nobody(homes: int) -> Mask:
    return np.zeros(homes, bool)


@dataclass(slots=True)
class SlowFold:
    """Folds the days of a recording, which may hold several winters."""

    network: Network
    duty_of: Callable[[int], HeatingDuty | None]
    """From the local midnight that begins a day to what is owed in its winter. [s UTC]"""
    _places: Hierarchy = field(init=False)
    _memory: SupplyMemory | None = None
    _duty: HeatingDuty | None = None
    _end_s: int = 0
    _done: list[tuple[SupplyMemory, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._places = Hierarchy.of(self.network)

    def take(self, day: Day) -> None:
        """Take in the next day."""
        duty = self.duty_of(day.start_s)
        if _season_of(duty) != _season_of(self._duty):
            self._close()
        self._memory = after_slow_day(self._memory, day, self.network, self._places, duty)
        self._duty, self._end_s = duty, day.end_s

    def findings(self, declarations: Sequence[Declaration]) -> list[Finding]:
        """Return everything that is said of all winters so far."""
        held = [*self._done]
        if self._memory is not None:
            held.append((self._memory, self._end_s + WATERMARK_S))
        return [
            one
            for memory, now_s in held
            for one in supply_findings(memory, declarations, self.network, now_s)
        ]

    def _close(self) -> None:
        if self._memory is not None:
            self._done.append((self._memory, self._end_s + WATERMARK_S))
        self._memory = None
