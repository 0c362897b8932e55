"""Which homes a cut rests on, as more of them are seen to fall."""

from types import SimpleNamespace as Some
from typing import Any

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.heating_duty import ALWAYS, HeatingDuty
from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.by_day.today import Today
from heatward_collector.core.suppression.held_back.cut import DAY_S, Cut, View
from heatward_collector.core.suppression.held_back.cut_evidence import with_fallen
from heatward_collector.core.suppression.homes.network import Level, Network

HOMES = tuple(f"h{number}" for number in range(10))
NETWORK = Network(
    HOMES,
    {Level.SOURCE: ("so1", "so2"), Level.BUILDING: ("b1", "b2", "b3")},
    {
        Level.SOURCE: np.repeat(np.array([0, 1], np.int32), [8, 2]),
        Level.BUILDING: np.repeat(np.array([0, 1, 2], np.int32), [4, 4, 2]),
    },
    np.zeros(10, bool),
)
DAYS, BEGIN = 20, 16
CUT = Cut(
    *(Level.SOURCE, "so1", View.OTHERS, BEGIN * DAY_S, (BEGIN + 2) * DAY_S),
    threshold=4.0,
    statistic=4.2,
    peak_kelvin=1.3,
    affected=HOMES[:3],
    buildings=("b1",),
    judged=8,
    silent=0,
)


def after(fall: list[float], second_celsius: float = 21.0) -> Cut:
    """Return the cut when the eight homes of its source have fallen so far. [K]

    So warm is the second of their two buildings, before and now. [degC]
    """
    coldest = np.repeat([[21.0, second_celsius, 21.0]], DAYS, axis=0)
    series = {Level.BUILDING: Some(coldest=coldest)}
    history: Any = Some(series=series, start_s=np.arange(DAYS) * DAY_S)
    today = Today(history, NETWORK, Hierarchy.of(NETWORK), DAYS * DAY_S, HeatingDuty(ALWAYS, 20.0))
    return with_fallen(today, CUT, np.array([*fall, 0.0, 0.0]))


def test_homes_that_are_seen_to_fall_later_are_named_with_their_buildings():
    cut = after([2.0] * 5 + [0.8, 0.2, np.nan])
    assert cut.affected == HOMES[:6]
    assert cut.buildings == ("b1", "b2")
    assert cut.judged == 7


@pytest.mark.parametrize(
    "fall", [[2.0] * 3 + [0.1] * 5, [np.nan] * 8, [-1.0] * 8, [0.0] * 8], ids=str
)
def test_a_cut_stays_as_it_is_where_no_more_homes_are_seen_to_fall(fall: list[float]):
    """Nor does a source that has become warmer, or of which nobody is heard, add any."""
    assert after(fall) is CUT


@pytest.mark.parametrize(("celsius", "judged"), [(20.1, 8), (19.9, 6)])
def test_homes_too_cold_for_their_people_are_not_judged_unless_they_fall(celsius, judged):
    """Two of their building's four homes fell, and the others may be held up by heaters."""
    cut = after([2.0] * 6 + [0.1] * 2, celsius)
    assert (len(cut.affected), cut.judged, cut.left_aside) == (6, judged, 8 - judged)
