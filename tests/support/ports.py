"""Free ports, and waiting for what real servers do: polled with a deadline, never slept for."""

from __future__ import annotations

import time
from collections.abc import Callable

from heatward_collector.servers.ports import HOST, free_port
from heatward_collector.servers.program import is_listening

POLL_SECONDS = 0.02

__all__ = ["HOST", "free_port", "is_listening", "wait_until"]


def wait_until(condition: Callable[[], object], what: str, timeout_s: float = 20) -> None:
    """Poll until something is true. Fails the test, naming it, after the deadline."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s:g} s: {what}")
        time.sleep(POLL_SECONDS)
