"""Which stops declared hours explain, and when these hours become others."""

from __future__ import annotations

import numpy as np
import pytest

from heatward_collector.core.suppression import Declaration, Level
from heatward_collector.core.suppression.stops.declared_hours import DeclaredHours
from support.heated_town import MIDNIGHT, homes_of, network
from support.stops import episode

HOUR, DAY = 3600, 86_400
NET = network()
BY_DAY = ((6.0, 22.0),)


def regime(first: int, last: int, hours=BY_DAY, place: str = "s1") -> Declaration:
    begin_s, end_s = (MIDNIGHT + day * DAY for day in (first, last))
    return Declaration("regime", Level.SOURCE, place, begin_s, end_s, begin_s, hours)


def declared(*some: Declaration) -> DeclaredHours:
    return DeclaredHours.among(some, NET, lambda time_s: (time_s - MIDNIGHT) % DAY / HOUR)


@pytest.mark.parametrize(
    ("hours", "of", "is_explained"),
    [
        (5.0, regime(0, 200), True),
        (6.5, regime(0, 200), True),
        (9.0, regime(0, 200), False),
        (5.0, regime(0, 200, place="s0"), False),
        (5.0, regime(61, 200), False),
        (5.0, regime(0, 200, ((0.0, 12.0),)), False),
    ],
    ids=["within", "a bit longer", "far longer", "elsewhere", "too early", "at other hours"],
)
def test_a_stop_is_explained_by_the_hours_of_its_own_source(hours, of, is_explained):
    assert declared(of).explain(episode(day=60, hour=1.0, hours=hours)) is is_explained


def test_a_notice_without_hours_is_none_of_them():
    """A repair cools homes on a day that is no usual one."""
    repair = Declaration("reported_repair", Level.SOURCE, "s1", MIDNIGHT, MIDNIGHT + 90 * DAY, 0)
    assert not declared(repair).explain(episode(day=60))


@pytest.mark.parametrize(
    ("regimes", "days"),
    [
        ([regime(10, 200)], {10}),
        ([regime(10, 30)], {10, 30}),
        ([regime(10, 30), regime(30, 200)], {10}),
        ([regime(10, 30), regime(30, 200, ((4.0, 10.0),))], {10, 30}),
        ([regime(10, 30), regime(20, 40, ((4.0, 5.0),))], {10, 20, 30, 40}),
    ],
    ids=["begin", "end", "renewed", "changed", "two at once"],
)
def test_hours_become_others_where_something_else_is_promised(regimes, days):
    hours = declared(*regimes)
    found = {
        day
        for day in range(60)
        if hours.changed(MIDNIGHT + day * DAY, MIDNIGHT + (day + 1) * DAY).any()
    }
    assert found == days


def test_they_hold_for_the_homes_of_their_source_while_they_last():
    hours = declared(regime(10, 30), regime(10, 30, place="not there"))
    held = hours.hold(MIDNIGHT + 12 * DAY)
    assert np.flatnonzero(held).tolist() == list(homes_of(2, 3))
    assert not hours.hold(MIDNIGHT + 9 * DAY).any()
    assert not hours.hold(MIDNIGHT + 30 * DAY).any()
