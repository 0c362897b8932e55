"""Saying what a long bench is at, and what each stage of it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[str], None]


@contextmanager
def stage(tell: Tell, name: str) -> Iterator[None]:
    """Say what begins, and what it took."""
    began = time.monotonic()
    tell(f"{name} ...")
    yield
    tell(f"  {time.monotonic() - began:,.1f} s")
