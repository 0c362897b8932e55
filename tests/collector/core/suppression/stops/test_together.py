"""All sources of a town without heat at once."""

import numpy as np
import pytest

from heatward_collector.core.suppression import Certainty, Level
from heatward_collector.core.suppression.season import judge_season, memories
from heatward_collector.core.suppression.stops import together
from support.heated_town import (
    MIDNIGHT,
    SLOTS,
    curves,
    days_of,
    grid,
    homes_of,
    network,
    stop,
)

RULE = "all_homes_fall_at_once"
DAYS, DAY = 14, 12
TWO = homes_of(0, 1, 2, 3)
HOUR = 3600


def town(sources=2, **held):
    """Return a town whose homes all lose heat from one in the night of a day on."""
    homes = sources * 10
    celsius = curves(DAYS, homes=homes)
    stop(celsius, range(homes), **{"day": DAY, "hour": 1.0, "hours": 6.0} | held)
    return celsius


def judged(celsius, outdoor=-9.0):
    net = network(celsius.shape[1])
    return judge_season(grid(celsius, outdoor), net, (), days_of(celsius))


def said(findings):
    return [(one.level, one.place) for one in findings if one.rule == RULE]


def at(hour, day=DAY):
    return MIDNIGHT + round((day * 24 + hour) * HOUR)


@pytest.fixture(scope="module")
def both():
    return judged(town())


def test_each_source_is_named_once(both):
    assert said(both) == [(Level.SOURCE, "s0"), (Level.SOURCE, "s1")]
    assert {one.place for one in both if one.accuses} == {"s0", "s1"}


def test_it_is_said_within_hours_with_its_begin_and_end(both):
    for one in both:
        assert abs(one.start_s - at(1.0)) <= HOUR / 2
        assert abs(one.end_s - at(7.0)) <= HOUR
        assert one.start_s < one.detected_s <= at(4.0)


def test_it_is_never_more_than_little_sure_and_says_what_is_missing(both):
    for one in both:
        assert one.certainty is Certainty.LOW
        answers = {other.cause: other.is_excluded for other in one.excluded}
        assert answers["weather"] and not answers["network_wide"]
        assert "cold_front" not in answers and "no_control" not in answers
        assert "control_homes" not in one.evidence and "gain_nat" not in one.evidence


def test_three_sources_are_named_as_two_are():
    assert said(judged(town(3))) == [(Level.SOURCE, f"s{one}") for one in range(3)]


def test_in_a_town_of_one_source_its_buildings_must_agree():
    celsius = town(1)
    assert judged(celsius)
    warm = curves(DAYS, homes=10)
    celsius[:, homes_of(1)] = warm[:, homes_of(1)]
    assert said(judged(celsius)) == []


def test_a_source_that_stays_warm_makes_it_no_stop_of_all():
    celsius = curves(DAYS)
    stop(celsius, TWO, DAY, 1.0, 6.0)
    assert said(judged(celsius)) == []


def test_sources_that_fall_one_after_the_other_are_no_stop_of_all():
    celsius = curves(DAYS, homes=20)
    stop(celsius, homes_of(0, 1), DAY, 1.0, 6.0)
    stop(celsius, homes_of(2, 3), DAY, 3.5, 3.5)
    assert said(judged(celsius)) == []


@pytest.mark.parametrize(
    ("held", "why"),
    [
        ({"rate": 0.004}, "half of the heat would cool more"),
        ({"day": 4}, "the homes are known for too short a time"),
        ({"hours": 1.0}, "windows are open so long"),
    ],
)
def test_a_smaller_fall_is_no_stop(held, why):
    assert said(judged(town(**held))) == [], why


def test_in_mild_weather_nothing_is_said():
    assert said(judged(town(), outdoor=4.0)) == []


def test_what_the_town_does_on_other_days_too_is_its_habit():
    celsius = curves(DAYS, homes=20)
    for day in range(2, DAYS, 2):
        stop(celsius, range(20), day, 1.5, 3.0, 0.008)
    assert said(judged(celsius)) == []


def with_outdoor(celsius, fall, hours=6):
    """Return a grid in which it becomes colder from an hour before the stop on. [K]"""
    outdoor = np.full(len(celsius), -9.0)
    first = (DAY * 24) * 4
    ago = np.clip(np.arange(len(celsius)) - first, 0, hours * 4)
    made = grid(celsius)
    return type(made)(
        made.start_s,
        made.slot_s,
        made.homes,
        outdoor - fall * ago / (hours * 4),
        made.hour,
        made.is_season,
    )


