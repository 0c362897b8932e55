"""What is said of a cut of the supply, and how surely."""

from dataclasses import replace

import pytest

from heatward_collector.core.suppression.findings.declared import Declaration
from heatward_collector.core.suppression.findings.finding import Certainty, Exclusion, Kind
from heatward_collector.core.suppression.held_back.cut import DAY_S, Cut, View
from heatward_collector.core.suppression.homes.network import Level

HOMES = tuple(f"h{number}" for number in range(10))
CUT = Cut(
    level=Level.SOURCE,
    place="so1",
    view=View.OTHERS,
    start_s=50 * DAY_S,
    said_s=54 * DAY_S + 1800,
    threshold=5.0,
    statistic=7.5,
    peak_kelvin=4.0,
    affected=HOMES,
    buildings=("b1", "b2"),
    judged=10,
    silent=1,
    firm_s=55 * DAY_S + 1800,
    accused_s=54 * DAY_S + 1800,
    evidence={"lift_kelvin": 36.0},
)


def said(**changes):
    finding = replace(CUT, **changes).finding((), 60 * DAY_S)
    return finding.certainty, finding.rule


def test_a_clear_fall_of_many_homes_below_the_standard_is_throttling():
    finding = CUT.finding((), 60 * DAY_S)
    assert (finding.kind, finding.certainty) == (Kind.THROTTLING, Certainty.HIGH)
    assert finding.evidence["heat_ratio"] == 0.9
    assert finding.evidence["drop_kelvin"] == 4.0


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"judged": 3}, "throttling_few_homes"),
        ({"is_limited": True}, "supply_limited_intent_unknown"),
        ({"accused_s": None}, "supply_reduced_standard_met"),
        ({"is_doubtful": True}, "throttling_or_closed_valves"),
        ({"looks_empty": True}, "throttling_or_empty_homes"),
        ({"firm_s": None}, "throttling_possible"),
        ({"firm_s": None, "view": View.OWN_HISTORY}, "throttling_possible"),
    ],
)
def test_what_has_another_explanation_accuses_nobody(changes, rule):
    assert said(**changes) == (Certainty.UNDETERMINED, rule)


@pytest.mark.parametrize(
    ("doubt", "cause"), [({"is_doubtful": True}, "valves"), ({"looks_empty": True}, "empty_homes")]
)
def test_a_cause_that_is_doubted_later_is_not_said_to_be_excluded(doubt, cause):
    causes = (Exclusion("valves", True), Exclusion("empty_homes", True), Exclusion("drift", True))
    finding = replace(CUT, considered=causes, **doubt).finding((), 60 * DAY_S)
    assert [one.cause for one in finding.excluded if not one.is_excluded] == [cause]


@pytest.mark.parametrize(
    ("changes", "is_excluded"),
    [
        ({"firm_s": None, "peak_kelvin": 2.5}, False),
        ({"firm_s": None, "peak_kelvin": 2.6}, True),
        ({"peak_kelvin": 2.0}, True),
        ({"view": View.OWN_HISTORY, "firm_s": None, "peak_kelvin": 2.0}, None),
        ({"firm_s": None, "peak_kelvin": 2.0, "evidence": {}}, None),
    ],
    ids=["as a curve", "more", "it was clear", "own history", "heat unknown"],
)
def test_a_heating_curve_may_be_what_takes_little_heat_and_was_never_clear(changes, is_excluded):
    finding = replace(CUT, **changes).finding((), 60 * DAY_S)
    said = {one.cause: one.is_excluded for one in finding.excluded}
    assert said.get("heating_curve") is is_excluded


def test_a_fall_just_above_the_threshold_and_one_of_few_homes_are_less_sure():
    assert said(statistic=6.9)[0] is Certainty.MEDIUM
    assert said(statistic=6.0)[0] is Certainty.MEDIUM
    assert said(judged=7)[0] is Certainty.MEDIUM


def test_a_fall_was_found_when_it_was_clearly_more_than_chance():
    assert CUT.finding((), 60 * DAY_S).detected_s == 55 * DAY_S + 1800
    possible = replace(CUT, firm_s=None).finding((), 60 * DAY_S)
    assert possible.detected_s == 54 * DAY_S + 1800


def test_own_history_alone_is_least_sure():
    assert said(view=View.OWN_HISTORY) == (Certainty.LOW, "throttling_against_own_history")


def declaration(first: int, last: int, recorded: int) -> Declaration:
    return Declaration(
        "reported_stop", Level.SOURCE, "so1", first * DAY_S, last * DAY_S, recorded * DAY_S
    )


def test_what_was_reported_before_it_began_is_declared():
    short = replace(CUT, end_s=52 * DAY_S)
    finding = short.finding((declaration(49, 53, 48),), 60 * DAY_S)
    assert finding.certainty is Certainty.DECLARED
    assert finding.excluded[-1] == Exclusion("reported_stop", False)


@pytest.mark.parametrize("other", [declaration(50, 52, 51), declaration(51, 52, 49)])
def test_a_report_too_late_or_of_a_part_of_its_time_explains_nothing(other):
    assert replace(CUT, end_s=52 * DAY_S).finding((other,), 60 * DAY_S).accuses


@pytest.mark.parametrize(
    ("from_hours", "to_hours", "is_explained"),
    [
        (17.5, 86.5, True),  # the first day of a cut began at half past five
        (5.0, 44.0, False),  # and went on for two days after what was declared
        (23.5, 24.5, False),
        (24.0, 96.0, False),
    ],
)
def test_what_begins_later_on_the_first_day_of_a_cut_explains_it(
    from_hours: float, to_hours: float, is_explained: bool
) -> None:
    begin_s = CUT.start_s + int(from_hours * 3600)
    end_s = CUT.start_s + int(to_hours * 3600)
    notice = Declaration("pollution_staggering", Level.SOURCE, "so1", begin_s, end_s, begin_s - 1)
    finding = replace(CUT, end_s=54 * DAY_S).finding((notice,), 60 * DAY_S)
    assert (finding.certainty is Certainty.DECLARED) is is_explained


@pytest.mark.parametrize(("left_aside", "said"), [(3, {"left_aside_homes": 3}), (0, None)])
def test_homes_that_were_left_aside_are_said_with_what_was_considered(left_aside, said):
    finding = replace(CUT, left_aside=left_aside).finding((), 60 * DAY_S)
    aside = {one.cause: one for one in finding.excluded}.get("heaters")
    assert (aside and aside.facts) == said and (aside is None or aside.is_excluded)
