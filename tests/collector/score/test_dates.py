"""Late starts and early stops: which day, to within one."""

from zoneinfo import ZoneInfo

import pytest

from heatward_collector.core.suppression import Certainty, Kind
from heatward_collector.score.dates import edge_row
from support.scored_district import cut, finding

ZONE = ZoneInfo("Asia/Shanghai")
LATE = cut("b1 b2", 1.0, 97.0, kind=Kind.LATE_START, residual=0.2)
"""From one midnight to another four days later."""
STOP = cut("b1 b2", 1.0, 97.0, kind=Kind.EARLY_STOP, residual=0.0)


def said(start_h, end_h, kind=Kind.LATE_START, **facts):
    return finding(start_h, 48.0, end_h, kind=kind, **facts)


@pytest.mark.parametrize(
    ("end_h", "days_off", "is_right"),
    [(97.0, 0, True), (120.9, 0, True), (121.0, 1, True), (73.0, -1, True), (145.0, 2, False)],
)
def test_a_late_start_is_named_by_the_day_on_which_heat_came(end_h, days_off, is_right):
    row = edge_row(LATE, [said(1.0, end_h)], 15.0, 4, ZONE)
    assert (row.days_off, row.is_right) == (days_off, is_right)


def test_an_early_stop_is_named_by_the_day_on_which_heat_ended():
    row = edge_row(STOP, [said(26.0, None, Kind.EARLY_STOP)], 15.0, 4, ZONE)
    assert (row.days_off, row.is_right) == (1, True)


def test_a_late_start_that_is_still_open_has_no_date_yet():
    row = edge_row(LATE, [said(1.0, None)], 15.0, 4, ZONE)
    assert (row.said, row.days_off, row.is_right) == ("late_start", None, False)


def test_a_doubt_is_no_right_answer_and_nothing_is_none():
    doubt = said(1.0, 97.0, certainty=Certainty.UNDETERMINED)
    assert not edge_row(LATE, [doubt], 15.0, 4, ZONE).is_right
    assert edge_row(LATE, [], 15.0, 4, ZONE).said == "missed"


def test_only_cold_weather_and_a_real_stop_are_counted():
    assert edge_row(LATE, [], 10.0, 4, ZONE).is_counted
    assert not edge_row(LATE, [], 9.9, 4, ZONE).is_counted
    lukewarm = cut("b1 b2", 1.0, 97.0, kind=Kind.LATE_START, residual=0.21)
    assert not edge_row(lukewarm, [], 15.0, 4, ZONE).is_counted


def test_with_three_homes_a_place_is_not_counted():
    assert not edge_row(LATE, [], 15.0, 3, ZONE).is_counted


def test_the_second_date_stands_in_the_evidence():
    bare = edge_row(LATE, [said(1.0, 97.0)], 15.0, 4, ZONE)
    whole = edge_row(LATE, [said(1.0, 97.0, evidence={"standard_reached_s": 1.0})], 15.0, 4, ZONE)
    assert (bare.has_second_date, whole.has_second_date) == (False, True)
