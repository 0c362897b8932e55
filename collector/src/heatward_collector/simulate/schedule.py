"""A season of suppression drawn from a seed: spread in kind, severity, duration, hour and level.

The schedule knows nothing of how any event is found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from heatward_collector.core.suppression import Declaration, Kind, Level

from .calendar import DAY_S, HOUR_S
from .declared import announced, regime
from .events import Cause, Event
from .severity import Draw, drawn, edge_residual
from .tree import Tree

APART_S = 4 * DAY_S
"""Least time between two events of one source. [s]"""
MEAN_GAP_S = 30 * DAY_S
"""Mean of the further, exponential time between them. [s]"""
LOCAL_SHARE = 1 / 3
"""Share of events at building or zone level."""
KIND_SHARES = {
    Kind.OUTAGE: 0.40,
    Kind.NIGHT_INTERRUPTION: 0.20,
    Kind.STOP_START: 0.18,
    Kind.THROTTLING: 0.22,
}
LATE_SHARE = EARLY_SHARE = 0.75
"""Share of sources that start late, and that stop early."""
EDGE_DAYS = (2.0, 12.0)
FLOOR_WEIGHT = 0.3
"""How often a floor-heated zone or building is chosen beside one with radiators."""
REGIME_TOWNS, SHORTAGE_TOWNS, REPAIR_TOWNS, CAPPED_TOWNS = 0.20, 0.15, 0.35, 0.15
AFTERWARDS_TOWNS, POLLUTION_TOWNS, POWER_CUT_TOWNS = 0.12, 0.15, 0.20
REGIMES = (((5.0, 11.0), (16.0, 22.0)), ((4.0, 10.0), (15.0, 21.0)))
"""Declared intermittent firing, 2 x 6 h a day in local hours."""


def scheduled(
    tree: Tree, from_s: int, to_s: int, draw: Draw
) -> tuple[tuple[Event, ...], tuple[Declaration, ...]]:
    """Return the events of a legal season [from, to) in order of their start, and what was said."""
    schedule = _Schedule(tree, draw, from_s, to_s)
    schedule.fill()
    ordered = sorted(schedule.events, key=lambda event: (event.start_s, event.place))
    return tuple(ordered), tuple(schedule.declarations)


@dataclass
class _Schedule:
    """A season being filled; every source remembers when it is taken."""

    tree: Tree
    draw: Draw
    legal_from_s: int
    legal_to_s: int
    events: list[Event] = field(default_factory=list)
    declarations: list[Declaration] = field(default_factory=list)
    taken: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def fill(self) -> None:
        """Put the rare and long things first, then fill the rest of each source's season."""
        self.taken = {source: [] for source in self.tree.places(Level.SOURCE)}
        if self.draw.random() < SHORTAGE_TOWNS:
            self._shortage()
        elif self.draw.random() < REGIME_TOWNS:
            self._regime()
        if self.draw.random() < CAPPED_TOWNS:
            self._cap_from_the_start()
        self._edges()
        for share, put in (
            (REPAIR_TOWNS, self._repair),
            (AFTERWARDS_TOWNS, self._repair_declared_afterwards),
            (POLLUTION_TOWNS, self._pollution),
            (POWER_CUT_TOWNS, self._power_cut),
        ):
            if self.draw.random() < share:
                self._try_somewhere(put)
        for source in self.taken:
            self._ordinary(source)

    def _is_free(self, source: str, begin: int, end: int) -> bool:
        within = self.legal_from_s <= begin and end <= self.legal_to_s
        return within and all(
            end + APART_S <= other or begin >= last + APART_S for other, last in self.taken[source]
        )

    def _take(self, source: str, event: Event) -> bool:
        if not self._is_free(source, event.start_s, event.end_s):
            return False
        self.taken[source].append((event.start_s, event.end_s))
        self.events.append(event)
        return True

    def _regime(self) -> None:
        source = str(self.draw.choice(list(self.taken)))
        hours = REGIMES[int(self.draw.integers(len(REGIMES)))]
        event, said = regime(source, self.legal_from_s, self.legal_to_s, hours)
        self._take(source, event)
        self.declarations.append(said)

    def _cap_from_the_start(self) -> None:
        source = str(self.draw.choice(list(self.taken)))
        end = self.legal_from_s + int(self.draw.uniform(50.0, 110.0)) * DAY_S
        cap = round(float(self.draw.uniform(23.0, 30.0)), 2)
        capped = Event(
            *(Kind.THROTTLING, Level.SOURCE, source, self.legal_from_s, end), cap_kelvin=cap
        )
        self._take(source, capped)

    def _edges(self) -> None:
        for source in self.taken:
            for share, kind in ((LATE_SHARE, Kind.LATE_START), (EARLY_SHARE, Kind.EARLY_STOP)):
                if self.draw.random() < share:
                    length = int(self.draw.uniform(*EDGE_DAYS) * DAY_S) // HOUR_S * HOUR_S
                    late = kind is Kind.LATE_START
                    begin = self.legal_from_s if late else self.legal_to_s - length
                    residual = edge_residual(self.draw)
                    where = self._place(source)
                    self._take(source, Event(kind, *where, begin, begin + length, residual))

    def _shortage(self) -> None:
        begin = self._moment(50.0, 110.0)
        end = begin + int(self.draw.uniform(7.0, 20.0) * DAY_S)
        residual = float(self.draw.uniform(0.75, 0.92))
        for source in self.taken:
            cut = Event(Kind.THROTTLING, Level.SOURCE, source, begin, end, residual)
            self._take(source, replace(cut, cause=Cause.SHORTAGE))

    def _try_somewhere(self, put: Callable[[str, int], bool]) -> None:
        for _ in range(8):
            if put(str(self.draw.choice(list(self.taken))), self._moment(15.0, 160.0)):
                return

    def _repair(self, source: str, begin: int) -> bool:
        end = begin + int(self.draw.uniform(4.0, 24.0) * HOUR_S)
        level, place = self._place(source, without_buildings=True)
        event = Event(Kind.OUTAGE, level, place, begin, end, cause=Cause.REPAIR)
        return self._announce(source, event, begin - int(self.draw.uniform(6, 48) * HOUR_S))

    def _repair_declared_afterwards(self, source: str, begin: int) -> bool:
        end = begin + int(self.draw.uniform(5.0, 20.0) * HOUR_S)
        level, place = self._place(source, without_buildings=True)
        event = Event(Kind.OUTAGE, level, place, begin, end, cause=Cause.REPAIR)
        return self._announce(source, event, begin + int(self.draw.uniform(2, 20) * HOUR_S))

    def _pollution(self, source: str, begin: int) -> bool:
        midnight = begin - (begin - self.legal_from_s) % DAY_S
        end = midnight + int(self.draw.integers(1, 4)) * DAY_S
        event = Event(
            *(Kind.NIGHT_INTERRUPTION, Level.SOURCE, source, midnight, end),
            residual=float(self.draw.uniform(0.0, 0.3)),
            hours_off=(float(self.draw.uniform(2.0, 5.0)), float(self.draw.uniform(8.0, 10.0))),
            cause=Cause.POLLUTION,
        )
        return self._announce(source, event, midnight - 8 * HOUR_S)

    def _power_cut(self, source: str, begin: int) -> bool:
        end = begin + int(self.draw.uniform(1.0, 6.0) * HOUR_S)
        buildings = self.tree.below(Level.SOURCE, source, Level.BUILDING)
        place = str(self.draw.choice(buildings))
        event = Event(Kind.OUTAGE, Level.BUILDING, place, begin, end, cause=Cause.POWER_CUT)
        return self._take(source, event)

    def _announce(self, source: str, event: Event, recorded_s: int) -> bool:
        labelled, said = announced(event, recorded_s)
        if not self._take(source, labelled):
            return False
        self.declarations.extend(said)
        return True

    def _ordinary(self, source: str) -> None:
        at = self.legal_from_s + int(self.draw.exponential(MEAN_GAP_S))
        kinds, shares = list(KIND_SHARES), list(KIND_SHARES.values())
        while at < self.legal_to_s:
            kind = kinds[int(self.draw.choice(len(kinds), p=shares))]
            event = drawn(kind, self._place(source), at, self.draw)
            at += DAY_S
            if self._take(source, event):
                at = event.end_s + APART_S + int(self.draw.exponential(MEAN_GAP_S))

    def _moment(self, first_day: float, last_day: float) -> int:
        whole = int(self.draw.uniform(first_day, last_day) * DAY_S)
        return self.legal_from_s + whole // 300 * 300

    def _place(self, source: str, without_buildings: bool = False) -> tuple[Level, str]:
        """Draw where an event acts: mostly everywhere, a third of the time at one place below."""
        if self.draw.random() < LOCAL_SHARE:
            level = Level.ZONE if without_buildings or self.draw.random() < 0.5 else Level.BUILDING
            places = self.tree.below(Level.SOURCE, source, level)
            weight = np.array([FLOOR_WEIGHT if self._is_floor(level, x) else 1.0 for x in places])
            return level, str(self.draw.choice(places, p=weight / weight.sum()))
        stations = self.tree.below(Level.SOURCE, source, Level.SUBSTATION)
        if len(stations) > 1 and self.draw.random() < 0.5 and not without_buildings:
            return Level.SUBSTATION, str(self.draw.choice(stations))
        return Level.SOURCE, source

    def _is_floor(self, level: Level, place: str) -> bool:
        homes = self.tree.homes_at(level, place)
        return all(
            home.has_floor_heating
            for home, inside in zip(self.tree.homes, homes, strict=True)
            if inside
        )
