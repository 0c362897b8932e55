"""Which places are one for a judge of temperatures."""

from heatward_collector.core.suppression import Level
from heatward_collector.score.places import Places
from support.scored_district import network

PLACES = Places(network())


def test_a_place_has_homes_and_buildings():
    assert PLACES.homes(Level.ZONE, "z1") == {"h0", "h1", "h4", "h5"}
    assert PLACES.buildings(Level.ZONE, "z1") == {"b1", "b2"}
    assert PLACES.homes(Level.HOME, "h9") == {"h9"}
    assert PLACES.buildings(Level.HOME, "h9") == {"b3"}
    assert PLACES.homes(Level.SOURCE, "nowhere") == PLACES.buildings(Level.ZONE, "") == frozenset()


def test_places_of_the_same_homes_are_one():
    assert PLACES.are_one((Level.SOURCE, "so1"), (Level.SUBSTATION, "ss1"))
    assert not PLACES.are_one((Level.SOURCE, "so1"), (Level.ZONE, "z1"))


def test_a_level_with_one_child_building_is_that_building():
    assert PLACES.are_one((Level.SOURCE, "so2"), (Level.BUILDING, "b3"))
    assert not PLACES.are_one((Level.SOURCE, "so2"), (Level.BUILDING, "b1"))
    assert not PLACES.are_one((Level.SOURCE, "so1"), (Level.BUILDING, "b1"))


def test_an_unknown_place_is_only_itself():
    assert PLACES.are_one((Level.ZONE, "z9"), (Level.ZONE, "z9"))
    assert not PLACES.are_one((Level.ZONE, "z9"), (Level.ZONE, "z8"))
