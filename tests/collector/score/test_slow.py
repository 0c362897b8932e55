"""Findings of slow kinds against long cuts: tolerances, excuses, and what is false."""

from dataclasses import replace

import pytest

from heatward_collector.core.suppression import Certainty, Kind, Level
from heatward_collector.score.matching import Outcome
from heatward_collector.score.slow import first_of, slow_outcomes
from support.scored_district import cut, finding, period

DAYS = 24.0
CUT = cut("b1 b2", 0, 10 * DAYS)


def slow(start_d=0.5, detected_d=3.0, end_d=9.0, buildings="b1 b2", kind=Kind.THROTTLING, **facts):
    hours = (start_d * DAYS, detected_d * DAYS, None if end_d is None else end_d * DAYS)
    return finding(*hours, buildings, kind=kind, **facts)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, Outcome.MATCHED),
        ({"buildings": "b1"}, Outcome.MATCHED),
        ({"buildings": "b1 b3"}, Outcome.FALSE),
        ({"kind": Kind.LATE_START}, Outcome.NEITHER),
        ({"start_d": 13.9, "detected_d": 15, "end_d": 18}, Outcome.NEITHER),
        ({"start_d": 14.1, "detected_d": 15, "end_d": 18}, Outcome.FALSE),
        ({"start_d": -9, "detected_d": -5, "end_d": -0.9}, Outcome.NEITHER),
        ({"start_d": -9, "detected_d": -5, "end_d": -1.1}, Outcome.FALSE),
        ({"start_d": -9, "detected_d": -5, "end_d": None}, Outcome.FALSE),
        ({"kind": Kind.OUTAGE}, None),
        ({"buildings": "b3", "certainty": Certainty.UNDETERMINED}, Outcome.SILENT),
    ],
)
def test_a_slow_finding_meets_a_cut_of_its_kind_and_place(facts, expected):
    assert slow_outcomes([slow(**facts)], [CUT], []) == [expected]


def test_the_second_finding_of_one_cut_is_a_fragment():
    late, early = slow(detected_d=5.0), slow(detected_d=2.0)
    assert slow_outcomes([late, early], [CUT], []) == [Outcome.FRAGMENT, Outcome.MATCHED]
    assert slow_outcomes([late, early], [CUT, CUT], []) == [Outcome.MATCHED] * 2


def test_short_stops_excuse_a_slow_finding_within_days():
    stop = period(0.0, 8.0)
    assert slow_outcomes([slow()], [], [stop]) == [Outcome.NEITHER]
    assert slow_outcomes([slow(buildings="b3")], [], [stop]) == [Outcome.FALSE]


def test_what_is_declared_excuses_nothing_and_takes_what_says_declared():
    declared = replace(CUT, is_declared=True)
    assert slow_outcomes([slow()], [declared], [period(is_declared=True)]) == [Outcome.FALSE]
    said = slow(certainty=Certainty.DECLARED)
    assert slow_outcomes([said], [declared], []) == [Outcome.MATCHED]


def test_the_accusation_of_a_cut_goes_before_an_earlier_doubt():
    doubt = slow(detected_d=1.0, certainty=Certainty.UNDETERMINED)
    sure, later = slow(detected_d=3.0), slow(detected_d=4.0)
    assert first_of([later, sure, doubt], CUT) == sure
    assert first_of([doubt], CUT) == doubt
    assert first_of([slow(buildings="b3")], CUT) is None
    assert CUT.level is Level.SOURCE
