"""Every source goes on where it stopped: what breaks that is named, at its first place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.ledger.batch import Batch, Source, pack_entry
from heatward_collector.ledger.continuity import Altered, Continuity, covered, first_of
from heatward_node.events import LossReason, Lost
from heatward_node.reading import Kind, Record
from support.batches import encode_body
from support.evidence import LIVING, T0, PaperNode


def source(number: int, node: str = "n0001") -> Source:
    return Source(number, "sample", node, 7)


def met(count: int) -> Continuity:
    """Return a continuity that has met some sources, and no record of them."""
    continuity = Continuity()
    for number in range(count):
        continuity.introduce(source(number, f"n{number}"))
    return continuity


Entries = list[tuple[int, int, int]]
entries = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 4), st.integers(0, 2)), min_size=1, max_size=12
)


def arrays(rows: Entries) -> list[np.ndarray]:
    return [np.array([row[at] for row in rows], np.int64) for at in range(3)]


@given(st.lists(entries, max_size=3))
def test_batches_go_on_exactly_where_a_slow_reader_says_so(batches: list[Entries]):
    """Against one number after another: the same end, or the same first wrong place."""
    continuity, slow = met(3), {0: 0, 1: 0, 2: 0}
    for steps in batches:
        rows = [(of, low, low + more) for of, low, more in steps]
        strange = [at for at, (of, _, _) in enumerate(rows) if of not in slow]
        expected = dict(slow)
        wrong = []
        for at, (of, low, high) in enumerate(rows):
            if not strange:
                if low != expected[of] + 1:
                    wrong.append(at)
                expected[of] = high
        if strange or wrong:
            with pytest.raises(Altered) as altered:
                continuity.go_on(*arrays(rows))
            assert altered.value.position == (strange or wrong)[0]
            assert ("nobody introduced" in str(altered.value)) == bool(strange)
            return
        continuity.go_on(*arrays(rows))
        slow = expected
        assert continuity.through[:3].tolist() == [slow[at] for at in range(3)]


def test_records_that_follow_each_other_are_taken():
    continuity = met(300)  # more than the room that is made at a time
    rows = [(0, 1, 1), (299, 1, 5), (0, 2, 2), (299, 6, 6), (0, 3, 9)]
    continuity.go_on(*arrays(rows))
    assert (continuity.through[0], continuity.through[299]) == (9, 6)
    continuity.go_on(*arrays([(299, 7, 7), (0, 10, 10)]))
    assert (continuity.through[0], continuity.through[299]) == (10, 7)
    assert continuity.fits({0: 10, 299: 7})


@pytest.mark.parametrize("number", [0, 1, 3])
def test_a_source_is_introduced_once_and_in_its_turn(number: int):
    continuity = met(2)
    with pytest.raises(Altered, match=f"source {number} is introduced out of turn"):
        continuity.introduce(source(number, f"n{number}"))


def test_cursors_that_name_more_less_or_strangers_do_not_fit():
    continuity = met(2)
    continuity.go_on(*arrays([(0, 1, 4)]))
    assert continuity.fits({0: 4})
    assert continuity.fits({0: 4, 1: 0, 2: 0, 7: 0})
    for cursors in ({}, {0: 3}, {0: 5}, {0: 4, 1: 1}, {0: 4, 2: 1}, {0: 4, 2: 0, 3: 9}):
        assert not continuity.fits(cursors)


def test_a_ledger_that_begins_in_the_middle_believes_what_is_said_of_before_and_only_once():
    continuity = Continuity()
    continuity.trust([(source(0), 5), (source(2, "n0003"), 9), (source(3, "late"), 4)], 3)
    assert [continuity.known(number) for number in range(4)] == [
        source(0),
        None,
        source(2, "n0003"),
        None,  # it is of none from before the middle
    ]
    assert continuity.fits({0: 5, 2: 9, 1: 77})  # of source 1 nothing is known
    assert not continuity.fits({0: 5, 2: 8})
    continuity.fill([(source(0, "another"), 6), (source(1, "n0002"), 3), (source(3), 4)])
    assert continuity.known(0) == source(0)
    assert continuity.known(1) == source(1, "n0002")
    assert continuity.through[:3].tolist() == [5, 3, 9]
    continuity.introduce(source(0))  # as the first batch of the day does
    with pytest.raises(Altered):
        continuity.introduce(source(0, "another"))
    continuity.introduce(source(3, "new"))
    assert continuity.known(3) == source(3, "new")
    continuity.go_on(*arrays([(3, 1, 1), (2, 10, 10)]))


def test_one_from_before_the_middle_that_nobody_described_is_met_in_its_body():
    continuity = Continuity()
    continuity.trust([], 2)
    continuity.introduce(source(1, "n0002"))
    assert (continuity.known(0), continuity.known(1)) == (None, source(1, "n0002"))
    assert continuity.known(2) is None


def test_every_entry_of_a_batch_accounts_for_its_numbers():
    node = PaperNode(7)
    lost = Record(Kind.LOST, 9, 0, None, 0, 0, Lost(3, LossReason.PRUNED).to_body())
    records = [node.boot(), node.read(LIVING, T0, 20), lost]
    body = encode_body([source(4)], [pack_entry(4, record.to_bytes()) for record in records])
    told = covered(Batch(1, 0, 3, body))
    assert [column.tolist() for column in told] == [[4, 4, 4], [1, 2, 3], [1, 2, 9]]


def test_a_lost_range_that_cannot_be_read_is_named_by_its_place():
    broken = Record(Kind.LOST, 9, 0, None, 0, 0, Lost(12, LossReason.PRUNED).to_body())
    with pytest.raises(Altered, match="cannot be read") as altered:
        first_of(broken, 6)
    assert (altered.value.position, altered.value.source) == (6, None)


def test_what_is_altered_reads_as_a_sentence_wherever_it_is():
    altered = Altered("the record is altered", 3, 1)
    assert str(altered) == altered.what == "the record is altered"
    assert (altered.position, altered.source) == (3, 1)
