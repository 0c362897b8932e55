"""Scenarios about what suppliers declare, beforehand or afterwards, and about power cuts."""

from __future__ import annotations

from dataclasses import replace

from heatward_collector.core.suppression import Kind, Level

from .calendar import DAY_S
from .declared import announced, regime
from .events import Cause, Declared, Event
from .season import Shape
from .situation import JANUARY_S, Expected, Said, at, situation
from .suppressions import COLD, found


@situation(
    "declared: the hours without heat are those of the regime",
    Expected(Said.DECLARED, Kind.STOP_START, Level.SOURCE, "so1"),
)
def declared_regime() -> Shape:
    firing = regime("so1", JANUARY_S, JANUARY_S + 16 * DAY_S, ((5.0, 11.0), (16.0, 22.0)))
    return Shape(events=firing[:1], declarations=firing[1:], conditions=COLD)


@situation(
    "stop-start heating: 4 of the declared 12 hours of firing are left out",
    found(Kind.STOP_START),
)
def regime_not_kept() -> Shape:
    end = JANUARY_S + 16 * DAY_S
    _, said = regime("so1", JANUARY_S, end, ((5.0, 11.0), (16.0, 22.0)))
    fired, _ = regime("so1", JANUARY_S, end, ((7.0, 11.0), (18.0, 22.0)))
    short = replace(fired, cause=Cause.SAVING, declared=Declared.NO, boost=2.0)
    return Shape(events=(short,), declarations=(said,), conditions=COLD)


@situation(
    "declared: a repair that was reported the day before",
    Expected(Said.DECLARED, Kind.OUTAGE, Level.SOURCE, "so1"),
)
def reported_repair() -> Shape:
    return _repair(at(7, 9))


@situation("an outage: the repair was reported when it was over", found(Kind.OUTAGE))
def repair_declared_afterwards() -> Shape:
    return _repair(at(8, 22))


@situation(
    "declared: staggered firing with notice",
    Expected(Said.DECLARED, Kind.NIGHT_INTERRUPTION, Level.SOURCE, "so1"),
)
def pollution_staggering() -> Shape:
    late = Event(
        *(Kind.NIGHT_INTERRUPTION, Level.SOURCE, "so1", at(8), at(11), 0.2, (3.0, 9.0)),
        cause=Cause.POLLUTION,
    )
    event, said = announced(late, at(7, 16))
    return Shape(events=(event,), declarations=said, conditions=COLD)


@situation(
    "undetermined: the nodes went with the heat; an outage if the rooms are still cold after it",
    Expected(Said.UNDETERMINED, Kind.OUTAGE, Level.BUILDING, "b001"),
)
def power_cut() -> Shape:
    cut = Event(*(Kind.OUTAGE, Level.BUILDING, "b001", at(8, 1), at(8, 7)), cause=Cause.POWER_CUT)
    return Shape(events=(cut,), conditions=COLD)


def _repair(recorded_s: int) -> Shape:
    off = Event(Kind.OUTAGE, Level.SOURCE, "so1", at(8, 9), at(8, 18), cause=Cause.REPAIR)
    event, said = announced(off, recorded_s)
    return Shape(events=(event,), declarations=said, conditions=COLD)
