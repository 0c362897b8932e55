"""Which places are suspected."""

import numpy as np
import pytest

from heatward_collector.core.suppression import Level
from heatward_collector.core.suppression.falling.falls import STEADY, VOID, Falls
from heatward_collector.core.suppression.falling.scan import Places
from heatward_collector.core.suppression.falling.suspicion import Suspicions
from support.heated_town import HOMES, homes_of, network

PLACES = Places(network())
NIGHT, DAY = 1.0, 14.0
NOBODY = np.zeros(len(PLACES.all), bool)
NEVER = np.zeros(len(PLACES.all), np.int32)


def stopped(place, times=1):
    """Return how often heat was held back from each place: from one of them."""
    return np.array([times * (one.id == place) for one in PLACES.all], np.int32)


def suspected(scores, *given, **more):
    """Return the places that are suspected where homes say these scores, all others -1."""
    return [(one.place.level, one.place.id) for one in suspects(scores, *given, **more)]


def suspects(
    scores, hour=NIGHT, control=0.0, stops=NEVER, heard=False, void=(), short=0.0, due=None
):
    said = np.full((1, 1, HOMES), -1.0, np.float32)
    vote = np.full((1, HOMES), np.int8(STEADY))
    for home, score in scores.items():
        said[0, 0, home] = score
    vote[0, list(void)] = VOID
    nothing = np.zeros((1, HOMES))
    suspicions = Suspicions(
        PLACES,
        Falls(said, vote, said, nothing, nothing > 0, nothing > 0),
        np.full(HOMES, heard),
        np.array([hour]),
        np.array([False]),
    )
    found = suspicions.of(0, np.full(3, control), stops, short, due)
    assert not found or suspicions.any(0)
    return found


def test_homes_that_fall_clearly_are_suspected_where_they_are():
    assert suspected(dict.fromkeys(homes_of(2), 2.5)) == [(Level.BUILDING, "b2")]
    assert suspected(dict.fromkeys(homes_of(2, 3), 2.5)) == [(Level.SOURCE, "s1")]


def test_chance_is_not_suspected():
    assert suspected(dict.fromkeys(homes_of(2), 1.6)) == []


def test_a_few_clear_homes_do_not_accuse_their_building():
    assert suspected(dict.fromkeys(homes_of(2)[:2], 4.6)) == []


def test_one_clear_building_does_not_accuse_its_source():
    scores = dict.fromkeys(homes_of(2), 4.0) | dict.fromkeys(homes_of(3)[:3], 0.4)
    assert suspected(scores) == [(Level.BUILDING, "b2")]


def test_a_source_that_stopped_is_suspected_again_though_one_building_is_clearest():
    scores = dict.fromkeys(homes_of(2), 4.0) | dict.fromkeys(homes_of(3)[:4], 0.6)
    again = stopped("s1")
    assert suspected(scores, stops=again) == [(Level.SOURCE, "s1")]
    either = again + stopped("b2")
    assert suspected(scores) == suspected(scores, stops=either) == [(Level.BUILDING, "b2")]


def test_by_day_a_source_needs_more():
    scores = dict.fromkeys(homes_of(2, 3), 1.2)
    assert suspected(scores, NIGHT) == [(Level.SOURCE, "s1")] and suspected(scores, DAY) == []


@pytest.mark.parametrize(("control", "found"), [(0.15, True), (0.25, False), (0.4, False)])
def test_homes_of_other_sources_that_fall_too_count_against_it(control, found):
    assert bool(suspected(dict.fromkeys(homes_of(2), 2.1), NIGHT, control)) is found


@pytest.mark.parametrize(("control", "found"), [(0.45, True), (0.5, False)])
def test_what_is_clear_all_the_same_is_believed_until_most_others_fall(control, found):
    assert bool(suspected(dict.fromkeys(homes_of(2, 3), 4.0), DAY, control)) is found
    assert suspected(dict.fromkeys(homes_of(2, 3), 2.4), DAY, 0.35) == []


def test_a_second_stop_at_the_same_place_is_believed_sooner():
    again, scores = stopped("b2"), dict.fromkeys(homes_of(2), 1.6)
    assert suspected(scores) == [] and suspected(scores, stops=again) == [(Level.BUILDING, "b2")]


def test_what_came_often_is_believed_still_sooner_up_to_a_limit():
    scores, times = dict.fromkeys(homes_of(2), 3.5), (0, 1, 4, 7, 8, 50)
    first, *again = (suspects(scores, DAY, stops=stopped("b2", one)) for one in times)
    more = [one.spare - first[0].spare for (one,) in again]
    assert more == pytest.approx([3.5, 3.5 + np.log(4), 3.5 + np.log(7), 5.5, 5.5])
    faint = dict.fromkeys(homes_of(2), 1.1)
    assert suspected(faint, DAY, stops=stopped("b2")) == []
    assert suspected(faint, DAY, stops=stopped("b2", 6)) == [(Level.BUILDING, "b2")]


def test_how_often_a_building_alone_fell_by_night_says_no_more_than_that_it_did():
    scores = dict.fromkeys(homes_of(2), 3.5)
    once, often = (suspects(scores, NIGHT, stops=stopped("b2", one)) for one in (1, 6))
    assert once[0].spare == often[0].spare
    both = dict.fromkeys(homes_of(2, 3), 3.5)
    once, often = (suspects(both, NIGHT, stops=stopped("s1", one)) for one in (1, 6))
    assert often[0].spare - once[0].spare == pytest.approx(np.log(6))


def test_for_the_first_time_a_source_needs_more_than_again():
    scores = dict.fromkeys(homes_of(2, 3), 1.05)
    assert suspected(scores) == []
    assert suspected(scores, stops=stopped("s1")) == [(Level.SOURCE, "s1")]


def test_for_the_first_time_seven_tenths_of_a_source_must_fall():
    half = [*homes_of(2)[:3], *homes_of(3)[:3]]
    scores = dict.fromkeys(homes_of(2, 3), 0.2) | dict.fromkeys(half, 2.5)
    assert suspected(scores) == []
    assert suspected(scores, stops=stopped("s1")) == [(Level.SOURCE, "s1")]


def test_a_home_that_fell_silent_counts_against_a_stop():
    scores = dict.fromkeys(homes_of(2)[:4], 2.2)
    silent = homes_of(2)[4:]
    assert suspected(scores, void=silent) == [(Level.BUILDING, "b2")]
    assert suspected(scores, void=silent, heard=True) == []


def test_what_is_nearly_clear_is_named_where_that_is_asked_for():
    scores = dict.fromkeys(homes_of(2, 3), 1.05)
    (source,) = suspects(scores, short=2.0)
    assert source.place.id == "s1" and source.spare == pytest.approx(10.5 - 11.5)
    assert suspects(scores, short=0.9) == [] == suspects(scores)


def test_where_a_stop_is_due_by_the_clock_less_is_needed_and_only_there():
    faint = dict.fromkeys(homes_of(2), 1.6)
    index = PLACES.index[Level.BUILDING, "b2"]
    due = NOBODY.copy()
    due[index] = True
    assert suspected(faint, short=1.5) == [(Level.BUILDING, "b2")]
    assert suspected(faint) == [] == suspected(faint, due=np.roll(due, 1))
    (one,) = suspects(faint, due=due)
    assert one.place.id == "b2" and one.is_due and not one.is_repeated
