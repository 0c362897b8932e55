"""A season holds from its first midnight to its last; the slow half looks a little beyond."""

from __future__ import annotations

import pytest

from heatward_collector.core.suppression.by_day.heating_duty import (
    AFTER_DAYS,
    ALWAYS,
    BEFORE_DAYS,
    DAY_S,
    HeatingDuty,
    Season,
)

SEASON = Season(100 * DAY_S, 200 * DAY_S)


@pytest.mark.parametrize(("day", "is_due"), [(99, False), (100, True), (199, True), (200, False)])
def test_heat_is_due_from_the_first_midnight_to_the_one_after_the_last_day(day, is_due) -> None:
    assert SEASON.holds(day * DAY_S) is is_due
    assert ALWAYS.holds(day * DAY_S)


@pytest.mark.parametrize(("day", "may_end"), [(192, False), (193, True), (210, True)])
def test_a_season_may_end_in_its_last_days_and_one_without_an_end_never(day, may_end) -> None:
    assert SEASON.may_end(day * DAY_S, 7) is may_end
    assert not ALWAYS.may_end(day * DAY_S, 7)


def test_days_before_and_after_a_season_are_looked_at_too() -> None:
    duty = HeatingDuty(SEASON, 20.0)
    looked = [day for day in range(300) if duty.covers(day * DAY_S)]
    assert looked == list(range(100 - BEFORE_DAYS, 200 + AFTER_DAYS))
