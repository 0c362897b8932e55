"""The span of what waits for a commit: readers choose batches by it."""

from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.ledger.pending import Pending


@given(st.lists(st.none() | st.integers(-5, 5)))
def test_the_span_is_from_the_first_to_the_last_time_whatever_the_order(walls: list[int | None]):
    pending = Pending()
    for wall in walls:
        pending.note_wall(wall)
    times = [wall for wall in walls if wall is not None]
    assert pending.measured_from == min(times, default=None)
    assert pending.measured_to == max(times, default=None)
    assert pending.all_timed == (len(times) == len(walls))


def test_only_who_has_an_entry_gets_another_last_number():
    pending = Pending(advanced={1, 3})
    committed = [10, 20, 30, 40]
    pending.carry([11, 21, 31, 41], committed)
    assert committed == [10, 21, 30, 41]
