"""From suspicions to episodes."""

import numpy as np
import pytest

from heatward_collector.core.suppression import Level
from heatward_collector.core.suppression.season import memories
from heatward_collector.core.suppression.stops import acute
from heatward_collector.core.suppression.stops.doubts import is_sure
from heatward_collector.core.suppression.stops.memory import Memory
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

NIGHT = {"day": 7, "hour": 1.0, "hours": 6.0}


def watched(celsius, net=None):
    net = network() if net is None else net
    *_, memory = memories(grid(celsius), net, days_of(celsius))
    return memory


def places(memory):
    return [(one.level, one.place) for one in (*memory.recent, *memory.open)]


def test_nothing_is_remembered_of_nobody():
    memory = Memory.none(3)
    assert memory.open == memory.recent == () and memory.held.tolist() == [0, 0, 0]


def test_an_episode_stays_open_until_the_heat_is_back():
    celsius = curves(9)
    stop(celsius, homes_of(2), 8, 20.0, 30.0)
    (episode,) = watched(celsius).open
    assert episode.place == "b2" and episode.drop > 1.0


def test_a_larger_place_takes_the_part_of_a_smaller_one():
    celsius = curves(9)
    stop(celsius, homes_of(2), 7, 1.0, 7.0)
    stop(celsius, homes_of(3), 7, 2.0, 6.0)
    memory = watched(celsius)
    assert places(memory) == [(Level.SOURCE, "s1")]


def test_two_stops_at_once_are_two_episodes():
    celsius = curves(9)
    stop(celsius, homes_of(1), **NIGHT)
    stop(celsius, homes_of(4), **NIGHT)
    assert sorted(places(watched(celsius))) == [(Level.BUILDING, "b1"), (Level.BUILDING, "b4")]


def test_heated_floors_say_nothing_against_a_stop():
    floor = homes_of(3)
    celsius = curves(9)
    stop(celsius, homes_of(2), **NIGHT)
    memory = watched(celsius, network(floor=floor))
    assert [place for _, place in places(memory)] in (["b2"], ["s1"])
    assert set(memory.recent[0].affected) == set(homes_of(2))


@pytest.mark.parametrize(("late", "days"), [(0, 7), (4, 3)])
def test_one_building_is_watched_from_when_its_heat_has_come(late, days):
    celsius = curves(9)
    celsius[: late * SLOTS, homes_of(2)] -= 4.0
    stop(celsius, homes_of(2), **NIGHT)
    (episode,) = watched(celsius).recent
    assert (episode.place, episode.past_days) == ("b2", days)
    assert is_sure(episode) == (late == 0)


def test_silent_homes_count_against_a_stop():
    celsius = curves(9)
    stop(celsius, homes_of(2)[:2], **NIGHT)
    celsius[7 * SLOTS :, homes_of(2)[2:]] = np.nan
    assert places(watched(celsius)) == []


def test_homes_that_fall_one_after_the_other_are_no_stop():
    celsius = curves(10)
    for number, home in enumerate(homes_of(2)):
        stop(celsius, [home], 7, 3.0 * number, 48.0)
    assert places(watched(celsius)) == []


def test_what_falls_faster_than_rooms_without_heat_is_an_open_window():
    celsius = curves(9)
    for home in homes_of(2, 3):
        stop(celsius, [home], 7, 7.0, 1.5, rate=0.05)
    assert places(watched(celsius)) == []


AIR = np.array([1.2, 2.2, 1.2, 0.6, 0.3, 0.1])
"""What half an hour with an open window takes, and the air that comes back. [K]"""


@pytest.mark.parametrize("is_stopped", [True, False])
def test_of_four_homes_one_that_aired_bears_witness_when_its_air_is_back(is_stopped):
    silent, aired, *others = homes_of(2)
    celsius = curves(9)
    celsius[:, silent] = np.nan
    first = 7 * SLOTS + 4
    celsius[first : first + len(AIR), aired] -= AIR
    stop(celsius, others, **NIGHT)
    if is_stopped:
        stop(celsius, [aired], **NIGHT)
    memory = watched(celsius)
    if not is_stopped:
        assert not [one for one in (*memory.recent, *memory.open) if is_sure(one)]
        return
    (episode,) = memory.recent
    assert (episode.place, episode.judged) == ("b2", 4)
    assert episode.detected_s - episode.start_s <= 1.5 * 3600


def test_what_may_be_airing_at_first_is_a_stop_when_it_goes_on():
    """Six of ten homes air when the heat stops; the others have a say at once."""
    celsius = curves(9)
    stop(celsius, homes_of(2, 3), **NIGHT)
    for home in [*homes_of(2)[:3], *homes_of(3)[:3]]:
        stop(celsius, [home], 7, 0.5, 0.5, rate=0.12)
    early = celsius.copy()
    early[7 * SLOTS + 12 :] = np.nan  # nothing is known after 3:00
    (doubtful,), (clear,) = ((*one.recent, *one.open) for one in map(watched, (early, celsius)))
    assert (doubtful.place, doubtful.aired) == (clear.place, 6) and not is_sure(doubtful)
    assert clear.place == "s1" and clear.judged == 10 and clear.aired == 0 and is_sure(clear)
    assert clear.detected_s > doubtful.detected_s


