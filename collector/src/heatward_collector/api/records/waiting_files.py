"""Files that somebody has sent and not confirmed yet: kept for an hour, for nobody else."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

KEPT_S = 3600
"""Who takes longer chooses the file again. [s]"""
MOST_BYTES = 64 * 2**20
"""Of all files together; the oldest ones go first. [bytes]"""


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """One file as it was sent."""

    owner: str
    """Account that sent it."""
    name: str
    data: bytes
    sent_s: float


class WaitingFiles:
    """Holds files in memory: a second step of a form finds them by a word that nobody guesses."""

    def __init__(
        self, now: Callable[[], float], kept_s: float = KEPT_S, most_bytes: int = MOST_BYTES
    ) -> None:
        self._now, self._kept_s, self._most_bytes = now, kept_s, most_bytes
        self._files: OrderedDict[str, WaitingFile] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, owner: str, name: str, data: bytes) -> str:
        """Keep a file; return the word by which its owner finds it."""
        word = secrets.token_urlsafe(16)
        with self._lock:
            self._files[word] = WaitingFile(owner, name, data, self._now())
            self._forget()
        return word

    def of(self, owner: str, word: str) -> WaitingFile | None:
        """Return a file to its owner; None where it is not there any more."""
        with self._lock:
            self._forget()
            found = self._files.get(word)
        return found if found is not None and found.owner == owner else None

    def _forget(self) -> None:
        for word, file in list(self._files.items()):
            held = sum(len(one.data) for one in self._files.values())
            if file.sent_s < self._now() - self._kept_s or held > self._most_bytes:
                del self._files[word]
