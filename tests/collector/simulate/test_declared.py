"""What suppliers declare fits what they do."""

from __future__ import annotations

import numpy as np

from heatward_collector.simulate import Cause, Declared, Event, Kind, Level
from heatward_collector.simulate.calendar import DAY_S, HOUR_S, local_hour, local_midnight
from heatward_collector.simulate.declared import announced, regime

START = local_midnight("2023-01-05")
TIME = START + 300 * np.arange(4 * 288)


def test_a_regime_keeps_the_days_heat_and_explains_all_hours_without_it() -> None:
    event, said = regime("so1", START, START + 4 * DAY_S, ((5.0, 11.0), (16.0, 22.0)))
    left = event.held_back(TIME, np.full(len(TIME), 30.0))
    assert np.isclose(left.mean(), 30.0)
    assert event.declared is Declared.BEFORE
    assert np.array_equal(said.explains(TIME, local_hour(TIME)), event.is_acting(TIME))


def test_a_repair_is_explained_if_it_was_reported_before() -> None:
    off = Event(Kind.OUTAGE, Level.ZONE, "z1", START, START + 9 * HOUR_S, cause=Cause.REPAIR)
    before, (early,) = announced(off, START - HOUR_S)
    after, (late,) = announced(off, START + HOUR_S)
    assert (before.declared, after.declared) == (Declared.BEFORE, Declared.AFTERWARDS)
    assert early.kind == "reported_repair"
    assert np.array_equal(early.explains(TIME, local_hour(TIME)), before.is_acting(TIME))
    assert not late.explains(TIME, local_hour(TIME)).any()


def test_staggered_firing_is_announced_day_by_day() -> None:
    event = Event(
        *(Kind.NIGHT_INTERRUPTION, Level.SOURCE, "so1", START, START + 3 * DAY_S, 0.2, (4.0, 9.0)),
        cause=Cause.POLLUTION,
    )
    _, said = announced(event, START - HOUR_S)
    assert [(one.from_s - START) / HOUR_S for one in said] == [4.0, 28.0, 52.0]
    assert {one.kind for one in said} == {"pollution_staggering"}
