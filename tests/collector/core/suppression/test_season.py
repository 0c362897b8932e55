"""Whole seasons: what is found, what is not, and that nothing looks ahead."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.core.suppression import Certainty, Declaration, Kind, Level, Network
from heatward_collector.core.suppression.falling.falls import CONTEXT_SLOTS
from heatward_collector.core.suppression.falling.scan import Places
from heatward_collector.core.suppression.season import (
    Episodes,
    block_of,
    judge_season,
    memories,
    said_of,
)
from heatward_collector.core.suppression.stops.acute import watch
from support.heated_town import (
    HOMES,
    MIDNIGHT,
    SLOTS,
    curves,
    days_of,
    grid,
    homes_of,
    network,
    stop,
)

DAYS = 9
HOUR = 3600


def judged(celsius, declarations=(), net=None, outdoor=-9.0):
    net = network() if net is None else net
    return judge_season(grid(celsius, outdoor), net, declarations, days_of(celsius))


def at(day, hour):
    return MIDNIGHT + round((day * 24 + hour) * HOUR)


def said(finding):
    return finding.level, finding.place, finding.start_s, finding.detected_s


def one_stop(buildings=(2,), day=7, hour=1.0, hours=6.0, rate=0.012, days=DAYS):
    celsius = curves(days)
    stop(celsius, homes_of(*buildings), day, hour, hours, rate)
    return celsius


def test_nothing_is_said_of_homes_that_are_kept_warm():
    assert judged(curves(12)) == []


@pytest.mark.parametrize("seed", range(3))
def test_homes_that_are_heard_half_of_the_time_accuse_nobody(seed):
    celsius = curves(12, seed)
    draw = np.random.default_rng(seed)
    hours = draw.random((len(celsius) // 4, HOMES)) < 0.5
    celsius[np.repeat(hours, 4, axis=0)] = np.nan
    assert not any(one.accuses for one in judged(celsius))


def test_a_building_of_which_half_fell_silent_is_undetermined():
    celsius = one_stop(rate=0.016)
    celsius[:, homes_of(2)[3:]] = np.nan
    found = [one for one in judged(celsius) if one.place == "b2"]
    assert {one.certainty for one in found} == {Certainty.UNDETERMINED}
    assert found[0].homes_judged == 3


@pytest.mark.parametrize(
    ("buildings", "level", "place"),
    [((2,), Level.BUILDING, "b2"), ((2, 3), Level.SOURCE, "s1")],
)
def test_a_stop_at_night_is_found_where_it_is_and_in_time(buildings, level, place):
    (finding,) = judged(one_stop(buildings))
    assert (finding.level, finding.place, finding.kind) == (level, place, Kind.OUTAGE)
    assert finding.accuses
    assert abs(finding.start_s - at(7, 1)) <= HOUR
    assert finding.detected_s - at(7, 1) <= 2.5 * HOUR
    assert abs(finding.end_s - at(7, 7)) <= HOUR
    assert set(finding.buildings) == {f"b{one}" for one in buildings}


def test_a_stop_by_day_is_found():
    (finding,) = judged(one_stop((4, 5), hour=13.0, hours=8.0))
    assert (finding.place, finding.accuses) == ("s2", True)


def test_nights_in_a_row_become_a_night_interruption():
    celsius = curves(14)
    for day in range(8, 12):
        stop(celsius, homes_of(0, 1), day, 1.0, 5.0)
    found = judged(celsius)
    assert [finding.kind for finding in found] == [Kind.NIGHT_INTERRUPTION] * 4


def test_periods_round_the_clock_become_stop_start_heating():
    celsius = curves(12)
    for number in range(6):
        stop(celsius, homes_of(0, 1), 8, number * 7.0, 3.0, rate=0.016)
    kinds = {finding.kind for finding in judged(celsius)}
    assert kinds == {Kind.STOP_START}


def test_one_home_accuses_nobody():
    celsius = curves(DAYS)
    stop(celsius, [7], 7, 1.0, 8.0)
    assert judged(celsius) == []


def test_windows_that_are_open_together_accuse_nobody():
    celsius = curves(DAYS)
    for home in range(HOMES):
        first = (7 * 24 + 7) * 4 + home % 2
        celsius[first + 1 : first + 3, home] -= 2.5
        celsius[first + 3 : first + 7, home] -= 0.8
    assert judged(celsius) == []


def test_what_all_sources_do_is_weather():
    celsius = curves(DAYS)
    stop(celsius, range(HOMES), 7, 20.0, 10.0, rate=0.004)
    assert not any(finding.accuses for finding in judged(celsius))


def test_a_building_that_cools_every_night_has_a_program():
    celsius = curves(16)
    for day in range(16):
        stop(celsius, homes_of(3), day, 22.0, 5.0)
    assert not any(finding.accuses for finding in judged(celsius))


@pytest.mark.parametrize("outdoor", [6.0, np.nan])
def test_nobody_is_accused_in_mild_or_unknown_weather(outdoor):
    found = judged(one_stop((2, 3), rate=0.008), outdoor=outdoor)
    assert found and not any(finding.accuses for finding in found)


def test_two_homes_are_too_few():
    celsius = one_stop((2,))
    net = network()
    kept = np.r_[0:12, 15:HOMES]  # two homes are left of building 2
    small = Network(
        tuple(net.homes[one] for one in kept),
        net.places,
        {level: index[kept] for level, index in net.of_home.items()},
        net.is_floor_heated[kept],
    )
    found = judged(celsius[:, kept], net=small)
    assert not any(finding.accuses for finding in found)


def repair(from_s, to_s, recorded_s):
    return Declaration("reported_repair", Level.SOURCE, "s1", from_s, to_s, recorded_s)


def test_a_repair_that_was_reported_before_is_declared():
    notice = repair(at(7, 1), at(7, 7), at(6, 12))
    (finding,) = judged(one_stop((2, 3)), [notice])
    assert finding.certainty is Certainty.DECLARED


def test_a_repair_that_was_reported_afterwards_explains_nothing():
    notice = repair(at(7, 1), at(7, 7), at(7, 8))
    (finding,) = judged(one_stop((2, 3)), [notice])
    assert finding.accuses


def test_what_goes_on_after_the_declared_hours_is_an_ordinary_finding():
    notice = repair(at(7, 1), at(7, 4), at(6, 12))
    declared, ordinary = judged(one_stop((2, 3), hours=8.0), [notice])
    assert declared.certainty is Certainty.DECLARED and declared.end_s == ordinary.start_s
    assert ordinary.accuses and ordinary.start_s == at(7, 4)
    assert ordinary.detected_s >= at(7, 6)


def test_homes_may_be_warmer_and_in_another_order():
    celsius = one_stop((2, 3))
    usual = [said(one) for one in judged(celsius)]
    warmer = celsius.copy()
    warmer[:, ::3] += 2.0  # whole sixteenths, so that rounding changes nothing
    assert [said(one) for one in judged(warmer)] == usual
    order, net = np.random.default_rng(3).permutation(HOMES), network()
    mixed = Network(
        tuple(net.homes[one] for one in order),
        net.places,
        {level: index[order] for level, index in net.of_home.items()},
        net.is_floor_heated[order],
    )
    assert [said(one) for one in judged(celsius[:, order], net=mixed)] == usual


@settings(max_examples=5, deadline=None)
@given(
    hour=st.sampled_from([0.0, 1.5, 3.0, 22.0]),
    buildings=st.sampled_from([(0,), (2, 3), (4, 5)]),
    rate=st.sampled_from([0.009, 0.012, 0.015]),
)
def test_the_stream_cut_at_its_detection_says_the_same(hour, buildings, rate):
    celsius = one_stop(buildings, hour=hour, rate=rate, days=DAYS + 1)
    whole = judged(celsius)
    assert whole
    for finding in whole:
        slots = (finding.detected_s - MIDNIGHT - 1800) // 900
        cut = celsius.copy()
        cut[slots:] = np.nan
        assert said(finding) in [said(one) for one in judged(cut)]


def test_a_day_in_pieces_gives_what_a_whole_day_gives():
    celsius = one_stop((2, 3), hour=1.0)
    full, net = grid(celsius), network()
    places = Places(net)
    *_, before, after = memories(full, net, days_of(celsius)[:8])
    memory, first = before, 7 * SLOTS
    for last in (first + 9, first + 10, first + 50, 8 * SLOTS):
        part = slice(first - CONTEXT_SLOTS, last)
        now = replace(
            full,
            start_s=full.start_s + part.start * 900,
            homes=full.homes[part],
            outdoor=full.outdoor[part],
            hour=full.hour[part],
            is_season=full.is_season[part],
        )
        memory, first = watch(memory, block_of(now, net, ()), places)[0], last
    assert (memory.open, memory.recent) == (after.open, after.recent)
    episodes = Episodes()
    episodes.take(memory)
    (finding,) = said_of(episodes.sorted(), net, (), full)
    assert [said(finding)] == [said(one) for one in judged(celsius)]


def test_a_season_may_go_on_from_a_stored_memory():
    celsius = one_stop((2, 3), day=5, hour=22.0)
    full, net, days = grid(celsius), network(), days_of(celsius)
    *_, whole = memories(full, net, days)
    *_, half = memories(full, net, days[:6])
    *_, rest = memories(full, net, days[6:], memory=half)
    assert (rest.open, rest.recent) == (whole.open, whole.recent)
    np.testing.assert_array_equal(rest.past.rates, whole.past.rates)
