"""A store that pages seldom need: opened when it is first asked, kept, one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

Store = TypeVar("Store")


class KeptOpen(Generic[Store]):
    """Opens a store once for all requests."""

    def __init__(self, open_it: Callable[[], Store]) -> None:
        self._open = open_it
        self._lock = threading.Lock()
        self._store: Store | None = None

    @contextmanager
    def used(self) -> Iterator[Store]:
        """Give the store to this thread alone."""
        with self._lock:
            if self._store is None:
                self._store = self._open()
            yield self._store
