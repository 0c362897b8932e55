"""One finding to one period: tolerances, order, and what becomes of the rest."""

from dataclasses import replace
from itertools import permutations

import pytest

from heatward_collector.core.suppression import Certainty, Kind, Level
from heatward_collector.score.matching import Outcome, match
from support.scored_district import HOUR, T0, cut, finding, period


def outcome(finding_, *periods, cuts=()):
    return match(periods, [finding_], cuts).outcome[0]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, Outcome.MATCHED),
        ({"detected_h": 0.0}, Outcome.MATCHED),
        ({"detected_h": -0.1}, Outcome.FRAGMENT),  # a prophecy is no find
        ({"detected_h": 7.5}, Outcome.MATCHED),  # two hours after the end
        ({"detected_h": 7.6}, Outcome.FRAGMENT),
        ({"start_h": -2.0}, Outcome.MATCHED),
        ({"start_h": -2.1}, Outcome.FRAGMENT),
        ({"start_h": 2.1, "detected_h": 3.0}, Outcome.FRAGMENT),
        ({"buildings": "b1"}, Outcome.MATCHED),  # half of its buildings
        ({"buildings": "b1 b3"}, Outcome.FALSE),
        ({"buildings": "b1 b2 b3"}, Outcome.FALSE),
        ({"buildings": ""}, Outcome.FALSE),
        ({"start_h": 8.0, "detected_h": 9.0, "end_h": 12.0}, Outcome.FALSE),
        ({"start_h": -9.0, "detected_h": -8.0, "end_h": -3.0}, Outcome.FALSE),
    ],
)
def test_a_finding_meets_a_period_within_the_tolerances(facts, expected):
    assert outcome(finding(**facts), period()) is expected


def test_less_than_half_of_the_buildings_is_a_fragment():
    assert outcome(finding(buildings="b1"), period(buildings="b1 b2 b3")) is Outcome.FRAGMENT


def test_the_kind_does_not_matter_for_a_match():
    assert outcome(finding(kind=Kind.STOP_START), period()) is Outcome.MATCHED


def test_a_period_takes_the_finding_that_was_said_first_and_only_one():
    late, early = finding(detected_h=2.0), finding(detected_h=1.0, place=(Level.BUILDING, "b1"))
    result = match([period()], [late, early])
    assert result.of_period == (1,)
    assert result.outcome == (Outcome.FRAGMENT, Outcome.MATCHED)


def test_a_finding_that_lasts_over_two_periods_is_only_one_of_them():
    strips = [period(0.0, 3.0), period(7.0, 3.0)]
    result = match(strips, [finding(end_h=None)])
    assert result.of_period == (0, None)


def test_each_of_two_periods_takes_its_own_finding_in_any_order():
    periods = [period(7.0, 3.0), period(0.0, 3.0)]
    findings = [finding(0.2, 1.0), finding(7.2, 8.0, 10.0)]
    for order in permutations(findings):
        result = match(periods, order)
        assert [order[index] for index in result.of_period] == [findings[1], findings[0]]


def test_an_accusation_is_taken_before_an_earlier_undetermined_finding():
    unsure = finding(detected_h=0.5, certainty=Certainty.UNDETERMINED)
    sure = finding(detected_h=1.5, certainty=Certainty.LOW)
    assert match([period()], [unsure, sure]).of_period == (1,)
    assert match([period()], [unsure]).of_period == (0,)


def test_what_accuses_nobody_is_never_false():
    for certainty in (Certainty.UNDETERMINED, Certainty.DECLARED):
        assert outcome(finding(certainty=certainty)) is Outcome.SILENT
    assert outcome(finding()) is Outcome.FALSE


def test_a_finding_on_a_weak_period_is_neither_right_nor_wrong():
    weak = period(residual=0.7)
    assert match([weak], [finding()]).of_period == (0,)
    assert outcome(finding(detected_h=7.6), weak) is Outcome.NEITHER


def test_a_declared_period_takes_what_says_declared_and_an_accusation_of_it_is_false():
    declared = period(is_declared=True)
    assert outcome(finding(certainty=Certainty.DECLARED), declared) is Outcome.MATCHED
    assert outcome(finding(), declared) is Outcome.FALSE
    assert outcome(finding(certainty=Certainty.UNDETERMINED), declared) is Outcome.SILENT
    assert outcome(finding(certainty=Certainty.DECLARED), period()) is Outcome.SILENT


def test_an_acute_finding_on_a_long_cut_is_neither():
    throttled, late = cut("b1 b2", 0.0, 9 * 24.0), (100.0, 101.5, 110.0)
    assert outcome(finding(*late), cuts=[throttled]) is Outcome.NEITHER
    assert outcome(finding(*late, "b3"), cuts=[throttled]) is Outcome.FALSE
    assert outcome(finding(*late), cuts=[cut("b1 b2", -99.0, 99.0)]) is Outcome.FALSE
    assert outcome(finding(*late), cuts=[replace(throttled, is_declared=True)]) is Outcome.FALSE


def test_a_building_with_floor_heating_may_be_named_and_need_not():
    mixed = period(buildings="b1", slow_buildings=frozenset({"b2"}))
    assert outcome(finding(buildings="b1 b2"), mixed) is Outcome.MATCHED
    assert outcome(finding(buildings="b1"), mixed) is Outcome.MATCHED
    assert outcome(finding(buildings="b2"), mixed) is Outcome.NEITHER


def test_kinds_that_are_not_acute_are_left_to_others():
    assert outcome(finding(kind=Kind.THROTTLING), period()) is None


def test_a_finding_that_is_open_is_known_until_it_was_said():
    still = finding(-30.0, -29.0, None)
    assert outcome(still, period()) is Outcome.FALSE
    assert T0 % HOUR == 0
