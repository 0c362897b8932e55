"""Late start and early stop: when heat came and went, by the heat input and not by warm rooms.

A place without heat on days on which it is due is watched until heat comes; in spring a place from
which heat has gone is watched until the season's end, and nothing is said if it comes back. Which
homes lack heat tells whether it is a source, a zone or a building.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.suppression.edge import CLEAR_KELVIN, COOL_CELSIUS, DAY_S, Edge
from heatward_collector.core.suppression.fallen_homes import Explanation, best_explanation
from heatward_collector.core.suppression.finding import Kind
from heatward_collector.core.suppression.heat_input import MINIMUM_CELSIUS
from heatward_collector.core.suppression.heating_state import (
    HEATED_SHARE,
    LOST_DAYS,
    LUKEWARM_SHARE,
    HeatingState,
    share_of_heat,
)
from heatward_collector.core.suppression.medians import down
from heatward_collector.core.suppression.network import Level, Network
from heatward_collector.core.suppression.place_days import LEVELS, Hierarchy, others
from heatward_collector.core.suppression.throttling import Today

LATE_FROM_DAY, LATE_TO_DAY = 2, 45
"""Days of the season at whose end a missing start is said. [d]"""
COLD_SHARE = 0.3
"""Less is no heat. [1]"""
LUKEWARM_DAYS, LESS_SHARE = 4, 0.3
"""So long it may be little heat; then a place so far behind other sources is late, too. [d] [1]"""
EARLY_DAYS = 45
"""Only so near to the season's end a stop is the end of heating; before, it is an outage. [d]"""
YOUNG_DAYS = 4
"""So long after it was said, the place of an edge is told again. [d]"""
BEFORE_DAYS, SINCE_DAYS = 6, 3
"""Days with heat before a stop, and without since, that are compared. [d]"""
SEEN_DAYS = 7
"""A stop that is not seen in its first days is none. [d]"""
BACK_DAYS = 2
"""Heat that flows for so many days has come, or come back. [d]"""
LEAST_JUDGED = 3
WHOLE_KELVIN = 7.0
"""Shares of heat are told as falls in kelvin are: what a home without heat would lose. [K]"""

States = Mapping[Level, HeatingState]


@dataclass(frozen=True, slots=True)
class Season:
    """When heat is due."""

    first_s: int
    """First local midnight of the season. [s UTC]"""
    last_s: int
    """The midnight after its last day. [s UTC]"""

    def holds(self, time_s: int) -> bool:
        return self.first_s <= time_s < self.last_s


def judge_edges(
    today: Today, season: Season, states: States, given: float, edges: tuple[Edge, ...]
) -> tuple[Edge, ...]:
    """Judge one day.

    Parameters
    ----------
    today : Today
        The day and what surrounds it.
    season : Season
        When heat is due.
    states : mapping of HeatingState
        How long places have been heated, this day included.
    given : float
        What people and sun give. [K]
    edges : tuple of Edge
        What was said until yesterday.
    """
    watch = _Watch(today, season, states, given)
    kept = [watch.followed(edge) for edge in edges]
    result = [edge for edge in kept if edge is not None]
    if not season.holds(today.start_s):
        return tuple(result)
    day = (today.start_s - season.first_s) // DAY_S + 1
    saw_start = int(today.history.start_s[0]) <= season.first_s + DAY_S
    if LATE_FROM_DAY <= day <= LATE_TO_DAY and saw_start:
        result = _told_again(result, Kind.LATE_START, today, watch.late)
    if today.start_s >= season.last_s - EARLY_DAYS * DAY_S:
        result = _told_again(result, Kind.EARLY_STOP, today, watch.early)
    return tuple(result)


def _told_again(
    known: list[Edge], kind: Kind, today: Today, find: Callable[[list[Edge]], list[Edge]]
) -> list[Edge]:
    """Return what is said of a kind: in the first days its places may still be told better."""
    young_s = today.now_s - YOUNG_DAYS * DAY_S
    old, young = [], {}
    for edge in known:
        if edge.kind is kind and edge.lasts and edge.said_s > young_s:
            young[edge.level, edge.place] = edge
        else:
            old.append(edge)
    found = [young.pop((new.level, new.place), new) for new in find(old)]
    taken = {home for edge in found for home in edge.affected}
    return old + found + [edge for edge in young.values() if not taken & set(edge.affected)]


