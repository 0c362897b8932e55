"""Towns and plans of suppression from a seed: what a detector is tuned and judged on.

A plan spreads severity, duration, hour and level; it knows nothing of how any of them is found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from heatward_collector.core.suppression.declared import Declaration
from heatward_collector.core.suppression.finding import Kind
from heatward_collector.core.suppression.network import Level

from .calendar import DAY_S, HOUR_S, legal_season, simulated_season
from .declared import announced, regime
from .events import Cause, Event
from .season import STEP_S, Season, Shape, season
from .tree import Tree, town

SOURCES, BUILDINGS_PER_SOURCE, HOMES_PER_BUILDING = 6, 3, 5
FLOOR_HEATED_SHARE = 0.3
TWO_SUBSTATIONS_SHARE = 0.3
"""Share of towns in which each source has two substations."""
ONE_ROOM_SHARE = 0.5
FIRST_WINTER, WINTERS = 2022, 12
"""Winters rotate with the seed, so that the Spring Festival moves. (20 degC rule: from 2021-10)"""
APART_S = 4 * DAY_S
"""Least time between two events of one source. [s]"""
MEAN_GAP_S = 30 * DAY_S
"""Mean of the further, exponential time between them. [s]"""
LOCAL_SHARE = 1 / 3
"""Share of events at building or zone level."""
KIND_SHARES = {
    Kind.OUTAGE: 0.40,
    Kind.NIGHT_INTERRUPTION: 0.20,
    Kind.STOP_START: 0.15,
    Kind.THROTTLING: 0.25,
}
LATE_SHARE = EARLY_SHARE = 0.6
"""Share of sources that start late, and that stop early."""
EDGE_DAYS = (2.0, 12.0)
REGIME_TOWNS, SHORTAGE_TOWNS, REPAIR_TOWNS = 0.12, 0.15, 0.35
AFTERWARDS_TOWNS, POLLUTION_TOWNS, POWER_CUT_TOWNS = 0.12, 0.15, 0.20
REGIMES = (((5.0, 11.0), (16.0, 22.0)), ((4.0, 10.0), (15.0, 21.0)))
"""Declared intermittent firing, 2 x 6 h a day in local hours."""
Draw = np.random.Generator


def winter_of(seed: int) -> int:
    """Return the winter that a seed plans for, by the year in which it begins."""
    return FIRST_WINTER + seed % WINTERS


def planned_shape(seed: int, *, events: bool = True) -> Shape:
    """Return a town of a seed with a season of labelled events, or with none and the same rest."""
    town_draw, event_draw = (
        np.random.default_rng(part) for part in np.random.SeedSequence([seed, 7]).spawn(2)
    )
    tree = _planned_town(town_draw)
    if not events:
        return Shape(tree)
    plan = _Plan(tree, event_draw, *legal_season(winter_of(seed)))
    plan.fill()
    ordered = sorted(plan.events, key=lambda event: (event.start_s, event.place))
    return Shape(tree, tuple(ordered), tuple(plan.declarations))


def planned_season(
    seed: int,
    *,
    events: bool = True,
    step_seconds: int = STEP_S,
    progress: Callable[[int], None] | None = None,
) -> Season:
    """Simulate the whole season of a planned town: the same seed without events is its twin."""
    start, days = simulated_season(winter_of(seed))
    shape = planned_shape(seed, events=events)
    return season(seed, start, days, step_seconds, shape, progress)


def _planned_town(draw: Draw) -> Tree:
    buildings = SOURCES * BUILDINGS_PER_SOURCE
    tree = town(
        sources=SOURCES,
        buildings_per_source=BUILDINGS_PER_SOURCE,
        homes_per_building=HOMES_PER_BUILDING,
        floor_heated=np.flatnonzero(draw.random(buildings) < FLOOR_HEATED_SHARE).tolist(),
        substations_per_source=2 if draw.random() < TWO_SUBSTATIONS_SHARE else 1,
        floors=int(draw.integers(6, 31)),
    )
    single = draw.random(len(tree.homes)) < ONE_ROOM_SHARE
    homes = (
        replace(home, rooms=home.rooms[:1]) if one else home
        for home, one in zip(tree.homes, single, strict=True)
    )
    return replace(tree, homes=tuple(homes))


@dataclass
class _Plan:
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
        if self.draw.random() < REGIME_TOWNS:
            self._regime()
        self._edges()
        if self.draw.random() < SHORTAGE_TOWNS:
            self._shortage()
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

    def _edges(self) -> None:
        for source in self.taken:
            for share, kind in ((LATE_SHARE, Kind.LATE_START), (EARLY_SHARE, Kind.EARLY_STOP)):
                if self.draw.random() < share:
                    length = int(self.draw.uniform(*EDGE_DAYS) * DAY_S) // HOUR_S * HOUR_S
                    late = kind is Kind.LATE_START
                    begin = self.legal_from_s if late else self.legal_to_s - length
                    residual = _edge_residual(self.draw)
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
        buildings = self._below(source, Level.BUILDING)
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
            event = _drawn(kind, self._place(source), at, self.draw)
            at += DAY_S
            if self._take(source, event):
                at = event.end_s + APART_S + int(self.draw.exponential(MEAN_GAP_S))

    def _moment(self, first_day: float, last_day: float) -> int:
        whole = int(self.draw.uniform(first_day, last_day) * DAY_S)
        return self.legal_from_s + whole // 300 * 300

    def _below(self, source: str, level: Level) -> list[str]:
        tree = self.tree
        inside = [home for home in tree.homes if tree.place_of(home, Level.SOURCE) == source]
        return sorted({tree.place_of(home, level) for home in inside})

    def _place(self, source: str, without_buildings: bool = False) -> tuple[Level, str]:
        """Draw where an event acts: mostly everywhere, a third of the time at one place below."""
        if self.draw.random() < LOCAL_SHARE:
            level = Level.ZONE if without_buildings or self.draw.random() < 0.5 else Level.BUILDING
            return level, str(self.draw.choice(self._below(source, level)))
        stations = self._below(source, Level.SUBSTATION)
        if len(stations) > 1 and self.draw.random() < 0.5 and not without_buildings:
            return Level.SUBSTATION, str(self.draw.choice(stations))
        return Level.SOURCE, source


def _residual(draw: Draw) -> float:
    """Draw a severity: half full stops, the rest spread to a fifth less."""
    return 0.0 if draw.random() < 0.5 else round(float(draw.uniform(0.0, 0.8)), 3)


def _edge_residual(draw: Draw) -> float:
    """Draw what flows before a late start or after an early stop; a fifth are lukewarm."""
    part = draw.random()
    if part < 0.6:
        return 0.0
    return round(float(draw.uniform(0.0, 0.2) if part < 0.8 else draw.uniform(0.3, 0.5)), 3)


def _drawn(kind: Kind, where: tuple[Level, str], at: int, draw: Draw) -> Event:
    at -= at % 300
    if kind is Kind.OUTAGE:
        hours = float(np.exp(draw.uniform(np.log(2.0), np.log(30.0))))
        return Event(kind, *where, at, at + round(hours * 12) * 300, _residual(draw))
    if kind is Kind.THROTTLING:
        return _throttling(where, at, draw)
    end = at + int(draw.integers(3, 9)) * DAY_S
    if kind is Kind.NIGHT_INTERRUPTION:
        first = float(draw.uniform(21.5, 24.5)) % 24
        off = (first, (first + float(draw.uniform(3.0, 8.0))) % 24)
    else:
        off = (float(draw.uniform(2.0, 5.0)), float(draw.uniform(2.5, 6.0)))
    return Event(kind, *where, at, end, _residual(draw), off)


def _throttling(where: tuple[Level, str], at: int, draw: Draw) -> Event:
    """A fifth are ramps, a fifth caps at what some cold day asks for, the rest steps."""
    shape = draw.random()
    ramp, cap = 0, None
    length = draw.uniform(6.0, 21.0)
    if shape < 0.2:
        length = draw.uniform(18.0, 40.0)
        ramp = int(min(length, draw.uniform(10.0, 25.0)) * DAY_S)
    elif shape < 0.4:
        cap = round(float(draw.uniform(24.0, 34.0)), 2)
    end = at + int(length * 24) * HOUR_S
    residual = round(float(draw.uniform(0.78, 0.96)), 3)
    return Event(Kind.THROTTLING, *where, at, end, residual, cap_kelvin=cap, ramp_s=ramp)
