"""Scenarios in which heat is held back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heatward_collector.core.suppression import Kind, Level

from .calendar import DAY_S, local_midnight
from .events import Cause, Event
from .habits import Habits
from .season import Shape
from .sensing import Placement, Sensing
from .situation import Expected, Said, at, situation
from .suppliers import due_at
from .tree import town
from .weather import Conditions, Front

COLD = Conditions(level_celsius=-8.5)
"""30 K below the rooms."""
OCTOBER, APRIL = "2023-10-08", "2024-03-26"
LEGAL_START_S, LEGAL_STOP_S = local_midnight("2023-10-20"), local_midnight("2024-04-21")
THREE_SOURCES = ("so1", "so2", "so3")
NIGHTS = Event(Kind.NIGHT_INTERRUPTION, Level.SOURCE, "so1", at(6, 12), at(11, 12))


def found(kind: Kind, level: Level = Level.SOURCE, place: str = "so1") -> Expected:
    return Expected(Said.FOUND, kind, level, place)


@situation(
    "a night interruption of the source by its third night, each night within 2 h",
    found(Kind.NIGHT_INTERRUPTION),
)
def nights_off() -> Shape:
    return Shape(events=(NIGHTS,), conditions=COLD)


@situation(
    "an outage of the building, its neighbours fine", found(Kind.OUTAGE, Level.BUILDING, "b001")
)
def one_building_off() -> Shape:
    off = Event(Kind.OUTAGE, Level.BUILDING, "b001", at(8, 13), at(8, 23))
    return Shape(events=(off,), conditions=COLD)


@situation(
    "an outage of the zone, in all of its buildings", found(Kind.OUTAGE, Level.ZONE, "z1-high")
)
def one_zone_off() -> Shape:
    off = Event(Kind.OUTAGE, Level.ZONE, "z1-high", at(8, 2), at(8, 12))
    return Shape(events=(off,), conditions=COLD)


@situation(
    "an outage of one of the source's two substations",
    found(Kind.OUTAGE, Level.SUBSTATION, "ss1a"),
)
def one_substation_off() -> Shape:
    tree = town(buildings_per_source=4, substations_per_source=2)
    off = Event(Kind.OUTAGE, Level.SUBSTATION, "ss1a", at(8, 2), at(8, 12))
    return Shape(tree, (off,), conditions=COLD)


@situation("throttling of the source within 5 days, nothing acute", found(Kind.THROTTLING), days=30)
def capped_in_a_cold_spell() -> Shape:
    """The supply stays at what -12 degC asks for while it gets 13 K colder."""
    spell = Conditions(level_celsius=-12.0, fronts=(Front(at(14), 13.0, 48.0, hold_h=13 * 24.0),))
    cap = float(due_at(np.array([-12.0]))[0])
    capped = Event(Kind.THROTTLING, Level.SOURCE, "so1", at(14), at(28), cap_kelvin=cap)
    return Shape(events=(capped,), conditions=spell)


@situation(
    "a late start of 4 days, and below standard until then",
    found(Kind.LATE_START),
    first_day=OCTOBER,
    days=30,
)
def late_start() -> Shape:
    late = Event(Kind.LATE_START, Level.SOURCE, "so1", LEGAL_START_S, LEGAL_START_S + 4 * DAY_S)
    return Shape(events=(late,))


@situation(
    "a late start: heat on the first day, the standard reached days later",
    found(Kind.LATE_START),
    first_day=OCTOBER,
    days=34,
)
def lukewarm_start() -> Shape:
    luke = Event(
        Kind.LATE_START, Level.SOURCE, "so1", LEGAL_START_S, LEGAL_START_S + 8 * DAY_S, 0.4
    )
    return Shape(events=(luke,))


@situation(
    "an early stop on 15 April, and whether the standard was still met",
    found(Kind.EARLY_STOP),
    first_day=APRIL,
    days=34,
)
def early_stop() -> Shape:
    stop = Event(Kind.EARLY_STOP, Level.SOURCE, "so1", LEGAL_STOP_S - 6 * DAY_S, LEGAL_STOP_S)
    return Shape(events=(stop,), conditions=Conditions(level_celsius=8.0))


@situation("stop-start heating of the source", found(Kind.STOP_START))
def strips() -> Shape:
    off = Event(Kind.STOP_START, Level.SOURCE, "so1", at(6), at(13), hours_off=(3.0, 4.0))
    return Shape(events=(off,), conditions=COLD)


@situation(
    "undetermined: two homes, 12 K to the outdoors; still below standard",
    Expected(Said.UNDETERMINED, Kind.OUTAGE, Level.BUILDING, "b001"),
    first_day=APRIL,
    days=14,
)
def two_homes_in_mild_weather() -> Shape:
    april = local_midnight(APRIL)
    tree = town(sources=1, buildings_per_source=1, homes_per_building=2)
    off = Event(Kind.OUTAGE, Level.BUILDING, "b001", at(6, 6, april), at(12, 6, april))
    return Shape(tree, (off,), conditions=Conditions(level_celsius=6.0))


@situation(
    "throttling of every source: only each one's own history can show it",
    *(found(Kind.THROTTLING, Level.SOURCE, source) for source in THREE_SOURCES),
    days=35,
)
def all_sources_cut() -> Shape:
    cuts = tuple(
        Event(*(Kind.THROTTLING, Level.SOURCE, one, at(18), at(32), 0.82), cause=Cause.SHORTAGE)
        for one in THREE_SOURCES
    )
    return Shape(events=cuts)


@situation(
    "throttling of the source, capped from its first day",
    found(Kind.THROTTLING),
    first_day=OCTOBER,
    days=60,
)
def capped_from_the_start() -> Shape:
    cap = float(due_at(np.array([2.0]))[0])
    end = local_midnight(OCTOBER) + 60 * DAY_S
    capped = Event(Kind.THROTTLING, Level.SOURCE, "so1", LEGAL_START_S, end, cap_kelvin=cap)
    return Shape(events=(capped,))


@situation("throttling of the source, a fifth less in the end", found(Kind.THROTTLING), days=42)
def slow_ramp() -> Shape:
    falling = Event(Kind.THROTTLING, Level.SOURCE, "so1", at(12), at(42), 0.8, ramp_s=25 * DAY_S)
    return Shape(events=(falling,))


@situation("night interruptions of a floor-heated source", found(Kind.NIGHT_INTERRUPTION))
def floor_heated_nights_off() -> Shape:
    nights = replace(NIGHTS, hours_off=(20.0, 6.0))
    return Shape(
        town(floor_heated=[0, 1, 2]), (nights,), conditions=Conditions(level_celsius=-16.0)
    )


@situation("throttling of the source, although heaters come on", found(Kind.THROTTLING), days=32)
def heaters_mask_a_cut() -> Shape:
    cut = Event(Kind.THROTTLING, Level.SOURCE, "so1", at(16), at(30), 0.78)
    return Shape(events=(cut,), habits=Habits(heaters=0.5))


@situation("throttling that does not end with the thaw", found(Kind.THROTTLING), days=36)
def thaw_during_a_cut() -> Shape:
    thaw = Conditions(fronts=(Front(at(22), -12.0, 24.0, hold_h=72.0),))
    cut = Event(Kind.THROTTLING, Level.SOURCE, "so1", at(16), at(34), 0.82)
    return Shape(events=(cut,), conditions=thaw)


@situation("an outage of the source, one home of each building hours late", found(Kind.OUTAGE))
def probes_on_inner_walls() -> Shape:
    behind = {
        f"h{number:03}-01-r{room}": Placement.INNER_WALL for number in (1, 2, 3) for room in (1, 2)
    }
    off = Event(Kind.OUTAGE, Level.SOURCE, "so1", at(8, 1), at(8, 11))
    return Shape(events=(off,), conditions=COLD, sensing=Sensing(placements=behind))
