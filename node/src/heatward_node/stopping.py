"""How a process is told to end: by a signal, at any moment of its main thread.

A handler runs between two steps of the main thread. If that is just waiting on the event, it holds
the event's lock, and a handler that sets the event waits for it for ever. So the handler only puts
the signal into a queue, which needs no lock of ours, and a thread of its own sets the event.
"""

from __future__ import annotations

import queue
import signal
import threading
from types import FrameType


def told_to_stop(*signals: signal.Signals) -> threading.Event:
    """Return an event that is set by any of these signals; call it from the main thread."""
    stopped = threading.Event()
    told: queue.SimpleQueue[int] = queue.SimpleQueue()

    def on_signal(number: int, frame: FrameType | None) -> None:
        told.put(number)

    def wait() -> None:
        told.get()
        stopped.set()

    threading.Thread(target=wait, name="stop-watch", daemon=True).start()
    for one in signals:
        signal.signal(one, on_signal)
    return stopped
