"""From simulated events to what they are scored as."""

from __future__ import annotations

import numpy as np

from heatward_collector.core import Celsius, Mask, Seconds
from heatward_collector.core.suppression import Kind
from heatward_collector.score.below import true_states
from heatward_collector.score.case import (
    SLOT_S,
    Truth,
    building_heat,
    building_medians,
    home_days,
    homes_heard,
    measured_raw,
    names,
    spread,
)
from heatward_collector.score.matching import ACUTE
from heatward_collector.score.truth import HOUR_S, LongCut, OffPeriod
from heatward_collector.simulate import Cause, Declared, Event, Level, Season
from heatward_collector.simulate.calendar import local_hour
from heatward_collector.simulate.suppliers import delayed

OUTDOOR_H, SLOW_OUTDOOR_H = 6.0, 48.0
"""Memory of the outdoor temperature that a short and a long action is seen against. [h]"""
HEARD_BEFORE_S, HEARD_AFTER_S = 3 * HOUR_S, 2 * HOUR_S
"""A home is valid that was heard half of so long before, and after, the beginning. [s]"""


def truth_of(season: Season, twin: Season) -> Truth:
    """Return the truth about a season; ``twin`` is the same one without any event."""
    tree = season.tree
    buildings, building = tree.index_of(Level.BUILDING)
    warm, without = home_days(season), home_days(twin)
    scene = _Scene(season)
    cuts = [event for event in season.events if event.kind not in ACUTE]
    return Truth(
        periods=tuple(
            period
            for number, event in enumerate(season.events)
            if event.kind in ACUTE
            for period in scene.periods(number, event)
        ),
        cuts=tuple(scene.cut(event) for event in cuts),
        lifts=tuple(scene.slow_lift(event) for event in cuts),
        shortages=tuple(event.cause is Cause.SHORTAGE for event in cuts),
        shortfall=building_heat(twin, building, len(buildings))
        - building_heat(season, building, len(buildings)),
        drop=building_medians(without - warm, building, len(buildings)),
        median=building_medians(warm, building, len(buildings)),
        below=true_states(season.rooms, tree.room_home),
    )


class _Scene:
    """A season at hand, with the curves that labels are read from."""

    def __init__(self, season: Season) -> None:
        tree = season.tree
        self._season = season
        self._time_s: Seconds = season.time_s
        self._homes: Celsius = season.home_means().astype(np.float64)
        self._heard: Mask = homes_heard(measured_raw(season), tree.room_home, len(tree.homes))
        self._outdoor = delayed(season.outdoor, season.time_s, OUTDOOR_H)
        self._slow_outdoor = delayed(season.outdoor, season.time_s, SLOW_OUTDOOR_H)
        self._has_floor = np.array([home.has_floor_heating for home in tree.homes])

    def periods(self, number: int, event: Event) -> list[OffPeriod]:
        """Return the off-periods of an acute event."""
        homes = self._season.tree.homes_at(event.level, event.place)
        is_floor_heated = bool(self._has_floor[homes].all())
        voting = homes if is_floor_heated else homes & ~self._has_floor
        tree = self._season.tree
        return [
            OffPeriod(
                series=number,
                kind=event.kind,
                level=event.level,
                place=event.place,
                buildings=names(tree, voting),
                on_s=on_s,
                off_s=off_s,
                local_hour=float(local_hour(np.array([on_s]))[0]),
                residual=event.residual,
                lift_kelvin=self._lift(voting, on_s, self._outdoor),
                valid_homes=self._valid(voting, on_s, off_s),
                is_floor_heated=is_floor_heated,
                is_declared=event.declared is Declared.BEFORE,
                slow_buildings=names(tree, homes & ~voting),
            )
            for on_s, off_s in event.periods(self._time_s)
        ]

    def cut(self, event: Event) -> LongCut:
        """Return a slow event."""
        tree = self._season.tree
        return LongCut(
            kind=event.kind,
            level=event.level,
            place=event.place,
            buildings=names(tree, tree.homes_at(event.level, event.place)),
            from_s=event.start_s,
            to_s=event.end_s,
            residual=event.residual,
            is_declared=event.declared is Declared.BEFORE,
        )

    def slow_lift(self, event: Event) -> float:
        """Return how much warmer than the outdoors homes are when it begins, or a late start ends.

        [K]
        """
        moment_s = event.end_s if event.kind is Kind.LATE_START else event.start_s
        homes = self._season.tree.homes_at(event.level, event.place)
        return self._lift(homes, moment_s, self._slow_outdoor)

    def _lift(self, homes: Mask, moment_s: int, outdoor: Celsius) -> float:
        slot = self._slot(moment_s)
        return spread(self._homes[homes, slot] - outdoor[slot])

    def _valid(self, homes: Mask, on_s: int, off_s: int) -> int:
        """Count homes that were heard about the beginning."""
        before = slice(self._slot(on_s - HEARD_BEFORE_S), max(self._slot(on_s), 1))
        after = slice(self._slot(on_s), self._slot(min(off_s, on_s + HEARD_AFTER_S)) + 1)
        heard = (self._heard[before].mean(axis=0) >= 0.5) & (self._heard[after].mean(axis=0) >= 0.5)
        return int((heard & homes).sum())

    def _slot(self, moment_s: int) -> int:
        return int(np.clip((moment_s - self._time_s[0]) // SLOT_S, 0, len(self._time_s) - 1))
