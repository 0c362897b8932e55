"""What is said of simulated scenarios, from what their sensors measured."""

import numpy as np
import pytest

from heatward_collector.core.quality import without_spikes
from heatward_collector.core.suppression import Certainty, Kind, Level
from heatward_collector.core.suppression.homes.home_grid import (
    RoomLevels,
    home_temperatures,
    quarter_hours,
    without_stuck,
)
from heatward_collector.core.suppression.season import Grid, judge_season
from heatward_collector.score.case import known_outdoor, measured_raw
from heatward_collector.simulate import Event, Shape, town
from heatward_collector.simulate import season as simulated
from heatward_collector.simulate.habits import Doing, Incident
from heatward_collector.simulate.scenarios import SCENARIOS, scenario
from heatward_collector.simulate.situation import JANUARY_S, at
from heatward_collector.simulate.suppressions import COLD

ZONE_S, SLOTS = 8 * 3600, 96


def said(name):
    return said_of(scenario(name, 1))


def said_of(season):
    tree = season.tree
    homes = [home.id for home in tree.homes]
    rooms = quarter_hours(without_spikes(measured_raw(season)), np.zeros(len(tree.rooms)))
    rooms = without_stuck(rooms, tree.index_of(Level.BUILDING)[1][tree.room_home])
    celsius, _ = home_temperatures(
        rooms, tree.room_home, len(homes), RoomLevels.unknown(len(tree.rooms))
    )
    slots = len(celsius) // SLOTS * SLOTS
    start_s = int(season.time_s[0])
    for limit in season.shape.limits:
        first, last = (max(0, (s - start_s) // 900) for s in (limit.start_s, limit.end_s))
        celsius[first:last, homes.index(limit.home)] = np.nan
    grid = Grid(
        start_s,
        900,
        celsius[:slots],
        known_outdoor(season.time_s, season.outdoor)[2::3][:slots],
        (start_s + ZONE_S + 900 * np.arange(slots)) % 86_400 / 3600,
        np.ones(slots, bool),
    )
    days = [(first, first + SLOTS) for first in range(0, slots, SLOTS)]
    return judge_season(grid, tree.network(), season.shape.declarations, days)


@pytest.mark.parametrize(
    "name",
    [
        "nights_off",
        "one_building_off",
        "one_zone_off",
        "one_substation_off",
        "repair_declared_afterwards",
        "probes_on_inner_walls",
    ],
)
def test_what_is_held_back_is_found_where_it_is_and_called_by_its_name(name):
    found = {(one.kind, one.level, one.place) for one in said(name) if one.accuses}
    assert found == {(one.kind, one.level, one.place) for one in SCENARIOS[name].expected}


def test_strips_are_found_one_by_one():
    found = [one for one in said("strips") if one.accuses]
    assert len(found) >= 20
    assert {(one.kind, one.level, one.place) for one in found} == {
        (Kind.STOP_START, Level.SOURCE, "so1")
    }


@pytest.mark.parametrize("name", ["pollution_staggering", "reported_repair"])
def test_what_was_declared_accuses_nobody(name):
    found = said(name)
    assert any(one.certainty is Certainty.DECLARED for one in found)
    assert not any(one.accuses for one in found)


def test_a_declared_regime_is_not_held_against_its_supplier():
    """Of 32 declared hours without heat, in 16 days, nearly each is said."""
    found = said("declared_regime")
    declared = [one for one in found if one.certainty is Certainty.DECLARED]
    assert len(declared) >= 28
    assert {(one.level, one.place) for one in declared} == {(Level.SOURCE, "so1")}
    assert not any(one.accuses for one in found)


def test_what_a_declared_regime_leaves_out_is_held_against_its_supplier():
    """Firing begins two hours late, twice a day."""
    found = said("regime_not_kept")
    accused = [one for one in found if one.accuses]
    assert len(accused) >= 6
    assert {(one.level, one.place) for one in accused} == {(Level.SOURCE, "so1")}
    assert any(one.certainty is Certainty.DECLARED for one in found)


@pytest.mark.parametrize(
    "name",
    [
        "airing",
        "airing_on_cold_mornings",
        "away",
        "cold_front",
        "families",
        "faulty_sensors",
        "floor_heating",
        "metered_homes",
        "night_programs",
        "power_cut",
        "spring_festival",
        "stairwell_aired",
        "storm",
        "sunny_days",
        "suspended_neighbour",
        "unpaid_homes",
        "valves_closed",
        "warm_april",
    ],
)
def test_what_others_do_accuses_nobody(name):
    assert not any(one.accuses for one in said(name))


def test_windows_after_a_night_without_heat_are_no_second_stop():
    """All homes of the town air at eight, when the heat has just come back to one source."""
    tree = town()
    homes = tuple(home.id for home in tree.homes)
    season = simulated(
        1,
        JANUARY_S,
        12,
        shape=Shape(
            tree,
            (Event(Kind.OUTAGE, Level.SOURCE, "so1", at(8, 0.5), at(8, 6)),),
            incidents=(Incident(Doing.AIRING, homes, at(8, 8), at(8, 8.6)),),
            conditions=COLD,
        ),
    )
    found = said_of(season)
    (stop,) = [one for one in found if one.accuses]
    assert (stop.level, stop.place) == (Level.SOURCE, "so1")
    assert abs(stop.start_s - at(8, 0.5)) <= 3600
    assert not any(at(8, 7) <= one.start_s <= at(8, 12) for one in found)


def test_two_homes_in_mild_weather_accuse_nobody():
    assert not any(one.accuses for one in said("two_homes_in_mild_weather"))
