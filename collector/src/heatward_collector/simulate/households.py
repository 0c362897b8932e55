"""What people do: airing, absence, closed valves, thermostats, heaters and plain living."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices, Mask, Seconds
from heatward_collector.core.suppression import Level

from .airing import airing
from .calendar import DAY_S, local_hour
from .habits import Doing, Habits, Incident, Limit
from .presence import Pattern, Spans, away, is_out, living, marked, patterns
from .tree import Tree

NO_THERMOSTAT = 1e6
"""A setpoint that never closes a valve. [degC]"""
TURNED_DOWN = 0.3
"""Opening of valves that are turned down for an absence."""
TURNED_LOWER = 0.75
"""Opening where metered homes save heat while they are at work."""
NIGHT_FROM, NIGHT_TO = (21.5, 23.5), (4.5, 6.5)
"""Local hours between which a building's night program begins and ends. [h]"""
PROGRAM_CELSIUS = (21.0, 22.5)
PROGRAM_SPREAD_H = 0.15
"""Clocks of thermostats of one building differ by some minutes. [h]"""
SEASON_DAYS = 180.0


@dataclass(frozen=True, slots=True)
class Households:
    """Schedules of homes, (homes, times), and their fixed habits, (homes,)."""

    airing: Mask
    opening: npt.NDArray[np.float32]
    """Share of the supply that valves and limits let through."""
    living: npt.NDArray[np.float32]
    """Heat of people and what they switch on. [K]"""
    asleep: Mask
    """When a night program asks for less."""
    setpoint: Celsius
    """Of thermostatic valves. [degC]"""
    setback: Celsius
    """What a night program takes off the setpoint. [K]"""
    heater_kelvin: Celsius
    heater_below: Celsius
    venting_from: Celsius
    """Above this a window is kept ajar. [degC]"""

    def undisturbed(self, steps: int) -> Households:
        """Return the first steps of the same homes with windows shut and valves open."""
        shape = (len(self.airing), steps)
        return replace(
            self, airing=np.zeros(shape, dtype=bool), opening=np.ones(shape, dtype=np.float32)
        )


def households(
    tree: Tree,
    time_s: Seconds,
    habits: Habits,
    incidents: Sequence[Incident],
    limits: Sequence[Limit],
    random: np.random.Generator,
) -> Households:
    """Return a season of households."""
    homes = len(tree.homes)
    building = tree.index_of(Level.BUILDING)[1]
    stairwell = tree.index_of(Level.STAIRWELL)[1]
    own, leaving, valve, heat, program, heaters = random.spawn(6)
    pattern = patterns(building, habits, own)
    gone = marked(
        [*away(pattern, time_s, habits, leaving), *_asked(tree, incidents, Doing.AWAY)],
        *(homes, time_s),
    )
    aired = marked(airing(pattern, building, stairwell, time_s, habits, own), homes, time_s)
    asked = marked(_asked(tree, incidents, Doing.AIRING), homes, time_s)
    setpoint, setback, asleep = _thermostats(tree, time_s, habits, program)
    return Households(
        airing=(aired & ~gone) | asked,
        opening=_opening(tree, pattern, time_s, gone, habits, incidents, limits, valve),
        living=living(pattern, time_s, gone, heat),
        asleep=asleep,
        setpoint=setpoint,
        setback=setback,
        heater_kelvin=np.where(
            heaters.random(homes) < habits.heaters,
            heaters.uniform(*habits.heater_kelvin, homes),
            0.0,
        ),
        heater_below=heaters.uniform(*habits.heater_below_celsius, homes),
        venting_from=heaters.uniform(*habits.venting_celsius, homes),
    )


def _asked(tree: Tree, incidents: Iterable[Incident], doing: Doing) -> list[Spans]:
    return [
        (
            _indices(tree, incident.homes),
            np.full(len(incident.homes), float(incident.start_s)),
            np.full(len(incident.homes), float(incident.end_s)),
        )
        for incident in incidents
        if incident.doing is doing
    ]


def _indices(tree: Tree, homes: Sequence[str]) -> Indices:
    position = {home.id: index for index, home in enumerate(tree.homes)}
    if missing := sorted(set(homes) - set(position)):
        raise ValueError(f"no such home: {', '.join(missing)}")
    return np.array([position[home] for home in homes], dtype=np.int32)


def _opening(
    tree: Tree,
    pattern: Pattern,
    time_s: Seconds,
    gone: Mask,
    habits: Habits,
    incidents: Sequence[Incident],
    limits: Sequence[Limit],
    random: np.random.Generator,
) -> npt.NDArray[np.float32]:
    homes = len(tree.homes)
    opening = np.ones((homes, len(time_s)), dtype=np.float32)
    saves = random.random(homes) < habits.turned_down_when_away
    opening[gone & saves[:, None]] = TURNED_DOWN
    metered = np.array([home.metered for home in tree.homes])
    cuts = metered & (random.random(homes) < habits.metered_cutters)
    opening[is_out(pattern, time_s) & cuts[:, None]] = TURNED_LOWER
    span_s = float(time_s[-1] - time_s[0])
    closed = random.poisson(habits.valves_closed_per_season * span_s / (SEASON_DAYS * DAY_S), homes)
    home = np.repeat(np.arange(homes, dtype=np.int32), closed)
    begin = time_s[0] + random.random(len(home)) * span_s
    spans = [(home, begin, begin + random.uniform(*habits.valve_days, len(home)) * DAY_S)]
    opening[marked([*spans, *_asked(tree, incidents, Doing.VALVES_CLOSED)], homes, time_s)] = 0.0
    for limit in limits:
        row = int(_indices(tree, [limit.home])[0])
        within = (time_s >= limit.start_s) & (time_s < limit.end_s)
        opening[row, within] *= np.float32(limit.residual)
    return opening


def _thermostats(
    tree: Tree, time_s: Seconds, habits: Habits, random: np.random.Generator
) -> tuple[Celsius, Celsius, Mask]:
    """Return setpoints, night setbacks, and when these act, (homes, times)."""
    names, building = tree.index_of(Level.BUILDING)
    homes, count = len(building), int(building.max()) + 1
    has_one = random.random(homes) < habits.thermostats
    setpoint = np.where(has_one, random.uniform(*habits.thermostat_celsius, homes), NO_THERMOSTAT)
    alone = has_one & (random.random(homes) < habits.night_program_homes)
    programmed = random.random(count) < habits.night_program_buildings
    together = (programmed | np.isin(names, habits.programmed))[building]
    setpoint = np.where(together, random.uniform(*PROGRAM_CELSIUS, homes), setpoint)
    # Alone, each home has hours of its own; a programmed building has one program.
    number = np.where(together, building, count + np.arange(homes))
    first = random.uniform(*NIGHT_FROM, count + homes)[number]
    last = random.uniform(*NIGHT_TO, count + homes)[number]
    first = first + random.normal(0.0, PROGRAM_SPREAD_H, homes)
    last = last + random.normal(0.0, PROGRAM_SPREAD_H, homes)
    since = (local_hour(time_s) - first[:, None]) % 24
    setback = np.where(alone | together, habits.night_program_kelvin, 0.0)
    return setpoint, setback, np.asarray(since < ((last - first) % 24)[:, None])
