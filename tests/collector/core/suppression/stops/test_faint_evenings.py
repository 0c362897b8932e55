"""Evenings that are no stops."""

import numpy as np
import pytest

from heatward_collector.core.suppression.findings.finding import Certainty
from heatward_collector.core.suppression.season import memories
from heatward_collector.core.suppression.stops.doubts import certainty
from heatward_collector.core.suppression.stops.faint_evenings import are_faint
from support.heated_town import curves, days_of, grid, homes_of, network, stop
from support.stops import DAY, HOUR, episode

HOMES = np.array(homes_of(2, 3))
FAINT = {"hour": 22.0, "drop": 0.7}
"""0.0047 of 30 K each hour for five hours."""


def evenings(*changes, **of_all):
    """Return what was named on the evenings of as many days, the first one first."""
    return [
        episode(**({"day": 60 + day} | FAINT | of_all | one)) for day, one in enumerate(changes)
    ]


def next_evening(hour=22.0, day=63):
    return episode(day=day, hour=hour).start_s, hour


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        (evenings({}, {}, {}), True),
        (evenings({}, {}), False),
        (evenings({"drop": 1.5}, {}, {}), True),
        (evenings({"drop": 1.5}, {"drop": 1.5}, {}), False),
        (evenings({}, {}, {"hours": 1.75, "drop": 0.2}), False),
        (evenings({}, {}, {"hour": 23.75}), False),
        (evenings({}, {}, {"hour": 23.25}), True),
        (evenings({}, {}, {"delta": float("nan")}), False),
        (evenings({}, {}, {}, homes=tuple(homes_of(2)), place="b2"), True),
        (evenings({}, {}, {}, homes=tuple(homes_of(4)), place="b4"), False),
    ],
    ids=[
        "three",
        "two",
        "one was a stop",
        "two were stops",
        "too short",
        "at another hour",
        "about the hour",
        "weather unknown",
        "half of the homes",
        "other homes",
    ],
)
def test_evenings_tell_if_most_of_three_lost_too_little(ended, expected):
    assert are_faint(ended, HOMES, next_evening()) is expected


def test_by_day_and_after_midnight_when_programs_rest_nothing_is_told():
    for hour, expected in ((20.0, True), (2.75, True), (3.0, False), (13.0, False), (19.75, False)):
        known = evenings({}, {}, {}, hour=hour)
        assert are_faint(known, HOMES, next_evening(hour)) is expected


def test_midnight_lies_between_what_is_near():
    known = evenings({}, {}, {}, hour=23.5)
    begin_s = known[-1].start_s + DAY + HOUR
    assert are_faint(known, HOMES, (begin_s, 0.5))
    assert not are_faint(known, HOMES, (begin_s + 2 * HOUR, 2.5))


@pytest.mark.parametrize(("rate", "accused"), [(0.0045, 3), (0.009, 6)])
def test_a_source_is_not_accused_any_more_of_what_it_does_each_evening_only_a_little(rate, accused):
    celsius = curves(17)
    for day in range(10, 16):
        stop(celsius, homes_of(2, 3), day, 22.0, 6.0, rate)
    *_, memory = memories(grid(celsius), network(), days_of(celsius))
    found = [one for one in memory.recent if one.place == "s1"]
    said = [certainty(one, 2) is not Certainty.UNDETERMINED for one in found]
    assert said == [True] * accused + [False] * (6 - accused)
