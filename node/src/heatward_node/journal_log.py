"""The journal's write-ahead log where a card has damaged it.

SQLite stops at the first frame whose check sum is wrong and forgets all behind it, for it takes it
for the torn end that a power cut leaves. Where more than one commit is whole behind such a frame,
it was on the card once and has rotted since: then all whole frames are put into the file, and only
what was in the broken one is missing.

Format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24
_BIG_ENDIAN = 0x377F0683
_PAGE_SIZES = frozenset(2**power for power in range(9, 17))
TORN_COMMITS = 1
"""So many whole commits behind a broken frame may be the end that a power cut has torn."""


class Frame(NamedTuple):
    """A page that was written, and whether a transaction ends with it."""

    page: int
    ends: bool
    data: bytes
    is_whole: bool


def read_log(file: Path) -> bytes:
    """Return the write-ahead log beside a journal as it is; SQLite may remove it on closing."""
    log = file.with_name(f"{file.name}-wal")
    return log.read_bytes() if log.exists() else b""


def has_rotted(log: bytes, seen: int, torn: int = TORN_COMMITS) -> bool:
    """Say whether a log holds more whole commits than a power cut explains.

    ``seen`` is how many frames SQLite takes from it, ``torn`` how many whole commits behind them
    are taken for a torn end.
    """
    if seen * _frame_bytes(log) + HEADER_BYTES >= len(log):
        return False
    frames = [one for number, one in enumerate(frames_of(log)) if number >= seen]
    return sum(one.is_whole and one.ends for one in frames) > torn


def put_back(log: bytes, file: Path) -> int:
    """Write the pages of all whole frames up to the last whole commit; return how many."""
    frames = list(frames_of(log))
    end = max((i for i, one in enumerate(frames, 1) if one.is_whole and one.ends), default=0)
    page_bytes = _page_bytes(log)
    written = 0
    with file.open("r+b") as journal:
        for one in frames[:end]:
            if one.is_whole:
                journal.seek((one.page - 1) * page_bytes)
                journal.write(one.data)
                written += 1
    return written


def frames_of(log: bytes) -> Iterator[Frame]:
    """Yield the frames of the newest round through the log, whole and broken ones."""
    page_bytes = _page_bytes(log)
    step = FRAME_HEADER_BYTES + page_bytes
    if len(log) < HEADER_BYTES + step:
        return
    order = ">" if int.from_bytes(log[:4], "big") == _BIG_ENDIAN else "<"
    before = struct.unpack(">2I", log[24:HEADER_BYTES])
    salts = log[16:24]
    if _summed(log[:24], (0, 0), order) != before:  # the header has rotted: ask the frames
        firsts = [log[at + 8 : at + 16] for at in (HEADER_BYTES, HEADER_BYTES + step)]
        salts, _ = Counter([salts, *firsts]).most_common(1)[0]
    for at in range(HEADER_BYTES, len(log) - step + 1, step):
        header = log[at : at + FRAME_HEADER_BYTES]
        data = log[at + FRAME_HEADER_BYTES : at + step]
        page, size = struct.unpack(">2I", header[:8])
        noted = struct.unpack(">2I", header[16:])
        is_whole = header[8:16] == salts and page > 0
        is_whole = is_whole and _summed(header[:8] + data, before, order) == noted
        yield Frame(page, size > 0, data, is_whole)
        before = noted


def _summed(data: bytes, before: tuple[int, ...], order: str) -> tuple[int, int]:
    """Return SQLite's check sum of a frame, which goes on from that of what is before it."""
    first, second = before
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for one, two in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + two + first) & 0xFFFFFFFF
    return first, second


def _page_bytes(log: bytes) -> int:
    size = int.from_bytes(log[8:12], "big")
    return size if size in _PAGE_SIZES else 4_096


def _frame_bytes(log: bytes) -> int:
    return FRAME_HEADER_BYTES + _page_bytes(log)
