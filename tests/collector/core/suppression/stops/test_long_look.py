"""Stops that begin in the morning, with open windows and under the sun."""

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression import Certainty, Level, Network
from heatward_collector.core.suppression.falling.falls import CONTEXT_SLOTS
from heatward_collector.core.suppression.falling.scan import Places
from heatward_collector.core.suppression.season import (
    block_of,
    judge_season,
    memories,
)
from heatward_collector.core.suppression.stops import opening
from heatward_collector.core.suppression.stops.acute import watch
from heatward_collector.core.suppression.stops.long_look import is_due, losing
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

RULE = "homes_keep_losing"
DAYS, DAY = 17, 15
HOUR = 3600


def morning(seed=0):
    """Return homes that are aired every morning, one after the other, and warmed by the sun."""
    celsius = curves(DAYS, seed)
    draw = np.random.default_rng(seed + 100)
    hour = np.arange(len(celsius)) % SLOTS / 4
    bright = draw.uniform(0.3, 1.0, DAYS)[np.arange(len(celsius)) // SLOTS]
    sun = np.clip(np.sin(np.pi * (hour - 9.0) / 7.0), 0.0, None) * bright
    celsius += sun[:, None] * draw.uniform(0.8, 1.2, HOMES)
    for day in range(DAYS):
        for home in range(HOMES):
            air(celsius, home, day * SLOTS + draw.integers(30, 38))
    return celsius


def air(celsius, home, first):
    """Open a window for half an hour."""
    ago = np.arange(len(celsius)) - first
    celsius[:, home] -= np.where(ago >= 0, np.minimum(ago, 2) * np.exp(-np.maximum(ago, 0) / 5), 0)


def town(buildings=(2, 3), hour=8.0, hours=10.0, rate=0.009, seed=0):
    celsius = morning(seed)
    stop(celsius, homes_of(*buildings), DAY, hour, hours, rate)
    return celsius


def judged(celsius, net=None, outdoor=-9.0):
    net = network() if net is None else net
    return judge_season(grid(celsius, outdoor), net, (), days_of(celsius))


def at(hour, day=DAY):
    return MIDNIGHT + round((day * 24 + hour) * HOUR)


def said(one):
    return one.level, one.place, one.start_s, one.detected_s, one.rule


@pytest.fixture(scope="module", params=[(2, 3), (2,)], ids=["source", "building"])
def stopped(request):
    celsius = town(request.param, rate=0.007, seed=2)
    return request.param, celsius, judged(celsius)


def test_a_stop_under_airing_and_sun_is_said_once_where_it_is(stopped):
    buildings, _, (one,) = stopped
    assert (one.level, one.place) == (
        (Level.SOURCE, "s1") if len(buildings) == 2 else (Level.BUILDING, "b2")
    )
    assert one.rule == RULE and one.accuses
    assert abs(one.start_s - at(8)) <= 2 * HOUR
    assert one.detected_s <= at(18)
    assert {cause.cause for cause in one.excluded if cause.is_excluded} >= {"airing", "sun"}


def test_what_is_the_program_of_a_building_alone_is_not_said(stopped, monkeypatch):
    buildings, celsius, _ = stopped
    monkeypatch.setattr(opening, "is_program", lambda *given: True)
    assert len(judged(celsius)) == (1 if len(buildings) == 2 else 0)


def test_it_is_less_sure_than_what_the_short_look_says(stopped):
    assert all(one.certainty in (Certainty.MEDIUM, Certainty.LOW) for one in stopped[2])


def test_the_stream_cut_at_its_detection_says_the_same(stopped):
    _, celsius, (one,) = stopped
    cut = celsius.copy()
    cut[(one.detected_s - MIDNIGHT - 1800) // 900 :] = np.nan
    assert [said(again) for again in judged(cut)] == [said(one)]


def test_a_slot_less_is_too_early(stopped):
    _, celsius, (one,) = stopped
    cut = celsius.copy()
    cut[(one.detected_s - MIDNIGHT - 1800) // 900 - 1 :] = np.nan
    assert judged(cut) == []


def test_a_day_in_pieces_gives_what_a_whole_day_gives(stopped):
    _, celsius, (one,) = stopped
    full, net = grid(celsius), network()
    places, seen = Places(net), (one.detected_s - MIDNIGHT - 1800) // 900
    *_, memory, after = memories(full, net, days_of(celsius)[: DAY + 1])
    first = DAY * SLOTS
    for last in (first + 37, seen - 1, seen, first + SLOTS):
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
    assert [episode.rule for episode in (*memory.open, *memory.recent)] == [RULE]


@pytest.mark.parametrize(("hour", "due"), [(7.75, True), (8.0, False), (8.5, False), (23.75, True)])
def test_it_looks_back_at_the_end_of_every_hour(hour, due):
    assert is_due(hour) is due


def test_homes_may_be_warmer_and_in_another_order(stopped):
    _, celsius, found = stopped
    order, net = np.random.default_rng(3).permutation(HOMES), network()
    mixed = Network(
        tuple(net.homes[one] for one in order),
        net.places,
        {level: index[order] for level, index in net.of_home.items()},
        net.is_floor_heated[order],
    )
    warmer = celsius[:, order] + 2.0  # whole sixteenths, so that rounding changes nothing
    assert [said(one) for one in judged(warmer, mixed, -7.0)] == [said(one) for one in found]


@pytest.mark.parametrize("seed", [0, 2])
def test_mornings_with_airing_and_sun_accuse_nobody(seed):
    assert not any(one.accuses for one in judged(morning(seed)))


def test_what_all_sources_lose_is_nothing_for_the_long_look():
    assert not any(one.rule == RULE for one in judged(town(range(6), rate=0.007, seed=2)))


def test_a_town_of_one_source_knows_no_weather():
    net = network()
    one_source = replace(
        net,
        places={**net.places, Level.SOURCE: ("s0",)},
        of_home={**net.of_home, Level.SOURCE: np.zeros(HOMES, np.int32)},
    )
    found = judged(town((2,), rate=0.007, seed=2), one_source)
    assert not any(one.rule == RULE for one in found)


def test_silence_is_no_loss():
    celsius = town((2,), rate=0.007, seed=2)
    celsius[DAY * SLOTS :, homes_of(2)[:2]] = np.nan
    assert judged(celsius) == []


def test_nothing_is_said_of_mild_weather():
    celsius = town((2, 3), rate=0.007, seed=2)
    assert not any(one.rule == RULE for one in judged(celsius, outdoor=5.0))


def test_what_falls_at_these_hours_on_most_days_is_usual():
    celsius = morning(2)
    for day in range(DAYS):
        stop(celsius, homes_of(2), day, 8.0, 10.0, 0.007)
    assert not any(one.accuses for one in judged(celsius))


def test_heated_floors_have_no_say():
    celsius = town((2,), rate=0.007, seed=2)
    assert judged(celsius, network(floor=homes_of(2))) == []


@pytest.mark.parametrize("closed", [0, 2])
def test_homes_that_were_sinking_the_day_before_do_not_begin_to_lose_now(closed):
    """Valves of two of four were closed; nobody can say who cools the homes beside them."""
    silent, *others = homes_of(2)
    celsius = morning(2)
    celsius[:, silent] = np.nan
    stop(celsius, others[:closed], DAY - 1, 15.0, 40.0, 0.007)
    stop(celsius, others[closed:], DAY, 8.0, 10.0, 0.007)
    assert [one.place for one in judged(celsius) if one.accuses] == ([] if closed else ["b2"])


@pytest.mark.parametrize(
    ("rate", "warm", "was_colder", "is_said"),
    [
        (0.006, 0, False, True),
        (0.006, 0, True, False),
        (0.009, 0, True, True),
        (0.009, 1, True, False),
    ],
    ids=["colder than ever", "not so", "every home loses far more", "but one"],
)
def test_by_day_homes_are_colder_than_the_day_before_or_all_lose_far_more(
    rate, warm, was_colder, is_said
):
    celsius = curves(3)
    stop(celsius, homes_of(2)[warm:], 2, 10.0, 8.0, rate)
    celsius[SLOTS + 60 : SLOTS + 66, homes_of(2)] -= 5.0 * was_colder
    block, nobody = block_of(grid(celsius), network(), ()), np.zeros(HOMES, bool)
    now = 2 * SLOTS + 63
    found = losing(Places(network()), block, now, np.zeros((24, HOMES)), ~nobody, nobody)
    assert [one.place.id for one in found] == ["b2"] * is_said