@dataclass(frozen=True, slots=True)
class _Watch:
    today: Today
    season: Season
    states: States
    given: float

    @property
    def outdoor(self) -> float:
        return float(self.today.history.outdoor[-1])

    def _shares(self, days: int) -> Celsius:
        """Return how far homes are from unheated to heated on the last days, (days, homes)."""
        history = self.today.history
        return share_of_heat(history.heat[-days:], history.outdoor[-days:, None], self.given)

    def late(self, known: list[Edge]) -> list[Edge]:
        """Find places to which heat has not come."""
        lack = WHOLE_KELVIN * (1.0 - down(self._shares(LATE_FROM_DAY)))
        cold = {
            level: (state.days == 0) & self._is_cold(level) for level, state in self.states.items()
        }
        found = self._found(cold, lack, Kind.LATE_START, known)
        return [self._edge(one, Kind.LATE_START, self.season.first_s) for one in found]

    def _is_cold(self, level: Level) -> Mask:
        """Say which places get next to no heat, or for days clearly less than other sources."""
        history = self.today.history
        rows = slice(-LUKEWARM_DAYS, None)
        outdoor = history.outdoor[rows, None]
        share = share_of_heat(history.series[level].heat[rows], outdoor, self.given)
        sources = share_of_heat(history.series[Level.SOURCE].heat[rows], outdoor, self.given)
        beside = others(down(sources)[None])[0]
        beside = np.append(beside, np.nan)[self.today.places.source[level]]
        due = self.today.start_s - self.season.first_s >= (LUKEWARM_DAYS - 1) * DAY_S
        with np.errstate(invalid="ignore"):
            is_cold = down(share[-LATE_FROM_DAY:]) < COLD_SHARE
            is_less = (down(share) < HEATED_SHARE) & (beside - down(share) >= LESS_SHARE)
        return np.asarray(is_cold | (is_less & due))

    def early(self, known: list[Edge]) -> list[Edge]:
        """Find places from which heat has gone."""
        lost = {
            level: (state.days == 0) & np.isin(state.cold_days, range(LOST_DAYS, SEEN_DAYS))
            for level, state in self.states.items()
        }
        if len(self.today.history.heat) < BEFORE_DAYS + SINCE_DAYS:
            return []
        shares = self._shares(BEFORE_DAYS + SINCE_DAYS)
        fell = WHOLE_KELVIN * (down(shares[:-SINCE_DAYS]) - down(shares[-SINCE_DAYS + 1 :]))
        found = self._found(lost, fell, Kind.EARLY_STOP, known)
        return [self._edge(one, Kind.EARLY_STOP, self._stopped_s(one)) for one in found]

    def followed(self, edge: Edge) -> Edge | None:
        """Return what is said of a place after one more day, or None if it is taken back."""
        place = self.today.network.places[edge.level].index(edge.place)
        state = self.states[edge.level]
        heated_days = int(state.days[place]) if not state.cold_days[place] else 0
        if edge.kind is Kind.EARLY_STOP:
            if edge.lasts and heated_days >= BACK_DAYS:
                return None
            return self._ended(edge)
        if edge.lasts and state.days[place] >= BACK_DAYS:
            end_s = self.today.start_s - (int(state.days[place]) - 1) * DAY_S
            edge = replace(edge, end_s=end_s, heat_on_s=self._heat_on_s(edge, place, end_s))
        return self._with_standard(edge, place)

    def _ended(self, edge: Edge) -> Edge:
        if edge.lasts and not edge.is_clear and self.outdoor <= COOL_CELSIUS:
            edge = replace(edge, is_clear=True, said_s=self.today.now_s)
        if edge.lasts and self.today.start_s + DAY_S >= self.season.last_s:
            return replace(edge, end_s=self.season.last_s)
        return edge

    def _heat_on_s(self, edge: Edge, place: int, end_s: int) -> int:
        """Return the day from which some heat flowed until it was enough."""
        history = self.today.history
        rows = (history.start_s >= edge.start_s) & (history.start_s < end_s)
        heat = history.series[edge.level].heat[rows, place]
        share = share_of_heat(heat, history.outdoor[rows], self.given)
        lukewarm = share[::-1] >= LUKEWARM_SHARE
        days = len(lukewarm) if lukewarm.all() else int(np.argmin(lukewarm))
        return end_s - days * DAY_S

    def _with_standard(self, edge: Edge, place: int) -> Edge:
        if edge.standard_reached_s is not None:
            return edge
        warmth = self.today.history.series[edge.level].coldest[-1, place]
        if warmth >= self.today.minimum:
            return replace(edge, standard_reached_s=self.today.start_s)
        return edge

    def _found(
        self, which: Mapping[Level, Mask], lack: Celsius, kind: Kind, known: Iterable[Edge]
    ) -> list[Explanation]:
        """Return the places whose homes lack heat, each home in one of them only."""
        today, free = self.today, ~np.isnan(lack)
        for edge in known:
            if edge.kind is kind:
                free &= ~_homes_of(today.network, edge.level, edge.place)
        result: list[Explanation] = []
        for level in LEVELS:
            for place in np.flatnonzero(which[level]).tolist():
                source = int(today.places.source[level][place])
                if source < 0:
                    continue
                found = best_explanation(
                    np.where(free, lack, np.nan),
                    source,
                    today.places,
                    today.network.is_floor_heated,
                    WHOLE_KELVIN * HEATED_SHARE,
                    LEAST_JUDGED,
                    level,
                )
                if found is not None and which[found.level][found.place]:
                    free &= today.places.place[found.level] != found.place
                    result.append(found)
        return result

    def _stopped_s(self, found: Explanation) -> int:
        """Return the first day without heat: where two levels fit the last days best."""
        heat = self.today.history.series[found.level].heat[-BEFORE_DAYS - SINCE_DAYS :, found.place]
        best, days = np.inf, SINCE_DAYS
        for since in range(1, BEFORE_DAYS):
            left = sum(
                float(np.nansum((part - np.nanmean(part)) ** 2))
                for part in (heat[:-since], heat[-since:])
                if (~np.isnan(part)).any()
            )
            if left < best:
                best, days = left, since
        return self.today.start_s - (days - 1) * DAY_S

    def _edge(self, found: Explanation, kind: Kind, start_s: int) -> Edge:
        today, network = self.today, self.today.network
        series = today.history.series
        share = share_of_heat(series[found.level].heat[-1], self.outdoor, self.given)
        sources = share_of_heat(series[Level.SOURCE].heat[-1], self.outdoor, self.given)
        own = int(today.places.source[found.level][found.place])
        beside = np.delete(sources, own)
        beside = beside[~np.isnan(beside)]
        lift = MINIMUM_CELSIUS - self.outdoor
        homes = [network.homes[home] for home in found.fallen.tolist()]
        buildings = np.unique(network.of_home[Level.BUILDING][found.fallen])
        members = int((today.places.place[found.level] == found.place).sum())
        is_cool = kind is Kind.LATE_START or self.outdoor <= COOL_CELSIUS
        return Edge(
            kind,
            found.level,
            network.places[found.level][found.place],
            start_s,
            today.now_s,
            tuple(homes),
            tuple(network.places[Level.BUILDING][one] for one in buildings.tolist() if one >= 0),
            found.judged,
            members - found.judged,
            lift,
            self.outdoor,
            float(share[found.place]),
            float(np.median(beside)) if len(beside) else np.nan,
            is_clear=lift >= CLEAR_KELVIN and is_cool,
            was_met=bool(series[found.level].coldest[-1, found.place] >= today.minimum),
        )


def _homes_of(network: Network, level: Level, place: str) -> Mask:
    return np.asarray(network.of_home[level] == network.places[level].index(place))


def is_unsteady(states: States, places: Hierarchy) -> Mask:
    """Say which homes cannot be compared, (homes,): heat has not flowed there for long."""
    steady = states[Level.BUILDING].is_steady
    return np.asarray(~np.append(steady, False)[places.place[Level.BUILDING]])
