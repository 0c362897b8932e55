"""Which days places are learnt from, and which of the others hide no stop."""

from types import SimpleNamespace as Some
from typing import Any

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.history import Series
from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.held_back.cut import DAY_S, Cut, View
from heatward_collector.core.suppression.held_back.learning_days import (
    QUIET_DAYS,
    fell_without_stop,
    masked_days,
)
from heatward_collector.core.suppression.homes.network import Level
from support.two_substations import NETWORK


@pytest.mark.parametrize(
    ("place", "end_day", "is_masked"),
    [("ss1", 20, True), ("ss1", None, False), ("ss2", 20, False)],
    ids=["most of it", "still down", "the smaller part"],
)
def test_nothing_is_learnt_of_a_source_from_days_on_which_most_of_it_was_cut(
    place: str, end_day: int | None, is_masked: bool
) -> None:
    """While that lasts all of the source may be down, and it is looked at as before."""
    history: Any = Some(start_s=np.arange(40) * DAY_S)
    end_s = None if end_day is None else end_day * DAY_S
    cut = Cut(
        *(Level.SUBSTATION, place, View.OTHERS, 10 * DAY_S, 12 * DAY_S, 5.5, 9.0, 3.0),
        *((), (), 10, 0),
        end_s=end_s,
    )
    masked = masked_days(history, (cut,), NETWORK, Level.SOURCE)
    assert not masked[:, 1].any(), "nothing was done to the other source"
    days = np.arange(9, 20 + QUIET_DAYS) if is_masked else []
    assert np.flatnonzero(masked[:, 0]).tolist() == list(days)


def days_of(left: tuple[float, float], heard: bool = True) -> Any:
    """Return ten days of two places: the first has no vote on days 4 and 5, and of stops this much
    is left, of the first place and of all sources, when it votes again."""
    rows, count = 10, {level: len(NETWORK.places[level]) for level in NETWORK.places}
    series = {}
    for level, places in count.items():
        homes, coldest = np.full((rows, places), 5.0), np.full((rows, places), 20.0)
        recovering = np.zeros((rows, places))
        recovering[6:] = left[1] if level is Level.SOURCE else 0.0
        recovering[6:, 0] = left[0] if level is not Level.SOURCE else left[1]
        homes[4:6, 0] = 0.0
        if not heard:
            coldest[4:6, 0] = np.nan
        other = np.zeros((rows, places))
        series[level] = Series(other, other, other, other, homes, recovering, coldest, other)
    return Some(series=series)


@pytest.mark.parametrize("level", [Level.SOURCE, Level.BUILDING])
def test_a_fall_that_left_nothing_of_a_stop_was_none(level):
    told = fell_without_stop(days_of((0.0, 0.0)), Hierarchy.of(NETWORK), level)
    assert np.argwhere(told).tolist() == [[4, 0], [5, 0]]


@pytest.mark.parametrize("left", [(0.4, 0.4), (0.0, 0.4)])
def test_what_a_stop_has_left_shows_in_a_part_or_in_all_of_its_source(left):
    for level in (Level.SOURCE, Level.BUILDING):
        assert not fell_without_stop(days_of(left), Hierarchy.of(NETWORK), level).any()


def test_days_on_which_nobody_was_heard_may_hide_a_stop():
    history = days_of((0.0, 0.0), heard=False)
    assert not fell_without_stop(history, Hierarchy.of(NETWORK), Level.BUILDING).any()


def test_what_has_not_ended_yet_may_be_a_stop():
    history = days_of((0.0, 0.0))
    history.series[Level.BUILDING].homes[6:, 0] = 0.0
    assert not fell_without_stop(history, Hierarchy.of(NETWORK), Level.BUILDING).any()
