"""Messages between the thread that reads the socket and the one that writes the ledger."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Sequence

from heatward_collector.ingest.session import Message


class Inbox:
    """A bounded queue that takes many messages at once; a full one makes its reader wait.

    It may exceed its bound by what one reading of the socket brought.
    """

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._messages: deque[Message] = deque()
        self._changed = threading.Condition()

    def put(self, messages: Sequence[Message], timeout: float) -> bool:
        """Add messages once there is room; False where none came in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._messages) < self._bound, timeout):
                return False
            self._messages.extend(messages)
            self._changed.notify_all()
            return True

    def take(self, most: int) -> list[Message]:
        """Return up to ``most`` messages that are there now."""
        with self._changed:
            messages = self._messages
            taken = [messages.popleft() for _ in range(min(most, len(messages)))]
            if taken:
                self._changed.notify_all()
            return taken

    def get(self, timeout: float) -> Message:
        """Return the next message. Raises queue.Empty where none comes in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._messages, timeout):
                raise queue.Empty
            self._changed.notify_all()
            return self._messages.popleft()
