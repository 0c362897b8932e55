"""Which place explains best what homes do."""

import numpy as np
import pytest

from heatward_collector.core.suppression import Level, Network
from heatward_collector.core.suppression.falling.falls import FALLING, STEADY, VOID
from heatward_collector.core.suppression.falling.scan import Places, explain
from support.heated_town import HOMES, homes_of, network

PLACES = Places(network())


def named(falling, plausible=None, score=3.0, against=-1.5):
    vote = np.full(HOMES, np.int8(STEADY))
    vote[list(falling)] = FALLING
    scores = np.where(vote == FALLING, score, against)
    evidence = scores.astype(np.float32)[None, None]
    tally = PLACES.tally(evidence, vote[None])
    every = [one for one in range(len(PLACES.all)) if tally.gain[0, one] > 0]
    found = explain(PLACES, tally, 0, evidence, plausible or every)
    return sorted(suspect.place.id for suspect in found)


@pytest.mark.parametrize(
    ("buildings", "expected"),
    [((), []), ((2,), ["b2"]), ((2, 3), ["s1"]), ((0, 3), ["b0", "b3"]), ((0, 1, 4), ["b4", "s0"])],
)
def test_the_smallest_number_of_places_that_fits_is_named(buildings, expected):
    assert named(homes_of(*buildings)) == expected


@pytest.mark.parametrize(("other", "expected"), [(0.4, ["b2"]), (0.6, ["s1"])])
def test_a_larger_place_must_be_worth_its_further_homes(other, expected):
    """One building falls: what the homes beside it say by chance does not accuse the source."""
    scores = np.full((1, 1, HOMES), -1.5, np.float32)
    scores[..., homes_of(2)], scores[..., homes_of(3)] = 3.0, other
    vote = np.full((1, HOMES), np.int8(STEADY))
    tally = PLACES.tally(scores, vote)
    plausible = [one for one, place in enumerate(PLACES.all) if place.id in ("b2", "s1")]
    found = explain(PLACES, tally, 0, scores, plausible)
    assert [suspect.place.id for suspect in found] == expected


@pytest.mark.parametrize(("prior", "expected"), [(0.9, ["b2"]), (1.1, ["s1"])])
def test_what_is_known_of_a_place_beforehand_speaks_for_it(prior, expected):
    scores = np.full((1, 1, HOMES), -1.5, np.float32)
    scores[..., homes_of(2)], scores[..., homes_of(3)] = 3.0, 0.3
    tally = PLACES.tally(scores, np.full((1, HOMES), np.int8(STEADY)))
    plausible = [one for one, place in enumerate(PLACES.all) if place.id in ("b2", "s1")]
    of_source = prior * np.array([place.id == "s1" for place in PLACES.all])
    (found,) = explain(PLACES, tally, 0, scores, plausible, of_source)
    assert [found.place.id] == expected
    assert found.said.tolist() == scores[0, 0, found.place.homes].tolist()


def test_a_source_is_named_although_some_of_its_homes_stay_warm():
    assert named(homes_of(2, 3)[1:-1]) == ["s1"]


def test_a_source_with_one_building_is_called_by_the_building():
    net = network(homes=5)
    assert [place.level for place in Places(net).all] == [Level.BUILDING]


def test_a_tally_counts_homes_and_buildings():
    vote = np.full(HOMES, np.int8(STEADY))
    vote[homes_of(2)] = FALLING
    vote[homes_of(3)[:4]] = VOID
    score = np.where(vote == FALLING, 3.0, np.where(vote == STEADY, -1.0, 0.0))
    tally = PLACES.tally(score.astype(np.float32)[None, None], vote[None])
    at = next(one for one, place in enumerate(PLACES.all) if place.id == "s1")
    assert (tally.gain[0, at], tally.rest[0, at]) == (14.0, -1.0)
    assert (tally.judged[0, at], tally.falling[0, at]) == (6, 5)
    assert (tally.judged_buildings[0, at], tally.falling_buildings[0, at]) == (2, 1)


def test_homes_of_a_place_share_one_hypothesis():
    vote = np.full((1, HOMES), np.int8(STEADY))
    evidence = np.full((2, 1, HOMES), -1.0, np.float32)
    first, second = homes_of(2), homes_of(3)
    evidence[0, 0, first] = evidence[1, 0, second] = 2.0  # fast here, slowly there
    tally = PLACES.tally(evidence, vote)
    at = {place.id: number for number, place in enumerate(PLACES.all)}
    assert [tally.gain[0, at[one]] for one in ("b2", "b3", "s1")] == [10.0, 10.0, 5.0]
    assert [tally.best[0, at[one]] for one in ("b2", "b3")] == [0, 1]


def test_a_network_without_homes_has_no_places():
    none = np.zeros(0, np.int32)
    levels = (Level.BUILDING, Level.SOURCE)
    empty = Network((), dict.fromkeys(levels, ()), dict.fromkeys(levels, none), none > 0)
    assert Places(empty).tally(
        np.zeros((2, 3, 0), np.float32), np.zeros((3, 0), np.int8)
    ).gain.shape == (3, 0)


def test_buildings_of_homes_are_named_once():
    assert PLACES.buildings(np.array([0, 1, 7], np.int32)) == ("b0", "b1")
