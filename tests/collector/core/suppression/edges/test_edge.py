"""What is said of a late start and of an early stop."""

from dataclasses import replace

import pytest

from heatward_collector.core.suppression.edges.edge import DAY_S, Edge
from heatward_collector.core.suppression.findings.declared import Declaration
from heatward_collector.core.suppression.findings.finding import Certainty, Exclusion, Kind
from heatward_collector.core.suppression.homes.network import Level

LATE = Edge(
    kind=Kind.LATE_START,
    level=Level.ZONE,
    place="z1",
    start_s=10 * DAY_S,
    said_s=12 * DAY_S + 1800,
    affected=tuple(f"h{number}" for number in range(8)),
    buildings=("b1",),
    judged=8,
    silent=0,
    lift_kelvin=15.0,
    outdoor_celsius=5.0,
    heat_share=0.1,
    control_share=0.9,
    is_clear=True,
)
STOP = replace(LATE, kind=Kind.EARLY_STOP, end_s=16 * DAY_S)


def test_both_dates_of_a_late_start_stand_in_its_evidence():
    came = replace(
        LATE, end_s=14 * DAY_S, heat_on_s=12 * DAY_S, standard_reached_s=17 * DAY_S
    ).finding(())
    assert came.rule == "heat_lukewarm"
    assert came.evidence["heat_on_s"] == 12 * DAY_S
    assert came.evidence["delay_days"] == 2.0
    assert came.evidence["standard_reached_s"] == 17 * DAY_S


def test_an_early_stop_says_since_when_and_whether_rooms_were_warm_enough():
    said = replace(STOP, was_met=True).finding(())
    assert (said.rule, said.evidence["heat_off_s"]) == ("heat_gone_early", 10 * DAY_S)
    assert (said.evidence["standard_met"], said.evidence["early_days"]) == (1, 6.0)


@pytest.mark.parametrize(
    ("changes", "certainty"),
    [
        ({}, Certainty.HIGH),
        ({"judged": 7}, Certainty.MEDIUM),
        ({"control_share": float("nan")}, Certainty.MEDIUM),
        ({"judged": 3}, Certainty.UNDETERMINED),
        ({"is_clear": False}, Certainty.UNDETERMINED),
    ],
)
def test_few_homes_and_mild_weather_accuse_nobody(changes, certainty):
    assert replace(LATE, **changes).finding(()).certainty is certainty


def test_what_was_reported_before_is_declared():
    notice = Declaration("reported_stop", Level.ZONE, "z1", 9 * DAY_S, 15 * DAY_S, 5 * DAY_S)
    said = LATE.finding((notice,))
    assert said.certainty is Certainty.DECLARED
    assert said.excluded[-1] == Exclusion("reported_stop", False)
    assert LATE.finding((replace(notice, recorded_s=11 * DAY_S),)).accuses
