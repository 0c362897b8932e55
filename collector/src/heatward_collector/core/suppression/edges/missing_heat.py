"""Which places lack heat that is due, told by their homes: a source, a zone, or one building."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

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
from heatward_collector.core.suppression.by_day.place_days import LEVELS
from heatward_collector.core.suppression.by_day.today import Today
from heatward_collector.core.suppression.edges.edge import CLEAR_KELVIN, COOL_CELSIUS, DAY_S, Edge
from heatward_collector.core.suppression.edges.heating_state import (
    HEATED_SHARE,
    LOST_AT_END_DAYS,
    HeatingState,
    beside,
    share_of_heat,
)
from heatward_collector.core.suppression.edges.late_heat import (
    LATE_FROM_DAY,
    due_to_homes,
    lacks_heat,
)
from heatward_collector.core.suppression.edges.lost_heat import stopped_s
from heatward_collector.core.suppression.findings.finding import LEAST_HOMES, Kind
from heatward_collector.core.suppression.homes.medians import down
from heatward_collector.core.suppression.homes.network import Level

MET_DAYS = 3
"""Rooms that were as warm as is owed so lately have had heat. [d] (project rule)"""
BEFORE_DAYS, SINCE_DAYS = 6, 3
"""Days with heat before a stop, and without since, that are compared. [d]"""
SURE_DAYS = 5
"""A stop that is dated further back is judged by the weather of so many days: in a warm week heat
may lawfully fade, and its beginning is dated to the cool days before. [d] (simulated)"""
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
    _without: dict[Level, Mask] = field(default_factory=dict, repr=False, compare=False)
    """Which places have had no heat yet: told once, and asked by every late start that lasts."""

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

    def late(self, known: list[Edge], young: Iterable[Edge]) -> list[Edge]:
        """Find places to which heat has not come; ``young`` ones may still be told better."""
        due = due_to_homes(self.today, self.given, LATE_FROM_DAY)
        lack = WHOLE_KELVIN * down(due - self._shares(LATE_FROM_DAY))
        cold = {level: self._is_without(level) for level in self.states}
        found = self._found(cold, lack, Kind.LATE_START, known, young)
        return [self._edge(one, Kind.LATE_START, self.season.first_s) for one in found]

    def _is_without(self, level: Level) -> Mask:
        """Say which places have had no heat yet, (places,)."""
        if level not in self._without:
            is_unheated = self.states[level].days == 0
            lacks = lacks_heat(self.today, level, self.given)
            self._without[level] = np.asarray(is_unheated & lacks)
        return self._without[level]

    def is_clearly_late(self, level: Level, place: int) -> bool:
        """Say whether a place lacks heat on a day on which the weather allows a claim, too."""
        is_cold = bool(self._is_without(level)[place])
        return is_cold and self._allows_claim(Kind.LATE_START, level, place, self.outdoor)

    def told_today(self, edge: Edge, place: int) -> Edge:
        """Return an edge as it is told on this day, on which the weather allows a claim."""
        share, control = self._heat_shares(edge.level, place)
        return replace(
            edge,
            said_s=self.today.now_s,
            lift_kelvin=MINIMUM_CELSIUS - self.outdoor,
            outdoor_celsius=self.outdoor,
            heat_share=share,
            control_share=control,
            is_clear=True,
        )

    def _allows_claim(self, kind: Kind, level: Level, place: int, outdoor: float) -> bool:
        """Say whether somebody may be accused in such weather [degC].

        Rooms that are warm have had heat, whatever it was called.
        """
        if MINIMUM_CELSIUS - outdoor < CLEAR_KELVIN:
            return False
        return kind is Kind.EARLY_STOP or not self._is_met(level, place, MET_DAYS)

    def _is_met(self, level: Level, place: int, days: int = 1) -> bool:
        """Say whether the rooms of a place were as warm as is owed on one of the last days."""
        coldest = self.today.history.series[level].coldest[-days:, place]
        return bool((coldest >= self.today.duty.minimum).any())

    def _heat_shares(self, level: Level, place: int) -> tuple[float, float]:
        """Return what a place gets of the heat of a heated one, and the middle other source. [1]"""
        series = self.today.history.series
        share = share_of_heat(series[level].heat[-1], self.outdoor, self.given)
        sources = share_of_heat(series[Level.SOURCE].heat[-1], self.outdoor, self.given)
        control = np.delete(sources, int(self.today.places.source[level][place]))
        control = control[~np.isnan(control)]
        return float(share[place]), float(np.median(control)) if len(control) else np.nan

    def early(self, known: list[Edge], young: Iterable[Edge]) -> list[Edge]:
        """Find places from which heat has gone; ``young`` ones may still be told better."""
        lost = {
            level: (state.days == 0) & np.isin(state.cold_days, range(LOST_AT_END_DAYS, SEEN_DAYS))
            for level, state in self.states.items()
        }
        if len(self.today.history.heat) < BEFORE_DAYS + SINCE_DAYS:
            return []
        young = tuple(young)
        fell = WHOLE_KELVIN * self._fallen_shares(young)
        found = self._found(lost, fell, Kind.EARLY_STOP, known, young)
        return [self._edge(one, Kind.EARLY_STOP, self._stopped_s(one)) for one in found]

    def _stopped_s(self, found: Explanation) -> int:
        where, today = (found.level, found.place), self.today
        return stopped_s(today.history, today.places, self.given, where, SINCE_DAYS)

    def _fallen_shares(self, young: Iterable[Edge]) -> Celsius:
        """Return by how much less of the due heat homes got since than before, (homes,).

        Where some homes of a source are known to have lost heat, all of them are compared with the
        days before that. What other sources lost meanwhile, while they were heated, is no stop.
        """
        history, places = self.today.history, self.today.places
        since = self._days_since(young)
        days = min(max([SINCE_DAYS, *since.values()]) + BEFORE_DAYS, len(history.heat))
        shares = self._shares(days)
        best = beside(history, self.given, days)
        others = share_of_heat(best, history.outdoor[-days:, None], self.given)
        usual = slice(days - SINCE_DAYS - BEFORE_DAYS, days - SINCE_DAYS)
        fell, of_others = down(shares[usual]), down(others[usual])
        for source, back in since.items():
            mine = places.place[Level.SOURCE] == source
            before = slice(max(days - back - BEFORE_DAYS, 0), days - back)
            fell[mine] = down(shares[before, mine])
            of_others[source] = down(others[before, source])
        fell -= down(shares[-SINCE_DAYS + 1 :])
        of_others -= down(others[-SINCE_DAYS + 1 :])
        own = np.append(np.where(np.isnan(of_others), 0.0, of_others), 0.0)
        return np.asarray(fell - own[places.place[Level.SOURCE]])

    def _days_since(self, young: Iterable[Edge]) -> dict[int, int]:
        """Return how many of the remembered days each source has had since its first stop. [d]"""
        today = self.today
        days = today.history.start_s[-len(today.history.heat) :]
        result: dict[int, int] = {}
        for edge in young:
            place = today.network.places[edge.level].index(edge.place)
            source = int(today.places.source[edge.level][place])
            since = len(days) - int(np.searchsorted(days, edge.start_s))
            result[source] = max(since, result.get(source, SINCE_DAYS))
        return result

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
                among = which if kind is Kind.EARLY_STOP else None
                found = self._explanation(np.where(free, lack, np.nan), source, level, among)
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

    def _explanation(
        self, lack: Celsius, source: int, level: Level, among: Mapping[Level, Mask] | None
    ) -> Explanation | None:
        """Return the place that explains best who lacks heat: one that can be judged, if any."""
        for least_homes in (LEAST_HOMES, LEAST_JUDGED):
            found = best_explanation(
                lack,
                source,
                self.today.places,
                self.today.network.is_floor_heated,
                WHOLE_KELVIN * HEATED_SHARE,
                least_homes,
                level,
                among,
            )
            if found is not None:
                return found
        return None

    def _parts(self, level: Level, young: Iterable[Edge]) -> Mask:
        """Say which homes are in a smaller place that is known to lack heat, (homes,)."""
        result = np.zeros(len(self.today.network.homes), bool)
        for edge in young:
            if LEVELS.index(edge.level) > LEVELS.index(level):
                result |= self.today.members(edge.level, edge.place)
        return result

    def _coolest_since(self, start_s: int) -> float:
        """Return how cool it was on the first day without heat, or is now. [degC]

        Warm days explain nothing where heat had gone before they came.
        """
        history = self.today.history
        since_s = max(start_s, self.today.start_s - (SURE_DAYS - 1) * DAY_S)
        first = int(np.searchsorted(history.start_s, since_s))
        return float(np.fmin(history.outdoor[first], self.outdoor))

    def _edge(self, found: Explanation, kind: Kind, start_s: int) -> Edge:
        today, network = self.today, self.today.network
        share, control = self._heat_shares(found.level, found.place)
        own = int(today.places.source[found.level][found.place])
        outdoor = self.outdoor if kind is Kind.LATE_START else self._coolest_since(start_s)
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
            MINIMUM_CELSIUS - outdoor,
            outdoor,
            share,
            control,
            is_clear=is_cool and self._allows_claim(kind, found.level, found.place, outdoor),
            was_met=self._is_met(found.level, found.place),
        )
