"""The slow half as a fold over local days: levels, weather, history, and what they show.

What is carried from day to day is a value, as in the acute half. A day that is judged again after
late readings starts from the memory of the day before, and gives what it would have given had they
come in time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.suppression.by_day.heating_duty import HeatingDuty, Season
from heatward_collector.core.suppression.by_day.history import History
from heatward_collector.core.suppression.by_day.home_levels import Counts, HomeLevels, levelled
from heatward_collector.core.suppression.by_day.place_days import (
    LEVELS,
    Buildings,
    Hierarchy,
    place_days,
)
from heatward_collector.core.suppression.by_day.today import Today
from heatward_collector.core.suppression.edges.edge import Edge
from heatward_collector.core.suppression.edges.heating_state import (
    LOST_AT_END_DAYS,
    LOST_DAYS,
    HeatingState,
    heated_today,
    unheated,
)
from heatward_collector.core.suppression.edges.missing_heat import EDGE_DAYS
from heatward_collector.core.suppression.edges.season_edges import (
    is_unheated,
    is_unsteady,
    judge_edges,
)
from heatward_collector.core.suppression.findings.declared import Declaration, concerning
from heatward_collector.core.suppression.findings.finding import Finding, Kind
from heatward_collector.core.suppression.held_back.cut import DAY_S, Cut
from heatward_collector.core.suppression.held_back.looks import usual_scales
from heatward_collector.core.suppression.held_back.throttling import judge_day
from heatward_collector.core.suppression.homes.days import Day, WeatherMemory, home_day, weather_day
from heatward_collector.core.suppression.homes.network import Level, Network

WATERMARK_S = 1800
"""A day is complete so long after its end. [s] (detection.md)"""
TOUCHED_DAYS = 3
"""Days after a stop on which a home is not compared. [d] (detection.md)"""
TOUCHED_SHARE = 0.6
"""A stop has cooled all homes of a place if it touched so many of those that are heard. [1]
(project rule)"""
RECOVERY_DAYS = 4.5
"""What an acute stop or a late start has left is forgotten over so many days. [d] (simulated: what
two long stops had left fell by a fifth each day; of 3 and a half days too much was left over)"""
UNTOUCHED = 9999
STOPPED_SHARE = 0.7
"""A stop explains a cut of which it took so many homes. [1] (project rule)"""
STOP_DAYS = 3
"""A cut that begins so shortly before an early stop is its first days. [d] (project rule)"""
LAST_DAYS = 7
"""In a season's last days a stop is told sooner: later nothing is owed. [d] (project rule)"""


@dataclass(frozen=True, slots=True)
class SupplyMemory:
    """All that is carried from day to day."""

    levels: HomeLevels
    buildings: Buildings
    weather: WeatherMemory
    history: History
    states: Mapping[Level, HeatingState]
    scales: Mapping[str, Celsius]
    """How much more places wander than is usual. [1]"""
    unstopped_days: Counts
    """(homes,) whole days since a stop that is over touched a home, or its building had no heat."""
    cuts: tuple[Cut, ...] = ()
    edges: tuple[Edge, ...] = ()

    @classmethod
    def none(cls, network: Network, places: Hierarchy) -> SupplyMemory:
        """Return the memory before the first day of a season."""
        return cls(
            HomeLevels.unknown(len(network.homes)),
            Buildings.unknown(places.count(Level.BUILDING)),
            WeatherMemory.unknown(),
            History.none(places),
            {level: HeatingState.unheated(places.count(level)) for level in LEVELS},
            usual_scales(network),
            np.full(len(network.homes), UNTOUCHED, np.int64),
        )


def after_supply_day(
    memory: SupplyMemory,
    day: Day,
    network: Network,
    places: Hierarchy,
    duty: HeatingDuty,
) -> SupplyMemory:
    """Return the memory after one more local day.

    Parameters
    ----------
    memory : SupplyMemory
        As the day before left it; it is not changed.
    day : Day
        What was measured, with the homes that acute findings touched.
    network, places : Network, Hierarchy
        Homes and places, the same for all days of a memory.
    duty : HeatingDuty
        When heat is due, and how warm. Days before the season tell what people and sun give.
    """
    season = duty.season
    memory = _observed(memory, day, places, season)
    now_s = day.end_s + WATERMARK_S
    today = Today(memory.history, network, places, now_s, duty)
    given = unheated(memory.history, season.first_s)
    compares = season.may_end(day.start_s, EDGE_DAYS)
    heated = heated_today(memory.history, places, memory.states, given, compares)
    lost_days = LOST_AT_END_DAYS if season.may_end(day.start_s, LAST_DAYS) else LOST_DAYS
    states = {
        level: state.after(heated[level], lost_days) for level, state in memory.states.items()
    }
    memory = replace(memory, states=states)
    edges = judge_edges(today, memory.states, given, memory.edges)
    cuts, scales = memory.cuts, memory.scales
    if season.holds(day.start_s):
        cuts, scales = judge_day(today, cuts, scales)
    closed = (_closed(one, edges, season, day) for one in cuts)
    cuts = tuple(one for one in closed if one is not None)
    return replace(memory, edges=edges, cuts=cuts, scales=scales)


