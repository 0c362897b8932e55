"""Rooms behave as real ones: two time scales, sun, wind, windows, floors, heaters, neighbours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heatward_collector.simulate import Event, Kind, Level, Season, Shape, season, town, twin
from heatward_collector.simulate.calendar import DAY_S, HOUR_S, local_midnight
from heatward_collector.simulate.habits import Doing, Habits, Incident, Limit, Reason
from heatward_collector.simulate.weather import Conditions, Front

JANUARY = local_midnight("2023-01-05")
QUIET = Habits(
    airing_per_day=0.0,
    town_airing_mornings=0.0,
    building_airing_mornings=0.0,
    leaks_per_season=0.0,
    trips_per_season=0.0,
    festival_away=0.0,
    valves_closed_per_season=0.0,
    thermostats=0.0,
    night_program_buildings=0.0,
    heaters=0.0,
)
COLD = Conditions(level_celsius=-18.0)
FOUR_HOURS_OFF = Event(
    Kind.OUTAGE, Level.SOURCE, "so1", JANUARY + 2 * DAY_S, JANUARY + 2 * DAY_S + 8 * HOUR_S
)


def quiet(days: float, seed: int = 3, **more: object) -> Season:
    shape = replace(Shape(town(sources=2), habits=QUIET, conditions=COLD), **more)  # type: ignore[arg-type]
    return season(seed, JANUARY, days, shape=shape)


def fall(suppressed: Season, event: Event, rooms: slice = slice(0, 30)) -> np.ndarray:
    """Return what an event took from the rooms, median over them, (times,)."""
    return np.asarray(
        np.median((twin(suppressed, [event]).rooms - suppressed.rooms)[rooms], axis=0)
    )


def test_a_season_starts_where_it_stays() -> None:
    daily = np.median(quiet(6).rooms, axis=0).reshape(6, 288).mean(axis=1)
    assert float(np.ptp(daily)) < 1.5


def test_a_stop_cools_the_air_quickly_and_the_walls_for_days() -> None:
    stopped = quiet(6, events=(FOUR_HOURS_OFF,))
    lost = fall(stopped, FOUR_HOURS_OFF)
    end = 2 * 288 + 8 * 12
    first_hours, last_hours = lost[2 * 288 + 36], lost[end] - lost[end - 36]
    assert first_hours > 1.2 * last_hours
    assert 2.0 < float(lost[end]) < 4.5
    # Six hours after the heat is back, the air's part is made up for and the walls' is not.
    assert 0.4 * lost[end] < lost[end + 72] < 0.9 * lost[end]


def test_floor_heating_falls_hours_later_than_radiators() -> None:
    floors = quiet(4, tree=town(sources=2, floor_heated=[0, 1, 2]), events=(FOUR_HOURS_OFF,))
    radiators = quiet(4, events=(FOUR_HOURS_OFF,))
    after = 2 * 288 + 3 * 12
    assert fall(floors, FOUR_HOURS_OFF)[after] < 0.4 * fall(radiators, FOUR_HOURS_OFF)[after]


def test_a_closed_window_is_forgotten_in_less_than_two_and_a_half_hours() -> None:
    homes = tuple(home.id for home in town(sources=2).homes[:6])
    open_ = Incident(Doing.AIRING, homes, JANUARY + DAY_S, JANUARY + DAY_S + 1800)
    lost = (quiet(2).rooms - quiet(2, incidents=(open_,)).rooms)[:12]
    deepest = lost[:, 288 : 288 + 8].max(axis=1)
    assert 1.5 < float(np.median(deepest)) < 6.0
    assert (lost[:, 288 + 6 + 30] < 0.35 * deepest).all()


def test_south_rooms_gain_up_to_four_kelvin_by_one_on_a_clear_day_and_fall_in_the_evening() -> None:
    clear = Conditions(level_celsius=-18.0, clear=((JANUARY + 2 * DAY_S, JANUARY + 3 * DAY_S),))
    sunny = quiet(3, conditions=clear)
    day = sunny.rooms[:, 2 * 288 :]
    gained = day[:, 13 * 12] - day[:, 8 * 12]
    south, north = (gained[sunny.fabric.facade == facade] for facade in (0, 1))
    assert 1.5 < float(np.median(south)) < 4.0
    assert 3.0 < float(south.max()) < 6.0
    assert float(np.median(north)) < 1.2
    evening = day[:, 13 * 12] - day[:, 20 * 12]
    assert float(np.median(evening[sunny.fabric.facade == 0])) > 0.6


def test_a_storm_takes_about_a_kelvin_on_its_side_and_little_in_the_lee() -> None:
    span = ((JANUARY + 2 * DAY_S, JANUARY + 3 * DAY_S),)
    windy = quiet(3, conditions=Conditions(level_celsius=-18.0, storms=span))
    lost = (quiet(3).rooms - windy.rooms)[:, 2 * 288 + 72]
    against = windy.outdoors.wind[windy.fabric.facade, 2 * 288 + 72]
    assert 0.5 < float(lost[against > 0.6].mean()) < 2.0
    assert abs(float(lost[against < 0.1].mean())) < 0.3


def test_a_home_without_service_settles_four_to_eight_kelvin_below_its_neighbours() -> None:
    tree = town(sources=1, buildings_per_source=1, homes_per_building=20)
    limits = (Limit("h001-08", Reason.SUSPENDED, 0, 2**40),)
    below = []
    for seed in range(3):
        means = quiet(14, seed, tree=tree, limits=limits).home_means()[:, -5 * 288 :]
        below.append(float(np.median(means) - means[7].mean()))
    assert all(3.0 < one < 8.5 for one in below)
    assert 4.0 < float(np.median(below)) < 8.0


def test_neighbours_hold_up_the_homes_beside_one_without_heat() -> None:
    closed = (Incident(Doing.VALVES_CLOSED, ("h001-03",), JANUARY, JANUARY + 10 * DAY_S),)
    lost = (quiet(10).rooms - quiet(10, incidents=closed).rooms)[:10, -288:].mean(axis=1)
    assert (lost[4:6] > 3.0).all()
    assert (np.delete(lost, [4, 5]) < 0.6).all()


def test_heaters_mask_a_part_of_a_long_stop() -> None:
    stop = replace(FOUR_HOURS_OFF, end_s=JANUARY + 6 * DAY_S)
    masked = quiet(6, events=(stop,), habits=replace(QUIET, heaters=1.0))
    open_ = quiet(6, events=(stop,))
    assert float(np.median(masked.rooms[:30, -1])) > float(np.median(open_.rooms[:30, -1])) + 2.0


def test_thermostats_hide_a_small_cut() -> None:
    cut = Event(Kind.THROTTLING, Level.SOURCE, "so1", JANUARY, JANUARY + 8 * DAY_S, 0.93)
    habits = replace(QUIET, thermostats=1.0, thermostat_celsius=(19.0, 19.5))
    hidden = quiet(8, events=(cut,), habits=habits)
    assert fall(hidden, cut)[-1] < 0.5 * fall(quiet(8, events=(cut,)), cut)[-1]


def test_a_cut_of_fifteen_percent_is_a_fall_of_a_few_kelvin_after_a_week() -> None:
    cut = Event(Kind.THROTTLING, Level.SOURCE, "so1", JANUARY, JANUARY + 8 * DAY_S, 0.85)
    assert 2.0 < float(fall(quiet(8, events=(cut,)), cut)[7 * 288]) < 4.5


def test_a_compensated_cold_front_leaves_rooms_within_a_kelvin_or_two() -> None:
    front = Front(JANUARY + 3 * DAY_S, 15.0, 12.0, hold_h=48.0)
    cold = quiet(6, conditions=Conditions(level_celsius=-8.0, fronts=(front,)))
    warm = quiet(6, conditions=Conditions(level_celsius=-8.0))
    lost = np.median(warm.rooms - cold.rooms, axis=0)
    assert float(lost.max()) < 1.6
