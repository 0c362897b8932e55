"""Scenarios in which nobody holds heat back, or only lawfully: nothing is to be said of it."""

from __future__ import annotations

from dataclasses import replace

from heatward_collector.core.suppression import Level

from .calendar import local_midnight
from .habits import Doing, Habits, Incident, Limit, Reason
from .season import Shape
from .sensing import NO_FAULTS, Fault, FaultKind, Placement, Sensing
from .situation import JANUARY_S, at, situation
from .suppliers import Adjustment
from .suppressions import APRIL, COLD, OCTOBER
from .tree import town
from .weather import Conditions, Front

EVERY_HOME = tuple(home.id for home in town().homes)
FOR_EVER_S = 2**40


@situation("nothing: windows are open, of one home long and of all at seven", days=16)
def airing() -> Shape:
    shared = [Incident(Doing.AIRING, EVERY_HOME, at(n, 7), at(n, 7.5)) for n in range(5, 14, 2)]
    alone = [Incident(Doing.AIRING, EVERY_HOME[:1], at(n, 20), at(n, 21)) for n in range(4, 14)]
    return Shape(incidents=(*shared, *alone), conditions=COLD)


@situation("nothing: many air together on very cold mornings", days=18)
def airing_on_cold_mornings() -> Shape:
    return Shape(
        habits=Habits(town_airing_mornings=0.5), conditions=Conditions(level_celsius=-22.0)
    )


@situation("nothing: a stairwell is aired to dry after a leak")
def stairwell_aired() -> Shape:
    wet = tuple(home.id for home in town().homes if home.stairwell == "b001-u1")
    return Shape(incidents=(Incident(Doing.AIRING, wet, at(8, 9), at(8, 12)),), conditions=COLD)


@situation("nothing about the supplier: one home has closed its valves")
def valves_closed() -> Shape:
    closed = Incident(Doing.VALVES_CLOSED, EVERY_HOME[:1], at(6), at(11))
    return Shape(incidents=(closed,), conditions=COLD)


@situation("nothing about the supplier: the people of one home are away")
def away() -> Shape:
    gone = Incident(Doing.AWAY, EVERY_HOME[:1], at(6), at(11))
    return Shape(incidents=(gone,), habits=Habits(turned_down_when_away=1.0), conditions=COLD)


@situation("nothing: south rooms warm in the sun and fall in the evening, at every source")
def sunny_days() -> Shape:
    return Shape(conditions=Conditions(level_celsius=-8.5, clear=((at(7), at(12)),)))


@situation("nothing: the supply follows a cold front of 15 K in 12 h")
def cold_front() -> Shape:
    return Shape(conditions=Conditions(fronts=(Front(at(8), 15.0, 12.0, hold_h=36.0),)))


@situation("nothing: a storm blows on one side of the houses")
def storm() -> Shape:
    return Shape(conditions=Conditions(level_celsius=-16.0, storms=((at(8), at(9, 12)),)))


@situation("nothing but quality codes, and the same answer as without faults")
def faulty_sensors() -> Shape:
    kinds = (
        (FaultKind.POWER_ON, "h001-01-r1", 3.0, 3.01, 0.0),
        (FaultKind.DISCONNECTED, "h001-02-r1", 4.0, 4.2, 0.0),
        (FaultKind.SHORT, "h001-03-r1", 4.0, 4.1, 0.0),
        (FaultKind.STUCK, "h002-01-r1", 6.0, 6.25, 0.0),
        (FaultKind.MISSING, "h002-02-r1", 5.0, 9.0, 0.0),
        (FaultKind.DRIFT, "h003-01-r1", 2.0, 16.0, 1.0),
        (FaultKind.SPIKE, "h003-02-r1", 7.0, 7.01, -9.0),
        (FaultKind.HAND_WARMED, "h003-03-r1", 8.0, 8.02, 6.0),
        (FaultKind.LATE, "h001-04-r1", 9.0, 9.125, 0.0),
        (FaultKind.STRAY, "h001-05-r1", 9.5, 9.7, 0.0),
        (FaultKind.REPEATED, "h002-03-r1", 9.5, 9.6, 0.0),
    )
    places = dict(
        zip(
            ("h004-01-r1", "h004-02-r1", "h004-03-r1", "h005-01-r1", "h005-02-r1"),
            (place for place in Placement if place not in (Placement.GOOD, Placement.INNER_WALL)),
            strict=True,
        )
    )
    faults = tuple(Fault(kind, room, at(a), at(b), kelvin) for kind, room, a, b, kelvin in kinds)
    return Shape(conditions=COLD, sensing=Sensing(placements=places, faults=faults))