def without_past(
    memory: SupplyMemory, homes: Mask, network: Network, places: Hierarchy, now_s: int
) -> SupplyMemory:
    """Return a memory in which the past of some homes is no measure for what comes.

    Their cuts end: whether heat is held back is to be seen anew.

    Parameters
    ----------
    memory : SupplyMemory
        Until now.
    homes : bool (homes,)
        Of which the past is let go.
    network, places : Network, Hierarchy
        Homes and places.
    now_s : int
        The local midnight from which on things are different. [s UTC]
    """
    names = {network.homes[home] for home in np.flatnonzero(homes).tolist()}
    cuts = tuple(
        replace(cut, end_s=now_s)
        if cut.end_s is None and len(names & set(cut.affected)) >= STOPPED_SHARE * len(cut.affected)
        else cut
        for cut in memory.cuts
    )
    return replace(memory, history=memory.history.without_past(homes, places), cuts=cuts)


def supply_findings(
    memory: SupplyMemory, declarations: Sequence[Declaration], network: Network, now_s: int
) -> list[Finding]:
    """Return everything that is said of the supply until now, in order of time."""
    said = [
        cut.finding(concerning(declarations, network, cut.level, cut.place), now_s)
        for cut in memory.cuts
    ]
    said += [
        edge.finding(concerning(declarations, network, edge.level, edge.place))
        for edge in memory.edges
    ]
    return sorted(said, key=lambda one: (one.start_s, one.kind, one.level, one.place))


def _observed(memory: SupplyMemory, day: Day, places: Hierarchy, season: Season) -> SupplyMemory:
    """Return the memory with what a day says of homes, places and weather."""
    homes = home_day(day)
    weather, weather_today = weather_day(memory.weather, day, homes.sun)
    is_cold = season.holds(day.start_s) & is_unheated(memory.states, places)
    may_be_stopped, stopped, stopped_before = (
        _with_their_places(one, ~np.isnan(homes.median), places)
        for one in (day.is_touched, *day.was_stopped)
    )
    unstopped = np.where(stopped_before, 1, memory.unstopped_days + 1)
    unstopped = np.where(stopped | is_cold, 0, unstopped)
    untouched = np.where(may_be_stopped, 0, unstopped)
    may_vote = ~day.has_no_vote & (untouched > TOUCHED_DAYS)
    may_vote &= ~is_unsteady(memory.states, places)
    may_vote &= season.holds(day.start_s)
    levels, levelled_day = levelled(
        homes.median,
        may_vote,
        memory.levels,
        places.place[Level.BUILDING],
        places.place[Level.SOURCE],
        places.count(Level.BUILDING),
        places.count(Level.SOURCE),
    )
    recovering = np.exp(-untouched / RECOVERY_DAYS)
    buildings, of_places = place_days(levelled_day, memory.buildings, places, recovering)
    history = memory.history.after(
        day.start_s,
        homes,
        weather_today,
        levelled_day.value,
        of_places,
        ~day.has_no_vote,
        day.has_hours,
        places,
    )
    return replace(
        memory,
        levels=levels,
        buildings=buildings,
        weather=weather,
        history=history,
        unstopped_days=unstopped,
    )


def _with_their_places(is_touched: Mask, is_heard: Mask, places: Hierarchy) -> Mask:
    """Say which homes a stop has cooled, (homes,): all of a place of which it touched most.

    Floor-heated homes, and those whose windows were open, are not seen to fall within hours.
    """
    result = is_touched.copy()
    for level in LEVELS:
        group, count = places.place[level], places.count(level)
        inside = (group >= 0) & is_heard
        touched = np.bincount(group[inside & is_touched], minlength=count)
        most = touched >= TOUCHED_SHARE * np.maximum(np.bincount(group[inside], minlength=count), 1)
        result |= np.append(most, False)[group]
    return result


def _closed(cut: Cut, edges: Iterable[Edge], season: Season, day: Day) -> Cut | None:
    """End a cut with the season, or when heat goes altogether; None if it was never one.

    What looks like less heat at first and turns out to be the end of heating is an early stop.
    """
    mine = set(cut.affected)
    stops = [
        edge.start_s
        for edge in edges
        if edge.kind is Kind.EARLY_STOP
        and len(mine & set(edge.affected)) >= STOPPED_SHARE * len(mine)
    ]
    if stops and min(stops) <= cut.start_s + STOP_DAYS * DAY_S:
        return None
    if cut.end_s is not None:
        return cut
    if day.end_s >= season.last_s:
        return replace(cut, end_s=season.last_s)
    return replace(cut, end_s=min(stops)) if stops else cut
