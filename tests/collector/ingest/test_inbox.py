"""The queue between socket and ledger: in order, bounded, and awake when something comes."""

from __future__ import annotations

import queue
import threading

import pytest

from heatward_collector.ingest.inbox import BACKLOG_AT_ONCE, BACKLOG_BYTES, Inbox
from heatward_collector.ingest.messages import Message, Messages


def messages(first: int, count: int) -> Messages:
    return Messages.of([Message("t", b"", False, 1, mid, 1) for mid in range(first, first + count)])


def test_messages_leave_in_their_order():
    inbox = Inbox(100)
    assert inbox.put(messages(1, 3), 0)
    assert inbox.put(messages(4, 3), 0)
    assert inbox.get(0).mid == 1
    assert [message.mid for message in inbox.take(3)] == [2, 3, 4]
    assert [message.mid for message in inbox.take(3)] == [5, 6]
    assert len(inbox.take(3)) == 0
    with pytest.raises(queue.Empty):
        inbox.get(0)


def test_a_full_inbox_takes_nothing_until_there_is_room():
    inbox = Inbox(2)
    assert inbox.put(messages(1, 2), 0)
    assert not inbox.put(messages(3, 1), 0)
    inbox.take(1)
    assert inbox.put(messages(3, 1), 0)
    assert [message.mid for message in inbox.take(9)] == [2, 3]


def test_both_sides_wait_for_each_other():
    inbox = Inbox(10)
    seen: list[int] = []

    def read() -> None:
        while len(seen) < 1_000:
            seen.append(inbox.get(10).mid)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    for first in range(0, 1_000, 5):
        assert inbox.put(messages(first, 5), 10)
    reader.join(10)
    assert seen == list(range(1_000))


def test_a_backlog_waits_beside_what_is_measured_now_and_never_before_it():
    inbox = Inbox(1_000)
    pack = b"x" * (BACKLOG_BYTES + 1)
    packs = [Message("t", pack, False, 1, mid, 1) for mid in range(100, 140)]
    assert inbox.put(Messages.of([*packs, *messages(1, 3)]), 0)
    assert inbox.get(0).mid == 1
    taken = [message.mid for message in inbox.take(4_000)]
    assert taken == [2, 3, *range(100, 100 + BACKLOG_AT_ONCE)]
    assert inbox.put(messages(4, 2), 0)
    assert [message.mid for message in inbox.take(1)] == [
        4,
        *range(100 + BACKLOG_AT_ONCE, 100 + 2 * BACKLOG_AT_ONCE),
    ]
    assert [message.mid for message in inbox.take(9)] == [5, *range(132, 140)]
    assert inbox.put(Messages.of(packs[:1]), 0)
    assert inbox.get(0).mid == 100


def test_a_backlog_fills_the_inbox_too():
    inbox = Inbox(1)
    assert inbox.put(Messages.of([Message("t", b"x" * 5_000, False, 1, 1, 1)]), 0)
    assert not inbox.put(messages(2, 1), 0)


def test_one_may_wait_for_many():
    inbox = Inbox(100)
    assert inbox.put(messages(1, 2), 0)
    assert inbox.wait(0)
    assert not inbox.wait(0.01, 3)
    sender = threading.Timer(0.05, lambda: inbox.put(messages(3, 1), 1))
    sender.start()
    assert inbox.wait(10, 3)
    sender.join()
    assert len(inbox.take(9)) == 3


def test_a_look_ends_in_the_middle_of_what_came_together():
    inbox = Inbox(100)
    assert inbox.put(messages(1, 5), 0)
    assert inbox.put(messages(6, 2), 0)
    taken = []
    while len(inbox):
        taken.append([message.mid for message in inbox.take(3)])
    assert taken == [[1, 2, 3], [4, 5, 6], [7]]


@pytest.mark.parametrize(("count", "size"), [(5, 0), (1, BACKLOG_BYTES + 1)])
def test_a_crowd_gathers_until_it_is_complete_or_a_backlog_comes(count: int, size: int):
    inbox = Inbox(100)
    inbox.put(messages(1, 4), 0)
    gathered = threading.Event()

    def gather() -> None:
        inbox.gather(10, 9)
        gathered.set()

    threading.Thread(target=gather, daemon=True).start()
    assert not gathered.wait(0.1)
    more = [Message("t", b"x" * size, False, 1, mid, 1) for mid in range(5, 5 + count)]
    inbox.put(Messages.of(more), 0)
    assert gathered.wait(5)


def test_a_crowd_does_not_gather_for_ever():
    inbox = Inbox(100)
    inbox.put(messages(1, 4), 0)
    inbox.gather(0.05, 9)
    assert len(inbox) == 4
