"""A collector of one district sees its own places; network, people and rules stay whole."""

from __future__ import annotations

from pathlib import Path

from heatward_collector.readings.own_places import directory_of, places_of
from support.two_districts import HOMES, NORTH, SAMPLE_DISTRICT, registry_of_two


def test_each_district_has_its_homes_and_together_they_have_all(tmp_path: Path) -> None:
    registry = registry_of_two(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    whole = directory_of(registry, None)
    assert whole is registry.directory()
    own = {name: directory_of(registry, name) for name in (SAMPLE_DISTRICT, NORTH)}
    homes = {name: set(one.homes) for name, one in own.items()}
    assert homes[SAMPLE_DISTRICT] | homes[NORTH] == set(whole.homes)
    assert not homes[SAMPLE_DISTRICT] & homes[NORTH]
    for name, one in own.items():
        assert {point.district for point in one.points} == {name}
        assert homes[name] >= set(HOMES[name])
        assert set(one.tables["source"]) == set(whole.tables["source"])
        assert len(one.assignments()) == len(whole.assignments())
    registry.close()


def test_nothing_is_left_of_a_district_that_the_registry_does_not_know(tmp_path: Path) -> None:
    registry = registry_of_two(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    _, content = registry.content()
    registry.close()
    left = places_of(content, "nowhere")
    empty = {name for name, rows in left.items() if not rows and content[name]}
    assert empty == {
        "district", "street", "estate", "building", "stairwell", "home", "room", "outdoor",
    }  # fmt: skip
