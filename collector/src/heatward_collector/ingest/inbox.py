"""Messages between the thread that reads the socket and the one that writes the ledger.

What a node sends after a silence comes in large packs, and may come from a whole city at once. It
waits beside what others measure now, and never before it. Nothing of one node changes places that
matters: while a pack is under way, its node sends nothing else, and a gap would be sent again.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Sequence

from heatward_collector.ingest.frames import Message

BACKLOG_BYTES = 2_048
"""Larger payloads are of a backlog: more than thirty readings. [B]"""
BACKLOG_AT_ONCE = 16
"""So many of these are taken together with all that is not: about 5,000 readings."""


class Inbox:
    """A bounded queue that takes many messages at once; a full one makes its reader wait.

    It may exceed its bound by what one reading of the socket brought.
    """

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._messages: deque[Message] = deque()
        self._backlog: deque[Message] = deque()
        self._changed = threading.Condition()

    def put(self, messages: Sequence[Message], timeout: float) -> bool:
        """Add messages once there is room; False where none came in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self) < self._bound, timeout):
                return False
            backlog = [one for one in messages if len(one.payload) > BACKLOG_BYTES]
            self._backlog += backlog
            self._messages += (
                [one for one in messages if len(one.payload) <= BACKLOG_BYTES]
                if backlog
                else messages
            )
            self._changed.notify_all()
            return True

    def __len__(self) -> int:
        return len(self._messages) + len(self._backlog)

    def take(self, most: int) -> list[Message]:
        """Return up to ``most`` messages that are there now, and some of a backlog behind them."""
        with self._changed:
            messages, backlog = self._messages, self._backlog
            taken = [messages.popleft() for _ in range(min(most, len(messages)))]
            taken += [backlog.popleft() for _ in range(min(BACKLOG_AT_ONCE, len(backlog)))]
            if taken:
                self._changed.notify_all()
            return taken

    def wait(self, timeout: float) -> bool:
        """Wait for a message; say whether there is one."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self) > 0, timeout)

    def get(self, timeout: float) -> Message:
        """Return the next message. Raises queue.Empty where none comes in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self) > 0, timeout):
                raise queue.Empty
            self._changed.notify_all()
            return (self._messages or self._backlog).popleft()
