"""Messages between the thread that reads the socket and the one that writes the ledger.

What a node sends after a silence comes in large packs, and may come from a whole city at once. It
waits beside what others measure now, and never before it. Nothing of one node changes places that
matters: while a pack is under way, its node sends nothing else, and a gap would be sent again.
"""

from __future__ import annotations

import queue
import threading
from collections import deque

from heatward_collector.ingest.messages import Message, Messages

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
        self._blocks: deque[Messages] = deque()
        self._waiting = 0
        self._backlog: deque[Message] = deque()
        """Each by itself: it would otherwise keep the bytes of all that came with it."""
        self._changed = threading.Condition()

    def put(self, messages: Messages, timeout: float) -> bool:
        """Add messages once there is room; False where none came in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self) < self._bound, timeout):
                return False
            is_backlog = messages.payload_end - messages.payload_at > BACKLOG_BYTES
            if is_backlog.any():
                self._backlog.extend(messages.part(is_backlog))
                messages = messages.part(~is_backlog)
            if len(messages):
                self._blocks.append(messages)
                self._waiting += len(messages)
            self._changed.notify_all()
            return True

    def __len__(self) -> int:
        return self._waiting + len(self._backlog)

    def take(self, most: int) -> Messages:
        """Return up to ``most`` messages that are there now, and some of a backlog behind them."""
        with self._changed:
            taken, left = [], min(most, self._waiting)
            while left:
                taken.append(self._next(left))
                left -= len(taken[-1])
            backlog = self._backlog
            if backlog:
                some = [backlog.popleft() for _ in range(min(BACKLOG_AT_ONCE, len(backlog)))]
                taken.append(Messages.of(some))
            if taken:
                self._changed.notify_all()
        return Messages.join(taken)

    def wait(self, timeout: float, count: int = 1) -> bool:
        """Wait for so many messages; say whether there are."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self) >= count, timeout)

    def gather(self, timeout: float, count: int) -> None:
        """Wait for so many messages, or for any of a backlog: it comes a few at a time."""
        with self._changed:
            self._changed.wait_for(lambda: len(self) >= count or bool(self._backlog), timeout)

    def get(self, timeout: float) -> Message:
        """Return the next message. Raises queue.Empty where none comes in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self) > 0, timeout):
                raise queue.Empty
            self._changed.notify_all()
            return self._next(1)[0] if self._waiting else self._backlog.popleft()

    def _next(self, most: int) -> Messages:
        """Take off the first messages, of one block."""
        block = self._blocks.popleft()
        if len(block) > most:
            self._blocks.appendleft(block.part(slice(most, None)))
            block = block.part(slice(most))
        self._waiting -= len(block)
        return block
