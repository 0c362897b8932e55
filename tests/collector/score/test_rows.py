"""What one season contributes: delay, level, type, fragments and false findings."""

import pytest

from heatward_collector.core.suppression import Certainty, Kind, Level
from heatward_collector.score.matching import match
from heatward_collector.score.places import Places
from heatward_collector.score.rows import false_rows, period_rows, series_rows
from support.scored_district import finding, network, period

PLACES = (Places(network()), Places(network()))


def rows(periods, findings):
    return period_rows(periods, findings, match(periods, findings), PLACES)


def test_delay_runs_from_the_physical_beginning_to_the_emission_with_its_tick():
    (row,) = rows([period()], [finding(start_h=0.5, detected_h=1.5)])
    assert row.delay_h == pytest.approx(1.5 + 60 / 3600)
    assert (row.said, row.is_found, row.is_level_right) == ("outage", True, True)


def test_a_missed_period_has_no_delay_and_no_level():
    (row,) = rows([period()], [])
    assert (row.delay_h, row.is_level_right, row.said, row.is_found) == (
        None,
        None,
        "missed",
        False,
    )


def test_undetermined_is_a_column_of_its_own_and_no_find():
    (row,) = rows([period()], [finding(certainty=Certainty.UNDETERMINED)])
    assert (row.said, row.is_found) == ("undetermined", False)


def test_the_level_is_right_where_the_place_is_the_true_one_or_one_with_it():
    def is_right(place):
        return rows([period()], [finding(place=place)])[0].is_level_right

    assert is_right((Level.SOURCE, "so1"))
    assert is_right((Level.SUBSTATION, "ss1"))
    assert not is_right((Level.ZONE, "z1"))
    assert not is_right((Level.BUILDING, "b1"))


def test_every_accusation_over_a_period_is_counted():
    findings = [finding(), finding(detected_h=2.0), finding(buildings="b3"), finding(8, 9, 10)]
    findings += [finding(certainty=Certainty.UNDETERMINED), finding(kind=Kind.THROTTLING)]
    assert rows([period()], findings)[0].accusations == 3


def test_a_series_is_called_what_was_said_of_it_last():
    nights = [period(24.0 * night) for night in range(3)]
    kinds = [Kind.OUTAGE, Kind.OUTAGE, Kind.NIGHT_INTERRUPTION]
    findings = [
        finding(24.0 * night + 0.3, 24.0 * night + 1.5, 24.0 * night + 5.5, kind=kind)
        for night, kind in enumerate(kinds)
    ]
    (row,) = series_rows(nights, findings, match(nights, findings))
    assert (row.said, row.is_kind_right) == ("night_interruption", True)
    (row,) = series_rows(nights, findings[:2], match(nights, findings[:2]))
    assert (row.said, row.is_kind_right) == ("outage", False)
    (row,) = series_rows(nights[:2], findings, match(nights[:2], findings))
    assert (row.said, row.is_kind_right) == ("outage", True)
    (row,) = series_rows(nights, [], match(nights, []))
    assert (row.said, row.is_kind_right) == ("missed", False)


def test_only_series_with_a_counted_period_have_a_type():
    weak, other = period(residual=0.8), period(30.0, series=1)
    (row,) = series_rows([weak, other], [], match([weak, other], []))
    assert row.kind == "night_interruption"


def test_a_false_finding_counts_once_for_every_building_that_it_names():
    findings = [finding(), finding(30, 31, 35, "b1 b2 b3"), finding(60, 61, 65, "")]
    found = false_rows(findings, match([period()], findings).outcome)
    assert [row.buildings for row in found] == [3, 1]
