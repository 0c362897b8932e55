"""Places of sensors among those of their sources, however the day is cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.errors import LedgerError
from heatward_collector.ledger.day_sensors import (
    MOST_PLACES,
    NO_PLACE,
    NO_SENSORS,
    DaySensors,
    GrowingDaySensors,
)

Pairs = list[tuple[int, int]]
PAIRS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20)), max_size=60)


def arrays(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    ordered = sorted(pairs, key=lambda pair: pair[0])
    source, sensor = zip(*ordered, strict=True) if ordered else ((), ())
    return np.array(source, np.uint32), np.array(sensor, np.uint64)


def by_hand(stretches: list[Pairs]) -> tuple[list[list[int]], dict[int, list[int]]]:
    """Return the places of every stretch, and what each source has, told one by one."""
    held: dict[int, list[int]] = {}
    places = []
    for pairs in stretches:
        found = []
        for source, sensor in sorted(pairs, key=lambda pair: pair[0]):
            own = held.setdefault(source, [])
            if sensor not in own and len(own) < MOST_PLACES:
                own.append(sensor)
            found.append(own.index(sensor) if sensor in own else NO_PLACE)
        places.append(found)
    return places, held


@given(st.lists(PAIRS, max_size=5))
def test_places_are_those_told_one_by_one_and_lead_back_to_the_sensors(stretches: list[Pairs]):
    growing = GrowingDaySensors()
    found = [growing.places(*arrays(pairs)).tolist() for pairs in stretches]
    expected, held = by_hand(stretches)
    assert found == expected
    day = growing.closed()
    listed = [(source, sensor) for source in sorted(held) for sensor in held[source]]
    assert list(zip(day.source.tolist(), day.sensor.tolist(), strict=True)) == listed
    for pairs, places in zip(stretches, found, strict=True):
        source, sensor = arrays(pairs)
        place = np.array(places, np.uint8)
        has_place = place != NO_PLACE
        rows = day.rows(source[has_place], place[has_place])
        assert day.sensor[rows].tolist() == sensor[has_place].tolist()


def test_a_source_with_more_sensors_than_a_node_can_have_says_the_others_itself():
    pairs = [(1, at) for at in range(MOST_PLACES + 2)] * 2 + [(2, 7)]
    growing = GrowingDaySensors()
    places = growing.places(*arrays(pairs)).tolist()
    once = [*range(MOST_PLACES), NO_PLACE, NO_PLACE]
    assert places == [*once, *once, 0]
    assert len(growing.closed().source) == MOST_PLACES + 1


@pytest.mark.parametrize(("source", "place"), [(1, 2), (2, 0), (0, 0), (4, 1)])
def test_a_place_that_a_source_does_not_have_is_refused(source: int, place: int):
    day = DaySensors(np.array([1, 1, 3, 4], np.uint32), np.array([5, 6, 7, 8], np.uint64))
    assert day.rows(np.array([1, 1, 3], np.uint32), np.array([1, 0, 0], np.uint8)).tolist() == [
        1,
        0,
        2,
    ]
    with pytest.raises(LedgerError, match="does not have that day"):
        day.rows(np.array([1, source], np.uint32), np.array([0, place], np.uint8))


def test_a_day_without_readings_has_no_sensors():
    assert GrowingDaySensors().closed() is NO_SENSORS
