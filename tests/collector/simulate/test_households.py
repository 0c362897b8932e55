"""Households air, leave, turn valves and share patterns as often as their habits say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core import Mask
from heatward_collector.simulate import Tree, town
from heatward_collector.simulate.calendar import DAY_S, HOUR_S, local_hour, local_midnight
from heatward_collector.simulate.habits import Doing, Habits, Incident, Limit, Reason
from heatward_collector.simulate.households import TURNED_LOWER, Households, households

START = local_midnight("2024-01-08")
"""A Monday."""
QUIET = Habits(
    airing_per_day=0.0,
    town_airing_mornings=0.0,
    building_airing_mornings=0.0,
    leaks_per_season=0.0,
    family_buildings=0.0,
    trips_per_season=0.0,
    festival_away=0.0,
    valves_closed_per_season=0.0,
    thermostats=0.0,
    night_program_buildings=0.0,
    heaters=0.0,
)
TREE = town(sources=2, buildings_per_source=4)


def living(
    habits: Habits,
    days: int = 30,
    tree: Tree = TREE,
    incidents: tuple[Incident, ...] = (),
    limits: tuple[Limit, ...] = (),
    start: int = START,
) -> Households:
    time_s = start + 300 * np.arange(days * 288)
    return households(tree, time_s, habits, incidents, limits, np.random.default_rng(5))


def mornings(open_windows: Mask) -> Mask:
    """Say which homes air on which mornings, (homes, days)."""
    by_day = open_windows.reshape(len(open_windows), -1, 288)
    return np.asarray(by_day[:, :, 6 * 12 : 10 * 12].any(axis=2))


def test_quiet_homes_do_nothing_but_live() -> None:
    still = living(QUIET)
    assert not still.airing.any()
    assert (still.opening == 1.0).all()
    assert not still.heater_kelvin.any()
    assert not still.setback.any()
    assert 1.5 < float(still.living.mean()) < 4.0


def test_daily_airing_lasts_ten_minutes_to_an_hour() -> None:
    aired = living(replace(QUIET, airing_per_day=1.0)).airing
    edges = np.diff(aired.astype(np.int8), axis=1, prepend=0, append=0)
    begin, end = np.nonzero(edges == 1), np.nonzero(edges == -1)
    minutes = 5.0 * (end[1] - begin[1])
    assert 0.9 * len(aired) * 30 < len(minutes) <= len(aired) * 31
    assert 10.0 <= float(np.percentile(minutes, 2)) < float(np.percentile(minutes, 98)) <= 65.0


def test_on_a_shared_morning_most_of_the_town_airs_within_an_hour() -> None:
    aired = mornings(living(replace(QUIET, town_airing_mornings=0.2), days=60).airing)
    share = aired.mean(axis=0)
    assert 3 < np.count_nonzero(share > 0.4) < 25
    assert not ((share > 0.0) & (share < 0.4)).any()


def test_on_other_mornings_one_building_airs_alone() -> None:
    aired = mornings(living(replace(QUIET, building_airing_mornings=0.03), days=60).airing)
    by_building = aired.reshape(8, 5, -1).mean(axis=1)
    alone = (by_building > 0).sum(axis=0) == 1
    assert alone.any()
    assert float(by_building[:, alone].max(axis=0).mean()) > 0.5


def test_after_a_leak_one_stairwell_airs_for_hours() -> None:
    aired = living(replace(QUIET, leaks_per_season=3.0), days=30).airing
    stairwells = np.array([home.stairwell for home in TREE.homes])
    opened = {stairwells[home] for home in np.flatnonzero(aired.any(axis=1))}
    assert opened
    for one in opened:
        assert aired[stairwells == one].any(axis=1).all()


def test_a_family_of_several_homes_airs_at_the_same_time() -> None:
    aired = living(replace(QUIET, airing_per_day=1.0, family_buildings=1.0), days=60).airing
    together = []
    for building in range(8):
        own = aired[5 * building : 5 * building + 5].astype(float)
        pairs = np.corrcoef(own)[np.triu_indices(5, 1)]
        together.append(float(pairs.max()))
    alone = living(replace(QUIET, airing_per_day=1.0), days=60).airing[:5].astype(float)
    assert float(np.median(together)) > 0.4
    assert float(np.median(np.corrcoef(alone)[np.triu_indices(5, 1)])) < 0.2


def test_many_leave_for_the_spring_festival_and_turn_down() -> None:
    habits = replace(QUIET, festival_away=0.6, turned_down_when_away=1.0)
    days = living(habits, days=45, start=local_midnight("2024-01-20")).opening
    away = (days < 1.0).reshape(len(days), 45, 288).all(axis=2).mean(axis=0)
    assert away[:12].max() < 0.1
    assert away[20:26].max() > 0.45
    assert away[36:].max() == 0.0


def test_a_programmed_building_asks_for_less_every_night_and_others_do_not() -> None:
    homes = living(replace(QUIET, programmed=("b002",)), days=3)
    inside = np.array([home.building == "b002" for home in TREE.homes])
    assert (homes.setback > 0).tolist() == inside.tolist()
    time_s = START + 300 * np.arange(3 * 288)
    hour = local_hour(time_s)
    assert homes.asleep[inside][:, (hour >= 0) & (hour < 4)].all()
    assert not homes.asleep[inside][:, (hour >= 8) & (hour < 20)].any()


def test_five_percent_of_buildings_have_night_programs_and_fifteen_of_homes_heaters() -> None:
    tree = town(sources=100, buildings_per_source=4, rooms_per_home=1)
    homes = living(Habits(), days=1, tree=tree)
    programmed = (homes.setback.reshape(400, 5) > 0).all(axis=1).mean()
    assert 0.02 < programmed < 0.09
    assert 0.12 < (homes.heater_kelvin > 0).mean() < 0.18


def test_metered_homes_turn_down_on_working_days_only() -> None:
    homes = tuple(replace(home, metered=True) for home in TREE.homes)
    habits = replace(QUIET, metered_cutters=1.0, retired=0.0)
    opening = living(habits, days=7, tree=replace(TREE, homes=homes)).opening
    at_noon = opening[:, 144::288]
    assert np.allclose(at_noon[:, :5], TURNED_LOWER)
    assert (at_noon[:, 5:] == 1.0).all()


def test_incidents_and_limits_touch_their_homes_and_times_only() -> None:
    first, second, third = (home.id for home in TREE.homes[:3])
    span = (START + DAY_S, START + DAY_S + 2 * HOUR_S)
    homes = living(
        QUIET,
        days=3,
        incidents=(
            Incident(Doing.AIRING, (first,), *span),
            Incident(Doing.VALVES_CLOSED, (second,), *span),
        ),
        limits=(Limit(third, Reason.UNPAID, *span, residual=0.25),),
    )
    assert np.flatnonzero(homes.airing[0]).tolist() == list(range(288, 312))
    assert np.flatnonzero(homes.opening[1] == 0.0).tolist() == list(range(288, 312))
    assert np.flatnonzero(homes.opening[2] == 0.25).tolist() == list(range(288, 312))
    assert not homes.airing[1:].any()
    assert (homes.opening[3:] == 1.0).all()


def test_nobody_who_is_away_opens_windows_or_cooks() -> None:
    span = (START + DAY_S, START + 3 * DAY_S)
    home = TREE.homes[0].id
    habits = replace(QUIET, airing_per_day=1.0)
    homes = living(habits, days=4, incidents=(Incident(Doing.AWAY, (home,), *span),))
    assert not homes.airing[0, 288 : 3 * 288].any()
    assert len(set(homes.living[0, 288 : 3 * 288].tolist())) == 1
    assert len(set(homes.living[0, :288].tolist())) > 3


def test_an_incident_in_an_unknown_home_is_refused() -> None:
    with pytest.raises(ValueError, match="no such home: h9"):
        living(QUIET, 1, TREE, (Incident(Doing.AWAY, ("h9",), START, START + 1),))
