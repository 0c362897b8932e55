"""Which places lack heat that is due, told by their homes: a source, a zone, or one building."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.suppression.by_day.fallen_homes import (
    LEAK_SHARE,
    Explanation,
    best_explanation,
    reaches_beyond,
)
from heatward_collector.core.suppression.by_day.heat_input import MINIMUM_CELSIUS
from heatward_collector.core.suppression.by_day.heating_duty import Season
from heatward_collector.core.suppression.by_day.place_days import LEVELS, others
from heatward_collector.core.suppression.by_day.today import Today
from heatward_collector.core.suppression.edges.edge import CLEAR_KELVIN, COOL_CELSIUS, DAY_S, Edge
from heatward_collector.core.suppression.edges.heating_state import (
    HEATED_SHARE,
    LOST_AT_END_DAYS,
    SHARED_SHARE,
    HeatingState,
    beside,
    of_places,
    share_of_heat,
    shares_buildings,
    shares_of_heat,
)
from heatward_collector.core.suppression.findings.finding import Kind
from heatward_collector.core.suppression.homes.medians import down
from heatward_collector.core.suppression.homes.network import Level

LATE_FROM_DAY = 2
"""Days of the season at whose end a missing start is said. [d]"""
COLD_SHARE = 0.3
"""Less is no heat. [1]"""
LUKEWARM_DAYS, LESS_SHARE = 3, 0.3
"""So long it may be little heat; then a place so far behind other sources is late, too. [d] [1]"""
ZONE_LESS_SHARE = 0.1
"""A zone lies below the others of its source from this on. [1] (project rule)"""
BEFORE_DAYS, SINCE_DAYS = 6, 3
"""Days with heat before a stop, and without since, that are compared. [d]"""
SEEN_DAYS = 7
"""A stop that is not seen in its first days is none. [d]"""
LEAST_JUDGED = 3
FREE_SHARE = 0.6
"""A place is named if so many of its homes are not in a smaller one that was named before. [1]"""
EDGE_DAYS = 30
"""So near to its end a stop is the end of heating; before, it is an outage. [d]"""
WHOLE_KELVIN = 7.0
"""Shares of heat are told as falls in kelvin are: what a home without heat would lose. [K]"""

States = Mapping[Level, HeatingState]


@dataclass(frozen=True, slots=True)
class Missing:
    """Places that lack heat today."""

    today: Today
    states: States
    given: float

    @property
    def season(self) -> Season:
        """When heat is due."""
        return self.today.duty.season

    @property
    def outdoor(self) -> float:
        """Return the outdoor mean of the day. [degC]"""
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
        share = shares_of_heat(history, level, LUKEWARM_DAYS, self.given)
        sources = shares_of_heat(history, Level.SOURCE, LUKEWARM_DAYS, self.given)
        control = others(down(sources)[None])[0]
        control = np.append(control, np.nan)[self.today.places.source[level]]
        days = LUKEWARM_DAYS if level is Level.ZONE else LUKEWARM_DAYS - 1
        due = self.today.start_s - self.season.first_s >= days * DAY_S
        with np.errstate(invalid="ignore"):
            is_cold = down(share[-LATE_FROM_DAY:]) < COLD_SHARE
            least, control = self._least(level, down(share), control)
            is_less = (np.fmax(down(share), share[-1]) < least) & (
                control - down(share) >= LESS_SHARE
            )
        return np.asarray(is_cold | (is_less & due))

    def _least(self, level: Level, share: Celsius, control: Celsius) -> tuple[Celsius, Celsius]:
        """Return from which share on places are not late, and what they are held against.

        A zone without heat takes some from the homes around it: where it lies below the other zones
        of its buildings, it is held against the best sources.
        """
        least = np.full(len(share), HEATED_SHARE)
        if level is not Level.ZONE:
            return least, control
        history, places = self.today.history, self.today.places
        best = of_places(beside(history, self.given, LUKEWARM_DAYS), places, level)
        best = share_of_heat(best, history.outdoor[-len(best) :, None], self.given)
        own = np.full(places.count(Level.SOURCE) + 1, -np.inf)
        np.fmax.at(own, places.source[level], share)
        shared = shares_buildings(places) & (own[places.source[level]] - share >= ZONE_LESS_SHARE)
        control = np.where(shared, np.fmax(control, down(best)), control)
        warm = SHARED_SHARE * np.minimum(control, 1.0)
        return np.where(shared, np.fmax(least, warm), least), control

    def early(self, known: list[Edge], young: Iterable[Edge]) -> list[Edge]:
        """Find places from which heat has gone; ``young`` ones may still be told better."""
        lost = {
            level: (state.days == 0) & np.isin(state.cold_days, range(LOST_AT_END_DAYS, SEEN_DAYS))
            for level, state in self.states.items()
        }
        if len(self.today.history.heat) < BEFORE_DAYS + SINCE_DAYS:
            return []
        fell = WHOLE_KELVIN * self._fallen_shares(BEFORE_DAYS + SINCE_DAYS)
        found = self._found(lost, fell, Kind.EARLY_STOP, known, young)
        return [self._edge(one, Kind.EARLY_STOP, self._stopped_s(one)) for one in found]

    def _fallen_shares(self, days: int) -> Celsius:
        """Return by how much less of the due heat homes got since than before, (homes,).

        What other sources lost meanwhile, while they were heated, is no stop.
        """
        history, places = self.today.history, self.today.places
        shares = self._shares(days)
        best = beside(history, self.given, days)
        others = share_of_heat(best, history.outdoor[-days:, None], self.given)
        fell = down(shares[:-SINCE_DAYS]) - down(shares[-SINCE_DAYS + 1 :])
        of_others = down(others[:-SINCE_DAYS]) - down(others[-SINCE_DAYS + 1 :])
        own = np.append(np.where(np.isnan(of_others), 0.0, of_others), 0.0)
        return np.asarray(fell - own[places.place[Level.SOURCE]])

    def _found(
        self,
        which: Mapping[Level, Mask],
        lack: Celsius,
        kind: Kind,
        known: Iterable[Edge],
        young: Iterable[Edge] = (),
    ) -> list[Explanation]:
        """Return the places whose homes lack heat, each home in one of them only."""
        today, free = self.today, ~np.isnan(lack)
        for edge in known:
            if edge.kind is kind:
                free &= ~today.members(edge.level, edge.place)
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
                    which if kind is Kind.EARLY_STOP else None,
                )
                if found is None or not which[found.level][found.place]:
                    continue
                inside = today.places.place[found.level] == found.place
                parts = self._parts(found.level, young)
                if not reaches_beyond(lack, inside, parts, LEAK_SHARE):
                    continue  # for days homes beside a part lose heat through its walls
                if found.judged >= FREE_SHARE * (inside & ~np.isnan(lack)).sum():
                    free &= ~inside
                    result.append(found)
        return result

    def _parts(self, level: Level, young: Iterable[Edge]) -> Mask:
        """Say which homes are in a smaller place that is known to lack heat, (homes,)."""
        result = np.zeros(len(self.today.network.homes), bool)
        for edge in young:
            if LEVELS.index(edge.level) > LEVELS.index(level):
                result |= self.today.members(edge.level, edge.place)
        return result

    def _stopped_s(self, found: Explanation) -> int:
        """Return the first day without heat: where two levels fit the last days best."""
        window = BEFORE_DAYS + SINCE_DAYS
        history = self.today.history
        heat = history.series[found.level].heat[-window:, found.place]
        others_heat = of_places(
            beside(history, self.given, window), self.today.places, found.level
        )[:, found.place]
        if not np.isnan(others_heat).any():
            heat = heat - others_heat
        least, days = np.inf, SINCE_DAYS
        for since in range(1, BEFORE_DAYS):
            left = sum(
                float(np.nansum((part - np.nanmean(part)) ** 2))
                for part in (heat[:-since], heat[-since:])
                if (~np.isnan(part)).any()
            )
            if left < least:
                least, days = left, since
        return self.today.start_s - (days - 1) * DAY_S

    def _coolest_since(self, start_s: int) -> float:
        """Return how cool it was on the first day without heat, or is now. [degC]

        Warm days explain nothing where heat had gone before they came.
        """
        history = self.today.history
        first = int(np.searchsorted(history.start_s, start_s))
        return float(np.fmin(history.outdoor[first], self.outdoor))

    def _edge(self, found: Explanation, kind: Kind, start_s: int) -> Edge:
        today, network = self.today, self.today.network
        series = today.history.series
        share = share_of_heat(series[found.level].heat[-1], self.outdoor, self.given)
        sources = share_of_heat(series[Level.SOURCE].heat[-1], self.outdoor, self.given)
        own = int(today.places.source[found.level][found.place])
        control = np.delete(sources, own)
        control = control[~np.isnan(control)]
        outdoor = self.outdoor if kind is Kind.LATE_START else self._coolest_since(start_s)
        lift = MINIMUM_CELSIUS - outdoor
        homes = [network.homes[home] for home in found.fallen.tolist()]
        buildings = np.unique(network.of_home[Level.BUILDING][found.fallen])
        members = int((today.places.place[found.level] == found.place).sum())
        goes_on = not np.isnan(beside(today.history, self.given, 1)[0, own])
        is_cool = kind is Kind.LATE_START or outdoor <= COOL_CELSIUS or goes_on
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
            outdoor,
            float(share[found.place]),
            float(np.median(control)) if len(control) else np.nan,
            is_clear=lift >= CLEAR_KELVIN and is_cool,
            was_met=bool(series[found.level].coldest[-1, found.place] >= today.duty.minimum),
        )
