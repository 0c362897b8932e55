"""The mark beside a journal: the last number that was on the card for certain.

Where a card rots at the very end of the write-ahead log, SQLite takes that for the torn end of a
power cut, and nobody would know of the numbers behind it. The mark is written after each fsync and
needs none itself: it can be behind the journal, never ahead of what was once safe there.
"""

from __future__ import annotations

import os
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_FORMAT = struct.Struct("<II")
_SUM = struct.Struct("<I")
MARK_BYTES = _FORMAT.size + _SUM.size


class Marked(NamedTuple):
    """A log, by its epoch, and the last of its numbers."""

    epoch: int
    seq: int


class Mark:
    """The file that holds it; without a path nothing is noted."""

    def __init__(self, path: Path | None) -> None:
        """Open or create it. Raises OSError."""
        self._file = None
        if path is not None:
            self._file = path.open("r+b" if path.exists() else "w+b", buffering=0)

    def read(self) -> Marked | None:
        """Return what was noted last, None where nothing whole is there."""
        return None if self._file is None else unpack(os.pread(self._file.fileno(), MARK_BYTES, 0))

    def note(self, epoch: int, seq: int) -> None:
        """Note what is on the card now. A card that refuses is no matter: the journal tells."""
        if self._file is not None:
            noted = _FORMAT.pack(epoch, seq)
            with suppress(OSError):
                os.pwrite(self._file.fileno(), noted + _SUM.pack(zlib.crc32(noted)), 0)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def unpack(data: bytes) -> Marked | None:
    """Return what a mark's bytes say, None where they are torn or rotten."""
    if len(data) != MARK_BYTES:
        return None
    noted, (check,) = data[: _FORMAT.size], _SUM.unpack(data[_FORMAT.size :])
    marked = Marked(*_FORMAT.unpack(noted))
    return marked if zlib.crc32(noted) == check and marked.epoch else None