@pytest.mark.parametrize("is_by_night", [True, False])
def test_a_faint_fall_in_the_morning_is_not_led_to(monkeypatch, is_by_night):
    """All that is nearly clear counts as led to: what begins at seven does not."""
    monkeypatch.setattr(acute, "is_led", lambda *given: True)
    if is_by_night:
        monkeypatch.setattr(acute, "may_lead", lambda hour: True)
    celsius = curves(9)
    stop(celsius, homes_of(2, 3)[:9], 7, 7.0, 1.5, rate=0.003)
    assert places(watched(celsius)) == ([(Level.SOURCE, "s1")] if is_by_night else [])


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_homes_whose_valves_were_closed_before_saw_no_stop_begin(closed):
    """Of four homes then too few are left: the others may be cooled by those."""
    silent, *others = homes_of(2)
    celsius = curves(9)
    celsius[:, silent] = np.nan
    for home in others[:closed]:
        stop(celsius, [home], 6, 15.0, 40.0, 0.008)
    stop(celsius, others[closed:], **NIGHT)
    memory = watched(celsius)
    sure = [one.place for one in (*memory.recent, *memory.open) if is_sure(one)]
    assert sure == ([] if closed else ["b2"])


@pytest.mark.parametrize("season", [True, False])
def test_out_of_season_nothing_is_watched(season):
    celsius = curves(9)
    stop(celsius, homes_of(2, 3), **NIGHT)
    full, net = grid(celsius), network()
    full.is_season[7 * SLOTS :] = season
    *_, memory = memories(full, net, days_of(celsius))
    assert bool(places(memory)) is season


def test_one_slot_of_chance_does_not_lay_a_building_to_its_source():
    celsius = curves(9)
    stop(celsius, homes_of(2), **NIGHT)
    first = 7 * SLOTS + 12
    celsius[first : first + 2, homes_of(3)] -= 0.28
    assert places(watched(celsius)) == [(Level.BUILDING, "b2")]


def test_a_program_that_most_homes_of_a_building_follow_silences_the_rest():
    """At ten every night most homes of one building fall: with the rest they accuse no source."""
    celsius = curves(16)
    for day in range(16):
        stop(celsius, homes_of(3)[:3], day, 22.0, 4.0)
    stop(celsius, homes_of(2), 15, 22.0, 2.0, 0.014)
    stop(celsius, homes_of(3)[3:], 15, 22.0, 2.0, 0.014)
    assert places(watched(celsius)) == [(Level.BUILDING, "b2")]


@pytest.mark.parametrize("nights", [1, 2])
def test_where_it_comes_again_three_homes_need_not_wait_for_the_one_that_airs(nights):
    """It is counted as one that stays warm; for the first time three homes are too few."""
    silent, aired, *others = homes_of(2)
    celsius = curves(10)
    celsius[:, silent] = np.nan
    if nights == 2:
        stop(celsius, [aired, *others], 7, 1.0, 5.0)
    first = 8 * SLOTS + 4
    # Its window is opened again and again.
    celsius[first : first + 24, aired] -= np.tile([1.5, 0.0], 12)
    stop(celsius, others, 8, 1.0, 5.0)
    memory = watched(celsius)
    last = [one for one in (*memory.recent, *memory.open) if one.start_s > grid_time(8)]
    assert [(one.judged, len(one.affected)) for one in last if is_sure(one)] == (
        [(4, 3)] if nights == 2 else []
    )


def grid_time(day):
    return MIDNIGHT + day * 86_400


def wandering(days, seed, share=0.05, hours=3.0):
    """Homes whose supply is not steady: by how much their air is warmer for it, (slots, 1). [K]"""
    draw = np.random.default_rng(seed)
    keep = np.exp(-0.25 / hours)
    heat, air = np.zeros(days * SLOTS), np.zeros((days * SLOTS, 1))
    for slot in range(1, len(heat)):
        heat[slot] = keep * heat[slot - 1] + np.sqrt(1 - keep**2) * draw.normal(0.0, share)
        air[slot] = air[slot - 1] + (3.6 * heat[slot] - air[slot - 1]) / 6
    return air


def test_homes_of_a_supply_that_is_not_steady_fall_together_without_a_stop():
    """It is known after ten days; elsewhere a stop is found all the same."""
    celsius = curves(18, 2)
    celsius[:, homes_of(0, 1)] += wandering(18, 2)
    stop(celsius, homes_of(2, 3), 16, 1.0, 6.0)
    memory = watched(celsius)
    said = [
        (one.place, (one.start_s - MIDNIGHT) // 86_400)
        for one in (*memory.recent, *memory.open)
        if is_sure(one) and one.start_s >= grid_time(12)
    ]
    assert said == [("s1", 16)]


@pytest.mark.parametrize(("rate", "is_named"), [(0.0045, False), (0.009, True)])
@pytest.mark.parametrize("has_others", [True, False])
def test_what_the_weather_may_do_to_a_whole_town_needs_another_source(rate, is_named, has_others):
    """Against homes that stay warm a slow fall is a stop; without them it may be a cold front."""
    celsius = curves(9)
    stop(celsius, homes_of(0, 1), 7, 1.0, 6.0, rate)
    if not has_others:
        celsius[:, homes_of(2, 3, 4, 5)] = np.nan
    memory = watched(celsius)
    said = [one.place for one in (*memory.recent, *memory.open) if is_sure(one)]
    assert said == (["s0"] if is_named or has_others else [])


@pytest.mark.parametrize(("others", "is_said"), [(20.0, True), (9.0, False)])
def test_homes_that_get_their_first_heat_are_no_measure_for_those_that_have_it(others, is_said):
    celsius = curves(9, homes=50)
    celsius[:, 20:] += others - 21.0
    hours = np.clip(np.arange(len(celsius)) / 4 - (7 * 24 + 1.0), 0.0, 8.0)
    celsius[:, 20:] += 0.5 * hours[:, None]
    stop(celsius, homes_of(0, 1, 2, 3), 7, 1.0, 8.0, rate=0.002)
    assert bool(places(watched(celsius, network(50)))) is is_said