@situation("nothing: the same days as with faulty sensors")
def clean_sensors() -> Shape:
    return Shape(conditions=COLD, sensing=NO_FAULTS)


@situation("nothing: most families leave for the Spring Festival", first_day="2024-01-28", days=26)
def spring_festival() -> Shape:
    return Shape(habits=Habits(festival_away=0.7, turned_down_when_away=0.5))


@situation("nothing: families of several homes live by one pattern", days=20)
def families() -> Shape:
    return Shape(habits=Habits(family_buildings=1.0))


@situation("nothing: every home of one building turns down at night", days=20)
def night_programs() -> Shape:
    return Shape(habits=Habits(programmed=("b004",)), conditions=COLD)


@situation("nothing: floor heating follows slowly", days=20)
def floor_heating() -> Shape:
    return Shape(town(floor_heated=range(9)))


@situation("nothing: metered homes turn down together while at work", days=20)
def metered_homes() -> Shape:
    tree = town()
    homes = (replace(home, metered=home.building == "b001") for home in tree.homes)
    habits = Habits(metered_cutters=1.0, retired=0.1)
    return Shape(replace(tree, homes=tuple(homes)), habits=habits, conditions=COLD)


@situation("nothing: two homes are limited for unpaid fees and have no vote", days=20)
def unpaid_homes() -> Shape:
    limits = (Limit(home, Reason.UNPAID, at(8), FOR_EVER_S, 0.25) for home in EVERY_HOME[:2])
    return Shape(limits=tuple(limits), conditions=COLD)


@situation("nothing: a neighbour without service all winter pulls the next homes down", days=20)
def suspended_neighbour() -> Shape:
    limit = Limit(EVERY_HOME[2], Reason.SUSPENDED, local_midnight("2023-10-20"), FOR_EVER_S)
    return Shape(limits=(limit,), conditions=COLD)


@situation("nothing: heat was moved from the near building to the far one", days=30)
def rebalanced() -> Shape:
    moved = tuple(
        Adjustment(Level.BUILDING, place, at(15), FOR_EVER_S, kelvin, "rebalanced")
        for place, kelvin in (("b001", -1.2), ("b003", 1.2))
    )
    return Shape(adjustments=moved)


@situation("nothing: a curve for 22.5 degC was lawfully lowered to 21", days=32)
def lowered_curve() -> Shape:
    warm = Adjustment(Level.SOURCE, "so1", JANUARY_S - 10**7, at(16), 1.5, "lowered later")
    return Shape(adjustments=(warm,))


@situation("nothing: heat came and went on the legal days", first_day=OCTOBER, days=34)
def legal_start() -> Shape:
    return Shape()


@situation("nothing: a warm week before the legal end", first_day=APRIL, days=34)
def warm_april() -> Shape:
    april = local_midnight(APRIL)
    return Shape(conditions=Conditions(fronts=(Front(at(15, 0, april), -9.0, 24.0, hold_h=216.0),)))


@situation("nothing can be seen where only homes with sensors are heated: spot checks", days=16)
def heat_only_where_measured() -> Shape:
    return Shape(conditions=COLD)
