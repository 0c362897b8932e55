"""What is said of an episode: its kind, how sure it is, and what is declared of it."""

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression import Certainty, Declaration, Kind, Level
from heatward_collector.core.suppression.stops.kinds import findings_of, kind_of
from support.heated_town import MIDNIGHT, homes_of, network
from support.stops import LONE, episode

HOUR, DAY = 3600, 86_400
ALL_AT_ONCE = "all_homes_fall_at_once"
NET = network()


def hour_of(time_s):
    return np.asarray((time_s - MIDNIGHT) % DAY / HOUR)


def said(one, others=(), declarations=()):
    return findings_of(one, [one, *others], NET, declarations, hour_of)


@pytest.mark.parametrize(
    ("changes", "certainty", "doubt"),
    [
        ({}, Certainty.HIGH, None),
        (LONE, Certainty.MEDIUM, None),
        (LONE | {"judged": 4}, Certainty.LOW, None),
        ({"control_homes": 0}, Certainty.LOW, "no_control"),
        ({"judged": 3}, Certainty.UNDETERMINED, "few_homes"),
        ({"delta": 19.0}, Certainty.UNDETERMINED, "low_lift"),
        ({"delta": float("nan")}, Certainty.UNDETERMINED, "no_outdoor"),
        ({"rule": "all_sources_fall"}, Certainty.UNDETERMINED, "other_sources"),
        ({"rule": ALL_AT_ONCE, "control_homes": 0}, Certainty.LOW, "network_wide"),
        ({"rule": ALL_AT_ONCE, "control_homes": 0, "judged": 5}, Certainty.LOW, "network_wide"),
        (
            {"rule": ALL_AT_ONCE, "control_homes": 0, "elsewhere": (20.0,)},
            Certainty.LOW,
            "no_control",
        ),
        (LONE | {"level": Level.STAIRWELL}, Certainty.UNDETERMINED, "airing"),
        (LONE | {"past_days": 4}, Certainty.UNDETERMINED, "thermostats"),
        ({"is_faint": True}, Certainty.UNDETERMINED, "turned_down"),
        ({"past_days": 4, "spare": 3.5}, Certainty.HIGH, None),
        ({"past_days": 4, "spare": 2.0}, Certainty.UNDETERMINED, "thermostats"),
        ({"past_days": 9, "spare": 2.0}, Certainty.HIGH, None),
        ({"past_days": 9, "spare": 1.0}, Certainty.UNDETERMINED, "thermostats"),
        ({"past_days": 2, "spare": 9.0}, Certainty.UNDETERMINED, "thermostats"),
    ],
)
def test_how_sure_it_is_depends_on_what_else_may_be(changes, certainty, doubt):
    (finding,) = said(replace(episode(), **changes))
    assert finding.certainty is certainty
    open_causes = {one.cause for one in finding.excluded if not one.is_excluded}
    assert doubt is None or doubt in open_causes


def test_at_the_festival_a_building_alone_may_stand_empty():
    new_year = 40  # 10 February 2024
    (lone,) = said(replace(episode(day=new_year, hour=18.0, gain=11.0), **LONE))
    (wide,) = said(episode(day=new_year, hour=18.0, gain=11.0))
    assert not lone.accuses and wide.accuses


def test_even_then_a_handful_of_homes_in_two_buildings_may_stand_empty():
    few = {"level": Level.ZONE, "judged": 4, "affected": tuple(homes_of(2, 3)[3:7])}
    found = [*said(replace(episode(day=40, gain=9.0), **few)), *said(episode(day=40, gain=9.0))]
    assert [one.accuses for one in found] == [False, True]


def test_even_then_not_all_families_turn_their_valves_at_once():
    at_once = replace(episode(day=40, gain=15.0), **LONE)
    most = replace(at_once, affected=at_once.homes[:4], hour=18.0)
    less = replace(at_once, gain=14.0)
    found = [*said(at_once), *said(most), *said(less)]
    assert [one.accuses for one in found] == [True, False, False]


