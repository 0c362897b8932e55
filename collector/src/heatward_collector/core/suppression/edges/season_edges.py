"""Late start and early stop: when heat came and went, by the heat input and not by warm rooms.

A place without heat on days on which it is due is watched until heat comes; in spring a place from
which heat has gone is watched until the season's end, and nothing is said if it comes back. Which
homes lack heat tells whether it is a source, a zone or a building.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from heatward_collector.core import Mask
from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.by_day.today import Today
from heatward_collector.core.suppression.edges.edge import COOL_CELSIUS, DAY_S, Edge
from heatward_collector.core.suppression.edges.heating_state import LUKEWARM_SHARE, share_of_heat
from heatward_collector.core.suppression.edges.late_heat import LATE_FROM_DAY
from heatward_collector.core.suppression.edges.lost_heat import still_lacks
from heatward_collector.core.suppression.edges.missing_heat import (
    BEFORE_DAYS,
    EDGE_DAYS,
    Missing,
    States,
)
from heatward_collector.core.suppression.findings.finding import Kind
from heatward_collector.core.suppression.homes.network import Level

LATE_TO_DAY = 8
"""Until then a missing start is told; heat that is missed later has stopped once more. [d]"""
YOUNG_DAYS = 4
"""So long after it was said, the place of an edge is told again. [d]"""
LUKEWARM_DAYS = 4
"""Some heat has come with a day of it after which most of so many have some. [d]"""
AGAIN_DAYS = 8
"""Heat that has come and is gone within so many days had not come. [d] (project rule)"""
BACK_DAYS = 2
"""Heat that flows for so many days has come, or come back. [d]"""
TOLD_DAYS = 7
"""After so many days without heat the place of a stop is told no more. [d] (project rule)"""


def judge_edges(
    today: Today, states: States, given: float, edges: tuple[Edge, ...]
) -> tuple[Edge, ...]:
    """Judge one day.

    Parameters
    ----------
    today : Today
        The day and what surrounds it.
    states : mapping of HeatingState
        How long places have been heated, this day included.
    given : float
        What people and sun give. [K]
    edges : tuple of Edge
        What was said until yesterday.
    """
    watch = Missing(today, states, given)
    season = watch.season
    kept = [_followed(watch, edge) for edge in edges]
    result = [edge for edge in kept if edge is not None]
    if not season.holds(today.start_s):
        return tuple(result)
    day = (today.start_s - season.first_s) // DAY_S + 1
    saw_start = int(today.history.start_s[0]) <= season.first_s + DAY_S
    if LATE_FROM_DAY <= day <= LATE_TO_DAY and saw_start:
        result = _told_again(result, Kind.LATE_START, watch, watch.late)
    if today.start_s >= season.last_s - EDGE_DAYS * DAY_S:
        result = _told_again(result, Kind.EARLY_STOP, watch, watch.early)
    return tuple(result)


def _told_again(
    known: list[Edge],
    kind: Kind,
    watch: Missing,
    find: Callable[[list[Edge], list[Edge]], list[Edge]],
) -> list[Edge]:
    """Return what is said of a kind: in the first days its places may still be told better."""
    old, young = [], {}
    for edge in known:
        if edge.kind is kind and edge.lasts and _is_young(watch, edge):
            young[edge.level, edge.place] = edge
        else:
            old.append(edge)
    found = [
        _better(young.pop((new.level, new.place), new), new)
        for new in find(old, list(young.values()))
    ]
    taken = {home for edge in found for home in edge.affected}
    return old + found + [edge for edge in young.values() if not taken & set(edge.affected)]


def _better(old: Edge, new: Edge) -> Edge:
    """Return what is said of a place: the first thing, unless only the new one is sure."""
    return replace(new, start_s=old.start_s) if new.accuses and not old.accuses else old


def _is_young(watch: Missing, edge: Edge) -> bool:
    """Say whether the place of an edge may still be told better."""
    if edge.said_s <= watch.today.now_s - YOUNG_DAYS * DAY_S:
        return False
    place = watch.today.network.places[edge.level].index(edge.place)
    cold_days = int(watch.states[edge.level].cold_days[place])
    return edge.kind is Kind.LATE_START or cold_days < TOLD_DAYS


def _followed(watch: Missing, edge: Edge) -> Edge | None:
    """Return what is said of a place after one more day, or None if it is taken back."""
    place = watch.today.network.places[edge.level].index(edge.place)
    state = watch.states[edge.level]
    heated_days = int(state.days[place]) if not state.cold_days[place] else 0
    if edge.kind is Kind.EARLY_STOP:
        # In warm weather sun does as much as heat, and what has come back is not seen.
        is_seen = heated_days >= BACK_DAYS and watch.outdoor <= COOL_CELSIUS
        if edge.lasts and is_seen and not _still_lacks(watch, edge, place):
            return None
        return _ended(watch, edge, place)
    if not edge.lasts and _is_gone_again(watch, edge, place):
        edge = replace(edge, end_s=None, heat_on_s=None)
    if edge.lasts and not edge.is_clear and watch.is_clearly_late(edge.level, place):
        edge = watch.told_today(edge, place)
    if edge.lasts and state.days[place] >= BACK_DAYS:
        end_s = watch.today.start_s - (int(state.days[place]) - 1) * DAY_S
        edge = replace(edge, end_s=end_s, heat_on_s=_heat_on_s(watch, edge, place, end_s))
    return _with_standard(watch, edge, place)


def _still_lacks(watch: Missing, edge: Edge, place: int) -> bool:
    """Say whether what seems to be heat again is sun, or comes through walls."""
    today = watch.today
    return still_lacks(
        today.history,
        today.places,
        watch.given,
        (edge.level, place),
        edge.start_s,
        (BEFORE_DAYS, BACK_DAYS),
    )


def _is_gone_again(watch: Missing, edge: Edge, place: int) -> bool:
    """Say whether heat that seemed to have come was a mild day, or came through walls."""
    state = watch.states[edge.level]
    days = (watch.today.start_s - (edge.end_s or 0)) // DAY_S
    return bool(state.days[place] == 0 and state.cold_days[place] > 0 and days <= AGAIN_DAYS)


def _ended(watch: Missing, edge: Edge, place: int) -> Edge:
    if edge.lasts and not edge.is_clear and watch.outdoor <= COOL_CELSIUS:
        edge = watch.told_today(edge, place)
    if edge.lasts and watch.today.start_s + DAY_S >= watch.season.last_s:
        return replace(edge, end_s=watch.season.last_s)
    return edge


def _heat_on_s(watch: Missing, edge: Edge, place: int, end_s: int) -> int:
    """Return the day from which some heat flowed until it was enough."""
    history = watch.today.history
    rows = (history.start_s >= edge.start_s) & (history.start_s < end_s)
    heat = history.series[edge.level].heat[rows, place]
    share = share_of_heat(heat, history.outdoor[rows], watch.given)
    for day in range(len(share)):
        if share[day] >= LUKEWARM_SHARE <= np.nanmedian(share[day : day + LUKEWARM_DAYS]):
            return end_s - (len(share) - day) * DAY_S
    return end_s


def _with_standard(watch: Missing, edge: Edge, place: int) -> Edge:
    if edge.standard_reached_s is not None:
        return edge
    warmth = watch.today.history.series[edge.level].coldest[-1, place]
    if warmth >= watch.today.duty.minimum:
        return replace(edge, standard_reached_s=watch.today.start_s)
    return edge


def is_unsteady(states: States, places: Hierarchy) -> Mask:
    """Say which homes cannot be compared, (homes,): heat has not flowed there for long."""
    steady = states[Level.BUILDING].is_steady
    return np.asarray(~np.append(steady, False)[places.place[Level.BUILDING]])


def is_unheated(states: States, places: Hierarchy) -> Mask:
    """Say which homes had no heat yesterday, (homes,)."""
    without = states[Level.BUILDING].days == 0
    return np.asarray(np.append(without, False)[places.place[Level.BUILDING]])
