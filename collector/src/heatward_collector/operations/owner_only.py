"""Files that nobody but their owner may open, from the moment they exist."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

OTHERS = 0o077
"""The rights that are taken: all of the group's and of the others'."""


@contextmanager
def owner_only() -> Iterator[None]:
    """What this process creates meanwhile is its owner's alone; then as before.

    The rule is the whole process's, so it is put back: what runs after a command in the same
    process (a test, a caller of the command's function) makes its files as it always did.
    """
    before = os.umask(OTHERS)
    try:
        yield
    finally:
        os.umask(before)
