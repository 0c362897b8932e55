"""What waits for a commit: its body, and the span by which readers choose batches."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.ledger.batch import PACKED_DTYPE, Source, pack_entry
from heatward_collector.ledger.pending import Pending
from heatward_node.reading import Kind, Record
from support.batches import by_source, encode_body
from support.records import record_runs


@given(st.lists(st.none() | st.integers(-5, 5)))
def test_the_span_is_from_the_first_to_the_last_time_whatever_the_order(walls: list[int | None]):
    pending = Pending()
    for wall in walls:
        pending.note_wall(wall)
    times = [wall for wall in walls if wall is not None]
    assert pending.measured_from == min(times, default=None)
    assert pending.measured_to == max(times, default=None)
    assert pending.all_timed == (len(times) == len(walls))


def packed_of(source: int, records: list[Record]) -> tuple[np.ndarray, dict[int, bytes]]:
    """Return records as usual packs bring them, with CRCs that mean nothing."""
    width, header = PACKED_DTYPE.itemsize, PACKED_DTYPE.fields["sensor"][1]
    entries = [pack_entry(source, record.to_bytes()) for record in records]
    rows = [
        one[:-4] + b"none" if record.kind == Kind.READING else one[:header].ljust(width, b"\7")
        for one, record in zip(entries, records, strict=True)
    ]
    bodies = {at: one.body for at, one in enumerate(records) if one.kind != Kind.READING}
    return np.frombuffer(b"".join(rows), PACKED_DTYPE), bodies


offered = st.lists(
    st.tuples(st.integers(0, 2**32 - 1) | st.integers(1, 3), record_runs(4), st.booleans()),
    min_size=1,
    max_size=6,
)


@given(offered, st.integers(0, 2))
def test_a_body_is_that_of_its_entries_one_by_one(runs, new_sources):
    """Whichever way the records came: by their sources, those of one in their order."""
    named = [Source(at, "sample", f"n{at}", 9 + at) for at in range(new_sources)]
    pending, entries, walls = Pending(named), [], []
    for source, records, is_usual in runs:
        if is_usual and all(one.wall_s is not None for one in records):
            pending.take(*packed_of(source, records))
        else:
            pending.add(source, records)
        entries += [pack_entry(source, one.to_bytes()) for one in records]
        walls += [one.wall_s for one in records]
    assert pending.count == len(entries)
    assert pending.body() == encode_body(named, by_source(entries))
    assert pending.advanced().tolist() == [int.from_bytes(one[:4], "little") for one in entries]
    times = [wall for wall in walls if wall is not None]
    assert (pending.measured_from, pending.measured_to) == (
        min(times, default=None),
        max(times, default=None),
    )
    assert pending.all_timed == (len(times) == len(walls))
