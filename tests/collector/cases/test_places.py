"""What lies in what, and who is in charge there, as the rows of the sample say."""

from __future__ import annotations

import itertools

import pytest

from heatward_collector.cases.places import CasePlaces
from heatward_collector.core.cases import HeatPlace
from heatward_collector.core.suppression import Level
from heatward_collector.registry import Registry, spreadsheets
from support.case_world import SAMPLE

LEVELS = (Level.STAIRWELL, Level.BUILDING, Level.ZONE, Level.SUBSTATION, Level.SOURCE)


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    registry = Registry(f"sqlite:///{tmp_path_factory.mktemp('places') / 'registry.sqlite'}")
    spreadsheets.import_folder(registry, SAMPLE)
    yield registry.directory()
    registry.close()


@pytest.fixture(scope="module")
def homes(directory):
    """Homes by every place above them, row by row."""
    tables, found = directory.tables, {}
    for key, row in tables["home"].items():
        station = tables["zone"][row["zone"]]["substation"]
        ids = (
            row["stairwell"],
            tables["stairwell"][row["stairwell"]]["building"],
            row["zone"],
            station,
            tables["substation"][station]["source"],
        )
        for place in zip(LEVELS, ids, strict=True):
            found.setdefault(HeatPlace(*place), []).append(key)
    return found


def test_the_homes_of_a_place_are_those_of_its_rows(directory, homes):
    places = CasePlaces(directory)
    assert {place: list(places.homes(place)) for place in homes} == homes
    unknown = [HeatPlace(Level.SOURCE, "nowhere"), HeatPlace(Level.HOME, "h0001")]
    assert [places.homes(place) for place in unknown] == [(), ()]
    assert places.charge(unknown[0]).suppliers == ()


def test_a_place_contains_another_whose_homes_are_all_its_own(directory, homes):
    places = CasePlaces(directory)
    for larger, smaller in itertools.product(homes, homes):
        is_within = larger != smaller and set(homes[smaller]) <= set(homes[larger])
        assert places.contains(larger, smaller) == is_within
    nowhere = HeatPlace(Level.ZONE, "nowhere")
    assert not any(places.contains(nowhere, one) or places.contains(one, nowhere) for one in homes)


def test_buildings_and_sources_are_found_from_either_side(directory, homes):
    places = CasePlaces(directory)
    above = {(place.level, home): place.id for place, some in homes.items() for home in some}
    for place, some in homes.items():
        buildings = sorted({above[Level.BUILDING, home] for home in some})
        sources = sorted({above[Level.SOURCE, home] for home in some})
        assert list(places.buildings([*some, "unknown"])) == buildings
        assert places.source_of(place) == (sources[0] if len(sources) == 1 else "")
        assert list(places.charge(place).sources) == sources
        if place.level is Level.SOURCE:
            assert list(places.buildings_of_source(place.id)) == buildings
