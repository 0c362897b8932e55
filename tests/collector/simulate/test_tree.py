"""Trees name every place on the way from a room to its supplier."""

from __future__ import annotations

import pytest

from heatward_collector.simulate import HomePlan, Level, Tree, town


def test_a_town_has_two_zones_in_each_building_and_one_substation_a_source() -> None:
    tree = town(sources=2, buildings_per_source=2, homes_per_building=5, rooms_per_home=2)
    assert tree.places(Level.BUILDING) == ("b001", "b002", "b003", "b004")
    assert tree.places(Level.SOURCE) == ("so1", "so2")
    assert {home.zone for home in tree.homes if home.building == "b001"} == {"z1-low", "z1-high"}
    assert len(tree.rooms) == 40
    assert tree.homes_at(Level.SOURCE, "so2").sum() == 10
    assert tree.room_home[[0, 1, 2]].tolist() == [0, 0, 1]


def test_two_substations_of_a_source_share_out_its_buildings_and_zones() -> None:
    tree = town(sources=2, buildings_per_source=4, substations_per_source=2)
    assert tree.places(Level.SUBSTATION) == ("ss1a", "ss1b", "ss2a", "ss2b")
    assert tree.below(Level.SUBSTATION, "ss1b", Level.BUILDING) == ("b003", "b004")
    assert tree.below(Level.SOURCE, "so1", Level.ZONE) == (
        *("z1a-high", "z1a-low", "z1b-high", "z1b-low"),
    )


def test_homes_stand_from_the_bottom_to_the_top_floor() -> None:
    homes = town(sources=1, buildings_per_source=1, floors=21).homes
    assert [home.floor for home in homes] == [1, 6, 11, 16, 21]
    assert [home.position for home in homes] == ["bottom", "middle", "middle", "middle", "top"]


def test_the_network_of_a_detector_has_the_same_places() -> None:
    tree = town(sources=2, buildings_per_source=2, floor_heated=[1])
    network = tree.network()
    assert network.homes == tuple(home.id for home in tree.homes)
    for level in (Level.STAIRWELL, Level.BUILDING, Level.ZONE, Level.SUBSTATION, Level.SOURCE):
        for number, home in enumerate(tree.homes):
            assert network.place_of(level, number) == tree.place_of(home, level)
    assert network.is_floor_heated.tolist() == [5 <= number < 10 for number in range(20)]


def test_a_zone_that_hangs_on_nothing_is_named() -> None:
    home = HomePlan("h1", ("r1",), "u1", "b1", "z9")
    with pytest.raises(ValueError, match="zone z9"):
        Tree((home,), {}, {}, {})


def test_a_room_that_stands_twice_is_refused() -> None:
    homes = tuple(HomePlan(name, ("r1",), "u1", "b1", "z") for name in ("h1", "h2"))
    with pytest.raises(ValueError, match="room stands twice"):
        Tree(homes, {"z": "ss"}, {"ss": "so"}, {"so": "su"})


def test_a_home_without_rooms_is_refused() -> None:
    with pytest.raises(ValueError, match="has no room"):
        HomePlan("h1", (), "u1", "b1", "z")
