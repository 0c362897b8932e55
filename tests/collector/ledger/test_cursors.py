"""How far each source has come: as one number after the other would have it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.ledger import cursors as module
from heatward_collector.ledger.cursors import Cursors

runs = st.lists(st.tuples(st.integers(-1, 3), st.integers(1, 9), st.integers(1, 3)), max_size=12)


def one_by_one(reached: list[int], plan: list[tuple[int, int, int]]) -> list[bool]:
    """Move on by the runs that come next, each by itself."""
    refused, taken = set(), []
    for source, first, count in plan:
        is_next = source >= 0 and source not in refused and reached[source] + 1 == first
        if is_next:
            reached[source] += count
        else:
            refused.add(source)
        taken.append(is_next)
    return taken


@given(runs, st.lists(st.integers(0, 4), min_size=4, max_size=4))
def test_runs_taken_together_are_taken_as_one_by_one(plan, begun):
    cursors = Cursors()
    for number in range(4):
        cursors.add("sample", "n0001", number + 1)
    cursors.advance(np.arange(4), np.array(begun))
    sources, firsts, counts = np.array(plan, np.int64).reshape(-1, 3).T
    taken = cursors.take_runs(sources, firsts, counts)
    assert taken.tolist() == one_by_one(reached := list(begun), plan)
    assert cursors.offered[:4].tolist() == reached
    assert cursors.all_committed() == [0, 0, 0, 0]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9)), max_size=9))
def test_what_is_in_the_ledger_counts_in_any_order(known):
    cursors = Cursors()
    for number in range(3):
        cursors.add("sample", "n0001", number)
    sources, reached = np.array(known, np.int64).reshape(-1, 2).T
    cursors.advance(sources, reached)
    highest = [max([0, *(seq for one, seq in known if one == source)]) for source in range(3)]
    assert cursors.offered[:3].tolist() == highest


@pytest.mark.parametrize("room", [1, 2, 7, 8])
def test_there_is_room_for_any_number_of_sources(monkeypatch: pytest.MonkeyPatch, room: int):
    monkeypatch.setattr(module, "_ROOM", room)
    cursors = Cursors()
    for number in range(7):
        assert cursors.number("sample", "n0001", number) is None
        source = cursors.add("sample", "n0001", number)
        assert (source.id, source.epoch) == (number, number)
        assert cursors.number("sample", "n0001", number) == number
        cursors.offered[number] = cursors.committed[number] = 10 + number
    assert cursors.source(6) == source
    assert [one.epoch for one in cursors.sources()] == [0, 1, 2, 3, 4, 5, 6]
    assert cursors.all_committed() == [10, 11, 12, 13, 14, 15, 16]
    assert cursors.offered[:7].tolist() == cursors.all_committed()
    assert len(cursors.offered) == len(cursors.committed) == (7 if room == 7 else 8)
