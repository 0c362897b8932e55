"""Seasons are repeatable, their twins differ only by the events, and rooms cool as real ones."""

from __future__ import annotations

import numpy as np
import pytest

from heatward_collector.simulate import (
    Event,
    HomePlan,
    Kind,
    Level,
    Shape,
    Tree,
    planned_season,
    season,
    town,
    twin,
)
from heatward_collector.simulate.calendar import legal_season, simulated_season
from heatward_collector.simulate.weather import Conditions

DAY_S = 86_400
START = int(np.datetime64("2020-10-19T16:00:00", "s").astype(np.int64))
JANUARY = int(np.datetime64("2021-01-04T16:00:00", "s").astype(np.int64))


def event(kind: Kind, level: Level, place: str, first_day: float, last_day: float) -> Event:
    return Event(
        kind, level, place, int(JANUARY + first_day * DAY_S), int(JANUARY + last_day * DAY_S)
    )


def test_the_same_seed_gives_the_same_season_and_another_seed_another() -> None:
    first, again, other = (season(seed, JANUARY, 3) for seed in (7, 7, 8))
    assert np.array_equal(first.rooms, again.rooms)
    assert np.array_equal(first.outdoor, again.outdoor)
    assert not np.allclose(first.outdoor, other.outdoor)


def test_an_event_changes_nothing_before_it_starts_nor_at_other_sources() -> None:
    stop = event(Kind.OUTAGE, Level.SOURCE, "so2", 3, 3.5)
    suppressed = season(1, JANUARY, 6, shape=Shape(town(), (stop,)))
    difference = suppressed.rooms - twin(suppressed, [stop]).rooms
    inside = np.array(["so2" in f"so{home.zone[1]}" for home in suppressed.tree.homes])
    touched = inside[suppressed.tree.room_home]
    assert not difference[~touched].any()
    assert not difference[:, suppressed.time_s < stop.start_s].any()
    assert (difference[touched].min(axis=1) < -0.5).all()


def test_an_event_of_one_zone_leaves_the_other_zone_of_the_building_its_heat() -> None:
    stop = event(Kind.OUTAGE, Level.ZONE, "z1-low", 3, 4)
    suppressed = season(1, JANUARY, 4, shape=Shape(town(), (stop,)))
    fall = (suppressed.rooms - twin(suppressed, [stop]).rooms)[:, -1]
    low = np.array([home.zone == "z1-low" for home in suppressed.tree.homes])
    low_rooms = low[suppressed.tree.room_home]
    # Party walls take some of the fall into the other zone, and no further than the buildings.
    assert np.median(fall[low_rooms]) < 2 * np.median(fall[~low_rooms])
    assert not fall[suppressed.tree.room_home >= 15].any()


def test_an_unheated_home_settles_four_to_eight_kelvin_below_its_neighbours() -> None:
    homes = [HomePlan(f"h{n}", (f"h{n}-r1",), "u1", "b1", "za" if n else "zb") for n in range(30)]
    tree = Tree(tuple(homes), {"za": "ss", "zb": "ss"}, {"ss": "so"}, {"so": "su"})
    stop = Event(Kind.OUTAGE, Level.ZONE, "zb", JANUARY - DAY_S, JANUARY + 40 * DAY_S)
    falls = []
    for seed in range(4):
        cold = season(seed, JANUARY, 20, 900, Shape(tree, (stop,)))
        dt = 21.5 - cold.outdoor[-480:].mean()
        falls.append(float((cold.rooms[1:] - cold.rooms[0])[:, -480:].mean()) / dt * 40.0)
    assert all(3.5 < fall < 8.5 for fall in falls)


def test_a_stop_at_twelve_kelvin_cools_rooms_as_little_as_in_real_flats() -> None:
    # In mild weather 7.5 h without heat cooled two real flats by 0.4 to 1.0 K.
    november = int(np.datetime64("2021-11-08T16:00:00", "s").astype(np.int64))
    stop = Event(
        Kind.OUTAGE, Level.SOURCE, "so1", november + 2 * DAY_S, november + 2 * DAY_S + 27_000
    )
    shape = Shape(town(sources=1), (stop,), conditions=Conditions(level_celsius=9.5))
    falls, differences = [], []
    for seed in range(6):
        cold = season(seed, november, 3, shape=shape)
        last = int(np.searchsorted(cold.time_s, stop.end_s)) - 1
        warm = twin(cold, [stop]).rooms[:, last]
        falls.append(float(np.median(warm - cold.rooms[:, last])))
        differences.append(float(np.median(warm)) - 9.5)
    assert 11.0 < float(np.median(differences)) < 14.0
    assert 0.4 <= float(np.median(falls)) <= 1.0


def test_a_heated_town_is_mostly_at_its_standard_and_the_outdoors_are_harbin() -> None:
    whole = season(3, START, 180, 1800)
    assert 19.5 < float(np.median(whole.rooms)) < 23.5
    january = (whole.time_s >= JANUARY) & (whole.time_s < JANUARY + 25 * DAY_S)
    assert -26.0 < float(whole.outdoor[january].mean()) < -10.0
    assert np.isfinite(whole.rooms).all()


def test_a_planned_season_without_events_is_the_twin_of_all_its_events() -> None:
    suppressed = planned_season(3, step_seconds=3600)
    calm = planned_season(3, events=False, step_seconds=3600)
    assert suppressed.events
    assert np.array_equal(twin(suppressed, suppressed.events).rooms, calm.rooms)
    assert not np.array_equal(suppressed.rooms, calm.rooms)


def test_sources_deliver_nothing_outside_the_legal_season_and_rooms_cool_and_warm_with_it() -> None:
    start, days = simulated_season(2022)
    begin, end = legal_season(2022)
    whole = season(2, start, days, 1800, Shape(town(sources=2)))
    before, after = whole.time_s < begin, whole.time_s >= end + 2 * DAY_S
    assert not whole.heat[:, before].any()
    assert whole.heat[:, after].max() < 1.0
    heated = (whole.time_s > begin + 6 * DAY_S) & (whole.time_s < end)
    assert float(np.median(whole.rooms[:, before])) < 19.0
    assert float(np.median(whole.rooms[:, heated])) > 20.5
    assert float(np.median(whole.rooms[:, after])) < 20.0


def test_progress_counts_every_step() -> None:
    told: list[int] = []
    season(1, JANUARY, 3, progress=told.append)
    assert sum(told) == 3 * 288


def test_means_of_homes_are_those_of_their_rooms() -> None:
    week = season(5, JANUARY, 2)
    assert np.allclose(week.home_means()[4], week.rooms[8:10].mean(axis=0))


def test_a_season_of_one_step_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer than two steps"):
        season(1, JANUARY, 300 / DAY_S)


def test_an_event_at_an_unknown_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no home belongs to building b999"):
        season(
            1, JANUARY, 1, shape=Shape(town(), (event(Kind.OUTAGE, Level.BUILDING, "b999", 0, 1),))
        )