@pytest.mark.parametrize(
    ("changes", "accuses"),
    [
        ({}, False),
        ({"is_repeated": True}, True),
    ],
)
def test_nobody_sets_out_twice(changes, accuses):
    (finding,) = said(replace(episode(day=40, gain=10.0), **(LONE | changes)))
    assert finding.accuses is accuses


def test_three_nights_of_a_week_are_a_night_interruption():
    nights = [episode(day=day) for day in (60, 62, 64)]
    assert {kind_of(one, nights) for one in nights} == {Kind.NIGHT_INTERRUPTION}
    assert kind_of(nights[0], nights[:2]) is Kind.OUTAGE


def test_the_nights_of_another_place_do_not_count():
    elsewhere = [
        replace(episode(day=day), homes=tuple(homes_of(0)), place="b0") for day in (61, 62, 63)
    ]
    assert kind_of(episode(day=60), [episode(day=60), *elsewhere]) is Kind.OUTAGE


def test_three_periods_of_a_day_are_stop_start_heating():
    periods = [episode(day=60, hour=hour, hours=3.0) for hour in (1.0, 8.0, 15.0)]
    assert {kind_of(one, periods) for one in periods} == {Kind.STOP_START}


def regime(hours, place="s1"):
    return Declaration("regime", Level.SOURCE, place, MIDNIGHT, MIDNIGHT + 200 * DAY, 0, hours)


def certainties(found):
    return [finding.certainty for finding in found]


def test_hours_without_a_promise_are_declared():
    declared = regime(((6.0, 22.0),))
    assert certainties(said(episode(day=60), (), [declared])) == [Certainty.DECLARED]


def test_the_regime_of_another_source_explains_nothing():
    (finding,) = said(episode(day=60), (), [regime(((6.0, 22.0),), "s0")])
    assert finding.accuses


@pytest.mark.parametrize(("hours", "parts"), [(5.5, 1), (9.0, 2)])
def test_only_what_is_clearly_longer_than_declared_is_held_against_somebody(hours, parts):
    found = said(episode(day=60, hours=hours), (), [regime(((6.0, 22.0),))])
    assert certainties(found) == [Certainty.DECLARED, Certainty.HIGH][:parts]
    if parts == 2:
        assert hour_of(found[1].start_s) == 6.0
        assert found[1].detected_s == found[1].start_s + 2.5 * HOUR


def test_what_begins_long_before_the_declared_hours_is_two_findings():
    found = said(episode(day=60, hour=18.0, hours=10.0), (), [regime(((6.0, 22.0),))])
    assert certainties(found) == [Certainty.HIGH, Certainty.DECLARED]
    assert found[0].detected_s == episode(day=60, hour=18.0).detected_s
    assert hour_of(found[1].start_s) == 22.0


def test_heated_floors_that_fall_when_the_declared_hours_are_over_accuse_nobody():
    floor = episode(day=60, hour=6.0, hours=4.0)
    warm = network(floor=floor.affected)
    declared = [regime(((6.0, 22.0),))]
    found = findings_of(floor, [floor], warm, declared, hour_of)
    assert certainties(found) == [Certainty.DECLARED]
    assert certainties(said(floor, (), declared)) == [Certainty.HIGH]  # of radiators


def test_heated_floors_that_fall_long_after_the_declared_hours_do():
    floor = episode(day=60, hour=12.5, hours=4.0)
    warm = network(floor=floor.affected)
    (finding,) = findings_of(floor, [floor], warm, [regime(((6.0, 22.0),))], hour_of)
    assert finding.accuses


def test_a_finding_names_buildings_homes_and_numbers():
    (finding,) = said(episode())
    assert finding.buildings == ("b2", "b3") and len(finding.affected) == 10
    assert finding.evidence["drop_kelvin"] == 1.5
    assert finding.evidence["cut_rate_per_hour"] == 0.01
    assert finding.evidence["lift_kelvin"] == 30.0


@pytest.mark.parametrize(
    ("rule", "is_weighed"),
    [("homes_fall_together", True), ("homes_keep_losing", False), ("homes_fall_when_due", False)],
)
def test_only_of_what_was_weighed_it_is_said_how_clear_it_was(rule, is_weighed):
    (one,) = said(episode(rule=rule))
    assert ("gain_nat" in one.evidence) is is_weighed