@pytest.mark.parametrize(("fall", "found"), [(0.0, True), (30.0, False)])
def test_a_cold_front_takes_its_part(fall, found):
    celsius = town(rate=0.008)
    findings = judge_season(
        with_outdoor(celsius, fall), network(celsius.shape[1]), (), days_of(celsius)
    )
    assert bool(said(findings)) is found


def sunny(drop=1.5, fading=3):
    """Return homes that the sun warms on the last days, until it goes at once."""
    celsius = curves(DAYS, homes=20)
    hour = np.arange(len(celsius)) % SLOTS / 4
    warm = np.where((hour > 8) & (hour < 14), drop * np.minimum((hour - 8) / 4, 1), 0.0)
    faded = np.where(hour >= 14, drop * np.clip(1 - (hour - 14) / fading, 0, 1), 0.0)
    celsius[DAY * SLOTS :] += (warm + faded)[DAY * SLOTS :, None]
    return celsius


def test_the_end_of_a_sunny_day_is_no_stop():
    assert said(judged(sunny())) == []


def test_by_day_a_stop_is_one_if_homes_are_colder_than_in_the_day_before():
    findings = judged(town(hour=11.0, hours=8.0))
    assert said(findings)
    assert all(
        {"sun": True}.items() <= {o.cause: o.is_excluded for o in one.excluded}.items()
        for one in findings
        if one.rule == RULE
    )


@pytest.mark.parametrize("floor", [homes_of(1, 3), []])
def test_heated_floors_have_no_say(floor):
    celsius = town()
    celsius[:, floor] = curves(DAYS, homes=20)[:, floor]
    net = network(20, floor)
    assert len(said(judge_season(grid(celsius), net, (), days_of(celsius)))) == 2


def test_a_town_that_often_wanders_together_must_fall_faster():
    celsius = town(rate=0.008)
    assert said(judged(celsius))
    slots = np.arange(len(celsius))
    celsius += 0.8 * np.sin(2 * np.pi * slots / (SLOTS * 0.37))[:, None]
    assert said(judged(celsius)) == []


def test_what_began_under_the_sun_is_said_once_it_is_colder_than_ever():
    celsius = sunny(2.0, fading=12)
    stop(celsius, range(20), DAY, 14.0, 20.0, 0.008)
    findings = [one for one in judged(celsius) if one.rule == RULE]
    assert [one.place for one in findings] == ["s0", "s1"]
    for one in findings:
        assert abs(one.start_s - at(14.0)) <= 2 * HOUR
        assert at(19.0) < one.detected_s < at(24.0)


def test_of_many_homes_some_are_asked_and_all_that_fell_are_named(monkeypatch, both):
    monkeypatch.setattr(together, "MOST_HOMES", 5)
    few = [one for one in judged(town()) if one.rule == RULE]
    assert [one.place for one in few] == ["s0", "s1"]
    assert [one.affected for one in few] == [one.affected for one in both]


def test_sources_that_warm_up_alike_are_a_measure_of_each_other_at_once():
    celsius = town(hour=0.0, hours=3.0)
    stop(celsius, homes_of(0, 1), DAY, 7.0, 6.0)
    findings = judged(celsius)
    assert said(findings) == [(Level.SOURCE, "s0"), (Level.SOURCE, "s1")]
    (later,) = [one for one in findings if one.start_s > at(4.0)]
    assert later.place == "s0" and later.evidence["control_homes"] > 0


@pytest.mark.parametrize("slots", [0, 1, 4])
def test_nothing_of_what_comes_later_is_needed(both, slots):
    last = (both[0].detected_s - MIDNIGHT - 1800) // 900 + slots
    celsius = town()[:last]
    days = [*days_of(celsius), (len(celsius) // SLOTS * SLOTS, len(celsius))]
    *_, memory = memories(grid(celsius), network(20), days)
    assert [(one.place, one.start_s, one.detected_s) for one in memory.open] == [
        (one.place, one.start_s, one.detected_s) for one in both
    ]


def test_and_a_slot_earlier_nobody_knew(both):
    celsius = town()[: (both[0].detected_s - MIDNIGHT - 1800) // 900 - 1]
    days = [*days_of(celsius), (len(celsius) // SLOTS * SLOTS, len(celsius))]
    *_, memory = memories(grid(celsius), network(20), days)
    assert [one for one in memory.open if one.rule == RULE] == []
